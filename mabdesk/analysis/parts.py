"""Samples in parts: by phase, culture day, cell line and scale, each scored by itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis import metrics
from mabdesk.analysis.results import PartScore, Samples
from mabdesk.data.batch import Dataset, Floats
from mabdesk.data.phases import PHASES, UNKNOWN, phase_at
from mabdesk.data.settings import PhaseRule
from mabdesk.data.splitting import TAGS, group_in, in_order

Groups = Mapping[str, Mapping[str, str]]
PARTED_BY: Mapping[str, str] = {"phase": "Phase", "day": "Culture day", "cell_line": "Cell line", "scale": "Scale"}
"""What samples are parted by, and what people read for it."""
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


def part_names(samples: Samples, groups: Groups, by: str) -> NDArray[np.str_]:
    """Return (n,) the part of every sample by "phase", "day", "cell_line" or "scale"; "" where it is unknown."""
    if by == "phase":
        return np.full(len(samples.hours), UNKNOWN) if samples.phase is None else samples.phase
    if by == "day":
        return np.floor(samples.hours / _DAY_H + 0.5).astype(np.int64).astype(np.str_)
    return np.array([groups.get(name, {}).get(by, UNKNOWN) for name in samples.batch_ids.tolist()], dtype=np.str_)


def parts_in_order(by: str, names: Iterable[str]) -> list[str]:
    """Order the known parts: phases as they follow one another, days and scales by size, all else by name."""
    known = {*names} - {UNKNOWN}
    if by == "phase":
        return [phase for phase in PHASES if phase in known]
    return sorted(known, key=int) if by == "day" else in_order(known)


def parted(samples: Samples, groups: Groups) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Give every part in order: how it was parted, its name, and (n,) which samples are in it; unknown ones in none."""
    for by in PARTED_BY:
        names = part_names(samples, groups, by)
        for part in parts_in_order(by, names.tolist()):
            yield by, part, names == part


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


def _score(what: tuple[str, str, str, str], batches: int, measured: Floats, predicted: Floats) -> PartScore:
    return PartScore(
        *what,
        n=len(measured),
        batches=batches,
        rmse=metrics.rmse(measured, predicted),
        mae=metrics.mae(measured, predicted),
        bias=float(np.mean(predicted - measured)),
    )
