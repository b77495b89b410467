"""Cases of the import corpus: tables with a row a sample, in one sheet or several, with one header row or several."""

from corpus_case import BATCH, COLUMNS, GLUCOSE, TIME, TITER, TRUTH, VCD, Case, columns, daily, only
from corpus_files import Sheet, csv, workbook

from mabdesk.data.settings import ReadingOptions

ROWS = """
B01 | 0 | 0.5 | 6.0 | 0.0
B01 | 1 | 1.2 | 5.1 | 0.1
B01 | 2 | 3.1 | 3.9 | 0.35
B02 | 0 | 0.6 | 6.1 | 0.0
B02 | 1 | 1.4 | 4.9 | 0.12
B02 | 2 | 3.4 | 3.5 | 0.4
"""
HEADER = "Batch | Day | VCD (1e6/mL) | Glucose (g/L) | Titer (g/L)"
TABLE = HEADER + ROWS
FIRST = """
Day | VCD (1e6/mL) | Glucose (g/L) | Titer (g/L)
0 | 0.5 | 6.0 | 0.0
1 | 1.2 | 5.1 | 0.1
2 | 3.1 | 3.9 | 0.35
"""
SECOND = """
Day | VCD (1e6/mL) | Glucose (g/L) | Titer (g/L)
0 | 0.6 | 6.1 | 0.0
1 | 1.4 | 4.9 | 0.12
2 | 3.4 | 3.5 | 0.4
"""
OWN = columns("Day", "VCD (1e6/mL)", "Glucose (g/L)", "Titer (g/L)")
CELLS = """
Batch | Day | VCD (1e6/mL)
B01 | 0 | 0.5
B01 | 1 | 1.2
B01 | 2 | 3.1
B02 | 0 | 0.6
B02 | 1 | 1.4
B02 | 2 | 3.4
"""
LAB = """
Batch | Day | Glucose (g/L) | Titer (g/L)
B01 | 0 | 6.0 | 0.0
B01 | 1 | 5.1 | 0.1
B01 | 2 | 3.9 | 0.35
B02 | 0 | 6.1 | 0.0
B02 | 1 | 4.9 | 0.12
B02 | 2 | 3.5 | 0.4
"""


def dense() -> str:
    """Two days of a sensor every 15 minutes, with a sample a day in the same table."""
    titers = {0: "0.0", 96: "0.1", 192: "0.35"}
    rows = [f"B01 | {step / 4} | {37 - step / 1000} | {titers.get(step, '')}" for step in range(193)]
    return "\n".join(["Batch | Time (h) | Temp (°C) | Titer (g/L)", *rows])


def hourly(header: str, value: float) -> str:
    """One and a half day of a sensor every hour, of both batches."""
    rows = [f"{batch} | {hour} | {value + hour / 100}" for batch in ("B01", "B02") for hour in range(37)]
    return "\n".join([f"Batch | Time (h) | {header}", *rows])


SENSOR = {"temperature": [(step / 4, 37 - step / 1000) for step in range(193)], "titer": daily(0.0, 0.1, 0.35)}
WARM = [(float(hour), 36.0 + hour / 100) for hour in range(37)]

CASES = (
    Case("one plain table", (csv(TABLE),), TRUTH, columns=COLUMNS),
    Case("one sheet for all batches", (workbook({"Data": TABLE}),), TRUTH, columns=COLUMNS),
    Case("a sheet per batch, named after it", (workbook({"B01": FIRST, "B02": SECOND}),), TRUTH, columns=OWN),
    Case(
        "a sheet per batch with a title cell",
        (workbook({"Sheet1": "Batch: B01\n.\n" + FIRST, "Sheet2": "Batch: B02\n.\n" + SECOND}),),
        TRUTH,
        columns=OWN,
    ),
    Case(
        "a sheet per batch with label and id in two cells",
        (workbook({"Sheet1": "Batch ID | B01\n.\n" + FIRST, "Sheet2": "Batch ID | B02\n.\n" + SECOND}),),
        TRUTH,
        columns=OWN,
    ),
    Case(
        "a sheet per batch beside a sheet of notes",
        (
            workbook(
                {
                    "Notes": "Made by | site A\nChecked | yes\nPlease ask the lab for the titers",
                    "B01": FIRST,
                    "B02": SECOND,
                }
            ),
        ),
        TRUTH,
        columns=OWN,
        said=("sheet Notes",),
    ),
    Case("a file per batch", (csv(FIRST, "B01.csv"), csv(SECOND, "B02.csv")), TRUTH, columns=OWN),
    Case(
        "a workbook per batch, whose sheets have one name",
        (workbook({"Data": FIRST}, "B01.xlsx"), workbook({"Data": SECOND}, "B02.xlsx")),
        TRUTH,
        columns=OWN,
    ),
    Case(
        "a batch per file, as the user says",
        (csv(FIRST, "B01.csv"), csv(SECOND, "B02.csv")),
        TRUTH,
        ReadingOptions(batch_from="file"),
        columns=OWN,
    ),
    Case("cells and lab in two sheets", (workbook({"Cells": CELLS, "Lab": LAB}),), TRUTH, columns=COLUMNS),
    Case(
        "online and offline in two sheets",
        (workbook({"Online": hourly("Temp (°C)", 36.0), "Offline": CELLS}),),
        {batch: {"temperature": WARM, "vcd": TRUTH[batch]["vcd"]} for batch in TRUTH},
        columns={"Temp (°C)": ("variable", "temperature"), "VCD (1e6/mL)": VCD, "Time (h)": TIME, "Batch": BATCH},
    ),
    Case(
        "samples in a table of every 15 minutes",
        (csv(dense()),),
        {"B01": SENSOR},
        columns={"Time (h)": TIME, "Temp (°C)": ("variable", "temperature"), "Titer (g/L)": TITER},
    ),
    Case(
        "title rows above the header",
        (workbook({"Data": "Fed-batch campaign 2026\nexported by | site A\n.\n" + TABLE}),),
        TRUTH,
        columns=COLUMNS,
    ),
    Case(
        "a merged group row above the header",
        (workbook({"Data": Sheet("| | Cells | Offline |\n" + TABLE, merged=("D1:E1",))}),),
        TRUTH,
        columns=COLUMNS,
    ),
    Case(
        "name row and unit row",
        (csv("Batch | Time | VCD | Glucose | Titer\n | d | 1e6 cells/mL | g/L | g/L" + ROWS),),
        TRUTH,
        columns={"Batch": BATCH, "Time": TIME, "VCD": VCD, "Glucose": GLUCOSE, "Titer": TITER},
    ),
    Case(
        "three header rows: group, name, unit in brackets",
        (
            workbook(
                {
                    "Data": Sheet(
                        "| | Offline | |\nBatch | Day | VCD | Glucose | Titer\n | [d] | [10^6/mL] | [g/L] | [g/L]"
                        + ROWS,
                        merged=("C1:E1",),
                    )
                }
            ),
        ),
        TRUTH,
        columns={"Batch": BATCH, "Day": TIME, "VCD": VCD, "Glucose": GLUCOSE, "Titer": TITER},
    ),
    Case(
        "pH of the probe and pH of the lab under group headers",
        (
            workbook(
                {
                    "Data": Sheet(
                        "| | Online | Offline |\nBatch | Time (h) | pH | pH | Titer (g/L)\n"
                        + "\n".join(f"B01 | {h} | {7 + h / 1000} | {6.9 if h % 24 == 0 else ''} |" for h in range(49)),
                        merged=("D1:E1",),
                    )
                }
            ),
        ),
        {"B01": {"ph": [(float(h), 7 + h / 1000) for h in range(49)], "ph_offline": daily(6.9, 6.9, 6.9)}},
    ),
    Case(
        "batch ids merged down their rows",
        (
            workbook(
                {
                    "Data": Sheet(
                        TABLE.replace("B01 | 1", " | 1")
                        .replace("B01 | 2", " | 2")
                        .replace("B02 | 1", " | 1")
                        .replace("B02 | 2", " | 2"),
                        merged=("A2:A4", "A5:A7"),
                    )
                }
            ),
        ),
        TRUTH,
        columns=COLUMNS,
    ),
    Case(
        "an empty column and an empty row within the table",
        (
            workbook(
                {
                    "Data": "Batch | Day | VCD (1e6/mL) | | Glucose (g/L)\nB01 | 0 | 0.5 | | 6.0\n"
                    "B01 | 1 | 1.2 | | 5.1\n"
                    "B01 | 2 | 3.1 | | 3.9\n.\nB02 | 0 | 0.6 | | 6.1\nB02 | 1 | 1.4 | | 4.9\nB02 | 2 | 3.4 | | 3.5"
                }
            ),
        ),
        only("vcd", "glucose"),
    ),
    Case(
        "a table that does not begin in cell A1",
        (workbook({"Data": ".\n.\n" + "\n".join(f"| | | {line}" for line in TABLE.strip().splitlines())}),),
        TRUTH,
        columns=COLUMNS,
    ),
    Case(
        "a hidden sheet of old values",
        (workbook({"Data": TABLE, "Old": Sheet(TABLE.replace("0.5", "5"), hidden=True)}),),
        TRUTH,
        columns=COLUMNS,
        said=("sheet Old.*hidden",),
    ),
    Case(
        "long form with units",
        (
            csv(
                "Batch | Day | Parameter | Value | Unit\nB01 | 0 | VCD | 0.5 | 1e6/mL\nB01 | 1 | VCD | 1.2 | 1e6/mL\n"
                "B01 | 0 | Glucose | 6.0 | g/L\nB01 | 1 | Glucose | 5.1 | g/L\nB02 | 0 | VCD | 0.6 | 1e6/mL\n"
                "B02 | 1 | VCD | 1.4 | 1e6/mL\nB02 | 0 | Titer | 100 | mg/L\nB02 | 1 | Titer | 250 | mg/L"
            ),
        ),
        {
            "B01": {"vcd": daily(0.5, 1.2), "glucose": daily(6.0, 5.1)},
            "B02": {"vcd": daily(0.6, 1.4), "titer": daily(0.1, 0.25)},
        },
        changes=("unit.*titer",),
    ),
    Case(
        "long form with the unit in the parameter",
        (
            csv(
                "Batch ID;Culture day;Analyte;Result\n".replace(";", " | ")
                + "\n".join(
                    f"{batch} | {day} | {name} | {value}"
                    for batch, day, value, other in (("B01", 0, 0.5, 6.0), ("B01", 1, 1.2, 5.1), ("B01", 2, 3.1, 3.9))
                    for name, value in (("VCD (1e6/mL)", value), ("Glucose (g/L)", other))
                )
            ),
        ),
        only("vcd", "glucose", batches=("B01",)),
    ),
    Case(
        "long form whose batches use two units of glucose",
        (
            csv(
                "Batch | Day | Parameter | Value | Unit\nB01 | 0 | Glucose | 6.0 | g/L\nB01 | 1 | Glucose | 5.1 | g/L\n"
                "B02 | 0 | Glucose | 30 | mM\nB02 | 1 | Glucose | 20 | mM"
            ),
        ),
        {"B01": {"glucose": daily(6.0, 5.1)}, "B02": {"glucose": daily(5.40468, 3.60312)}},
        changes=("unit.*glucose",),
    ),
)
