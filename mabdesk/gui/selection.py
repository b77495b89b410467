"""Which result of each kind is looked at: one chain, so that what a step starts from always belongs together."""

from collections.abc import Mapping, Sequence

from mabdesk.lineage import Listed, ancestors, stems_from
from mabdesk.steps import Step

Selection = Mapping[str, str]


def select(results: Sequence[Listed], chosen: str) -> dict[str, str]:
    """Select a result, all that it stems from, and of every other kind the newest that agrees with them.

    Args:
        results: what may be selected, oldest first.
        chosen: an id among them; anything else selects the newest of all.
    """
    by_id = {result.id: result for result in results}
    if chosen not in by_id:
        return select(results, results[-1].id) if results else {}
    selection = {ancestor.kind: ancestor.id for ancestor in ancestors(by_id, chosen)}
    for result in reversed(results):
        if result.kind not in selection and stems_from(by_id, result, selection):
            selection |= {a.kind: a.id for a in ancestors(by_id, result.id) if a.id in by_id}
    return selection


def update(results: Sequence[Listed], before: Selection, new: str = "") -> dict[str, str]:
    """Select again after results came or went: the new one if there is one, else as before where that still exists."""
    ids = {result.id for result in results}
    kept = [result.id for result in results if before.get(result.kind) == result.id]
    if new in ids:
        return select(results, new)
    return select(results, kept[-1] if kept else "")


def parents_of(step: Step, selection: Selection) -> dict[str, str]:
    """Return the selected parents of a step, ids by kind; kinds of which nothing is selected are left out."""
    return {kind: selection[kind] for kind in step.parents if kind in selection}
