"""What a search says to people, and what `--json` prints of it."""

from typing import Any

from mabdesk.analysis.searched import Search
from mabdesk.analysis.settings import SearchOptions
from mabdesk.cli.comparing import evaluation
from mabdesk.cli.tables import table
from mabdesk.models.settings import KINDS
from mabdesk.options import options_of

_TOP = SearchOptions().top


def searched(found: Search) -> str:
    """Say what a search found: the best trials, what was measured again, duplicates, failures, the verdict."""
    labels = {option.name: option.label for option in options_of(KINDS[found.kind].settings)}
    names = tuple(found.space)
    again = {one.number: one for one in found.rescored}
    rows = [
        (
            f"{trial.number}",
            *(f"{trial.settings[name]:g}" for name in names),
            trial.loss,
            *_again(again.get(trial.number)),
        )
        for trial in found.ranked[: max(_TOP, len(again))]
    ]
    own = again.get(0)
    rows += [("own", *("" for _ in names), None, *_again(own))] if own else []
    headers = ("Trial", *(labels[name] for name in names), "Loss", "Loss in full", "RMSE in full")
    counted = f"{len(found.trials)} trials, {found.duplicates} duplicates, {len(found.failures)} failed" + (
        "; the space is exhausted." if found.exhausted else "."
    )
    nested = [evaluation(found.nested)] if found.nested else []
    return "\n".join([table(headers, rows), counted, found.budget, *nested, found.verdict, *found.notes])


def answer(found: Search, result: str) -> dict[str, Any]:
    """Return the contract's keys of a search."""
    return {
        "model": found.kind,
        "task": found.preset,
        "trials": found.trials,
        "best": found.best,
        "duplicates": found.duplicates,
        "failures": len(found.failures),
        "exhausted": found.exhausted,
        "rescored": found.rescored,
        "space": found.space,
        "budget": found.budget,
        "verdict": found.verdict,
        "notes": found.notes,
        "nested": None if found.nested is None else found.nested.scores,
        "result": result,
    }


def _again(one: Any) -> tuple[float | None, float | None]:
    return (None, None) if one is None else (one.loss, one.rmse)
