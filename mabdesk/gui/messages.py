"""The one place where the window speaks to the user: what happened, where, and what to do."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mabdesk.data.settings import ReadingOptions
from mabdesk.errors import MabdeskError, Problem
from mabdesk.gui.forms.fields import words
from mabdesk.gui.look import GRID
from mabdesk.options import options_of

Level = Literal["note", "done", "warning", "danger"]
_MOST_PROBLEMS = 200
_TALLEST = 180
_SETTING = re.compile(r"--([a-z]+(?:-[a-z]+)*)(?: ([a-z_]+))?")
_OPTIONS = {option.name: option for option in options_of(ReadingOptions)}


@dataclass(frozen=True)
class Action:
    """A button beside a message; `do` is a bound method."""

    text: str
    do: Callable[[], None]


@dataclass(frozen=True)
class Message:
    """One sentence, a hint, the faults with their places, and what can be done at a click."""

    level: Level
    text: str
    hint: str = ""
    problems: tuple[Problem, ...] = ()
    actions: tuple[Action, ...] = field(default=())

    def __str__(self) -> str:
        lines = [self.text, *(f"  - {problem}" for problem in self.problems if str(problem) != self.text), self.hint]
        return "\n".join(filter(None, lines))


def of_error(error: MabdeskError, *actions: Action) -> Message:
    """Say an error that the user can mend; settings are called as the forms call them."""
    problems = tuple(replace(problem, message=for_window(problem.message)) for problem in error.problems)
    return Message("danger", for_window(error.message), for_window(error.hint), problems, actions)


def for_window(text: str) -> str:
    """Say the settings that a text names as the command line does ("--unreadable not_measured") as the forms do."""
    return _SETTING.sub(_said, text)


def _said(found: re.Match[str]) -> str:
    option = _OPTIONS.get(found[1].replace("-", "_"))
    if option is None:
        return found[0]
    value = found[2] if found[2] in option.choices else ""
    chosen = f'"{option.label}: {words(value)}"' if value else f'"{option.label}"'
    rest = "" if value or not found[2] else f" {found[2]}"
    return f"{chosen} under How files are read on the Import page{rest}"


class MessageBar(QWidget):
    """Shows the newest message until it is dismissed (Esc does not: it stops work) or another one comes."""

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Message")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.message: Message | None = None
        self._actions: dict[QPushButton, Action] = {}
        self._text = _label("Message text")
        self._details = _label("Message details")
        self._details.setProperty("kind", "muted")
        self._buttons = QHBoxLayout()
        self._scroll = self._scrolled()
        self._lay_out()
        self.hide()

    def show_message(self, message: Message) -> None:
        """Replace what is shown."""
        self.message = message
        marks = {"note": "", "done": "\u2713 ", "warning": "\u26a0 ", "danger": "\u2715 "}
        self._text.setText(marks[message.level] + message.text)
        self._text.setProperty("kind", message.level if message.level in {"warning", "danger"} else "")
        self._text.style().polish(self._text)
        shown = [str(problem) for problem in message.problems[:_MOST_PROBLEMS] if str(problem) != message.text]
        rest = len(message.problems) - _MOST_PROBLEMS
        more = [f"... and {rest} more"] if rest > 0 else []
        self._details.setText("\n".join(filter(None, [message.hint, *shown, *more])))
        self._scroll.setVisible(bool(self._details.text()))
        self._fit()
        self._show_actions(message.actions)
        self.setAccessibleDescription(str(message))
        self.show()

    def clear(self) -> None:
        """Show nothing."""
        self.message = None
        self._show_actions(())
        self.hide()
        self.dismissed.emit()

    def resizeEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        """Give the details the height that the new width needs."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        wanted = self._details.heightForWidth(max(self._scroll.viewport().width(), 200))
        self._scroll.setFixedHeight(max(min(wanted + 4, _TALLEST), 20))

    def _scrolled(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidget(self._details)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setAccessibleName("Message details")
        area.viewport().setAutoFillBackground(False)  # the bar's ground is behind all of it
        self._details.setAutoFillBackground(False)
        return area

    def _lay_out(self) -> None:
        close = QToolButton()
        close.setText("\u00d7")
        close.setAutoRaise(True)
        close.setAccessibleName("Dismiss the message")
        close.setToolTip("Dismiss the message")
        close.clicked.connect(self.clear)
        top = QHBoxLayout()
        top.addWidget(self._text, 1)
        top.addLayout(self._buttons)
        top.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID // 2)
        layout.addLayout(top)
        layout.addWidget(self._scroll)

    def _show_actions(self, actions: tuple[Action, ...]) -> None:
        for button in self._actions:
            self._buttons.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._actions = {}
        for action in actions:
            button = QPushButton(action.text)
            button.setAccessibleName(action.text)
            button.setToolTip(action.text)
            button.clicked.connect(self._act)
            self._actions[button] = action
            self._buttons.addWidget(button)

    def _act(self) -> None:
        action = self._actions.get(self.sender())  # type: ignore[call-overload]
        if action is not None:
            self.clear()
            action.do()


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setAccessibleName(name)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
