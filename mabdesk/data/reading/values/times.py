"""A column of times: elapsed time in a unit, workbook dates, or text dates of one format."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.reading.values.cells import DATE, DURATION, EMPTY, ERROR, NUMBER, TEXT, Column
from mabdesk.data.reading.values.date_texts import (
    COMPACT,
    DURATION_TEXT,
    LABELED,
    NUMERIC,
    ODD,
    SPAN,
    TIME_OF_DAY,
    UNKNOWN,
    labeled,
    moment,
    number_of_label,
    offset_of,
    order_of,
    read_time_text,
    shape_of,
)
from mabdesk.data.reading.values.numbers import NEVER_GUESSED, Finding, Marks, read_numbers

_PLAIN_MARKS = Marks()
_SERIALS = (20_000.0, 80_000.0)  # 1954 to 2119 as days of a workbook
_DAYS = (30_000.0, 60_000.0)  # 1982 to 2064
_FIRST_DAY = 25_569  # 1970-01-01
_YEARS = (-5_364_662_400.0, 32_503_680_000.0)  # 1800 to 2999: beyond them stand dates that mean "none"


@dataclass(frozen=True, eq=False)
class Times:
    """Times (n,) of the asked rows. `kind`: "date" seconds since 1970, "duration" seconds, "number" as written.

    `faults` are (row, sentence); their value, and that of an empty cell, is NaN. `unit` is the one that the cells name
    ("Day 3", "48 h"). `offset` is how many seconds the dates' clock is ahead of UTC, None where no cell says it.
    `of_day` tells that durations are times of day ("2:30 PM"), `spans` that they name their days ("1 d 12 h"),
    `as_text` that they are texts such as "1:12"; `from_numbers` are the numbers that were read as dates.
    """

    kind: Literal["date", "duration", "number", "none"]
    values: Floats
    faults: tuple[tuple[int, str], ...] = ()
    note: str = ""
    unit: str = ""
    offset: float | None = None
    of_day: bool = False
    spans: bool = False
    as_text: bool = False
    from_numbers: Floats | None = None


def read_times(column: Column, rows: NDArray[np.intp], day_first: str = "auto", marks: Marks = _PLAIN_MARKS) -> Times:
    """Read one column of times; the most frequent kind of cell decides, and every other one is a fault."""
    times = _read(column, rows, day_first, marks)
    if times.kind != "date":
        return times
    odd = np.isfinite(times.values) & ((times.values < _YEARS[0]) | (times.values >= _YEARS[1]))
    if not odd.any():
        return times
    told = tuple((row, f"holds {column.shown(row)!r}, a date that no batch can have") for row in rows[odd].tolist())
    return replace(times, values=np.where(odd, np.nan, times.values), faults=times.faults + told)


def _read(column: Column, rows: NDArray[np.intp], day_first: str, marks: Marks) -> Times:
    kind = column.kind[rows]
    faults = [
        (row, f"holds an error ({column.text[row]}) where a time is needed") for row in rows[kind == ERROR].tolist()
    ]
    counts = Counter({code: int((kind == code).sum()) for code in (DATE, DURATION, NUMBER, TEXT)})
    main, count = counts.most_common(1)[0]
    if not count:
        return Times("none", np.full(len(rows), np.nan), tuple(faults))
    if main == TEXT:
        shape = shape_of(dict.fromkeys(column.texts_at(rows[kind == TEXT])))
        if shape is None:
            return _from_numbers(column, rows, marks)
        if shape is LABELED:
            return _from_labels(column, rows, faults, marks)
        return _from_texts(column, rows, shape, day_first, faults)
    values = np.where(kind == main, column.number[rows], np.nan)
    others = rows[(kind != main) & (kind != EMPTY) & (kind != ERROR)].tolist()
    faults += [(row, f"holds {column.shown(row)!r}, {ODD}") for row in others]
    name: Literal["date", "duration", "number"] = "number"
    if main != NUMBER:
        name = "date" if main == DATE else "duration"
    return Times(name, values, tuple(faults))


def stamps_of_numbers(values: Floats, named_date: bool) -> Floats | None:
    """Read numbers (n,) as days of a workbook's 1900 calendar, or as dates such as 20240212; None where they are none.

    Whole numbers between 30,000 and 60,000 are days only in a column that is named as a date.
    """
    there = values[np.isfinite(values)]
    if not len(there):
        return None
    if ((there >= _DAYS[0]) & (there <= _DAYS[1])).all() and (named_date or (there % 1 != 0).any()):
        return np.asarray(np.round((values - _FIRST_DAY) * 86400))
    if not (looks_like_serials(values) and (there % 1 == 0).all() and there.min() > _SERIALS[1]):
        return None
    try:
        known = {day: moment(_parts(COMPACT, f"{day:.0f}"), "") for day in dict.fromkeys(there.tolist())}
    except ValueError:
        return None
    return np.array([known.get(value, np.nan) for value in values.tolist()])


def _parts(shape: re.Pattern[str], text: str) -> dict[str, str | None]:
    found = shape.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no date")
    return found.groupdict()


def looks_like_serials(values: Floats) -> bool:
    """Tell whether numbers are days since 1900 (a date cell in General format) or dates such as 20240212."""
    there = values[np.isfinite(values)]
    if not len(there):
        return False
    serial = bool(((there >= _SERIALS[0]) & (there <= _SERIALS[1])).all())
    return serial or bool(((there >= 19_500_101) & (there <= 21_001_231)).all())


def _from_numbers(column: Column, rows: NDArray[np.intp], marks: Marks) -> Times:
    read = read_numbers(column, rows, marks)
    known = bool(np.isfinite(read.values).any())
    faults = tuple((found.row, _fault(found, known)) for found in read.findings)
    note = ""
    if read.grouped:
        first = column.text[read.grouped[0]]
        note = f"thousands marks are removed from {len(read.grouped)} times, the first is {first!r}"
    return Times("number", read.values, faults, note)


def _fault(found: Finding, known: bool) -> str:
    if found.kind == "ambiguous":
        return f"{found.text!r} {NEVER_GUESSED}"
    return f"holds {found.text!r}, {ODD if known else UNKNOWN}"


def _from_texts(
    column: Column, rows: NDArray[np.intp], shape: re.Pattern[str], day_first: str, faults: list[tuple[int, str]]
) -> Times:
    written = rows[column.kind[rows] == TEXT]
    texts = dict(zip(written.tolist(), column.texts_at(written), strict=True))
    distinct = dict.fromkeys(texts.values())
    faults = faults + [
        (row, f"holds {column.shown(row)}, a number or date cell among dates written as text")
        for row in rows[np.isin(column.kind[rows], (DATE, DURATION, NUMBER))].tolist()
    ]
    order, sentence = order_of(distinct, day_first) if shape is NUMERIC else ("", "")
    if sentence:
        return Times("date", np.full(len(rows), np.nan), ((next(iter(texts)), sentence), *faults))
    read = {text: read_time_text(text, shape, order) for text in distinct}
    faults += [(row, f"holds {text!r}, {read[text][1]}") for row, text in texts.items() if read[text][1]]
    values = np.array([read[texts[row]][0] if row in texts else np.nan for row in rows.tolist()])
    if shape in {DURATION_TEXT, TIME_OF_DAY, SPAN}:
        spans = shape is SPAN
        return Times("duration", values, tuple(faults), of_day=shape is TIME_OF_DAY, spans=spans, as_text=not spans)
    offset, sentence = offset_of(found["zone"] for text in distinct if (found := shape.fullmatch(text)))
    if sentence:
        faults.append((next(iter(texts)), sentence))
    return Times("date", values if offset is None else values + offset, tuple(faults), _note(order), offset=offset)


def _from_labels(
    column: Column, rows: NDArray[np.intp], faults: list[tuple[int, str]], marks: Marks = _PLAIN_MARKS
) -> Times:
    """Read "Day 3", "D3" or "48 h": numbers whose unit stands in the cells, the same in all."""
    values, units = np.full(len(rows), np.nan), Counter[str]()
    for place, row in enumerate(rows.tolist()):
        number, unit = labeled(column.text[row]) if column.kind[row] == TEXT else (np.nan, "")
        values[place] = number
        units[unit] += bool(unit)
    main = units.most_common(1)[0][0]
    for place, row in enumerate(rows.tolist()):
        if column.kind[row] in {EMPTY, ERROR} or (column.kind[row] == TEXT and labeled(column.text[row])[1] == main):
            continue
        faults.append((row, f"holds {column.shown(row)!r}, {ODD}"))
        values[place] = np.nan
    values, unclear = _with_marks(column, rows, values, marks)
    return Times("number", values, (*faults, *unclear), unit=main)


def _with_marks(
    column: Column, rows: NDArray[np.intp], values: Floats, marks: Marks
) -> tuple[Floats, list[tuple[int, str]]]:
    """Read the numbers (n,) of "1.008 h" as the marks of the file say: 1008 or 1.008, or not clear."""
    places = np.flatnonzero(np.isfinite(values))
    bare = {int(rows[place]): number_of_label(column.text[int(rows[place])]) for place in places.tolist()}
    if not any(mark in text for text in bare.values() for mark in ".,"):
        return values, []
    kind = np.where(np.isin(np.arange(len(column)), list(bare)), TEXT, EMPTY).astype(np.uint8)
    possible = marks.comma_possible or any("," in text for text in bare.values())
    numbers = Column(kind, np.full(len(column), np.nan), bare)
    read = read_numbers(numbers, rows[places], replace(marks, comma_possible=possible))
    changed = values.copy()
    changed[places] = read.values
    return changed, [(found.row, f"{column.text[found.row]!r} {NEVER_GUESSED}") for found in read.findings]


def _note(order: str) -> str:
    return {"day": "dates read with the day first", "month": "dates read with the month first"}.get(order, "")
