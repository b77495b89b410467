"""What becomes of the plan at hand, in numbers and words that keep their places while it moves."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mabdesk.analysis.process.planned import Experience
from mabdesk.gui.error_spread import one_line
from mabdesk.gui.look import GRID
from mabdesk.gui.views import planned
from mabdesk.models.process.trained import ProcessModel, Trajectories

_LINES = 2  # of the sentence on experience


class PlanSummary(QWidget):
    """Values at harvest with bands, experience, what networks and Gaussian process each say, nearest batches, flags."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("What becomes of the plan")
        self.finals = one_line("At harvest")
        self.finals.setProperty("kind", "")
        font = self.finals.font()
        font.setBold(True)
        self.finals.setFont(font)
        self.experience = QLabel()
        self.experience.setAccessibleName("Experience")
        self.experience.setTextFormat(Qt.TextFormat.PlainText)
        self.experience.setWordWrap(True)
        self.experience.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.experience.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.parts = one_line("Networks and Gaussian process")
        self.nearest = one_line("Nearest real batches")
        self.flags = one_line("Warning")
        self.flags.setProperty("kind", "warning")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 4)
        for label in (self.finals, self.experience, self.parts, self.nearest, self.flags):
            column.addWidget(label)
        self.experience.setFixedHeight(_LINES * self.experience.fontMetrics().lineSpacing() + 2)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Say no: the area that scrolls a page would give everything in it its preferred height."""
        return False

    def show_plan(self, model: ProcessModel, said: Trajectories, found: Experience, flags: str) -> None:
        """Show the first of these plans."""
        finals = [
            f"{planned.name_of(model.variables[model.names.index(output)])} "
            + planned.with_band(
                float(said.final[0, j]), float(said.final_low[0, j]), float(said.final_high[0, j]),
                planned.unit_of(model, output),
            )
            for j, output in enumerate(model.outputs)
        ]  # fmt: skip
        _write(self.finals, f"At harvest: {';  '.join(finals)}")
        self.show_experience(found)
        _write(self.parts, planned.parts_sentence(model, said))
        _write(self.nearest, planned.nearest_sentence(model, found))
        _write(self.flags, flags)
        self.flags.setVisible(bool(flags))

    def show_experience(self, found: Experience) -> None:
        """Say whether the plan lies within what was run: in words, with a sign, and in color."""
        sign = "\u2713" if found.inside else "\u26a0"
        self.experience.setText(f"{sign} {found.sentence or planned.experience_word(found)}")
        self.experience.setToolTip(found.sentence)
        self.experience.setProperty("kind", "muted" if found.inside else "warning")
        self.experience.style().polish(self.experience)

    def show_waiting(self, text: str) -> None:
        """Say what it waits for."""
        for label in (self.experience, self.parts, self.nearest, self.flags):
            label.setText("")
        _write(self.finals, text)


def _write(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setToolTip(text)
