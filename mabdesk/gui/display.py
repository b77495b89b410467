"""Is there a screen to draw on? Qt itself would end the process when there is none."""

import sys
from collections.abc import Mapping

from mabdesk.errors import MabdeskError


def require_display(environment: Mapping[str, str], system: str = sys.platform) -> None:
    """Raise MabdeskError when this Linux session has no display and Qt was not told to draw elsewhere."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if system.startswith("linux") and not any(environment.get(name) for name in named):
        raise MabdeskError(
            "The window needs a display, and this session has none (neither DISPLAY nor WAYLAND_DISPLAY is set).",
            "Start mabdesk from a desktop session, or use the command line: `mabdesk --help`.",
        )
