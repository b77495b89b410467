"""Cases of the import corpus: turned tables, days or batches across, blocks beside and below one another."""

from cases_layouts import FIRST, SECOND, TABLE
from corpus_case import COLUMNS, GLUCOSE, TIME, TRUTH, VCD, Case, daily, only
from corpus_files import Sheet, csv, workbook

from mabdesk.data.settings import ReadingOptions

TURNED = """
Batch | B01 | B01 | B01 | B02 | B02 | B02
Day | 0 | 1 | 2 | 0 | 1 | 2
VCD (1e6/mL) | 0.5 | 1.2 | 3.1 | 0.6 | 1.4 | 3.4
Glucose (g/L) | 6.0 | 5.1 | 3.9 | 6.1 | 4.9 | 3.5
Titer (g/L) | 0.0 | 0.1 | 0.35 | 0.0 | 0.12 | 0.4
"""
DAYS_VCD = "Batch | Day 0 | Day 1 | Day 2\nB01 | 0.5 | 1.2 | 3.1\nB02 | 0.6 | 1.4 | 3.4\n"
DAYS_GLUCOSE = "Batch | Day 0 | Day 1 | Day 2\nB01 | 6.0 | 5.1 | 3.9\nB02 | 6.1 | 4.9 | 3.5\n"
ACROSS_VCD = "Day | B01 | B02\n0 | 0.5 | 0.6\n1 | 1.2 | 1.4\n2 | 3.1 | 3.4\n"
ACROSS_GLUCOSE = "Day | B01 | B02\n0 | 6.0 | 6.1\n1 | 5.1 | 4.9\n2 | 3.9 | 3.5\n"
PAIR = "Day | VCD (1e6/mL) | Glucose (g/L)"
VALUES = ((("0", "0.5", "6.0"), ("0", "0.6", "6.1")), (("1", "1.2", "5.1"), ("1", "1.4", "4.9")))
VALUES += ((("2", "3.1", "3.9"), ("2", "3.4", "3.5")),)


def beside(gap: str) -> str:
    """Write two blocks side by side under a row with their batches' ids."""
    rows = [f"{' | '.join(left)}{gap} | {' | '.join(right)}" for left, right in VALUES]
    return "\n".join([f"B01 | | {gap} | B02", f"{PAIR}{gap} | {PAIR}", *rows])


CASES = (
    Case("headers down the first column", (csv(TURNED),), TRUTH, columns=COLUMNS),
    Case("headers down the first column of a sheet", (workbook({"Data": TURNED}),), TRUTH, columns=COLUMNS),
    Case(
        "headers down the first column, units in the second",
        (
            workbook(
                {
                    "Data": "Batch | | B01 | B01 | B01 | B02 | B02 | B02\nCulture day | d | 0 | 1 | 2 | 0 | 1 | 2\n"
                    "VCD | 1e6/mL | 0.5 | 1.2 | 3.1 | 0.6 | 1.4 | 3.4\n"
                    "Glucose | g/L | 6.0 | 5.1 | 3.9 | 6.1 | 4.9 | 3.5"
                }
            ),
        ),
        only("vcd", "glucose"),
        columns={"VCD": VCD, "Glucose": GLUCOSE, "Culture day": TIME},
    ),
    Case(
        "a turned sheet per batch",
        (
            workbook(
                {
                    "B01": "Day | 0 | 1 | 2\nVCD (1e6/mL) | 0.5 | 1.2 | 3.1\nGlucose (g/L) | 6.0 | 5.1 | 3.9",
                    "B02": "Day | 0 | 1 | 2\nVCD (1e6/mL) | 0.6 | 1.4 | 3.4\nGlucose (g/L) | 6.1 | 4.9 | 3.5",
                }
            ),
        ),
        only("vcd", "glucose"),
    ),
    Case(
        "days across, the variable in the title",
        (workbook({"S1": "VCD (1e6/mL)\n" + DAYS_VCD, "S2": "Glucose (g/L)\n" + DAYS_GLUCOSE}),),
        only("vcd", "glucose"),
    ),
    Case(
        "days across, the variable in the sheet's name",
        (workbook({"VCD": DAYS_VCD, "Glucose": DAYS_GLUCOSE}),),
        only("vcd", "glucose"),
        said=("VCD.*1e6/mL", "Glucose.*g/L"),
    ),
    Case(
        "days across, a column of parameters",
        (
            csv(
                "Batch | Parameter | D0 | D1 | D2\nB01 | VCD (1e6/mL) | 0.5 | 1.2 | 3.1\n"
                "B01 | Glucose (g/L) | 6.0 | 5.1 | 3.9\nB02 | VCD (1e6/mL) | 0.6 | 1.4 | 3.4\n"
                "B02 | Glucose (g/L) | 6.1 | 4.9 | 3.5"
            ),
        ),
        only("vcd", "glucose"),
    ),
    Case(
        "days across, replicates as rows",
        (
            workbook(
                {
                    "Data": "VCD (1e6/mL)\nBatch | Replicate | Day 0 | Day 1\nB01 | R1 | 0.5 | 1.2\n"
                    "B01 | R2 | 0.6 | 1.4\n"
                    "B02 | R1 | 0.7 | 1.5\nB02 | R2 | 0.8 | 1.6"
                }
            ),
        ),
        {
            "B01_R1": {"vcd": daily(0.5, 1.2)},
            "B01_R2": {"vcd": daily(0.6, 1.4)},
            "B02_R1": {"vcd": daily(0.7, 1.5)},
            "B02_R2": {"vcd": daily(0.8, 1.6)},
        },
        said=("Replicate",),
    ),
    Case(
        "days across, not every one of them",
        (csv("Titer (mg/L)\nBatch | Day 3 | Day 7 | Day 10\nB01 | 100 | 500 | 900\nB02 | 120 | | 950"),),
        {
            "B01": {"titer": [(72.0, 0.1), (168.0, 0.5), (240.0, 0.9)]},
            "B02": {"titer": [(72.0, 0.12), (240.0, 0.95)]},
        },
        changes=("unit.*titer",),
    ),
    Case(
        "batches across, the variable in the sheet's name",
        (workbook({"VCD": ACROSS_VCD, "Glucose": ACROSS_GLUCOSE}),),
        only("vcd", "glucose"),
        said=("VCD.*1e6/mL", "Glucose.*g/L"),
    ),
    Case(
        "batches across, the variable in the title",
        (workbook({"S1": "VCD (1e6/mL)\n" + ACROSS_VCD, "S2": "Glucose (g/L)\n" + ACROSS_GLUCOSE}),),
        only("vcd", "glucose"),
    ),
    Case(
        "batches across under merged groups of variables",
        (
            workbook(
                {
                    "Data": Sheet(
                        "| VCD (1e6/mL) | | Glucose (g/L) |\nDay | B01 | B02 | B01 | B02\n0 | 0.5 | 0.6 | 6.0 | 6.1\n"
                        "1 | 1.2 | 1.4 | 5.1 | 4.9\n2 | 3.1 | 3.4 | 3.9 | 3.5",
                        merged=("B1:C1", "D1:E1"),
                    )
                }
            ),
        ),
        only("vcd", "glucose"),
    ),
    Case(
        "variables under merged groups of batches",
        (
            workbook(
                {
                    "Data": Sheet(
                        "| B01 | | B02 |\nDay | VCD (1e6/mL) | Glucose (g/L) | VCD (1e6/mL) | Glucose (g/L)\n"
                        "0 | 0.5 | 6.0 | 0.6 | 6.1\n1 | 1.2 | 5.1 | 1.4 | 4.9\n2 | 3.1 | 3.9 | 3.4 | 3.5",
                        merged=("B1:C1", "D1:E1"),
                    )
                }
            ),
        ),
        only("vcd", "glucose"),
    ),
    Case("blocks side by side with an empty column", (workbook({"Data": beside(" |")}),), only("vcd", "glucose")),
    Case("blocks side by side without an empty column", (workbook({"Data": beside("")}),), only("vcd", "glucose")),
    Case(
        "blocks below one another with titles",
        (workbook({"Data": f"Batch: B01\n{FIRST}\n.\nBatch: B02\n{SECOND}"}),),
        TRUTH,
    ),
    Case(
        "blocks below one another, one variable each",
        (workbook({"Data": f"VCD (1e6/mL)\n{DAYS_VCD}\n.\nGlucose (g/L)\n{DAYS_GLUCOSE}"}),),
        only("vcd", "glucose"),
    ),
    Case(
        "the header is repeated on every printed page",
        (csv(TABLE.replace("B02 | 0", "Batch | Day | VCD (1e6/mL) | Glucose (g/L) | Titer (g/L)\nB02 | 0")),),
        TRUTH,
        columns=COLUMNS,
        said=("header",),
    ),
    Case(
        "a second table of other things below the first",
        (
            workbook(
                {
                    "Data": f"{TABLE}\n.\n.\nBatch | Cell line | Temperature SP (°C)\nB01 | CHO-K1 | 36.8\n"
                    "B02 | CHO-S | 36.5"
                }
            ),
        ),
        TRUTH,
        setpoints={"B01": {"temperature": 36.8}, "B02": {"temperature": 36.5}},
        tags={"B01": {"cell_line": "CHO-K1"}, "B02": {"cell_line": "CHO-S"}},
    ),
    Case(
        "one batch that nothing names",
        (csv(FIRST, "measurements.csv"),),
        sentence=r"measurements\.csv.*no batch.*--batch-from file",
    ),
    Case(
        "one batch, named by the file as the user says",
        (csv(FIRST, "measurements.csv"),),
        {"measurements": TRUTH["B01"]},
        ReadingOptions(batch_from="file"),
    ),
)
