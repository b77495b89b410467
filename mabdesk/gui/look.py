"""One calm surface, light or dark: neutral greys and one accent."""

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

LIGHT = {"surface": "#FAFAF9", "text": "#1C1917", "muted": "#57534E", "accent": "#0F766E", "on_accent": "#FFFFFF"}
DARK = {"surface": "#18181B", "text": "#E4E4E7", "muted": "#A1A1AA", "accent": "#2DD4BF", "on_accent": "#18181B"}
DARKER_THAN = 128  # of 255
TEXT_PIXELS, TITLE_PIXELS, GRID = 13, 20, 8


def apply_look(application: QApplication) -> None:
    """Give the application the light or the dark palette, whichever the system uses."""
    system_is_dark = application.palette().color(QPalette.ColorRole.Window).lightness() < DARKER_THAN
    application.setStyle("Fusion")
    application.setPalette(palette(DARK if system_is_dark else LIGHT))
    font = application.font()
    font.setPixelSize(TEXT_PIXELS)
    application.setFont(font)


def palette(colors: dict[str, str]) -> QPalette:
    """Make Qt's palette from our five colors."""
    roles = QPalette.ColorRole
    made = QPalette(QColor(colors["surface"]))
    for role in (roles.Window, roles.Base, roles.AlternateBase, roles.Button, roles.ToolTipBase):
        made.setColor(role, QColor(colors["surface"]))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.ToolTipText):
        made.setColor(role, QColor(colors["text"]))
    for role in (roles.Highlight, roles.Link, roles.Accent):
        made.setColor(role, QColor(colors["accent"]))
    made.setColor(roles.HighlightedText, QColor(colors["on_accent"]))
    made.setColor(roles.PlaceholderText, QColor(colors["muted"]))
    return made


def title_font(base: QFont) -> QFont:
    """Return the font of page titles."""
    font = QFont(base)
    font.setPixelSize(TITLE_PIXELS)
    return font
