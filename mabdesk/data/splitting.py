"""Setting batches apart: always whole batches, by seed and id, never by their order in a file."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mabdesk.data.batch import Batch, Dataset, Split
from mabdesk.data.settings import SplitOptions
from mabdesk.errors import DataError

LEAST_BATCHES = 5
LEAST_IN_FOLDS = 4  # one to learn from, one to stop by, two to test
LEAST_OTHERS = 3  # that are left to learn from where a cell line or scale is left out
TAGS: Mapping[str, tuple[str, ...]] = {"cell_line": ("cell_line", "line"), "scale": ("scale", "scale_l")}
"""What batches are grouped by, and the tags that say it."""
STRATA = tuple(tag for tags in TAGS.values() for tag in tags)
_SHOWN = 8


class Folds(NamedTuple):
    """Splits of whole batches; `names` says what each left out ("line D"), empty for folds of batches."""

    splits: tuple[Split, ...]
    names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


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
        DataError: fewer batches than folds, fewer than 4 batches, or fewer than 2 folds.
    """
    least = max(folds, LEAST_IN_FOLDS)
    if len(set(ids)) < least or folds < 2:
        raise DataError(
            f"{folds} folds need at least {least} batches, received {len(set(ids))}: {listed(sorted(set(ids)))}.",
            "Use fewer folds or more batches.",
        )
    groups = strata or {}
    shuffled = _shuffled(sorted(set(ids)), groups, f"{seed}:folds")
    return tuple(
        _fold(shuffled, shuffled[fold::folds], groups, f"{seed}:{fold}", validation_share) for fold in range(folds)
    )


def folds_of(dataset: Dataset, by: str, folds: int, seed: int) -> Folds:
    """Make folds of batches ("batch", spread over lines and scales), or ones that leave a group out each.

    Raises:
        DataError: too few batches or groups.
    """
    if by != "batch":
        return grouped_by(dataset, by, seed)
    return Folds(grouped_folds(dataset.ids, folds, seed, strata=strata_of(dataset)))


def grouped_by(dataset: Dataset, tag: str, seed: int = 0, validation_share: float = 0.15) -> Folds:
    """Make splits that each leave out one group of batches: a cell line ("cell_line") or a scale ("scale").

    Validation batches come from the other groups. Batches that do not say their group take no part, and a group whose
    others are fewer than 3 batches is not left out: notes say so.

    Raises:
        DataError: fewer than two groups, or none whose others are enough to learn from.
    """
    group_of, word = {batch.id: group_in(batch, tag) for batch in dataset.batches}, tag.replace("_", " ")
    known = sorted(name for name, group in group_of.items() if group)
    names = in_order({group_of[name] for name in known})
    if len(names) < 2:
        raise _too_few_groups(known, len(group_of), names, word)
    unknown = sorted(set(group_of) - set(known))
    notes = [f"{_batches(len(unknown))} without a {word} took no part: {listed(unknown)}."] if unknown else []
    strata, splits, left_out = strata_of(dataset), [], []
    for name in names:
        test = [one for one in known if group_of[one] == name]
        others = len(known) - len(test)
        if others < LEAST_OTHERS:
            few = f"{_batches(others)} would be too few to learn from"
            notes.append(f"{group_label(tag, name)} was not left out: {few}.")
            continue
        splits.append(_fold(known, test, strata, f"{seed}:{name}", validation_share))
        left_out.append(group_label(tag, name))
    if not splits:
        raise DataError(
            f"Leaving a {word} out of {_batches(len(known))} leaves fewer than {LEAST_OTHERS} to learn from.",
            "Import more batches, or compare on folds of batches.",
        )
    return Folds(tuple(splits), tuple(left_out), tuple(notes))


def group_in(batch: Batch, tag: str) -> str:
    """Return a batch's cell line or scale as its tags say it, "" where they do not; bare numbers are liters."""
    text = next((value for name in TAGS[tag] if (value := batch.tags.get(name, "").strip())), "")
    return f"{text} L" if tag == "scale" and text.replace(".", "", 1).isdigit() else text


def group_label(tag: str, group: str) -> str:
    """Return what people read for a group: line D, 2000 L."""
    return group if tag == "scale" or "line" in group.casefold().split() else f"line {group}"


def in_order(groups: Iterable[str]) -> list[str]:
    """Order scales by liters, all else by name."""
    return sorted(groups, key=_by_size)


def with_targets(dataset: Dataset) -> list[str]:
    """Return the ids of batches with a measured titer (any target), sorted.

    Raises:
        DataError: fewer than 5 batches, or fewer than 5 with a measured titer.
    """
    ids = dataset.ids
    if len(ids) < LEAST_BATCHES:
        raise DataError(
            f"{LEAST_BATCHES} batches are needed, received {len(ids)}: {listed(ids)}.",
            "Import more batches; looking at the data works with any number.",
        )
    targets = dataset.names("target")
    usable = sorted(b.id for b in dataset.batches if any(len(b.offline.measured(name)[0]) for name in targets))
    if len(usable) < LEAST_BATCHES:
        named = f" ({', '.join(targets)})" if targets else " (no column was read as titer)"
        raise DataError(
            f"{LEAST_BATCHES} batches with a measured titer{named} are needed, received {len(usable)}"
            + (f": {listed(usable)}." if usable else "."),
            "Check that the titer column was recognized and filled in.",
        )
    return usable


def strata_of(dataset: Dataset) -> dict[str, str]:
    """Return each batch's cell line and scale as one text by id, "" where it has no such tags."""
    return {b.id: "|".join(b.tags[name] for name in STRATA if name in b.tags) for b in dataset.batches}


def _too_few_groups(known: Sequence[str], total: int, names: Sequence[str], word: str) -> DataError:
    hint = f"Fill in the {word} of the batches, or compare on folds of batches."
    if not known:
        return DataError(f"None of {_batches(total)} says its {word}.", hint)
    return DataError(
        f"All {_batches(len(known))} that say their {word} have one, {names[0]}: none can be left out.", hint
    )


def _by_size(group: str) -> tuple[float, str]:
    number = group.split(" ", maxsplit=1)[0]
    return (float(number) if number.replace(".", "", 1).isdigit() else 0.0, group)


def _batches(count: int) -> str:
    return f"{count} batch" if count == 1 else f"{count} batches"


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


def listed(ids: Sequence[str]) -> str:
    """Name the first few batches and say how many more there are."""
    shown = ", ".join(ids[:_SHOWN]) or "none"
    return f"{shown} and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else shown
