"""The list of what cleaning did: a row for every value singled out, one row for a rule that treats a column alike."""

from collections.abc import Iterator, Sequence

import numpy as np

from mabdesk.data import gaps, outliers
from mabdesk.data.batch import Batch, Change, Dataset, Floats, Measurements
from mabdesk.data.cleaning_apply import FittedCleaning, Prepared

EXCLUDED = "excluded from the inputs"
NOT_FINITE = "not a finite number: taken as not measured"
IMPLAUSIBLE = "outside the plausible range: removed"
FROZEN = "frozen sensor: removed"
OUTLIER = "outlier: removed"
PLAIN = "plain interquartile rule: removed"
SUSPICIOUS = "suspicious, kept as it is"
SHORT_GAP = "short gap: interpolated"
LONG_GAP = "long gap: filled from training batches"
_RULES = {outliers.IMPLAUSIBLE: IMPLAUSIBLE, outliers.OUTLIER: OUTLIER}


def changes_of(fitted: FittedCleaning, dataset: Dataset, ready: Sequence[Prepared]) -> tuple[Change, ...]:
    """List all changes: columns first, then batch by batch."""
    columns = [Change(EXCLUDED, name, after=reason, count=0) for name, reason in fitted.excluded.items()]
    for code, rule in ((gaps.INTERPOLATED, SHORT_GAP), (gaps.NEIGHBORS, LONG_GAP)):
        columns += _filled(fitted, dataset, ready, code, rule)
    if fitted.plan.outliers == "plain":
        columns += _plain(fitted, dataset, ready)
    cells: list[Change] = []
    for batch, one in zip(dataset.batches, ready, strict=True):
        cells += [*_not_finite(batch.id, batch.online), *_not_finite(batch.id, batch.offline)]
        cells += [*_online(fitted, batch, one), *_frozen(fitted, batch, one), *_offline(fitted, batch, one)]
    return (*columns, *cells)


def _filled(
    fitted: FittedCleaning, dataset: Dataset, ready: Sequence[Prepared], code: int, rule: str
) -> Iterator[Change]:
    """Give one row per sensor with the number of values and the first of them as the example."""
    for column, name in enumerate(fitted.online):
        rows = [np.flatnonzero(one.status[:, column] == code) for one in ready]
        count = sum(len(some) for some in rows)
        if count:
            which = next(number for number, some in enumerate(rows) if len(some))
            one, row = ready[which], rows[which][0]
            value = _text(one.hindsight[row, column])
            yield Change(rule, name, dataset.batches[which].id, float(one.hours[row]), after=value, count=count)


def _plain(fitted: FittedCleaning, dataset: Dataset, ready: Sequence[Prepared]) -> Iterator[Change]:
    """The plain rule treats whole columns: one row each, with an example."""
    pairs = [(batch.id, one) for batch, one in zip(dataset.batches, ready, strict=True)]
    online = [
        (name, [(batch, one.hours, one.raw[:, i], one.faults[:, i]) for batch, one in pairs])
        for i, name in enumerate(fitted.online)
    ]
    offline = [
        (name, [(batch, one.offline_hours, one.raw_offline[:, i], one.doubts[:, i]) for batch, one in pairs])
        for i, name in enumerate(fitted.offline)
        if name not in fitted.kept
    ]
    for name, series in [*online, *offline]:
        hits = [(b, h[row], v[row]) for b, h, v, codes in series for row in np.flatnonzero(codes == outliers.OUTLIER)]
        if hits:
            batch, hour, value = hits[0]
            yield Change(PLAIN, name, batch, float(hour), before=_text(value), count=len(hits))


def _not_finite(batch: str, table: Measurements) -> Iterator[Change]:
    for row, column in np.argwhere(np.isinf(table.values)):
        before = _text(table.values[row, column])
        yield Change(NOT_FINITE, table.names[column], batch, float(table.hours[row]), before=before)


def _online(fitted: FittedCleaning, batch: Batch, one: Prepared) -> Iterator[Change]:
    for row, column in np.argwhere((one.faults == outliers.IMPLAUSIBLE) | (one.faults == outliers.OUTLIER)):
        code = int(one.faults[row, column])
        if code == outliers.OUTLIER and fitted.plan.outliers == "plain":
            continue
        hour, name = float(one.hours[row]), fitted.online[column]
        before, after = _text(one.raw[row, column]), _text(one.hindsight[row, column])
        yield Change(_RULES[code], name, batch.id, hour, before=before, after=after)


def _frozen(fitted: FittedCleaning, batch: Batch, one: Prepared) -> Iterator[Change]:
    """Give one row per stretch, at its first hour."""
    for column, name in enumerate(fitted.online):
        rows = np.flatnonzero(one.faults[:, column] == outliers.FROZEN)
        for stretch in np.split(rows, np.flatnonzero(np.diff(one.raw[rows, column]) != 0) + 1):
            if len(stretch):
                hour, before = float(one.hours[stretch[0]]), _text(one.raw[stretch[0], column])
                after = _text(one.hindsight[stretch[0], column])
                yield Change(FROZEN, name, batch.id, hour, before=before, after=after, count=len(stretch))


def _offline(fitted: FittedCleaning, batch: Batch, one: Prepared) -> Iterator[Change]:
    for row, column in np.argwhere(one.doubts > 0):
        name, hour = fitted.offline[column], float(one.offline_hours[row])
        before = _text(one.raw_offline[row, column])
        if name in fitted.kept:
            yield Change(SUSPICIOUS, name, batch.id, hour, before=before, after=before)
        elif fitted.plan.outliers != "plain" or one.doubts[row, column] != outliers.OUTLIER:
            yield Change(_RULES[int(one.doubts[row, column])], name, batch.id, hour, before=before)


def _text(value: Floats | float) -> str:
    return "" if np.isnan(value) else f"{float(value):.6g}"
