"""Which earlier results a step starts from: the newest that belong together, or the ones that were named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from mabdesk.errors import ProjectError
from mabdesk.steps import STEPS, Step

MADE_BY = {step.result: step for step in STEPS.values()}
_TYPED = {"train-process": "train --model process"}  # steps that share a command with another


class Listed(Protocol):
    """What is known of a result without reading its value."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def parents(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True)
class Lineage:
    """The parents found, by kind, and the kind of the first one that is missing ("" when all are there)."""

    found: Mapping[str, str]
    missing: str


def find_parents(step: Step, results: Sequence[Listed], named: Mapping[str, str]) -> Lineage:
    """Find the parents of a step.

    A parent that was not named is the newest result of its kind that stems from those already found, so that a split of
    an older dataset never meets a newer one. Optional parents are taken only where they were named.

    Args:
        step: the step to run.
        results: what the project holds, oldest first.
        named: ids by kind that the user chose.
    """
    by_id = {result.id: result for result in results}
    found = dict(named)
    for kind in step.parents:
        for ancestor in ancestors(by_id, found.get(kind, "")):
            found.setdefault(ancestor.kind, ancestor.id)
    for kind in step.parents:
        if kind in found:
            continue
        fitting = [r for r in results if r.kind == kind and stems_from(by_id, r, found)]
        if not fitting:
            return Lineage({k: v for k, v in found.items() if k in step.parents}, kind)
        found[kind] = fitting[-1].id
    asked = [kind for kind in step.optional if kind in named]
    return Lineage({kind: found[kind] for kind in (*step.parents, *asked)}, "")


def what_first(step: Step, missing: str, results: Sequence[Listed] = ()) -> ProjectError:
    """Say which step has to come first; where `results` hold some of that kind, that they stem from other data."""
    before = MADE_BY[missing]
    typed = _TYPED.get(before.name, before.name)
    others = [result.id for result in results if result.kind == missing]
    if others:
        return ProjectError(
            f"{step.label} needs a result of the kind {missing!r} of the newest data; these stem from other data: "
            f"{', '.join(others)}.",
            f"Run `mabdesk {typed}` on the new data, or name one of these to go on with it.",
        )
    return ProjectError(
        f"{step.label} needs a result of the kind {missing!r}, and the project has none that fits.",
        f"Run `mabdesk {typed}` first: {before.sentence}",
    )


def ancestors(by_id: Mapping[str, Listed], start: str) -> list[Listed]:
    """Return a result and all that it stems from, the oldest first; nothing where it is unknown."""
    if start not in by_id:
        return []
    above = [ancestor for parent in by_id[start].parents for ancestor in ancestors(by_id, parent)]
    return [by_id[start], *above]


def stems_from(by_id: Mapping[str, Listed], result: Listed, found: Mapping[str, str]) -> bool:
    """Tell whether a result contradicts none of those found (ids by kind)."""
    return all(found.get(ancestor.kind, ancestor.id) == ancestor.id for ancestor in ancestors(by_id, result.id))
