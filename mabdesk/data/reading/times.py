"""A column of times: elapsed time in a unit, workbook dates, or text dates of one format."""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.reading.cells import DATE, DURATION, EMPTY, ERROR, NUMBER, TEXT, Column
from mabdesk.data.reading.numbers import NEVER_GUESSED, Finding, Marks, read_numbers

_HALF = r"\s*(?P<half>[AaPp]\.?[Mm]\.?)"
_CLOCK = (
    r"(?:[ T,]+(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?(?:" + _HALF + r")?(?: Uhr)?)?"
)
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_ISO = re.compile(r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _CLOCK + _ZONE)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})" + _CLOCK + _ZONE)
_NUMERIC = re.compile(
    r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_part>\d{1,2})(?P=mark)" + _YEAR + r"(?!\d)" + _CLOCK + _ZONE
)
_NAME = r"(?P<name>[A-Za-z\u00c0-\u017f]{3,9})\.?"
_NAMED = re.compile(r"(?P<day>\d{1,2})[-/ .]+" + _NAME + r"[-/ ,]+" + _YEAR + r"(?!\d)" + _CLOCK + _ZONE)
_NAME_FIRST = re.compile(_NAME + r"[- ]+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[- ]+(?P<year>\d{4})" + _CLOCK + _ZONE)
_DURATION = re.compile(r"(?P<hours>\d{1,4})[:h](?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?")
_TIME_OF_DAY = re.compile(r"(?P<hours>\d{1,2}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?" + _HALF)
_SPAN = re.compile(
    r"(?P<days>\d{1,3})\s*(?:d|days?|tage?|jours?|j)\.?,?\s*"
    r"(?:(?P<hours>\d{1,2})(?::(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?|\s*(?:h|hrs?|hours?|std\.?)))",
    re.IGNORECASE,
)
_LABELED = re.compile(
    r"(?:(?P<before>[a-z]+)[ ._]*)?(?P<number>[+-]?\d+(?:[.,]\d+)?)(?:\s*(?P<after>[a-z]+)\.?)?", re.IGNORECASE
)
_LABELS = {
    "d": ["d", "d.", "day", "days", "tag", "tage", "jour", "jours", "j", "kulturtag", "cultureday", "wd", "dpi"],
    "h": ["h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures"],
    "min": ["min", "mins", "minute", "minutes", "minuten"],
}
_UNIT_OF_LABEL = {label: unit for unit, labels in _LABELS.items() for label in labels}
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_PLAIN_MARKS = Marks()
_ODD = "which is not a time like the others of its column"
_MONTHS = tuple(
    names.split()
    for names in (
        "january januar janvier janner jaenner", "february februar fevrier feber", "march marz maerz mrz mars",
        "april avril", "may mai", "june juni juin", "july juli juillet", "august aout", "september septembre",
        "october oktober octobre", "november novembre", "december dezember decembre",
    )
)  # fmt: skip
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - records carry local time without a zone
_SERIALS = (20_000.0, 80_000.0)  # 1954 to 2119 as days of a workbook
_DAYS = (30_000.0, 60_000.0)  # 1982 to 2064
_FIRST_DAY = 25_569  # 1970-01-01


@dataclass(frozen=True, eq=False)
class Times:
    """Times (n,) of the asked rows. `kind`: "date" seconds since 1970, "duration" seconds, "number" as written.

    `faults` are (row, sentence); their value, and that of an empty cell, is NaN. `unit` is the one that the cells name
    ("Day 3", "48 h"). `offset` is how many seconds the dates' clock is ahead of UTC, None where no cell says it.
    `of_day` tells that durations are times of day ("2:30 PM"); `from_numbers` are the numbers that dates were read from.
    """

    kind: Literal["date", "duration", "number", "none"]
    values: Floats
    faults: tuple[tuple[int, str], ...] = ()
    note: str = ""
    unit: str = ""
    offset: float | None = None
    of_day: bool = False
    from_numbers: Floats | None = None


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
    if main == TEXT:
        distinct = dict.fromkeys(column.text[row] for row in rows[kind == TEXT].tolist())
        if _shape(distinct) is _LABELED:
            return _from_labels(column, rows, faults)
        if _shape(distinct) is None:
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
        known = {day: _moment(_parts(_COMPACT, f"{day:.0f}"), "") for day in dict.fromkeys(there.tolist())}
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
    offset, sentence = None, ""
    if shape not in {_DURATION, _TIME_OF_DAY, _SPAN}:
        offset, sentence = _offset(matches)
    if sentence:
        faults.append((next(iter(texts)), sentence))
    if shape in {_DURATION, _TIME_OF_DAY, _SPAN}:
        return Times("duration", values, tuple(faults), of_day=shape is _TIME_OF_DAY)
    return Times("date", values if offset is None else values + offset, tuple(faults), _note(order), offset=offset)


def _offset(matches: Sequence[Mapping[str, str | None]]) -> tuple[float | None, str]:
    """Return the offset of the first stamp, whose clock the column keeps; or the sentence on stamps that lack one."""
    zones = dict.fromkeys(found.get("zone") for found in matches)
    named = [zone for zone in zones if zone]
    if not named:
        return None, ""
    if None in zones:
        return None, f"only some of the column's times say their zone ({', '.join(named)}); write it in all or in none"
    return _seconds_ahead(named[0]), ""


def _seconds_ahead(zone: str) -> float:
    if zone in {"Z", "UTC", "GMT"}:
        return 0.0
    seconds = int(zone[1:3]) * 3600.0 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _from_labels(column: Column, rows: NDArray[np.intp], faults: list[tuple[int, str]]) -> Times:
    """Read "Day 3", "D3" or "48 h": numbers whose unit stands in the cells, the same in all."""
    values, units = np.full(len(rows), np.nan), Counter[str]()
    for place, row in enumerate(rows.tolist()):
        number, unit = _labeled(column.text[row]) if column.kind[row] == TEXT else (np.nan, "")
        values[place] = number
        units[unit] += bool(unit)
    main = units.most_common(1)[0][0]
    for place, row in enumerate(rows.tolist()):
        if column.kind[row] in {EMPTY, ERROR} or (column.kind[row] == TEXT and _labeled(column.text[row])[1] == main):
            continue
        faults.append((row, f"holds {column.shown(row)!r}, {_ODD}"))
        values[place] = np.nan
    return Times("number", values, tuple(faults), unit=main)


def _labeled(text: str) -> tuple[float, str]:
    """Return number and unit of such a text; NaN and "" for any other."""
    found = _LABELED.fullmatch(text)
    if found is None or bool(found["before"]) == bool(found["after"]):
        return np.nan, ""
    unit = _UNIT_OF_LABEL.get((found["before"] or found["after"]).casefold(), "")
    return (float(found["number"].replace(",", ".")), unit) if unit else (np.nan, "")


def _shape(texts: dict[str, None]) -> re.Pattern[str] | None:
    """Choose the one format that most texts of the column have; None for numbers written as text."""
    shapes = (_ISO, _COMPACT, _NUMERIC, _NAMED, _NAME_FIRST, _DURATION, _TIME_OF_DAY, _SPAN)
    counts = {shape: sum(shape.fullmatch(text) is not None for text in texts) for shape in shapes}
    counts[_LABELED] = sum(bool(_labeled(text)[1]) for text in texts)
    best = max(counts, key=lambda shape: counts[shape])
    numbers = sum(_NUMBER.fullmatch(text) is not None and _COMPACT.fullmatch(text) is None for text in texts)
    return best if counts[best] >= max(numbers, 1) else None


def _order(texts: dict[str, None], day_first: str) -> tuple[str, str]:
    """Tell whether day or month comes first, proved by the whole column; or the sentence that refuses to guess."""
    found = [match for text in texts if (match := _NUMERIC.fullmatch(text))]
    if day_first != "auto":
        return day_first, ""
    if all(match["mark"] == "." for match in found):
        return "day", ""  # points are written in countries that put the day first
    if all(len(match["year"]) == 2 for match in found) and len({match["first"] for match in found}) == 1:
        what = f"day, month and year cannot be told apart in the whole column (as in {found[0][0]!r})"
        return "", f"{what}; choose --dates day_first or --dates month_first, or write 2026-03-31"
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
    if shape in {_DURATION, _TIME_OF_DAY, _SPAN}:
        return _span(found.groupdict())
    try:
        return _moment(found.groupdict(), order), ""
    except (ValueError, KeyError):
        return np.nan, "which is no date"


def _span(parts: Mapping[str, str | None]) -> tuple[float, str]:
    hours = int(parts["hours"] or 0)
    if parts.get("half"):
        try:
            hours = _hour_of_half(hours, parts["half"] or "")
        except ValueError:
            return np.nan, _ODD
    minutes, seconds = (int(parts.get(name) or 0) for name in ("minutes", "seconds"))
    return int(parts.get("days") or 0) * 86400.0 + hours * 3600.0 + minutes * 60 + seconds, ""


def _hour_of_half(hour: int, half: str) -> int:
    if not 1 <= hour <= 12:
        raise ValueError("an hour before or after noon is 1 to 12")
    return hour % 12 + (12 if half.lower().startswith("p") else 0)


def _month(name: str) -> str:
    """Return the number of a month that is named, in full or shortened, in English, German or French."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    found = [number for number, names in enumerate(_MONTHS, 1) if any(full.startswith(plain) for full in names)]
    if len(found) != 1:
        raise ValueError(f"{name} is no month")
    return str(found[0])


def _moment(parts: dict[str, str | None], order: str) -> float:
    if "first" in parts:
        day, month = parts["first"], parts["second_part"]
        if order == "month":
            day, month = month, day
    else:
        day, month = parts["day"], parts.get("month") or _month(parts["name"] or "")
    hour = int(parts["hour"] or 0)
    if parts["half"]:
        hour = _hour_of_half(hour, parts["half"])
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 1900 if year >= 70 else 2000
    date = dt.datetime(year, int(month or 0), int(day or 0), hour, int(parts["minute"] or 0))  # noqa: DTZ001
    seconds = float((parts["second"] or "0").replace(",", "."))
    ahead = _seconds_ahead(parts["zone"]) if parts["zone"] else 0.0
    return (date - _EPOCH).total_seconds() + seconds - ahead


def _note(order: str) -> str:
    return {"day": "dates read with the day first", "month": "dates read with the month first"}.get(order, "")
