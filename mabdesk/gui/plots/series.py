"""What a plot shows, as plain arrays. Status codes are those of mabdesk.data.gaps."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.gaps import INTERPOLATED, NEIGHBORS, REMOVED
from mabdesk.gui.sheet import Sheet

SIMULATED = "SIMULATED DATA"
STATUS_WORDS = ("not measured", "measured", "removed", "interpolated", "from neighbors")
HEADERS = ("Variable", "Unit", "Batch", "Group", "Culture day", "Hour", "Value", "Status")


@dataclass(frozen=True, eq=False)
class Course:
    """One variable of one batch: hours and values (n,), NaN where nothing was measured; status (n,) codes or None."""

    batch: str
    hours: Floats
    values: Floats
    status: NDArray[np.int8] | None = None
    group: str = ""


@dataclass(frozen=True, eq=False)
class Band:
    """A span of values over hours (n,), with its middle; NaN where there is none. It has the color of its group."""

    label: str
    hours: Floats
    low: Floats
    middle: Floats
    high: Floats
    group: str = ""


@dataclass(frozen=True, eq=False)
class Bars:
    """Error bars at hours (n,), from low to high, NaN where there are none; in the color of their group."""

    label: str
    hours: Floats
    low: Floats
    high: Floats
    group: str = ""


@dataclass(frozen=True)
class Mark:
    """Something that happened at an hour, of one kind."""

    hour: float
    text: str


@dataclass(frozen=True)
class Phase:
    """A named span of hours."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, eq=False)
class Panel:
    """One variable: dense courses are lines, others dots joined by thin lines; `predicted` are lines by model."""

    label: str
    unit: str
    courses: tuple[Course, ...]
    dense: bool = True
    bands: tuple[Band, ...] = ()
    predicted: tuple[Course, ...] = ()
    bars: tuple[Bars, ...] = ()

    @property
    def axis(self) -> str:
        """The label of the axis, with its unit."""
        return f"{self.label} ({self.unit})" if self.unit not in {"", "-", self.label} else self.label  # pH has none


@dataclass(frozen=True, eq=False)
class Figure:
    """Panels above one days axis. `groups` gives the order of colors; `empty_text` is said where nothing is drawn."""

    panels: tuple[Panel, ...]
    groups: tuple[str, ...] = ("",)
    marks: tuple[Mark, ...] = ()
    phases: tuple[Phase, ...] = ()
    empty_text: str = "Nothing to draw yet."
    simulated: bool = False


def note_of(figure: Figure) -> str:
    """Say what the shaded spans and the odd marks of a figure mean; "" where there are none."""
    bands = dict.fromkeys(band.label for panel in figure.panels for band in panel.bands)
    codes = [np.unique(c.status) for panel in figure.panels for c in panel.courses if c.status is not None]
    there = set(np.concatenate(codes).tolist()) if codes else set()
    bars = dict.fromkeys(bar.label for panel in figure.panels for bar in panel.bars)
    said = [f"Shaded: {label[:1].lower()}{label[1:]}" for label in bands]
    said += [f"Bars: {label[:1].lower()}{label[1:]}" for label in bars]
    said += ["\u25cb removed"] if REMOVED in there else []
    said += ["\u25aa filled in"] if there & {INTERPOLATED, NEIGHBORS} else []
    return "   ".join(said)


def kept(course: Course) -> Course:
    """Return a course without the values that cleaning removed: lines pass them by."""
    if course.status is None or not (course.status == REMOVED).any():
        return course
    stays = course.status != REMOVED
    return Course(course.batch, course.hours[stays], course.values[stays], None, course.group)


def joined(courses: tuple[Course, ...], dense: bool) -> tuple[Floats, Floats]:
    """Put courses one after the other as days and values, NaN between them and in gaps: one curve draws them all.

    In dense courses a pause of more than three usual steps is a gap too; missing samples of sparse ones are left out.
    """
    parts = [paused(course) if dense else measured(course) for course in map(kept, courses)]
    return strung(parts)


def strung(courses: Iterable[Course]) -> tuple[Floats, Floats]:
    """Put courses one after the other as days and values, with a NaN after each."""
    days, values = [np.zeros(0)], [np.zeros(0)]
    for course in courses:
        days += [course.hours / 24, np.array([np.nan])]
        values += [course.values, np.array([np.nan])]
    return np.concatenate(days), np.concatenate(values)


def measured(course: Course) -> Course:
    """Return a course without the hours at which nothing was measured."""
    there = np.isfinite(course.values)
    return Course(course.batch, course.hours[there], course.values[there], None, course.group)


def paused(course: Course) -> Course:
    """Return a course with a NaN in every pause."""
    return Course(course.batch, *with_pauses(course.hours, course.values), None, course.group)


def with_pauses(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Put a NaN into every pause that is longer than three usual steps."""
    if len(x) < 3:
        return x, y
    steps = np.diff(x)
    long = np.flatnonzero(steps > 3 * np.median(steps)) + 1
    return np.insert(x, long, x[long - 1]), np.insert(y, long, np.nan)


def sheet_of(figure: Figure, title: str) -> Sheet:
    """Return all that a figure shows as a table in long form."""
    rows: list[tuple[object, ...]] = []
    for panel in figure.panels:
        for course in panel.courses:
            rows += _rows(panel, course, "measured")
        for course in panel.predicted:
            rows += _rows(panel, course, "predicted")
        for band in panel.bands:
            for name, values in (("low", band.low), ("middle", band.middle), ("high", band.high)):
                said = ", ".join(filter(None, (band.label, band.group, name)))
                rows += _rows(panel, Course("", band.hours, values, None, said), "band")
        for bar in panel.bars:
            for name, values in (("low", bar.low), ("high", bar.high)):
                rows += _rows(panel, Course("", bar.hours, values, None, f"{bar.label}, {bar.group}, {name}"), "bar")
    return Sheet(title, HEADERS, tuple(rows), (SIMULATED,) if figure.simulated else ())


def _rows(panel: Panel, course: Course, word: str) -> list[tuple[object, ...]]:
    there = np.isfinite(course.values)
    status = course.status if course.status is not None else np.ones(len(there), dtype=np.int8)
    words = [STATUS_WORDS[code] if word == "measured" else word for code in status[there].tolist()]
    pairs = zip(course.hours[there].tolist(), course.values[there].tolist(), words, strict=True)
    return [
        (panel.label, panel.unit, course.batch, course.group, hour / 24, hour, value, w) for hour, value, w in pairs
    ]
