"""Numbers on screen: three significant figures, in the user's locale."""

import math

from PySide6.QtCore import QLocale

FIGURES = 3


def figures(value: float, digits: int = FIGURES) -> str:
    """Write a number as the user's locale does; a dash where there is none."""
    if not math.isfinite(value):
        return "\u2013"
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    if value == 0:
        return locale.toString(0)
    if not 1e-4 <= abs(value) < 1e6:
        return str(locale.toString(float(value), "e", digits - 1))
    return str(locale.toString(float(value), "f", max(digits - 1 - math.floor(math.log10(abs(value))), 0)))


def shown(value: object) -> str:
    """Write any cell: numbers with three figures, whole numbers whole, nothing as a dash."""
    if value is None:
        return "\u2013"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return QLocale().toString(value)
    return figures(value) if isinstance(value, float) else str(value)


def exact(value: object) -> str:
    """Write any cell in the fixed form of files: a point, all digits, nothing as nothing."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def nearly_whole(value: float) -> str:
    """Write what is whole as a rule: 13, but 13.5."""
    near = round(value) if math.isfinite(value) else 0
    return QLocale().toString(near) if math.isfinite(value) and abs(value - near) < 1e-6 else figures(value)


def days(hours: float) -> str:
    """Write hours as culture days."""
    return f"day {figures(hours / 24)}"
