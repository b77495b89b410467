"""What is said about a file while it is read: problems, and the changes that reading made to values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mabdesk.data.batch import Change
from mabdesk.errors import Problem, ReadingError, Severity

MOST_OF_A_KIND = 20
_HINT = "Mend what is named above in the file, save it, and read it again."


@dataclass
class Journal:
    """Collects, so that all faults of all files come together."""

    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    offers: list[str] = field(default_factory=list)

    def say(self, severity: Severity, where: str, message: str) -> None:
        """Note one problem."""
        self.problems.append(Problem(where, message, severity))

    def say_all(self, severity: Severity, found: Sequence[tuple[str, str]], what: str) -> None:
        """Note (where, message) of one kind; beyond the first twenty only how many more `what` there are."""
        for where, message in found[:MOST_OF_A_KIND]:
            self.say(severity, where, message)
        if len(found) > MOST_OF_A_KIND:
            self.say(severity, found[MOST_OF_A_KIND][0], f"and from here on {len(found) - MOST_OF_A_KIND} more {what}")

    def changed(self, change: Change) -> None:
        """Note one change."""
        self.changes.append(change)

    def offer(self, hint: str) -> None:
        """Add what a user may choose instead of mending the file to the hint of the refusal, once."""
        if hint not in self.offers:
            self.offers.append(hint)

    def stop_on_errors(self, names: Iterable[str]) -> None:
        """Raise ReadingError with every problem when one of them is an error."""
        errors = [problem for problem in self.problems if problem.severity == "error"]
        if not errors:
            return
        hint = " ".join([_HINT, *self.offers])
        if len(errors) == 1:
            raise ReadingError(str(errors[0]), hint, errors)
        raise ReadingError(f"{', '.join(names)} cannot be read: {len(errors)} problems.", hint, errors)
