"""The one bar at the bottom that says what runs, how far it is, the time left, and what waits; with its two buttons."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from mabdesk.gui.jobs import Jobs, Pace, Task
from mabdesk.gui.look import GRID
from mabdesk.wording import time_text, without_estimate

IDLE = "Ready."
_STEPS = 1000


class JobBar(QWidget):
    """Follows the jobs; Stop ends what runs, Finish now keeps its best so far."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.setProperty("kind", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Job bar")
        self.text = QLabel(IDLE)
        self.text.setAccessibleName("What runs")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(GRID)
        self.bar.setMinimumWidth(80)
        self.bar.setAccessibleName("Share done")
        self.waiting = _button("", "Forget what waits; what runs goes on")
        self.finish = _button("Finish now", "Stop learning and keep the best so far (Ctrl+Shift+F)")
        self.stop = _button("Stop", "Stop what runs; nothing of it is kept (Esc)")
        self._lay_out()
        self._connect()
        self._show_state()

    def ask_stop(self) -> None:
        """Stop what runs."""
        if self.jobs.running is not None:
            self.stop.setEnabled(False)
            self.text.setText("Stopping ...")
            self.jobs.stop()

    def ask_finish(self) -> None:
        """Ask what runs to keep its best."""
        if self.finish.isEnabled():
            self.finish.setEnabled(False)
            self.jobs.finish_now()

    def _connect(self) -> None:
        self.waiting.clicked.connect(self.jobs.forget_waiting)
        self.finish.clicked.connect(self.ask_finish)
        self.stop.clicked.connect(self.ask_stop)
        self.jobs.started.connect(self._started)
        self.jobs.progressed.connect(self._progressed)
        self.jobs.changed.connect(self._show_state)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID)
        row.addWidget(self.text, 3)
        row.addWidget(self.bar, 2)
        for button in (self.waiting, self.finish, self.stop):
            row.addWidget(button)

    def _started(self, task: Task) -> None:
        self.text.setText(task.title)
        self.bar.setRange(0, 0)  # busy: nothing is known yet
        self._show_state()

    def _progressed(self, task: Task, pace: Pace) -> None:
        if task is not self.jobs.running or not self.stop.isEnabled():
            return
        self.bar.setRange(0, _STEPS)
        self.bar.setValue(round(pace.fraction * _STEPS))
        self.text.setText(described(task.title, pace))
        self.text.setToolTip(self.text.text())

    def _show_state(self, *_: Any) -> None:
        running, waiting = self.jobs.running, self.jobs.waiting
        self.stop.setEnabled(running is not None)
        self.finish.setEnabled(running is not None and running.finishable)
        self.finish.setVisible(running is not None and running.finishable)
        self.stop.setVisible(running is not None)
        self.bar.setVisible(running is not None)
        self.waiting.setVisible(bool(waiting))
        self.waiting.setText(f"{len(waiting)} waiting \u00d7")
        self.waiting.setAccessibleName(f"Forget the {len(waiting)} that wait")
        if running is None:
            self.text.setText(IDLE)
            self.text.setToolTip("")


def described(title: str, pace: Pace) -> str:
    """Say what runs, what it is doing, and the time left."""
    left = f"{time_text(pace.left)} left" if pace.left is not None else ""
    doing = without_estimate(pace.text) if left else pace.text  # one time left is enough
    return ", ".join(filter(None, (title, doing, left)))


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button
