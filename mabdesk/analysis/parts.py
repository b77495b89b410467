"""Samples in parts: by phase, culture day, cell line and scale, each scored by itself."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis import metrics
from mabdesk.analysis.results import PartScore, Samples
from mabdesk.data.batch import Dataset, Floats
from mabdesk.data.phases import PHASES, UNKNOWN, phase_at
from mabdesk.data.settings import PhaseRule
from mabdesk.data.splitting import TAGS, group_in, in_order

Groups = Mapping[str, Mapping[str, str]]
_DAY_H = 24.0


def groups_of(dataset: Dataset) -> Groups:
    """Return cell line and scale by batch id, "" where a batch does not say them."""
    return {batch.id: {tag: group_in(batch, tag) for tag in TAGS} for batch in dataset.batches}


def phases_of_samples(dataset: Dataset, samples: Samples, rule: PhaseRule) -> NDArray[np.str_]:
    """Return (n,) the phase of the culture at every sample, "" where it cannot be told."""
    found = np.full(len(samples.hours), UNKNOWN, dtype=f"<U{max(map(len, PHASES))}")
    for batch in dataset.batches:
        rows = samples.batch_ids == batch.id
        if rows.any():
            found[rows] = phase_at(batch, samples.hours[rows], rule)
    return found


def parted(samples: Samples, groups: Groups) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Give every part in order: how it was parted, its name, and (n,) which samples are in it; unknown ones in none."""
    if samples.phase is not None:
        yield from _named("phase", samples.phase, PHASES)
    days = np.floor(samples.hours / _DAY_H + 0.5).astype(np.int64)
    yield from _named("day", days.astype(np.str_), [str(day) for day in np.unique(days)])
    for tag in TAGS:
        of_batch = {name: tags.get(tag, "") for name, tags in groups.items()}
        names = np.array([of_batch.get(name, "") for name in samples.batch_ids.tolist()], dtype=np.str_)
        yield from _named(tag, names, in_order({*names.tolist()} - {""}))


def score_parts(
    kinds: Sequence[str], targets: Sequence[str], samples: Samples, groups: Groups
) -> tuple[PartScore, ...]:
    """Score every model on every target in every part that has a sample of it."""
    rows = []
    for by, part, inside in parted(samples, groups):
        for t, target in enumerate(targets):
            there = inside & np.isfinite(samples.measured[:, t])
            if there.any():
                batches, measured = len(np.unique(samples.batch_ids[there])), samples.measured[there, t]
                rows += [
                    _score((by, part, kind, target), batches, measured, samples.predicted[m, there, t])
                    for m, kind in enumerate(kinds)
                ]
    return tuple(rows)


def _named(
    by: str, names: NDArray[np.str_], in_this_order: Sequence[str]
) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    for name in in_this_order:
        inside = names == name
        if inside.any():
            yield by, name, inside


def _score(what: tuple[str, str, str, str], batches: int, measured: Floats, predicted: Floats) -> PartScore:
    return PartScore(
        *what,
        n=len(measured),
        batches=batches,
        rmse=metrics.rmse(measured, predicted),
        mae=metrics.mae(measured, predicted),
        bias=float(np.mean(predicted - measured)),
    )
