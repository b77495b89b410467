"""Sentences that belong to a result, to read, scroll and copy."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget


class NotesView(QPlainTextEdit):
    """Shows notes, one a line; Tab leaves it."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setToolTip("What is to be known of this result")
        self.setMinimumHeight(40)

    def show_notes(self, notes: Sequence[str], empty: str = "Nothing to note.") -> None:
        """Show these notes."""
        text = "\n".join(f"\u2022 {note}" for note in notes) or empty
        if text != self.toPlainText():
            self.setPlainText(text)
