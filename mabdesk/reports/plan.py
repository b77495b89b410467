"""What goes into a report; light, without openpyxl."""

from dataclasses import dataclass

from mabdesk.analysis.attributed import Attribution
from mabdesk.analysis.process.planned import ProcessAttribution
from mabdesk.analysis.results import Evaluation, Training
from mabdesk.analysis.searched import Search
from mabdesk.data.batch import Dataset
from mabdesk.project.results import Result

PLANNED = ("process-model", "scenarios", "forecast", "process-attribution")
SCORED = ("evaluation", "search", "transfer", "model", "attribution", "final-test", *PLANNED)
_QUICK = frozenset({"evaluation", "transfer", "model", "process-model"})  # that can be made with less than all epochs


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
        """The results that say something of models: comparisons, models, attributions, tests, plans and the like."""
        return tuple(result for kind in SCORED for result in self.results if result.kind == kind)

    @property
    def quick(self) -> tuple[str, ...]:
        """Ids of what was trained with fewer epochs and networks, and of the tests of such models."""
        trained = {r.id for r in self.results if r.kind in _QUICK and r.options.get("quick") is True}
        return tuple(r.id for r in self.in_order if r.id in trained or trained & set(r.parents))

    @property
    def unreliable(self) -> tuple[str, ...]:
        """Ids of the attributions that failed a trust test."""
        found = [r for r in self.results if isinstance(r.value, Attribution | ProcessAttribution)]
        return tuple(r.id for r in found if not r.value.reliable)

    def dataset_of(self, result: Result) -> Dataset | None:
        """Return the dataset that a result stems from; None where it is no part of the report."""
        by_id = {one.id: one for one in self.results}
        above = [by_id[parent] for parent in result.parents if parent in by_id]
        for parent in above:
            found = parent.value.dataset if parent.kind == "dataset" else self.dataset_of(parent)
            if isinstance(found, Dataset):
                return found
        return None


def evaluation_of(result: Result) -> Evaluation | None:
    """Return the evaluation in a result: itself, that of a trained model, or the outer folds of a search."""
    value = result.value
    if isinstance(value, Training):
        return value.evaluation
    found = value.nested if isinstance(value, Search) else value
    return found if isinstance(found, Evaluation) else None


@dataclass(frozen=True, eq=False)
class Preview:
    """A sheet of a report before it is written: the values of its first rows, and how many it has."""

    title: str
    rows: tuple[tuple[object, ...], ...]
    length: int
