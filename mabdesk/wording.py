"""How numbers and durations are said, on the command line and in the window."""

import math
import re

_OWN_ESTIMATE = re.compile(r", at most [^,]* left$")


def time_text(seconds: float) -> str:
    """Write a duration as a person would say it: 40 s, 3 min, 1 h 20 min."""
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def without_estimate(text: str) -> str:
    """Return what is being done without its own time left, where another one stands beside it."""
    return _OWN_ESTIMATE.sub("", text)


def significant(value: float, figures: int = 3) -> str:
    """Write a number with this many significant figures and no exponent between 1e-4 and 1e6."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    return f"{value:.{max(digits, 0)}f}" if 1e-4 <= abs(value) < 1e6 else f"{value:.{figures - 1}e}"
