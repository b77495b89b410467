"""One calm surface, light or dark: neutral greys, one accent, and colors that color-blind people can tell apart."""

from dataclasses import dataclass

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from mabdesk.paths import resource

OKABE_ITO_LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A6A00", "#000000")
OKABE_ITO_DARK = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442", "#3C9BD6", "#FFFFFF")
DARKER_THAN = 128  # of 255
TEXT_PIXELS, SMALL_PIXELS, TITLE_PIXELS, GRID = 13, 12, 20, 8
CHOICES = ("system", "light", "dark")


@dataclass(frozen=True)
class Theme:
    """All colors of the window, as #RRGGBB; `series` are for lines (Okabe-Ito, darker or lighter to keep contrast)."""

    name: str
    surface: str
    raised: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    danger: str
    warning: str
    series: tuple[str, ...]

    @property
    def dark(self) -> bool:
        """Whether text is lighter than its ground."""
        return self.name == "dark"


LIGHT = Theme(
    "light", "#FAFAF9", "#F0EFED", "#D6D3D1", "#1C1917", "#57534E", "#0F766E", "#FFFFFF", "#B91C1C", "#92400E",
    OKABE_ITO_LIGHT,
)  # fmt: skip
DARK = Theme(
    "dark", "#18181B", "#232327", "#3F3F46", "#E4E4E7", "#A1A1AA", "#2DD4BF", "#18181B", "#F87171", "#FBBF24",
    OKABE_ITO_DARK,
)  # fmt: skip


def chosen_theme(choice: str, system: QPalette) -> Theme:
    """Return the theme for "light", "dark" or "system" (whichever the system's own palette is)."""
    if choice in {"light", "dark"}:
        return DARK if choice == "dark" else LIGHT
    return DARK if system.color(QPalette.ColorRole.Window).lightness() < DARKER_THAN else LIGHT


def apply_look(application: QApplication, theme: Theme) -> None:
    """Give the application Fusion with our palette, font and style sheet."""
    application.setStyle("Fusion")
    application.setPalette(palette(theme))
    font = application.font()
    font.setPixelSize(TEXT_PIXELS)
    application.setFont(font)
    application.setStyleSheet(style_sheet(theme))


def palette(theme: Theme) -> QPalette:
    """Make Qt's palette of a theme."""
    roles = QPalette.ColorRole
    made = QPalette(QColor(theme.surface))
    for role in (roles.Window, roles.Base, roles.Button):
        made.setColor(role, QColor(theme.surface))
    for role in (roles.AlternateBase, roles.ToolTipBase):
        made.setColor(role, QColor(theme.raised))
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.ToolTipText):
        made.setColor(role, QColor(theme.text))
    for role in (roles.Highlight, roles.Link, roles.Accent):
        made.setColor(role, QColor(theme.accent))
    made.setColor(roles.HighlightedText, QColor(theme.on_accent))
    made.setColor(roles.PlaceholderText, QColor(theme.muted))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.muted))
    return made


def style_sheet(theme: Theme) -> str:
    """Return the few rules that a palette cannot say; widgets opt in by the dynamic property `kind`."""
    tick = resource(f"icons/check-{theme.name}.svg").as_posix()
    return f"""
    QToolTip {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.line}; padding: 4px; }}
    QLabel[kind="title"] {{ font-size: {TITLE_PIXELS}px; }}
    QLabel[kind="muted"] {{ color: {theme.muted}; }}
    QLabel[kind="warning"] {{ color: {theme.warning}; }}
    QLabel[kind="danger"] {{ color: {theme.danger}; }}
    {_buttons(theme)}
    {_fields(theme)}
    QCheckBox::indicator, QAbstractItemView::indicator {{
        border: 1px solid {theme.muted}; border-radius: 2px; width: 13px; height: 13px;
    }}
    QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{
        background: {theme.accent}; border-color: {theme.accent}; image: url("{tick}");
    }}
    QCheckBox:focus {{ color: {theme.accent}; }}
    {_tables(theme)}
    {_scroll_bars(theme)}
    QListWidget:focus, QTableView:focus {{ border: 1px solid {theme.accent}; }}
    QPushButton:disabled {{ color: {theme.muted}; }}
    QPushButton[kind="primary"] {{
        background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent}; font-weight: 600;
    }}
    QPushButton[kind="primary"]:focus {{ border: 2px solid {theme.text}; }}
    QPushButton[kind="primary"]:disabled {{
        background: {theme.raised}; color: {theme.muted}; border-color: {theme.line};
    }}
    QListWidget[kind="pages"] {{ background: {theme.surface}; border: none; }}
    QListWidget[kind="pages"]::item {{ padding: 8px 12px; }}
    QListWidget[kind="pages"]::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    QFrame[kind="line"] {{ background: {theme.line}; border: none; }}
    QWidget[kind="bar"] {{ background: {theme.raised}; }}
    """


def _fields(theme: Theme) -> str:
    down = resource(f"icons/down-{theme.name}.svg").as_posix()
    return f"""
    QLineEdit, QComboBox, QPlainTextEdit, QListWidget {{ border: 1px solid {theme.line}; border-radius: 3px; }}
    QLineEdit {{ padding: 3px 4px; }}
    QComboBox {{ padding: 3px 6px; background: {theme.raised}; combobox-popup: 0; }}
    QLineEdit:focus, QComboBox:focus {{ border: 1px solid {theme.accent}; }}
    QComboBox::drop-down {{ border: none; width: 20px; }}
    QComboBox::down-arrow {{ image: url("{down}"); width: 12px; height: 12px; }}
    QComboBox QAbstractItemView {{
        background: {theme.raised}; color: {theme.text};
        selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
    }}
    QComboBox QAbstractItemView::item {{ min-height: 22px; padding: 0 6px; }}
    QComboBox QAbstractItemView::item:selected {{ background: {theme.accent}; color: {theme.on_accent}; }}
    """


def _buttons(theme: Theme) -> str:
    return f"""
    QPushButton {{ padding: 5px 12px; border: 1px solid {theme.line}; border-radius: 4px; background: {theme.raised}; }}
    QPushButton:hover {{ border-color: {theme.accent}; }}
    QPushButton:focus {{ border: 2px solid {theme.accent}; padding: 4px 11px; }}
    QToolButton {{ padding: 3px 8px; border: 1px solid transparent; border-radius: 4px; }}
    QToolButton:hover {{ border-color: {theme.line}; }}
    QToolButton:focus {{ border: 1px solid {theme.accent}; }}
    QToolButton::menu-indicator {{ image: none; }}
    """


def _tables(theme: Theme) -> str:
    return f"""
    QHeaderView {{ background: {theme.surface}; }}
    QHeaderView::section {{
        background: {theme.surface}; color: {theme.muted}; border: none; border-bottom: 1px solid {theme.line};
        padding: 3px 6px;
    }}
    QTableView {{ border: 1px solid transparent; }}
    QTableCornerButton::section, QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {theme.line}; }}
    QTabBar::tab {{
        color: {theme.muted}; padding: 5px 12px; border: none; border-bottom: 2px solid transparent;
    }}
    QTabBar::tab:selected {{ color: {theme.text}; border-bottom: 2px solid {theme.accent}; }}
    QTabBar::tab:hover {{ color: {theme.text}; }}
    QTabBar:focus {{ background: {theme.raised}; }}
    QTabBar::scroller {{ width: 48px; }}
    QTabBar QToolButton {{ padding: 0; background: {theme.raised}; border: 1px solid {theme.line}; }}
    QProgressBar {{ border: none; border-radius: 4px; background: {theme.line}; }}
    QProgressBar::chunk {{ border-radius: 4px; background: {theme.accent}; }}
    """


def _scroll_bars(theme: Theme) -> str:
    return f"""
    QScrollBar {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ width: 12px; }}
    QScrollBar:horizontal {{ height: 12px; }}
    QScrollBar::handle {{ background: {theme.line}; border-radius: 4px; margin: 2px; }}
    QScrollBar::handle:vertical {{ min-height: 28px; }}
    QScrollBar::handle:horizontal {{ min-width: 28px; }}
    QScrollBar::handle:hover {{ background: {theme.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """
