"""The central types. All times are hours since inoculation; NaN means not measured; arrays are read-only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mabdesk.errors import DataError

Role = Literal["setpoint", "online", "offline", "target", "quality"]
Floats = NDArray[np.float64]


def frozen(values: object) -> Floats:
    """Return the values as a read-only contiguous array of floats (a copy only where one is needed)."""
    array = np.ascontiguousarray(values, dtype=np.float64)
    if array.flags.writeable:
        array = array.copy() if array is values else array
        array.flags.writeable = False
    return array


@dataclass(frozen=True)
class Variable:
    """A measured or chosen quantity. `unit` is canonical (resources/variables.csv); limits are plausible values."""

    name: str
    unit: str
    role: Role
    low: float = -np.inf
    high: float = np.inf
    label: str = ""


@dataclass(frozen=True)
class Event:
    """Something that happened at an hour: inoculation, feed, temperature shift, sample, harvest, deviation."""

    hour: float
    kind: str
    text: str = ""


@dataclass(frozen=True, eq=False)
class Measurements:
    """A table of one batch: `hours` (n,) strictly increasing, `values` (n, len(names)), NaN allowed."""

    names: tuple[str, ...]
    hours: Floats
    values: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "hours", frozen(self.hours))
        object.__setattr__(self, "values", frozen(np.reshape(self.values, (len(self.hours), len(self.names)))))

    def column(self, name: str) -> Floats:
        """Return (n,) values of one variable, all NaN where this batch has no such column."""
        if name not in self.names:
            return np.full(len(self.hours), np.nan)
        return self.values[:, self.names.index(name)]

    def measured(self, name: str) -> tuple[Floats, Floats]:
        """Return hours and values of one variable where it was measured."""
        column = self.column(name)
        there = np.isfinite(column)
        return self.hours[there], column[there]


_BY_ROW = ("x", "y", "measured", "batch_ids", "hours", "target_hours", "last", "last_hours")
EMPTY = Measurements((), np.zeros(0), np.zeros((0, 0)))


@dataclass(frozen=True, eq=False)
class Batch:
    """One run of one bioreactor. `offline` holds targets and quality too; tags are texts (line, scale ...)."""

    id: str
    online: Measurements
    offline: Measurements
    events: tuple[Event, ...] = ()
    setpoints: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Hours from inoculation to the last measurement."""
        return float(max([0.0, *self.online.hours[-1:], *self.offline.hours[-1:]]))


@dataclass(frozen=True)
class Source:
    """A file that was read: its name as the user gave it and the hash of its raw bytes."""

    name: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """Batches with one common list of variables."""

    variables: tuple[Variable, ...]
    batches: tuple[Batch, ...]
    sources: tuple[Source, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the batch ids, in order."""
        return tuple(batch.id for batch in self.batches)

    @property
    def simulated(self) -> bool:
        """Whether any batch says that it comes from a simulator: what is shown of it must say so too."""
        return any(batch.tags.get("origin", "").casefold() == "simulated" for batch in self.batches)

    def variable(self, name: str) -> Variable:
        """Return the variable of this name.

        Raises:
            DataError: there is none; the message lists what there is.
        """
        for variable in self.variables:
            if variable.name == name:
                return variable
        known = ", ".join(dict.fromkeys(variable.name for variable in self.variables))
        raise DataError(f"The data have no variable {name!r}.", f"They have: {known}.")

    def names(self, *roles: Role) -> tuple[str, ...]:
        """Return the names of the variables with these roles (all, when none is given)."""
        return tuple(variable.name for variable in self.variables if not roles or variable.role in roles)

    def only(self, ids: Iterable[str]) -> "Dataset":
        """Return the same data with these batches alone, in the dataset's order."""
        wanted = set(ids)
        return Dataset(self.variables, tuple(b for b in self.batches if b.id in wanted), self.sources)


@dataclass(frozen=True)
class Change:
    """What was done to the data: one row for a rule that treats a column alike, one for every cell singled out.

    `batch` and `hour` are "" and NaN for a whole column; `cell` names file, sheet and cell where the value came from;
    `before` and `after` are texts as a reader would write them; `count` is how many values the row stands for;
    `given` is the value before as the cell has it, where that is in another unit ("12 mM").
    """

    rule: str
    variable: str
    batch: str = ""
    hour: float = float("nan")
    cell: str = ""
    before: str = ""
    after: str = ""
    count: int = 1
    given: str = ""


@dataclass(frozen=True)
class Split:
    """Batch ids by use. `locked` batches are set aside for the final test: nothing looks at them before it."""

    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]
    locked: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Windows:
    """What a window model sees and must say.

    x           (n, steps, len(channels)) float32, causal: only what was known at `hours`; NaN = not known yet
    y           (n, len(targets)) at `target_hours`; NaN = not measured
    measured    (n,) True where y stands for a real sample, False for an interpolated training label or a drawing point
    batch_ids   (n,) text; hours (n,) end of the window; target_hours (n,) = when y was (or would be) sampled
    last, last_hours  (n, len(targets)) newest measured targets and their hours, known at `hours` and older than
                `target_hours`; NaN before the first sample. Only models that may see the targets use them.
    """

    channels: tuple[str, ...]
    targets: tuple[str, ...]
    x: NDArray[np.float32]
    y: Floats
    measured: NDArray[np.bool_]
    batch_ids: NDArray[np.str_]
    hours: Floats
    target_hours: Floats
    last: Floats
    last_hours: Floats

    def __len__(self) -> int:
        return len(self.hours)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Windows":
        """Return the rows chosen by a mask or by indices."""
        arrays: dict[str, Any] = {name: getattr(self, name)[rows] for name in _BY_ROW}
        return Windows(self.channels, self.targets, **arrays)

    def of(self, ids: Sequence[str]) -> "Windows":
        """Return the rows of these batches."""
        return self.take(np.isin(self.batch_ids, np.array(ids, dtype=np.str_)))

    def final(self, name: str) -> Floats:
        """Return (n,) what channel `name` shows at the window's end."""
        return np.asarray(self.x[:, -1, self.channels.index(name)], dtype=np.float64)


def join(*parts: Windows) -> Windows:
    """Put windows of the same channels and targets one after the other."""
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _BY_ROW}
    return Windows(parts[0].channels, parts[0].targets, **arrays)
