"""Whether 3D can be drawn here, asked in a child process: a broken driver ends that, not the window."""

import os
import subprocess
import sys

_LEAST = (2, 1)
_CODE = f"""
import sys
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
application = QGuiApplication([])
context, surface = QOpenGLContext(), QOffscreenSurface()
surface.create()
good = context.create() and context.makeCurrent(surface) and not context.isOpenGLES()
version = (context.format().majorVersion(), context.format().minorVersion())
sys.exit(0 if good and version >= {_LEAST} else 3)
"""


def probe_3d(patience_s: float = 10.0) -> str:
    """Return why 3D cannot be drawn here, "" when it can. To be called off the window's thread."""
    command = [sys.executable, "-c", _CODE]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=patience_s, check=False, env=dict(os.environ))
    except subprocess.TimeoutExpired:
        return f"3D is not available here: OpenGL did not answer within {patience_s:g} s."
    except OSError as error:
        return f"3D is not available here: {error}."
    if ended.returncode == 0:
        return ""
    return "3D is not available here: this session has no OpenGL 2.1 (remote desktop, or no graphics driver)."
