"""A time written as text: the formats that are known, which of them a column has, and what one text says."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping

import numpy as np

_HALF = r"\s*(?P<half>[AaPp]\.?[Mm]\.?)"
_CLOCK = (
    r"(?:[ T,]+(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?(?:" + _HALF + r")?(?: Uhr)?)?"
)
_ZONE = r"(?:\s*(?P<zone>Z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|[A-Z][A-Za-z_]{1,20}(?:/[A-Z][A-Za-z_]{1,20})?))?"
_HOURS_AHEAD = {"Z": 0, "UTC": 0, "GMT": 0, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "WET": 0, "WEST": 1}
_HOURS_AHEAD |= {"EET": 2, "EEST": 3, "EST": -5, "EDT": -4, "CDT": -5, "MDT": -6, "PST": -8, "PDT": -7}
_WEEKDAY = (
    r"(?:(?i:mon(?:day|tag)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|"
    r"sun(?:day)?|mo|di(?:enstag)?|mi(?:ttwoch)?|do(?:nnerstag)?|fr(?:eitag)?|sa(?:mstag)?|so(?:nntag)?|sonnabend|"
    r"lun(?:di)?|mar(?:di)?|mer(?:credi)?|jeu(?:di)?|ven(?:dredi)?|sam(?:edi)?|dim(?:anche)?)[.,]{0,2}\s+)?"
)
_YEAR = r"(?P<year>\d{4}|\d{2})"
_ISO = re.compile(
    _WEEKDAY + r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})" + _CLOCK + _ZONE
)
COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})" + _CLOCK + _ZONE)
NUMERIC = re.compile(
    _WEEKDAY
    + r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<second_part>\d{1,2})(?P=mark)"
    + _YEAR
    + r"(?!\d)"
    + _CLOCK
    + _ZONE
)
_NAME = r"(?P<name>[A-Za-z\u00c0-\u017f]{3,9})\.?"
_NAMED = re.compile(_WEEKDAY + r"(?P<day>\d{1,2})[-/ .]+" + _NAME + r"[-/ ,]+" + _YEAR + r"(?!\d)" + _CLOCK + _ZONE)
_NAME_FIRST = re.compile(
    _WEEKDAY + _NAME + r"[- ]+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?[- ]+(?P<year>\d{4})" + _CLOCK + _ZONE
)
DURATION_TEXT = re.compile(r"(?P<hours>\d{1,4})[:h](?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?")
TIME_OF_DAY = re.compile(r"(?P<hours>\d{1,2}):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?" + _HALF)
SPAN = re.compile(
    r"(?P<days>\d{1,3})\s*(?:d|days?|tage?|jours?|j)\.?,?\s*"
    r"(?:(?P<hours>\d{1,2})(?::(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?|\s*(?:h|hrs?|hours?|std\.?)))",
    re.IGNORECASE,
)
LABELED = re.compile(
    r"(?:(?P<before>[a-z]+)[ ._]*)?(?P<number>[+-]?\d+(?:[.,]\d+)?)(?:\s*(?P<after>[a-z]+)\.?)?", re.IGNORECASE
)
_LABELS = {
    "d": ["d", "d.", "day", "days", "tag", "tage", "jour", "jours", "j", "kulturtag", "cultureday", "wd", "dpi"],
    "h": ["h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures"],
    "min": ["min", "mins", "minute", "minutes", "minuten"],
}
_UNIT_OF_LABEL = {label: unit for unit, labels in _LABELS.items() for label in labels}
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
ODD = "which is not a time like the others of its column"
UNKNOWN = "which is no time that is known; write dates as 2026-03-31 08:00, elapsed time as a number under Time (h)"
_MONTHS = tuple(
    names.split()
    for names in (
        "january januar janvier janner jaenner", "february februar fevrier feber", "march marz maerz mrz mars",
        "april avril", "may mai", "june juni juin", "july juli juillet", "august aout", "september septembre",
        "october oktober octobre", "november novembre", "december dezember decembre",
    )
)  # fmt: skip
_LONG_DAYS = 200
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - records carry local time without a zone


def shape_of(texts: dict[str, None]) -> re.Pattern[str] | None:
    """Choose the one format that most texts of the column have; None for numbers written as text."""
    shapes = (_ISO, COMPACT, NUMERIC, _NAMED, _NAME_FIRST, DURATION_TEXT, TIME_OF_DAY, SPAN)
    counts = {}
    for shape in shapes:
        counts[shape] = sum(shape.fullmatch(text) is not None for text in texts)
        if counts[shape] == len(texts):
            return shape
    counts[LABELED] = sum(bool(labeled(text)[1]) for text in texts)
    best = max(counts, key=lambda shape: counts[shape])
    numbers = sum(_NUMBER.fullmatch(text) is not None and COMPACT.fullmatch(text) is None for text in texts)
    return best if counts[best] >= max(numbers, 1) else None


def order_of(texts: dict[str, None], day_first: str) -> tuple[str, str]:
    """Tell whether day or month comes first, proved by the whole column; or the sentence that refuses to guess."""
    found = [match for text in texts if (match := NUMERIC.fullmatch(text))]
    if day_first != "auto":
        return day_first, ""
    if _years_may_be_first(found):
        what = f"day, month and year cannot be told apart in the whole column (as in {found[0][0]!r})"
        return "", f"{what}; choose --dates day_first or --dates month_first, or write 2026-03-31"
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


def _years_may_be_first(found: list[re.Match[str]]) -> bool:
    """Tell whether dates of months or years are dates of fewer days when the first of two digits are the year."""
    if len(found) < 2 or any(len(match["year"]) != 2 for match in found):
        return False
    spans = []
    for year, month, day in (("first", "second_part", "year"), ("year", "second_part", "first")):
        try:
            days = [dt.date(2000 + int(m[year]), int(m[month]), int(m[day])).toordinal() for m in found]
        except ValueError:
            return False
        spans.append(max(days) - min(days))
    return spans[1] > _LONG_DAYS and spans[0] < spans[1]


def read_time_text(text: str, shape: re.Pattern[str], order: str) -> tuple[float, str]:
    """Return the seconds that a text of this format says, NaN with the fault where it says none.

    Dates are seconds since 1970, in UTC where the text names its offset, else on the clock as written.
    """
    found = shape.fullmatch(text)
    if found is None:
        return np.nan, ODD
    if shape in {DURATION_TEXT, TIME_OF_DAY, SPAN}:
        return _span(found.groupdict())
    zone = found["zone"]
    if zone and _seconds_ahead(zone) is None:
        what = f"whose time zone {zone!r} is not known"
        return np.nan, f"{what}; write its offset from UTC (+01:00), or none and choose --time-zone"
    try:
        return moment(found.groupdict(), order), ""
    except (ValueError, KeyError):
        return np.nan, "which is no date"


def _span(parts: Mapping[str, str | None]) -> tuple[float, str]:
    hours = int(parts["hours"] or 0)
    if parts.get("half"):
        try:
            hours = _hour_of_half(hours, parts["half"] or "")
        except ValueError:
            return np.nan, ODD
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


def moment(parts: dict[str, str | None], order: str) -> float:
    """Return the seconds since 1970 of a date's parts; `order` tells whether "day" or "month" comes first.

    Raises:
        ValueError: there is no such date.
    """
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
    ahead = _seconds_ahead(parts["zone"] or "Z") or 0.0
    return (date - _EPOCH).total_seconds() + seconds - ahead


def offset_of(zones: Iterable[str | None]) -> tuple[float | None, str]:
    """Return the offset of the first stamp, whose clock the column keeps; or the sentence on stamps that lack one."""
    zones = dict.fromkeys(zones)
    named = [zone for zone in zones if zone]
    if not named:
        return None, ""
    if None in zones:
        return None, f"only some of the column's times say their zone ({', '.join(named)}); write it in all or in none"
    return next((ahead for zone in named if (ahead := _seconds_ahead(zone)) is not None), None), ""


def _seconds_ahead(zone: str) -> float | None:
    """Return how far a zone is ahead of UTC; None for names that are not known or mean several zones (CST, IST)."""
    if zone in _HOURS_AHEAD:
        return _HOURS_AHEAD[zone] * 3600.0
    zone = zone.removeprefix("UTC").removeprefix("GMT")
    if zone[0] not in "+-":
        return None
    seconds = int(zone[1:3]) * 3600.0 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def labeled(text: str) -> tuple[float, str]:
    """Return number and unit of such a text; NaN and "" for any other."""
    found = LABELED.fullmatch(text)
    if found is None or bool(found["before"]) == bool(found["after"]):
        return np.nan, ""
    unit = _UNIT_OF_LABEL.get((found["before"] or found["after"]).casefold(), "")
    return (float(found["number"].replace(",", ".")), unit) if unit else (np.nan, "")


def number_of_label(text: str) -> str:
    """Return the number of such a text as it is written ("1.008" of "1.008 h")."""
    found = LABELED.fullmatch(text)
    return found["number"] if found is not None else ""
