"""What a case of the import corpus is, and how what was read is held against what is true."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from corpus_files import File

from mabdesk.data.imported import Reading
from mabdesk.data.settings import ReadingOptions

Points = Sequence[tuple[float, float]]
Truth = Mapping[str, Mapping[str, Points]]
PLAIN = ReadingOptions()


@dataclass(frozen=True)
class Case:
    """Files with a trap, and the dataset or the sentence that is right for them.

    `expected` is by batch and variable what was measured, in hours and the catalog's units; `setpoints`, `tags` and
    `events` (hour, kind) are looked at where they are given. `columns` are by header the right use and name. `changes`
    and `said` are patterns, each of which must be found in one of the listed changes, or in one of the problems.
    """

    name: str
    files: tuple[File, ...]
    expected: Truth = field(default_factory=dict)
    options: ReadingOptions = PLAIN
    sentence: str = ""
    setpoints: Mapping[str, Mapping[str, float]] | None = None
    tags: Mapping[str, Mapping[str, str]] | None = None
    events: Mapping[str, Sequence[tuple[float, str]]] | None = None
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    said: tuple[str, ...] = ()


def daily(*values: float | None) -> Points:
    """Put values at the culture days 0, 1, 2 ...; None is not measured."""
    return [(24.0 * day, value) for day, value in enumerate(values) if value is not None]


TRUTH: Truth = {
    "B01": {"vcd": daily(0.5, 1.2, 3.1), "glucose": daily(6.0, 5.1, 3.9), "titer": daily(0.0, 0.1, 0.35)},
    "B02": {"vcd": daily(0.6, 1.4, 3.4), "glucose": daily(6.1, 4.9, 3.5), "titer": daily(0.0, 0.12, 0.4)},
}
BATCH, TIME, VCD, GLUCOSE, TITER = (
    ("batch", ""), ("time", ""), ("variable", "vcd"), ("variable", "glucose"), ("variable", "titer"),
)  # fmt: skip
COLUMNS = {"Batch": BATCH, "Day": TIME, "VCD (1e6/mL)": VCD, "Glucose (g/L)": GLUCOSE, "Titer (g/L)": TITER}


def only(*names: str, batches: Sequence[str] = ("B01", "B02")) -> Truth:
    """Return the usual truth with these variables alone."""
    return {batch: {name: TRUTH[batch][name] for name in names} for batch in batches}


def columns(*headers: str) -> Mapping[str, tuple[str, str]]:
    """Return what these of the usual headers are."""
    return {header: COLUMNS[header] for header in headers}


def read_points(reading: Reading) -> Truth:
    """Return by batch and variable what was read, without variables that a batch has no value of."""
    found: dict[str, dict[str, Points]] = {}
    for batch in reading.dataset.batches:
        found[batch.id] = {}
        for table in (batch.online, batch.offline):
            for name in table.names:
                hours, values = table.measured(name)
                if len(hours):
                    found[batch.id][name] = list(zip(hours.tolist(), values.tolist(), strict=True))
    return found


def wrong_values(reading: Reading, expected: Truth) -> list[str]:
    """Describe every value that is missing, other than it should be, or should not be there."""
    read = read_points(reading)
    faults = []
    for batch in sorted({*expected, *read}):
        for name in sorted({*expected.get(batch, {}), *read.get(batch, {})}):
            right, got = dict(expected.get(batch, {}).get(name, ())), dict(read.get(batch, {}).get(name, ()))
            faults += [f"{batch} {name}: {text}" for text in _differences(right, got)]
    return faults


def silent_changes(reading: Reading, expected: Truth) -> list[str]:
    """Describe the wrong values of which no change and no problem says anything by their cell, column or batch."""
    lines = [*change_lines(reading), *map(str, reading.problems)]
    return [fault for fault in wrong_values(reading, expected) if not _told(fault, reading, lines)]


def change_lines(reading: Reading) -> list[str]:
    """Write each change as one line: rule, variable, batch, hour, cell, before, after, count."""
    return [
        f"{c.rule} | {c.variable} | {c.batch} | {c.hour:g} | {c.cell} | {c.before} | {c.after} | {c.count}"
        for c in reading.changes
    ]


def lacking(patterns: Sequence[str], lines: Sequence[str]) -> list[str]:
    """Return the patterns that no line holds."""
    return [pattern for pattern in patterns if not any(re.search(pattern, line) for line in lines)]


def right_columns(reading: Reading, wanted: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str] | None]:
    """Return by header of `wanted` what its column became; None where no column has this header."""
    found = {}
    for header, right in wanted.items():
        became = [(c.use, c.variable) for c in reading.columns if _plain(c.header) == _plain(header)]
        became = became or [(c.use, c.variable) for c in reading.columns if _plain(header) in _plain(c.header)]
        got = next((pair for pair in became if is_right(pair, right)), became[0] if became else None)
        found[header] = got
    return found


def is_right(got: tuple[str, str] | None, right: tuple[str, str]) -> bool:
    """Tell whether a column became what it is; a batch, a time or a column left out has no name."""
    named = right[0] in {"variable", "tag", "mark"}
    return got is not None and got[0] == right[0] and (not named or not right[1] or got[1] == right[1])


def _differences(right: Mapping[float, float], got: Mapping[float, float]) -> list[str]:
    faults = []
    left = dict(got)
    for hour, value in right.items():
        match = next((at for at in left if abs(at - hour) < 2e-4), None)
        if match is None:
            faults.append(f"{value:g} at {hour:g} h is missing")
        elif not np.isclose(left.pop(match), value, rtol=1e-6, atol=1e-9):
            faults.append(f"{got[match]:g} instead of {value:g} at {hour:g} h")
    return faults + [f"{value:g} at {hour:g} h was never measured" for hour, value in left.items()]


def _told(fault: str, reading: Reading, lines: Sequence[str]) -> bool:
    place, _, what = fault.partition(": ")
    batch, _, name = place.rpartition(" ")
    hour = float(re.findall(r"at (\S+) h", what)[-1])
    known = [c for c in reading.columns if c.variable == name]
    cells = [cell for cell in reading.cell_of(batch, name, hour).split(" and ") if cell]
    words = [*cells, *(column.source for column in known), *(repr(column.header) for column in known)]
    if batch not in reading.dataset.ids:
        words.append(batch)
    listed = any(c.variable == name and c.batch in {"", batch} for c in reading.changes)
    return listed or any(word in line for word in words for line in lines)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
