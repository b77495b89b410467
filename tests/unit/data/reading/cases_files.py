"""Cases of the import corpus: encodings, separators, quotes, exports of instruments, rows that are no samples."""

from cases_layouts import ROWS, TABLE
from corpus_case import BATCH, COLUMNS, GLUCOSE, TIME, TITER, TRUTH, VCD, Case, daily, only
from corpus_files import csv, workbook

GERMAN = (
    "Charge | Tag | Lebendzellzahl (10^6/mL) | Viabilität (%) | Temperatur (°C)"
    "\nB01 | 0 | 0.5 | 98 | 37\nB01 | 1 | 1.2 | 97 | 36.5"
)
GERMAN_TRUTH = {"B01": {"vcd": daily(0.5, 1.2), "viability": daily(98, 97), "temperature": daily(37, 36.5)}}
VI_CELL = """
ID | Batch | Culture day | Viability (%) | Total (x10^6) cells/mL | Viable (x10^6) cells/mL | Average diameter (microns)
S1 | B01 | 0 | 98.1 | 0.51 | 0.5 | 14.2
S2 | B01 | 1 | 97.5 | 1.23 | 1.2 | 14.8
S3 | B02 | 0 | 98.4 | 0.61 | 0.6 | 14.1
S4 | B02 | 1 | 96.9 | 1.44 | 1.4 | 14.9
"""
NOVA = """
Date & Time | Batch ID | Gln | Glu | Gluc | Lac | NH4+ | Na+ | K+
 | | mmol/L | mmol/L | g/L | g/L | mmol/L | mmol/L | mmol/L
2026-03-02 09:00 | B01 | 4 | 1 | 6.0 | 0.1 | 0.5 | 130 | 5
2026-03-03 09:00 | B01 | 3 | 1.2 | 5.1 | 0.8 | 1.1 | 131 | 5.1
"""
DATAHOW = """
run | time[h] | Z:FeedStart[h] | Z:phSetpoint[-] | X:VCD[MVC/mL] | X:Glc[g/L] | X:Titer[mg/L] | W:temp[C] | W:pH[-]
B01 | 0 | 48 | 7.0 | 0.5 | 6.0 | 0 | 37 | 7.01
B01 | 24 | 48 | 7.0 | 1.2 | 5.1 | 100 | 36.9 | 7.02
B01 | 48 | 48 | 7.0 | 3.1 | 3.9 | 350 | 36.8 | 6.98
"""


def with_totals(*rows: str) -> str:
    """Put rows of statistics below the samples."""
    return "\n".join([TABLE.strip(), *rows])


CASES = (
    *(
        Case(f"a text table in {encoding}", (csv(GERMAN, encoding=encoding),), GERMAN_TRUTH)
        for encoding in ("utf-8-sig", "utf-16", "cp1252")
    ),
    *(
        Case(f"columns separated by {what}", (csv(TABLE, separator=mark),), TRUTH, columns=COLUMNS)
        for what, mark in (("semicolons", ";"), ("tabs", "\t"), ("bars", "|"))
    ),
    Case("the separator is said", (csv(TABLE, separator=";", first="sep=;\r\n"),), TRUTH, columns=COLUMNS),
    Case(
        "headers with separators and line breaks in quotes",
        (csv("Batch\\nID | Culture\\nday | VCD\\n(1e6/mL) | Glucose,\\nNova (g/L) | Titer\\n(g/L)" + ROWS),),
        TRUTH,
        columns={"VCD (1e6/mL)": VCD, "Titer (g/L)": TITER, "Glucose, Nova (g/L)": GLUCOSE, "Culture day": TIME},
    ),
    Case(
        "an export of a cell counter",
        (csv(VI_CELL, separator="\t", encoding="cp1252"),),
        {
            "B01": {
                "viability": daily(98.1, 97.5),
                "total_cell_density": daily(0.51, 1.23),
                "vcd": daily(0.5, 1.2),
                "diameter": daily(14.2, 14.8),
            },
            "B02": {
                "viability": daily(98.4, 96.9),
                "total_cell_density": daily(0.61, 1.44),
                "vcd": daily(0.6, 1.4),
                "diameter": daily(14.1, 14.9),
            },
        },
        columns={
            "Batch": BATCH,
            "Culture day": TIME,
            "Viability (%)": ("variable", "viability"),
            "Total (x10^6) cells/mL": ("variable", "total_cell_density"),
            "Viable (x10^6) cells/mL": VCD,
            "Average diameter (microns)": ("variable", "diameter"),
        },
    ),
    Case(
        "an export of a metabolite analyzer with a unit row",
        (csv(NOVA),),
        {
            "B01": {
                "glutamine": daily(4 * 0.146144, 3 * 0.146144),
                "glutamate": daily(0.147129, 1.2 * 0.147129),
                "glucose": daily(6.0, 5.1),
                "lactate": daily(0.1, 0.8),
                "ammonia": daily(0.5, 1.1),
                "sodium": daily(130, 131),
                "potassium": daily(5, 5.1),
            }
        },
        columns={
            "Date & Time": TIME,
            "Batch ID": BATCH,
            "Gln": ("variable", "glutamine"),
            "Glu": ("variable", "glutamate"),
            "Gluc": GLUCOSE,
            "Lac": ("variable", "lactate"),
            "NH4+": ("variable", "ammonia"),
            "Na+": ("variable", "sodium"),
            "K+": ("variable", "potassium"),
        },
    ),
    Case(
        "an export for modeling with prefixes and units in brackets",
        (csv(DATAHOW),),
        {
            "B01": {
                "vcd": daily(0.5, 1.2, 3.1),
                "glucose": daily(6.0, 5.1, 3.9),
                "titer": daily(0.0, 0.1, 0.35),
                "temperature": daily(37, 36.9, 36.8),
                "ph": daily(7.01, 7.02, 6.98),
            }
        },
        setpoints={"B01": {"feed_start_day": 2.0, "ph": 7.0}},
        columns={
            "time[h]": TIME,
            "X:VCD[MVC/mL]": VCD,
            "X:Titer[mg/L]": TITER,
            "W:temp[C]": ("variable", "temperature"),
        },
    ),
    Case(
        "rows of means and totals at the end",
        (
            workbook(
                {
                    "Data": with_totals(
                        "Mean | | 1.7 | 4.9 | 0.16", "Average | 1 | 1.7 | 4.9 | 0.16", "Total | | | | 0.97"
                    )
                }
            ),
        ),
        TRUTH,
        columns=COLUMNS,
        said=("(A8|Mean)",),
    ),
    Case(
        "a mean below each batch",
        (csv(TABLE.replace("B02 | 0", "Mean | | 1.6 | 5.0 | 0.15\nB02 | 0") + "Mean | | 1.8 | 4.8 | 0.17"),),
        TRUTH,
        columns=COLUMNS,
        said=("(A5|Mean)",),
    ),
    Case(
        "the mean is named in the time column",
        (csv(TABLE.replace("B02 | 0", "B01 | Average | 1.6 | 5.0 | 0.15\nB02 | 0")),),
        TRUTH,
        columns=COLUMNS,
        said=("(B5|Average)",),
    ),
    Case(
        "remarks below the table",
        (workbook({"Data": f"{TABLE}\n.\n* Titer by Protein A HPLC\nPrinted 2026-04-01, page 1 of 1"}),),
        TRUTH,
        columns=COLUMNS,
    ),
    Case(
        "empty rows between batches and at the end",
        (csv(TABLE.replace("B02 | 0", " | | | |\n | | | |\nB02 | 0") + " | | | |\n | | | |"),),
        TRUTH,
        columns=COLUMNS,
    ),
    Case(
        "a header that stands twice",
        (csv("Batch | Day | Titer (g/L) | Titer (g/L)\nB01 | 0 | 0 | 1\nB01 | 1 | 2 | 3"),),
        sentence=r"data\.csv, cell [CD]1.*Titer.*more than once",
    ),
    Case(
        "two columns for one variable",
        (csv("Batch | Day | VCD (1e6/mL) | Viable cells (1e6/mL)\nB01 | 0 | 0.5 | 0.6\nB01 | 1 | 2 | 3"),),
        sentence=r"data\.csv, cell D1.*both read as vcd",
    ),
    Case(
        "notes beside the table and numbers below a chart",
        (
            workbook(
                {
                    "Data": "\n".join(
                        f"{row}{note}"
                        for row, note in zip(
                            TABLE.strip().splitlines(),
                            ("", " | | see lab book 12", "", " | | checked", "", "", ""),
                            strict=True,
                        )
                    )
                }
            ),
        ),
        TRUTH,
        columns=COLUMNS,
    ),
    Case(
        "a grand total as of a pivot table",
        (
            csv(
                "Batch | Day | VCD (1e6/mL) | Glucose (g/L)\nB01 | 0 | 0.5 | 6.0\n"
                "B01 | 1 | 1.2 | 5.1\nB01 | 2 | 3.1 | 3.9\nGrand total | | 4.8 | 15"
            ),
        ),
        only("vcd", "glucose", batches=("B01",)),
        said=("(A5|Grand total)",),
    ),
)
