"""An attribution over time and by window: the map, one prediction, two batches, contribution over value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.attributed import Attribution
from mabdesk.data.batch import Batch, Dataset, Event, Floats
from mabdesk.gui.numbers import figures, nearly_whole
from mabdesk.gui.plots.bars import Bar
from mabdesk.gui.plots.colored_traces import Trace
from mabdesk.gui.plots.series import Mark
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views.attribution import Mask, Ranked, sheet_notes, target_unit, titled

LARGEST, TRACED = 8, 4
SIZES = (("size", "Mean size"), ("signed", "Mean, with its sign"))  # against their own mean, signs of batches cancel
_MOST_DAYS = 120  # columns of a map
_SHARED = 0.5  # share of the batches that an event must be common to
_APART_H = 18.0  # hours that half of them may lie apart
_UNMARKED = frozenset({"sample", "inoculation"})
_LEFT_OVER = 0.005  # share of the way that the contributions may miss without a bar of its own


@dataclass(frozen=True, eq=False)
class Map:
    """Values (variables, days) in the order of a ranking, NaN where there is no window; days equally far apart."""

    names: tuple[str, ...]
    days: Floats
    values: Floats
    signed: bool
    marks: tuple[Mark, ...]


def heat_map(
    found: Attribution, ranking: Sequence[Ranked], rows: Mask, signed: bool, dataset: Dataset | None = None
) -> Map:
    """Return the mean contribution, or its mean size, by variable and by the day that windows end on.

    The dataset, where there is one, gives the events.
    """
    order = [one.variable for one in ranking]
    if not order:
        return Map((), np.zeros(0), np.zeros((0, 0)), signed, ())
    hours, values = found.hours[rows], found.contributions[rows][:, order]
    width = _width(hours, found.batch_ids[rows].tolist())
    places = np.rint(hours / width).astype(int)
    first, count = int(places.min()), int(np.ptp(places)) + 1
    sums, windows = np.zeros((count, len(order))), np.bincount(places - first, minlength=count)
    np.add.at(sums, places - first, values if signed else np.abs(values))
    means = np.full(sums.shape, np.nan)
    means[windows > 0] = sums[windows > 0] / windows[windows > 0, None]
    days = (first + np.arange(count)) * width / 24
    return Map(
        tuple(one.name for one in ranking), days, means.T, signed, marks(dataset, found.batch_ids[rows].tolist())
    )


def _width(hours: Floats, batch_ids: Sequence[str]) -> float:
    """Return the hours of a column: what usually lies between two windows of a batch, more where that is too many."""
    ids = np.asarray(batch_ids)
    steps = np.diff(hours)[ids[1:] == ids[:-1]]
    steps = steps[steps > 0]
    width = float(np.median(steps)) if len(steps) else 24.0
    return max(width, float(np.ptp(hours)) / _MOST_DAYS)


def marks(dataset: Dataset | None, batches: Sequence[str]) -> tuple[Mark, ...]:
    """Return the events of the batch that is shown, or those that most of the batches share at about the same hour."""
    ids, there = set(batches), dataset.batches if dataset is not None else ()
    by_turn: dict[tuple[str, int], list[float]] = {}
    for batch in there:
        for kind, hours in _hours_of(batch).items() if batch.id in ids else ():
            for turn, hour in enumerate(hours):
                by_turn.setdefault((kind, turn), []).append(hour)
    shared: dict[str, list[float]] = {}
    for (name, _), hours in by_turn.items():
        low, middle, high = np.quantile(hours, [0.25, 0.5, 0.75])
        if len(hours) > _SHARED * len(ids) and high - low <= _APART_H:
            shared.setdefault(name, []).append(float(middle))
    made = [Mark(hour, _marked(name, hours, n)) for name, hours in shared.items() for n, hour in enumerate(hours)]
    return tuple(sorted(made, key=_at))


def _hours_of(batch: Batch) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for event in sorted(batch.events, key=_hour):
        if event.kind not in _UNMARKED and math.isfinite(event.hour):
            found.setdefault(event.kind, []).append(event.hour)
    return found


def _marked(name: str, hours: Sequence[float], n: int) -> str:
    more = f" \u00d7{len(hours)}" if len(hours) > 1 else ""
    return "" if n else f"{titled(name)}{more}"


def map_sheet(found: Attribution, shown: Map, who: str) -> Sheet:
    """Return the matrix: one row a variable, one column a day."""
    what = "Mean contribution" if shown.signed else "Mean size of the contribution"
    unit = f" ({target_unit(found)})" if target_unit(found) else ""
    headers = ("Variable", *(f"Day {nearly_whole(day)}" for day in shown.days.tolist()))
    rows = tuple(
        (name, *(value if math.isfinite(value) else None for value in values))
        for name, values in zip(shown.names, shown.values.tolist(), strict=True)
    )
    return Sheet(f"{what}{unit}, {titled(found.target)}, {who}", headers, rows, sheet_notes(found))


# -- one prediction ----------------------------------------------------------------------------------------------------


def windows_of(found: Attribution, batch: str) -> list[tuple[str, int]]:
    """Return the windows of a batch as (culture day, row)."""
    rows = np.flatnonzero(found.batch_ids == batch).tolist()
    return [(f"Day {nearly_whole(float(found.hours[row]) / 24)}", row) for row in rows]


def waterfall(found: Attribution, names: Sequence[str], row: int) -> tuple[Bar, ...]:
    """Return the way from the typical value to the predicted one: the largest contributions, then the rest as one."""
    unit, typical, predicted = target_unit(found), float(found.typical[row]), float(found.predicted[row])
    values = found.contributions[row]
    order = np.argsort(-np.abs(values), kind="stable")
    first, rest = order[:LARGEST].tolist(), order[LARGEST:]
    steps = [(names[n], float(values[n])) for n in first]
    steps += [(f"{len(rest)} others", float(values[rest].sum()))] if len(rest) else []
    left = predicted - typical - float(values.sum())
    way = max(abs(predicted - typical), float(np.abs(values).max(initial=0.0)))
    steps += [("Completeness error", left)] if abs(left) > _LEFT_OVER * way else []
    made = [Bar("Typical", 0.0, typical, f"Typical: {figures(typical)} {unit}.", "total")]
    at = typical
    for name, value in steps:
        said = f"{name}: {'+' if value > 0 else ''}{figures(value)} {unit}, to {figures(at + value)}."
        made.append(Bar(name, at, at + value, said, "up" if value >= 0 else "down"))
        at += value
    return (*made, Bar("Predicted", 0.0, predicted, f"Predicted: {figures(predicted)} {unit}.", "total"))


def traces(found: Attribution, names: Sequence[str], batch: str, row: int) -> tuple[Trace, ...]:
    """Return the courses of the variables that contribute most to a window, over the whole culture of its batch.

    An hour bears what the window that ends next gives its variable: single steps do not tell, as a model looks at a
    window's last one most of all.
    """
    rows = np.flatnonzero(found.batch_ids == batch)
    known = np.asarray(np.isfinite(found.shown[rows]).any(axis=(0, 1)))
    order = [n for n in np.argsort(-np.abs(found.contributions[row]), kind="stable").tolist() if known[n]]
    window, step = _tiles(found, rows)
    steps = found.shown.shape[1]
    hours = found.hours[rows[window]] - found.step_h * (steps - 1 - step)
    return tuple(
        Trace(
            names[n],
            found.units[n],
            hours / 24,
            found.shown[rows[window], step, n].astype(np.float64),
            found.usual[rows[window], step, n].astype(np.float64),
            found.contributions[rows[window], n],
        )
        for n in order[:TRACED]
    )


def _tiles(found: Attribution, rows: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return window (place in `rows`) and step of every hour of a culture: each hour once, of the first window."""
    steps = found.shown.shape[1]
    hours = found.hours[rows][:, None] - found.step_h * np.arange(steps - 1, -1, -1)
    before = np.concatenate([[-np.inf], found.hours[rows][:-1]])
    window, step = np.nonzero((hours > before[:, None] + found.step_h / 2) & (hours >= 0))
    return window, step


def prediction_sheet(found: Attribution, names: Sequence[str], row: int) -> Sheet:
    """Return one row a variable of a window: its value, the usual one, what it contributed."""
    unit = f" ({target_unit(found)})" if target_unit(found) else ""
    order = np.argsort(-np.abs(found.contributions[row]), kind="stable").tolist()
    rows = tuple(
        (
            names[n], "" if found.units[n] == "-" else found.units[n], _known(found.shown[row, -1, n]),
            _known(found.usual[row, -1, n]), float(found.contributions[row, n]), float(found.disagreement[row, n]),
        )
        for n in order
    )  # fmt: skip
    headers = (
        "Variable", "Unit", "Value at the window's end", "Usual value", f"Contribution{unit}",
        f"Disagreement of parts{unit}",
    )  # fmt: skip
    day = nearly_whole(float(found.hours[row]) / 24)
    title = f"{titled(found.target)}, {found.batch_ids[row]}, day {day}"
    totals = f"Typical {found.typical[row]:.6g}, predicted {found.predicted[row]:.6g}{unit}."
    return Sheet(title, headers, rows, (totals, *sheet_notes(found)))


# -- two batches, and values -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Difference:
    """Rows of two batches that end at the same hours, and what is compared: all, or one of them."""

    first: str
    second: str
    one: tuple[int, ...]
    other: tuple[int, ...]
    day: str


def common_days(found: Attribution, first: str, second: str) -> list[tuple[str, str]]:
    """Return what can be compared as (text, value): the sum over all days that both have, or one day."""
    shared = sorted(set(_by_hour(found, first)) & set(_by_hour(found, second)))
    days = [(f"Day {nearly_whole(hour / 24)}", str(hour)) for hour in reversed(shared)]
    return [*days, ("Sum of all days", "")] if days else []


def difference(found: Attribution, first: str, second: str, when: str) -> Difference | None:
    """Return the rows that are compared; None where both batches have no such day."""
    one, other = _by_hour(found, first), _by_hour(found, second)
    hours = [hour for hour in sorted(set(one) & set(other)) if when in {"", str(hour)}]
    if not hours:
        return None
    day = f"day {nearly_whole(hours[0] / 24)}" if when else f"sum of {len(hours)} days"
    return Difference(first, second, tuple(one[h] for h in hours), tuple(other[h] for h in hours), day)


def difference_bars(found: Attribution, names: Sequence[str], pair: Difference) -> tuple[Bar, ...]:
    """Return a bar a variable: contribution in the first batch less that in the second, the largest first."""
    unit = target_unit(found)
    values = _apart(found, pair)
    return tuple(
        Bar(
            names[n], 0.0, float(values[n]),
            f"{names[n]}: {figures(float(values[n]))} {unit} more in {pair.first} than in {pair.second}.",
            "up" if values[n] >= 0 else "down",
        )
        for n in np.argsort(-np.abs(values), kind="stable").tolist()
    )  # fmt: skip


def difference_words(found: Attribution, pair: Difference) -> str:
    """Say what the model predicts of both batches at the last of the days that are compared."""
    one, other = float(found.predicted[pair.one[-1]]), float(found.predicted[pair.other[-1]])
    day = nearly_whole(float(found.hours[pair.one[-1]]) / 24)
    unit = target_unit(found)
    return (
        f"Predicted {titled(found.target)} on day {day}: {pair.first} {figures(one)}, {pair.second} {figures(other)}, "
        f"difference {figures(one - other)} {unit}".rstrip()
    )


def difference_sheet(found: Attribution, names: Sequence[str], pair: Difference) -> Sheet:
    """Return one row a variable with both contributions and their difference."""
    unit = f" ({target_unit(found)})" if target_unit(found) else ""
    one, other = (found.contributions[list(rows)].sum(axis=0) for rows in (pair.one, pair.other))
    order = np.argsort(-np.abs(one - other), kind="stable").tolist()
    rows = tuple((names[n], float(one[n]), float(other[n]), float(one[n] - other[n])) for n in order)
    headers = ("Variable", f"{pair.first}{unit}", f"{pair.second}{unit}", f"Difference{unit}")
    notes = (f"{difference_words(found, pair)}.", *sheet_notes(found))
    return Sheet(f"{pair.first} less {pair.second}, {pair.day}", headers, rows, notes)


def points(found: Attribution, variable: int, rows: Mask) -> tuple[Floats, Floats]:
    """Return (n,) values of a variable at the ends of windows, and what it contributed."""
    return found.shown[rows, -1, variable].astype(np.float64), found.contributions[rows, variable]


def points_sheet(found: Attribution, names: Sequence[str], variable: int, rows: Mask) -> Sheet:
    """Return one row a window: batch, day, value, contribution."""
    unit = f" ({target_unit(found)})" if target_unit(found) else ""
    of = "" if found.units[variable] in {"", "-"} else f" ({found.units[variable]})"
    x, y = points(found, variable, rows)
    told = zip(found.batch_ids[rows].tolist(), (found.hours[rows] / 24).tolist(), x.tolist(), y.tolist(), strict=True)
    cells = tuple((batch, day, _known(value), given) for batch, day, value, given in told)
    headers = ("Batch", "Culture day", f"{names[variable]}{of}", f"Contribution{unit}")
    return Sheet(f"{names[variable]}, {titled(found.target)}", headers, cells, sheet_notes(found))


def _apart(found: Attribution, pair: Difference) -> Floats:
    one, other = (found.contributions[list(rows)].sum(axis=0) for rows in (pair.one, pair.other))
    return np.asarray(one - other)


def _by_hour(found: Attribution, batch: str) -> dict[float, int]:
    rows = np.flatnonzero(found.batch_ids == batch).tolist()
    return {round(float(found.hours[row]), 3): row for row in rows}


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _hour(event: Event) -> float:
    return event.hour


def _at(mark: Mark) -> float:
    return mark.hour
