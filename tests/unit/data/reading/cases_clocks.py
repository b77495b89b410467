"""Cases of the import corpus: times of day, named zones and weekdays, starts that contradict one another."""

from corpus_case import Case, daily
from corpus_files import csv, workbook

from mabdesk.data.settings import ReadingOptions

TWO = {"B01": {"titer": daily(1, 2)}}


def titers(header: str, *times: str) -> str:
    """Write titers 1, 2 ... of one batch at these times (cells of one or more columns)."""
    rows = [f"B01 | {time} | {number}" for number, time in enumerate(times, start=1)]
    return "\n".join([f"Batch | {header} | Titer (g/L)", *rows])


def inoculated(event: str, start: str = "") -> dict[str, str]:
    """Write the sheets of samples from 2026-03-02 08:00 on, of events, and of batches where a start is given."""
    return {
        "Samples": titers("Date", "@2026-03-02 08:00", "@2026-03-03 08:00"),
        "Events": f"Batch | Date | Event\n{event}",
        **({"Batches": f"Batch | Start\nB01 | {start}"} if start else {}),
    }


CASES = (
    Case(
        "clock times under Day",
        (csv("Batch | Day | Titer (g/L)\nB01 | 0:00 | 1\nB02 | 1:12 | 2"),),
        sentence=r"data\.csv, cell B1: the header 'Day' counts in d .* like 1:12; write numbers",
    ),
    Case(
        "time cells under Day",
        (workbook({"Data": titers("Day", "~0:00", "~1:12", "~2:06")}),),
        sentence=r"data\.xlsx, sheet Data, cell B1: the header 'Day' counts in d .* like 2:06",
    ),
    Case(
        "durations beyond a day under days",
        (workbook({"Data": titers("Time (d)", "~0:00", "~36:00")}),),
        {"B01": {"titer": [(0.0, 1.0), (36.0, 2.0)]}},
    ),
    Case(
        "clock times under minutes",
        (csv(titers("Time (min)", "0:00", "0:30", "1:00")),),
        sentence=r"data\.csv, cell B1: the header 'Time \(min\)' counts in min .* like 1:00",
    ),
    Case(
        "a day that no calendar has",
        (csv(titers("Day", "0", "1e308")),),
        sentence=r"data\.csv, cell B3: '1e308' is no time that a batch can have",
    ),
    Case(
        "a date whose time of day is empty",
        (csv("Charge | Datum | Uhrzeit | Titer (g/L)\nB01 | 12.02.2026 | 08:00 | 1\nB01 | 13.02.2026 | | 2"),),
        sentence=r"data\.csv, cell C3: the row has values but no time of day in 'Uhrzeit'",
    ),
    Case(
        "a date whose time of day is a text",
        (csv("Charge | Datum | Uhrzeit | Titer (g/L)\nB01 | 12.02.2026 | 08:00 | 1\nB01 | 13.02.2026 | n.d. | 2"),),
        sentence=r"data\.csv, cell C3: holds 'n\.d\.'",
    ),
    Case(
        "a row without values that has a date and no time of day",
        (csv(titers("Date | Time", "2026-03-02 | 08:00", "2026-03-03 | 08:00") + "\nB01 | 2026-03-04 | | "),),
        TWO,
    ),
    Case(
        "times of day that pass midnight",
        (csv(titers("Time", "20:00", "23:00", "02:00")),),
        sentence=r"data\.csv, cell B4: the times of 'Time' go back here.*write the date beside them",
    ),
    Case(
        "times of day by their name",
        (csv(titers("Uhrzeit", "08:00", "12:00")),),
        sentence=r"data\.csv, cell B1: the column 'Uhrzeit' holds times of day without a date",
    ),
    Case(
        "elapsed times that may be times of day",
        (csv(titers("Time", "08:00", "12:00")),),
        {"B01": {"titer": [(8.0, 1.0), (12.0, 2.0)]}},
        said=("'Time' are read as hours since inoculation; if they are times of day",),
    ),
    Case(
        "two batches one after the other, each from 0:00 on",
        (csv(titers("Time", "0:00", "12:00") + "\nB02 | 0:00 | 3\nB02 | 6:00 | 4"),),
        {"B01": {"titer": [(0.0, 1.0), (12.0, 2.0)]}, "B02": {"titer": [(0.0, 3.0), (6.0, 4.0)]}},
    ),
    Case(
        "long form with elapsed times",
        (
            csv(
                "Batch | Time | Parameter | Value | Unit\nB01 | 0:00 | Titer | 1 | g/L\nB01 | 6:00 | Titer | 2 | g/L\n"
                "B01 | 0:00 | Glucose | 5 | g/L\nB01 | 6:00 | Glucose | 4 | g/L"
            ),
        ),
        {"B01": {"titer": [(0.0, 1.0), (6.0, 2.0)], "glucose": [(0.0, 5.0), (6.0, 4.0)]}},
    ),
    Case(
        "a date that has a time of day, and another one beside it",
        (csv(titers("Date | Time", "2026-02-12 | 08:00", "2026-02-13 00:30 | 09:00", "2026-02-14 | 10:00")),),
        sentence=r"data\.csv, cell B3: 'Date' holds times of day itself \(2026-02-13 00:30:00\) and 'Time' holds",
    ),
    Case(
        "whole time stamps with their time of day once more",
        (csv(titers("Date | Time", "2026-02-12 08:00 | 08:00", "2026-02-13 09:00 | 09:00")),),
        {"B01": {"titer": [(0.0, 1.0), (25.0, 2.0)]}},
        said=("taken from 'Date'; not used: Time",),
    ),
    Case(
        "whole time stamps beside elapsed time",
        (csv(titers("Date | Run time", "2026-02-12 08:00 | 0:00", "2026-02-12 18:00 | 10:00")),),
        {"B01": {"titer": [(0.0, 1.0), (10.0, 2.0)]}},
    ),
    Case(
        "days and times of day that differ",
        (csv(titers("Day | Time", "0 | 08:00", "1 | 12:00", "2 | 16:00")),),
        sentence=r"data\.csv, cell C1: 'Day' counts days and 'Time' holds times of day.*write Time \(h\), or the date",
    ),
    Case(
        "days and nearly the same time of each day",
        (csv(titers("Day | Time", "0 | 08:00", "1 | 08:20")),),
        TWO,
        said=("the times of day in 'Time' are not used, the days in 'Day' count",),
    ),
    Case(
        "two inoculations of one batch",
        (workbook(inoculated("B01 | @2026-03-02 06:00 | Inoculation\nB01 | @2026-03-01 06:00 | Inoc.")),),
        sentence=r"sheet Events, cell B3: batch B01 is inoculated at 2026-03-01 06:00.* sheet Events, cell B2",
    ),
    Case(
        "an inoculation and a start two days apart",
        (workbook(inoculated("B01 | @2026-03-02 06:00 | Inoculation", "@2026-02-28 06:00")),),
        sentence=r"sheet Batches, cell B2: batch B01 is inoculated at 2026-02-28 06:00.* sheet Events, cell B2",
    ),
    Case(
        "an inoculation and the date of its day",
        (workbook(inoculated("B01 | @2026-03-02 06:00 | Inoculation", "@2026-03-02 00:00")),),
        {"B01": {"titer": [(2.0, 1.0), (26.0, 2.0)]}},
    ),
    Case(
        "zones by name, with the clock put forward",
        (csv(titers("Date", "2026-03-28 12:00 CET", "2026-03-29 12:00 CEST")),),
        {"B01": {"titer": [(0.0, 1.0), (23.0, 2.0)]}},
    ),
    Case(
        "a zone that means several",
        (csv(titers("Date", "2026-03-28 12:00 CST", "2026-03-29 12:00 CST")),),
        sentence=r"data\.csv, cell B2: .*whose time zone 'CST' is not known; write its offset",
    ),
    Case(
        "a zone of the list behind stamps",
        (csv(titers("Timestamp", "2026-02-12 08:00:00.123 Europe/Berlin", "2026-02-12 09:00:00.123 Europe/Berlin")),),
        sentence=r"data\.csv, cell B2: .*'Europe/Berlin' is not known.*choose --time-zone",
    ),
    Case("German weekdays", (csv(titers("Datum", "Mo 02.03.2026", "Di 03.03.2026"), separator=";"),), TWO),
    Case("English weekdays", (csv(titers("Date", "Mon, 2 Mar 2026", "Tue, 3 Mar 2026"), separator=";"),), TWO),
    Case(
        "dates that no one can read",
        (csv(titers("Date", "08:00 CET", "foo")),),
        sentence=r"data\.csv, cell B2: holds '08:00 CET', which is no time that is known; write dates as 2026-03-31",
    ),
    Case(
        "dates that mean none, with a zone",
        (csv(titers("Date", "0001-01-01", "9999-12-31")),),
        options=ReadingOptions(time_zone="Europe/Berlin"),
        sentence=r"data\.csv, cell B2: holds '0001-01-01', a date that no batch can have",
    ),
    Case(
        "two digits of the year before the month",
        (csv(titers("Date", "23-11-10", "23-11-11", "24-02-12")),),
        sentence=r"data\.csv, cell B2: day, month and year cannot be told apart",
    ),
    Case(
        "two digits of the year before the month, with points",
        (csv(titers("Date", "24.02.12", "24.02.13")),),
        sentence=r"data\.csv, cell B2: day, month and year cannot be told apart",
    ),
    Case(
        "two digits of the year behind the month",
        (csv(titers("Date", "12.02.26", "13.02.26")),),
        TWO,
    ),
    Case("days in German", (csv(titers("Zeit (Tage)", "0", "1")),), TWO),
    Case("weeks", (csv(titers("Time (weeks)", "0", "1")),), {"B01": {"titer": [(0.0, 1.0), (168.0, 2.0)]}}),
    Case("the form of the times in the header", (csv(titers("Time (hh:mm:ss)", "0:00:00", "24:00:00")),), TWO),
    Case(
        "a form of times that is not read",
        (csv(titers("Time (dd:hh:mm)", "00:00:00", "01:00:00")),),
        sentence=r"data\.csv, cell B1: the times of 'Time \(dd:hh:mm\)' are written as dd:hh:mm",
    ),
    Case(
        "a unit of time that is none",
        (csv(titers("Time (foo)", "0", "1")),),
        sentence=r"data\.csv, cell B1: .*'Time \(foo\)' counts in 'foo', which is no unit of time",
    ),
    Case(
        "a batch twice in the table of batches",
        (
            workbook(
                {
                    "Batches": "Batch | Temperature (°C)\nB01 | 37\nB01 | 36\nB02 | 37",
                    "Samples": titers("Day", "0", "1"),
                }
            ),
        ),
        sentence=r"sheet Batches, cell A3: batch B01 stands twice, here and in data\.xlsx, sheet Batches, cell A2",
    ),
    Case(
        "plain numbers as dates in a workbook of the other calendar",
        (
            workbook(
                {"Batches": "Batch | Start\nB01 | @2026-03-02 06:00", "Samples": titers("Date", "44621.5", "44622.5")},
                epoch_1904=True,
            ),
        ),
        sentence=r"sheet Samples, row 2: all rows are before the inoculation.*two calendars, 1462 days apart",
    ),
)
