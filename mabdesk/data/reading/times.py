"""A column of times: elapsed time in a unit, workbook dates, or text dates of one format."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.reading.cells import DATE, DURATION, EMPTY, ERROR, NUMBER, TEXT, Column
from mabdesk.data.reading.numbers import NEVER_GUESSED, Finding, Marks, read_numbers

_CLOCK = (
    r"(?:[ T,]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
_ZONE = r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_ISO = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _CLOCK + _ZONE)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})" + _CLOCK + _ZONE)
_NUMERIC = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_part>\d{1,2})(?P=mark)(?P<year>\d{4})" + _CLOCK + _ZONE
)
_NAMED = re.compile(r"(?P<day>\d{1,2})[-/ .]+(?P<name>[A-Za-zäÄ]{3,9})\.?[-/ ,]+(?P<year>\d{4})" + _CLOCK + _ZONE)
_DURATION = re.compile(r"(?P<hours>\d{1,4}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_PLAIN_MARKS = Marks()
_ODD = "which is not a time like the others of its column"
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("jan", "feb", "mar mär mrz", "apr", "may mai", "jun", "jul", "aug", "sep", "oct okt", "nov", "dec dez"),
        start=1,
    )
    for name in names.split()
}
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - records carry local time without a zone
_SERIALS = (20_000.0, 80_000.0)  # 1954 to 2119 as days of a workbook


@dataclass(frozen=True, eq=False)
class Times:
    """Times (n,) of the asked rows. `kind`: "date" seconds since 1970, "duration" seconds, "number" as written.

    `faults` are (row, sentence); their value, and that of an empty cell, is NaN.
    """

    kind: Literal["date", "duration", "number", "none"]
    values: Floats
    faults: tuple[tuple[int, str], ...] = ()
    note: str = ""


def read_times(column: Column, rows: NDArray[np.intp], day_first: str = "auto", marks: Marks = _PLAIN_MARKS) -> Times:
    """Read one column of times; the most frequent kind of cell decides, and every other one is a fault."""
    kind = column.kind[rows]
    faults = [
        (row, f"holds an error ({column.text[row]}) where a time is needed") for row in rows[kind == ERROR].tolist()
    ]
    counts = Counter({code: int((kind == code).sum()) for code in (DATE, DURATION, NUMBER, TEXT)})
    main, count = counts.most_common(1)[0]
    if not count:
        return Times("none", np.full(len(rows), np.nan), tuple(faults))
    if main == TEXT and _shape(dict.fromkeys(column.text.values())) is None:
        return _from_numbers(column, rows, marks)
    if main == TEXT:
        return _from_texts(column, rows, day_first, faults)
    values = np.where(kind == main, column.number[rows], np.nan)
    others = rows[(kind != main) & (kind != EMPTY) & (kind != ERROR)].tolist()
    faults += [(row, f"holds {column.shown(row)!r}, {_ODD}") for row in others]
    name: Literal["date", "duration", "number"] = "number"
    if main != NUMBER:
        name = "date" if main == DATE else "duration"
    return Times(name, values, tuple(faults))


def looks_like_serials(values: Floats) -> bool:
    """Tell whether numbers are days since 1900 (a date cell in General format) or dates such as 20240212."""
    there = values[np.isfinite(values)]
    if not len(there):
        return False
    serial = bool(((there >= _SERIALS[0]) & (there <= _SERIALS[1])).all())
    return serial or bool(((there >= 19_500_101) & (there <= 21_001_231)).all())


def _from_numbers(column: Column, rows: NDArray[np.intp], marks: Marks) -> Times:
    read = read_numbers(column, rows, marks)
    faults = tuple((found.row, _fault(found)) for found in read.findings)
    note = ""
    if read.grouped:
        first = column.text[read.grouped[0]]
        note = f"thousands marks are removed from {len(read.grouped)} times, the first is {first!r}"
    return Times("number", read.values, faults, note)


def _fault(found: Finding) -> str:
    return f"{found.text!r} {NEVER_GUESSED}" if found.kind == "ambiguous" else f"holds {found.text!r}, {_ODD}"


def _from_texts(column: Column, rows: NDArray[np.intp], day_first: str, faults: list[tuple[int, str]]) -> Times:
    texts = {row: column.text[row] for row in rows.tolist() if column.kind[row] == TEXT}
    distinct = dict.fromkeys(texts.values())
    shape = _shape(distinct)
    faults = faults + [
        (row, f"holds {column.shown(row)}, a number or date cell among dates written as text")
        for row in rows[np.isin(column.kind[rows], (DATE, DURATION, NUMBER))].tolist()
    ]
    order, sentence = _order(distinct, day_first) if shape is _NUMERIC else ("", "")
    if sentence:
        return Times("date", np.full(len(rows), np.nan), ((next(iter(texts)), sentence), *faults))
    read = {text: _read(text, shape, order) for text in distinct}
    faults += [(row, f"holds {text!r}, {read[text][1]}") for row, text in texts.items() if read[text][1]]
    values = np.array([read[texts[row]][0] if row in texts else np.nan for row in rows.tolist()])
    matches = [found.groupdict() for text in distinct if shape and (found := shape.fullmatch(text))]
    zones = {found.get("zone") for found in matches}
    if len(zones) > 1:
        sentence = f"the column mixes time zones ({', '.join(sorted(str(zone or 'none') for zone in zones))})"
        faults.append((next(iter(texts)), sentence))
    if shape is _DURATION:
        return Times("duration", values, tuple(faults))
    return Times("date", values, tuple(faults), _note(order))


def _shape(texts: dict[str, None]) -> re.Pattern[str] | None:
    """Choose the one format that most texts of the column have; None for numbers written as text."""
    shapes = (_ISO, _COMPACT, _NUMERIC, _NAMED, _DURATION)
    counts = {shape: sum(shape.fullmatch(text) is not None for text in texts) for shape in shapes}
    best = max(shapes, key=lambda shape: counts[shape])
    numbers = sum(_NUMBER.fullmatch(text) is not None and _COMPACT.fullmatch(text) is None for text in texts)
    return best if counts[best] >= max(numbers, 1) else None


def _order(texts: dict[str, None], day_first: str) -> tuple[str, str]:
    """Tell whether day or month comes first, proved by the whole column; or the sentence that refuses to guess."""
    found = [match for text in texts if (match := _NUMERIC.fullmatch(text))]
    if day_first != "auto":
        return day_first, ""
    if all(match["mark"] == "." for match in found):
        return "day", ""  # points are written in countries that put the day first
    first = any(int(match["first"]) > 12 for match in found)
    second = any(int(match["second_part"]) > 12 for match in found)
    example = found[0][0]
    if first and second:
        return "", f"the column mixes day/month and month/day (as in {example!r})"
    if not first and not second:
        what = f"day and month cannot be told apart in the whole column (as in {example!r})"
        return "", f"{what}; choose --dates day_first or --dates month_first, or write 2026-03-31"
    return ("day" if first else "month"), ""


def _read(text: str, shape: re.Pattern[str] | None, order: str) -> tuple[float, str]:
    found = shape.fullmatch(text) if shape else None
    if found is None:
        return np.nan, _ODD
    if shape is _DURATION:
        return int(found["hours"]) * 3600.0 + int(found["minutes"]) * 60 + int(found["seconds"] or 0), ""
    try:
        return _moment(found.groupdict(), order), ""
    except (ValueError, KeyError):
        return np.nan, "which is no date"


def _moment(parts: dict[str, str | None], order: str) -> float:
    if "first" in parts:
        day, month = parts["first"], parts["second_part"]
        if order == "month":
            day, month = month, day
    else:
        day, month = parts["day"], parts.get("month") or str(_MONTHS[(parts["name"] or "")[:3].casefold()])
    hour = int(parts["hour"] or 0)
    half = (parts["half"] or "").replace(".", "").lower()
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("an hour before or after noon is 1 to 12")
        hour = hour % 12 + (12 if half == "pm" else 0)
    date = dt.datetime(int(parts["year"] or 0), int(month or 0), int(day or 0), hour, int(parts["minute"] or 0))  # noqa: DTZ001
    return (date - _EPOCH).total_seconds() + float((parts["second"] or "0").replace(",", "."))


def _note(order: str) -> str:
    return {"day": "dates read with the day first", "month": "dates read with the month first"}.get(order, "")
