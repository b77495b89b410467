"""Setting batches apart: always whole batches, by seed and id, never by their order in a file."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from mabdesk.data.batch import Dataset, Split
from mabdesk.data.settings import SplitOptions
from mabdesk.errors import DataError

LEAST_BATCHES = 5
STRATA = ("cell_line", "line", "scale", "scale_l")
_SHOWN = 8


def split(dataset: Dataset, options: SplitOptions, seed: int) -> Split:
    """Set batches apart: locked ones first, then test, then validation, the rest trains.

    Each share is spread over cell lines and scales where batches carry such tags. Batches without any measured
    target go to training, where they can still serve the cleaning.

    Raises:
        DataError: fewer than 5 batches, or fewer than 5 with a measured titer.
    """
    usable = with_targets(dataset)
    strata = strata_of(dataset)
    locked, rest = _draw(usable, round(options.locked * len(usable)), strata, f"{seed}:locked")
    test, rest = _draw(rest, _at_least_one(options.test, len(rest)), strata, f"{seed}:test")
    validation, train = _draw(rest, _at_least_one(options.validation, len(rest)), strata, f"{seed}:validation")
    unlabeled = [name for name in dataset.ids if name not in set(usable)]
    return Split(tuple(sorted([*train, *unlabeled])), validation, test, locked)


def grouped_folds(
    ids: Sequence[str],
    folds: int = 5,
    seed: int = 0,
    validation_share: float = 0.15,
    strata: Mapping[str, str] | None = None,
) -> tuple[Split, ...]:
    """Make `folds` splits in which every batch is tested exactly once; validation batches come from the others.

    Raises:
        DataError: fewer batches than folds, or fewer than 3 of either.
    """
    if len(set(ids)) < max(folds, 3) or folds < 2:
        raise DataError(
            f"{folds} folds need at least {max(folds, 3)} batches, received {len(set(ids))}: {_listed(sorted(ids))}.",
            "Use fewer folds or more batches.",
        )
    groups = strata or {}
    shuffled = _shuffled(sorted(set(ids)), groups, f"{seed}:folds")
    return tuple(
        _fold(shuffled, shuffled[fold::folds], groups, f"{seed}:{fold}", validation_share) for fold in range(folds)
    )


def with_targets(dataset: Dataset) -> list[str]:
    """Return the ids of batches with a measured titer (any target), sorted.

    Raises:
        DataError: fewer than 5 batches, or fewer than 5 with a measured titer.
    """
    ids = dataset.ids
    if len(ids) < LEAST_BATCHES:
        raise DataError(
            f"{LEAST_BATCHES} batches are needed, received {len(ids)}: {_listed(ids)}.",
            "Import more batches; looking at the data works with any number.",
        )
    targets = dataset.names("target")
    usable = sorted(b.id for b in dataset.batches if any(len(b.offline.measured(name)[0]) for name in targets))
    if len(usable) < LEAST_BATCHES:
        named = f" ({', '.join(targets)})" if targets else " (no column was read as titer)"
        raise DataError(
            f"{LEAST_BATCHES} batches with a measured titer{named} are needed, received {len(usable)}: "
            f"{_listed(usable)}.",
            "Check that the titer column was recognized and filled in.",
        )
    return usable


def strata_of(dataset: Dataset) -> dict[str, str]:
    """Return each batch's cell line and scale as one text by id, "" where it has no such tags."""
    return {b.id: "|".join(b.tags[name] for name in STRATA if name in b.tags) for b in dataset.batches}


def _fold(
    ids: Sequence[str], test: Sequence[str], strata: Mapping[str, str], salt: str, validation_share: float
) -> Split:
    others = [name for name in ids if name not in set(test)]
    validation, train = _draw(others, _at_least_one(validation_share, len(others)), strata, f"{salt}:validation")
    return Split(train, validation, tuple(sorted(test)))


def _draw(
    ids: Sequence[str], count: int, strata: Mapping[str, str], salt: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Draw `count` ids evenly along the list ordered by stratum; return the drawn and the rest, both sorted."""
    shuffled = _shuffled(ids, strata, salt)
    start = _fraction(f"{salt}:start")
    chosen = {shuffled[int((i + start) * len(shuffled) / count)] for i in range(count)}
    return tuple(sorted(chosen)), tuple(sorted(set(ids) - chosen))


def _shuffled(ids: Sequence[str], strata: Mapping[str, str], salt: str) -> list[str]:
    """Order by stratum and, inside it, by a hash: the same whatever the order in the file."""
    return sorted(
        ids, key=lambda name: (_fraction(f"{salt}:{strata.get(name, '')}"), _fraction(f"{salt}:{name}"), name)
    )


def _fraction(text: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return int.from_bytes(digest[:6], "big") / 2.0**48


def _at_least_one(share: float, number: int) -> int:
    return int(np.clip(round(share * number), 1, max(number - 1, 1)))


def _listed(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:_SHOWN]) or "none"
    return f"{shown} and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else shown
