"""Errors meant for people: what was received, where, and what to do. Anything else that is raised is a bug."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Problem:
    """One fault found in what the user gave, with its place ("file.xlsx, sheet Offline, cell D7")."""

    where: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class MabdeskError(Exception):
    """The user can mend this. `message` says what was received and where, `hint` what to do.

    All faults of one file travel together in `problems`.
    """

    def __init__(self, message: str, hint: str = "", problems: Sequence[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.problems = tuple(problems)

    def __str__(self) -> str:
        lines = [self.message]
        lines += [f"  - {problem}" for problem in self.problems if str(problem) != self.message]
        if self.hint:
            lines.append(f"Hint: {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[type["MabdeskError"], tuple[str, str, tuple[Problem, ...]]]:
        # Exceptions with several arguments do not survive pickling by themselves; these cross from the worker process.
        return type(self), (self.message, self.hint, self.problems)


class ReadingError(MabdeskError):
    """A file cannot be read as batch records."""


class OptionsError(MabdeskError):
    """A setting has a value outside its limits, or settings contradict each other."""


class DataError(MabdeskError):
    """The batches do not hold what a step needs (too few, no target, nothing measured)."""


class TrainingError(MabdeskError):
    """Training could not give a usable model."""


class ProjectError(MabdeskError):
    """The project file cannot be opened, written or trusted."""


class WorkerError(MabdeskError):
    """The process that does the long work ended unexpectedly."""


class StoppedError(WorkerError):
    """The user stopped the work; nothing changed."""
