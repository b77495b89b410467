"""What goes into a report; light, without openpyxl."""

from dataclasses import dataclass

from mabdesk.project.results import Result

SCORED = ("evaluation", "model", "final-test")


@dataclass(frozen=True, eq=False)
class ReportPlan:
    """What goes into a report. `results` are the chosen ones and all that they stem from, oldest first.

    `head` is the newest hash of the audit chain; printed, it anchors the whole trail outside the file. `openings` are
    sentences, one on each time that the locked batches were opened.
    """

    project: str
    report_id: str
    created: str
    user: str
    version: str
    head: str
    results: tuple[Result, ...]
    simulated: bool
    openings: tuple[str, ...] = ()

    @property
    def in_order(self) -> tuple[Result, ...]:
        """The results that hold scores: comparisons first, then trained models, then final tests."""
        return tuple(result for kind in SCORED for result in self.results if result.kind == kind)

    @property
    def quick(self) -> tuple[str, ...]:
        """Ids of what was trained with fewer epochs and networks, and of the tests of such models."""
        trained = {r.id for r in self.results if r.kind in {"model", "evaluation"} and r.options.get("quick") is True}
        return tuple(r.id for r in self.in_order if r.id in trained or trained & set(r.parents))


@dataclass(frozen=True, eq=False)
class Preview:
    """A sheet of a report before it is written: the values of its first rows, and how many it has."""

    title: str
    rows: tuple[tuple[object, ...], ...]
    length: int
