"""A plot that has nothing to show says in its middle what it is waiting for."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget


class Waiting(QStackedWidget):
    """Holds a plot and, in its place while it is empty, a sentence."""

    def __init__(self, plot: QWidget, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = plot
        self.text = QLabel()
        self.text.setProperty("kind", "muted")
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.text.setWordWrap(True)
        self.text.setAccessibleName("What the plot waits for")
        self.addWidget(plot)
        self.addWidget(self.text)
        self.wait_for(text)

    def wait_for(self, text: str) -> None:
        """Show a sentence in the plot's place; "" shows the plot."""
        self.text.setText(text)
        self.setCurrentWidget(self.text if text else self.plot)
