"""Cases of the import corpus: several tables in a sheet, what stands above them, names that mean two things."""

from corpus_case import Case, daily
from corpus_files import Sheet, csv, workbook

WIDE = "Batch | Day | VCD (1e6/mL) | Viability (%) | Glucose (g/L)\nB01 | 0 | 0.5 | 98 | 6\nB01 | 1 | 1.2 | 97 | 4"
CELLS = {"vcd": daily(0.5, 1.2), "viability": daily(98, 97), "glucose": daily(6, 4)}
CASES = (
    Case(
        "a table above a wider one",
        (csv(f"Batch | Day | Titer (g/L)\nB01 | 0 | 0.1\nB01 | 1 | 0.5\n.\n{WIDE}"),),
        {"B01": {**CELLS, "titer": daily(0.1, 0.5)}},
    ),
    Case(
        "setpoints, turned, above the samples",
        (csv(f"Parameter | B01\nTemp SP (°C) | 36.5\npH SP | 7\n.\n{WIDE}"),),
        {"B01": CELLS},
        setpoints={"B01": {"temperature": 36.5, "ph": 7}},
    ),
    Case(
        "events above the samples",
        (csv(f"Batch | Day | Event\nB01 | 1 | Feed\n.\n{WIDE}"),),
        {"B01": CELLS},
        events={"B01": [(24, "feed")]},
    ),
    Case(
        "a table above one with days across",
        (workbook({"S": f"{WIDE}\n.\nTiter (g/L)\nBatch | D0 | D1\nB01 | 0.1 | 0.5"}),),
        {"B01": {**CELLS, "titer": daily(0.1, 0.5)}},
    ),
    Case(
        "numbers of channels are no units",
        (
            csv(
                "Batch | BatchAge | TEMP_1 | pO2_1 | Viability (1)\n | h | °C | % | %\nB01 | 0 | 36.5 | 40.5 | 98\n"
                "B01 | 1 | 36.6 | 40 | 97"
            ),
        ),
        {
            "B01": {
                "temperature": [(0, 36.5), (1, 36.6)],
                "dissolved_oxygen": [(0, 40.5), (1, 40)],
                "viability": [(0, 98), (1, 97)],
            }
        },
    ),
    Case(
        "days merged over variables, in a sheet named after one of them",
        (
            workbook(
                {
                    "Titer": Sheet(
                        " | Day 0 | | Day 1 | \nBatch | VCD | Titer | VCD | Titer\nB01 | 0.5 | 0.1 | 5 | 0.5",
                        merged=("B1:C1", "D1:E1"),
                    )
                }
            ),
        ),
        {"B01": {"vcd": daily(0.5, 5), "titer": daily(0.1, 0.5)}},
    ),
    Case(
        "signs of limits in a column of their own",
        (
            csv(
                "Batch | Day | Analyte | Qualifier | Result | Unit\nB01 | 0 | Titer | < | 0.05 | g/L\n"
                "B01 | 1 | Titer | | 0.5 | g/L"
            ),
        ),
        {"B01": {"titer": [(24, 0.5)]}},
        changes=("censored.*<0\\.05",),
    ),
    Case(
        "statistics of any name beside batches",
        (
            csv(
                "Titer (g/L)\nDay | B01 | B02 | Std. Dev. | Historical avg | Limit\n0 | 0.1 | 0.2 | 0.1 | 0.2 | 1\n"
                "1 | 0.5 | 0.6 | 0.1 | 0.5 | 1"
            ),
        ),
        {"B01": {"titer": daily(0.1, 0.5)}, "B02": {"titer": daily(0.2, 0.6)}},
        said=("outside the tables",),
    ),
    Case(
        "sheets of means and templates among sheets of batches",
        (workbook(dict.fromkeys(("B01", "B02", "Mean", "Template"), "Day | VCD (1e6/mL)\n0 | 1\n1 | 2")),),
        {"B01": {"vcd": daily(1, 2)}, "B02": {"vcd": daily(1, 2)}},
        said=("sheet Mean.*left out", "sheet Template.*left out"),
    ),
    Case(
        "sheets of batches in different units",
        (workbook({"B01": "Day | Titer (g/L)\n0 | 1\n1 | 2", "B02": "Day | Titer (mg/L)\n0 | 1000\n1 | 2500"}),),
        {"B01": {"titer": daily(1, 2)}, "B02": {"titer": daily(1, 2.5)}},
    ),
    Case(
        "setpoints and inoculation above a table",
        (
            workbook(
                {
                    "S": "Batch ID | B01\nTemperature setpoint (°C) | 36.5\npH setpoint | 7.05\n"
                    "Inoculation date | @2026-01-05 09:00\n.\nDate | VCD (1e6/mL)\n@2026-01-05 10:00 | 1\n"
                    "@2026-01-06 10:00 | 2"
                }
            ),
        ),
        {"B01": {"vcd": [(1, 1), (25, 2)]}},
        setpoints={"B01": {"temperature": 36.5, "ph": 7.05}},
    ),
    Case(
        "a title that says more than the batch",
        (csv("Batch: B01   Cell line: CL-7   Temp: 36.5\nDay | VCD (1e6/mL)\n0 | 1\n1 | 2"),),
        {"B01": {"vcd": daily(1, 2)}},
        tags={"B01": {"cell_line": "CL-7"}},
    ),
    Case(
        "a missing unit among others in long form",
        (
            csv(
                "Batch | Day | Parameter | Value | Unit\nB01 | 0 | Lactate | 5 | mM\nB01 | 1 | Lactate | 7 |\n"
                "B01 | 0 | Titer | 1 | g/L"
            ),
        ),
        sentence=r"data\.csv.*Lactate.*no unit",
    ),
    Case(
        "batches across, side by side",
        (
            csv(
                "VCD (1e6/mL) | | | | Titer (g/L) | |\nDay | B01 | B02 | | Day | B01 | B02\n"
                "0 | 1 | 2 | | 0 | 0.1 | 0.2\n1 | 2 | 3 | | 1 | 0.3 | 0.4"
            ),
        ),
        {"B01": {"vcd": daily(1, 2), "titer": daily(0.1, 0.3)}, "B02": {"vcd": daily(2, 3), "titer": daily(0.2, 0.4)}},
    ),
    Case(
        "batches across with a column of names",
        (
            csv(
                "Day | Parameter | B01 | B02\n0 | VCD | 1 | 2\n0 | Titer | 0.1 | 0.2\n1 | VCD | 2 | 3\n"
                "1 | Titer | 0.3 | 0.4"
            ),
        ),
        {"B01": {"vcd": daily(1, 2), "titer": daily(0.1, 0.3)}, "B02": {"vcd": daily(2, 3), "titer": daily(0.2, 0.4)}},
    ),
    Case(
        "each batch with days of its own in the headers",
        (csv("Day_B01 | VCD_B01 | Day_B02 | VCD_B02\n0 | 1 | 0 | 2\n1 | 2 | 2 | 3"),),
        {"B01": {"vcd": daily(1, 2)}, "B02": {"vcd": [(0, 2), (48, 3)]}},
    ),
    Case(
        "instruments above the names",
        (
            workbook(
                {
                    "S": Sheet(
                        "Batch | Day | Vi-CELL | | Nova\n | | VCD | Viability | Glucose\n | | 10^6/mL | % | g/L\n"
                        "B01 | 0 | 0.5 | 98 | 6\nB01 | 1 | 1.2 | 97 | 4",
                        merged=("C1:D1",),
                    )
                }
            ),
        ),
        {"B01": CELLS},
    ),
    Case(
        "a sheet that is nearly a table",
        (csv("Sample ID | Assay | Outcome\nB01-D0 | Titer | 0.1\nB01-D1 | Titer | 0.5"),),
        sentence=r"data\.csv, row \d.*row most like a header.*names no",
    ),
    Case(
        "a row of conditions above groups of batches",
        (
            workbook(
                {
                    "S": "Temp SP (°C) | 36.5 | | 33 |\n | B01 | | B02 |\nDay | VCD (1e6/mL) | Titer (g/L) | "
                    "VCD (1e6/mL) | Titer (g/L)\n0 | 1 | 0 | 2 | 0\n1 | 2 | 0.1 | 3 | 0.2"
                }
            ),
        ),
        {"B01": {"vcd": daily(1, 2), "titer": daily(0, 0.1)}, "B02": {"vcd": daily(2, 3), "titer": daily(0, 0.2)}},
        setpoints={"B01": {}, "B02": {}},
        said=("2 cells with numbers stand above the tables",),
    ),
    Case(
        "an inoculation without a time of day",
        (
            csv("Batch | Inoculation date\nB01 | 2026-01-05", "batches.csv"),
            csv("Batch | Date | Titer (g/L)\nB01 | 2026-01-05 09:00 | 0.1\nB01 | 2026-01-08 09:00 | 0.5", "lab.csv"),
        ),
        sentence=r"batches\.csv, cell B2.*without a time of day.*--dates-without-time midnight",
    ),
    Case(
        "samples without a time of day",
        (
            csv("Batch | Inoculation\nB01 | 2026-01-05 14:00", "batches.csv"),
            csv("Batch | Date | Titer (g/L)\nB01 | 2026-01-06 | 0.1\nB01 | 2026-01-08 | 0.5", "lab.csv"),
        ),
        sentence=r"lab\.csv, cell B1.*no time of day.*--dates-without-time midnight",
    ),
    Case(
        "values that cannot be in the unit that is not said",
        (csv("Batch | Day | Titer\nB01 | 0 | 900\nB01 | 1 | 2200"),),
        sentence=r"data\.csv, cell C1.*says no unit.*far above.*--unit \"Titer=",
    ),
    Case(
        "Glu without a unit may be glucose or glutamate",
        (csv("Batch | Day | Glu | VCD (1e6/mL)\nB01 | 0 | 6 | 1\nB01 | 1 | 5 | 2"),),
        sentence=r"data\.csv, cell C1.*glucose or glutamate",
    ),
)
