"""Cases of the import corpus: dates, serials, zones, durations, and where hour 0 is."""

from corpus_case import TIME, Case, daily
from corpus_files import csv, workbook

from mabdesk.data.settings import ReadingOptions

TWO = {"B01": {"titer": daily(1, 2)}}
LATER = {"B01": {"titer": [(2.0, 1.0), (26.0, 2.0)]}}


def titers(header: str, first: str, second: str) -> str:
    """Write two titers of one batch at two times."""
    return f"Batch | {header} | Titer (g/L)\nB01 | {first} | 1\nB01 | {second} | 2"


CASES = (
    Case("hours", (csv(titers("Time (h)", "0", "24")),), TWO, columns={"Time (h)": TIME}),
    Case("hours after inoculation in words", (csv(titers("Culture time [hours]", "0", "24")),), TWO),
    Case(
        "days with decimals", (csv(titers("Culture day", "0", "1.5")),), {"B01": {"titer": [(0.0, 1.0), (36.0, 2.0)]}}
    ),
    Case("minutes", (csv(titers("Time (min)", "0", "1440")),), TWO),
    Case(
        "a time without a unit",
        (csv(titers("Time", "0", "1")),),
        sentence=r"data\.csv, cell B1.*does not say what it counts.*--time-unit days",
    ),
    Case(
        "a time without a unit, days as the user says",
        (csv(titers("Time", "0", "1")),),
        TWO,
        ReadingOptions(time_unit="days"),
    ),
    Case("date cells", (workbook({"Data": titers("Date", "@2026-03-02 09:00", "@2026-03-03 09:00")}),), TWO),
    Case(
        "durations beyond a day",
        (workbook({"Data": titers("Time", "~0:00", "~26:30")}),),
        {"B01": {"titer": [(0.0, 1.0), (26.5, 2.0)]}},
    ),
    Case(
        "durations as text",
        (csv(titers("Run time", "0:00:00", "26:30:00")),),
        {"B01": {"titer": [(0.0, 1.0), (26.5, 2.0)]}},
    ),
    Case(
        "serials of dates in General format",
        (workbook({"Data": titers("Date", "46083.375", "46084.375")}),),
        TWO,
        changes=(r"number read as a date.*cell B2.*46083\.375.*2026-03-02 09:00:00.*2",),
        said=(r"sheet Data, cell B1.*46083\.375.*2026-03-02 09:00:00",),
    ),
    Case(
        "a workbook that counts from 1904, with a start written as text",
        (
            workbook(
                {
                    "Batches": "Batch | Inoculation\nB01 | '2026-03-02 07:00",
                    "Data": titers("Sample date", "@2026-03-02 09:00", "@2026-03-03 09:00"),
                },
                epoch_1904=True,
            ),
        ),
        LATER,
    ),
    Case("dates that lost their form in an export", (csv(titers("Date", "20240212.0", "20240213.0")),), TWO),
    Case("days first, proved by the column", (csv(titers("Date", "12/03/2026", "13/03/2026")),), TWO),
    Case(
        "days or months first, which nothing proves",
        (csv(titers("Date", "03/04/2026", "04/04/2026")),),
        sentence=r"data\.csv, cell B2.*day and month cannot be told apart.*--dates day_first",
    ),
    Case(
        "days first, as the user says",
        (csv(titers("Date", "03/04/2026", "04/04/2026")),),
        TWO,
        ReadingOptions(dates="day_first"),
    ),
    Case(
        "months first, as the user says",
        (csv(titers("Date", "03/04/2026", "03/05/2026")),),
        TWO,
        ReadingOptions(dates="month_first"),
    ),
    Case(
        "dates in two formats",
        (csv("Batch | Date | Titer (g/L)\nB01 | 2026-03-12 | 0\nB01 | 2026-03-13 | 1\nB01 | 14.03.2026 | 2"),),
        sentence=r"data\.csv, cell B4.*14\.03\.2026",
    ),
    Case("German months", (csv(titers("Datum", "30. März 2026 09:00", "31. März 2026 09:00"), separator=";"),), TWO),
    Case(
        "date and clock time in two columns",
        (csv("Batch | Date | Time | Titer (g/L)\nB01 | 2026-03-02 | 09:00 | 1\nB01 | 2026-03-03 | 10:30 | 2"),),
        {"B01": {"titer": [(0.0, 1.0), (25.5, 2.0)]}},
    ),
    Case(
        "clocks put forward, with the zone given",
        (csv(titers("Date", "2026-03-28 12:00", "2026-03-29 12:00")),),
        {"B01": {"titer": [(0.0, 1.0), (23.0, 2.0)]}},
        ReadingOptions(time_zone="Europe/Berlin"),
    ),
    Case(
        "clocks put back in a workbook, with the zone given",
        (workbook({"Data": titers("Date", "@2026-10-24 12:00", "@2026-10-25 12:00")}),),
        {"B01": {"titer": [(0.0, 1.0), (25.0, 2.0)]}},
        ReadingOptions(time_zone="Europe/Berlin"),
    ),
    Case("clocks as written, without a zone", (csv(titers("Date", "2026-03-28 12:00", "2026-03-29 12:00")),), TWO),
    Case(
        "offsets that change within a batch",
        (csv(titers("Time stamp", "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00")),),
        {"B01": {"titer": [(0.0, 1.0), (23.0, 2.0)]}},
    ),
    Case(
        "stamps in UTC beside an inoculation in local time",
        (
            csv("Batch | Inoculation\nB01 | 2026-03-02 08:00", "batches.csv"),
            csv(titers("Time stamp", "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z"), "lab.csv"),
        ),
        LATER,
        ReadingOptions(time_zone="Europe/Berlin"),
    ),
    Case(
        "an hour that the clock did not have",
        (csv(titers("Date", "2026-03-28 12:00", "2026-03-29 02:30")),),
        options=ReadingOptions(time_zone="Europe/Berlin"),
        sentence=r"data\.csv, cell B3.*2026-03-29.*Europe/Berlin",
    ),
    Case(
        "a zone that does not exist",
        (csv(titers("Date", "2026-03-28 12:00", "2026-03-29 12:00")),),
        options=ReadingOptions(time_zone="Europe/Atlantis"),
        sentence=r"Europe/Atlantis",
    ),
    Case(
        "hour 0 from an inoculation event",
        (
            csv("Batch | Event time | Event\nB01 | 2026-03-02 07:00 | Inoc.", "events.csv"),
            csv(titers("Date", "2026-03-02 09:00", "2026-03-03 09:00"), "lab.csv"),
        ),
        LATER,
        events={"B01": [(0.0, "inoculation")]},
    ),
    Case(
        "hour 0 from a column of starts",
        (
            workbook(
                {
                    "Overview": "Batch | Inoculation date | Cell line\nB01 | @2026-03-02 07:00 | CHO-K1",
                    "Lab": titers("Date", "@2026-03-02 09:00", "@2026-03-03 09:00"),
                }
            ),
        ),
        LATER,
    ),
    Case(
        "hour 0 from the first row",
        (csv(titers("Date", "2026-03-02 09:00", "2026-03-03 09:00")),),
        TWO,
        said=("first row",),
    ),
    Case(
        "rows before inoculation",
        (csv("Batch | Day | Titer (g/L)\nB01 | -1 | 9\nB01 | 0 | 1\nB01 | 1 | 2"),),
        TWO,
        changes=("before inoculation.*-24",),
    ),
    Case(
        "a sensor in hours beside samples with dates",
        (
            csv(
                "Batch | Time (h) | Temp (°C)\n" + "\n".join(f"B01 | {h} | {36 + h / 100}" for h in range(31)), "on.csv"
            ),
            csv(titers("Date", "2026-03-02 09:00", "2026-03-03 09:00"), "off.csv"),
        ),
        {"B01": {**TWO["B01"], "temperature": [(float(h), 36 + h / 100) for h in range(31)]}},
        said=("same hour 0",),
    ),
    Case(
        "a day and a date beside it",
        (csv("Batch | Day | Date | Titer (g/L)\nB01 | 0 | 2026-03-02 | 1\nB01 | 1 | 2026-03-03 | 2"),),
        TWO,
    ),
)
