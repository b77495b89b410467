"""Cases of the import corpus: batch ids, setpoints, tags, events."""

from cases_layouts import CELLS, COLUMNS, TABLE
from corpus_case import BATCH, TIME, TRUTH, VCD, Case, daily, only
from corpus_files import csv, workbook

from mabdesk.data.settings import ReadingOptions

FIRST_ONLY = "\n".join(
    line if line.startswith(("Batch", "B01 | 0", "B02 | 0")) else f" | {line.partition(' | ')[2]}"
    for line in TABLE.strip().splitlines()
)
SETPOINTS = {
    "B01": {"temperature": 36.8, "ph": 7.0, "seeding_density": 0.5},
    "B02": {"temperature": 36.5, "ph": 6.9, "seeding_density": 0.6},
}
MARKED = """
Batch | Day | VCD (1e6/mL) | Feed | Temperature shift | Harvest
B01 | 0 | 0.5 | | |
B01 | 1 | 1.2 | x | |
B01 | 2 | 3.1 | x | x | x
B02 | 0 | 0.6 | | |
B02 | 1 | 1.4 | x | x |
B02 | 2 | 3.4 | | | x
"""


def ids(*names: str) -> str:
    """Write two days of titer for each id."""
    return "\n".join(
        ["Batch | Day | Titer (g/L)", *(f"{name} | {day} | {day + 1}" for name in names for day in (0, 1))]
    )


CASES = (
    Case(
        "the batch id stands in its first row only",
        (workbook({"Data": FIRST_ONLY}),),
        sentence=r"data\.xlsx, sheet Data, cell A3.*no batch.*--blank-batches fill_down",
    ),
    Case(
        "the batch id stands in its first row only, filled down",
        (workbook({"Data": FIRST_ONLY}),),
        TRUTH,
        ReadingOptions(blank_batches="fill_down"),
        columns=COLUMNS,
        said=(r"cell A3|A3",),
    ),
    Case(
        "ids that look like numbers in a text table",
        (csv(ids("001", "1E5", "NA", "1.0", "2026-01")),),
        {name: {"titer": daily(1, 2)} for name in ("001", "1E5", "NA", "1.0", "2026-01")},
    ),
    Case(
        "ids that look like numbers in a workbook",
        (workbook({"Data": ids("'001", "'1E5", "'NA", "7")}),),
        {name: {"titer": daily(1, 2)} for name in ("001", "1E5", "NA", "7")},
    ),
    Case(
        "a batch is a batch number, a condition and a replicate",
        (
            csv(
                "Batch | Condition | Replicate | Hours | VCD (1e6/mL)\nFB2 | A | R1 | 0 | 0.5\nFB2 | A | R1 | 24 | 1\n"
                "FB2 | A | R2 | 0 | 0.6\nFB2 | A | R2 | 24 | 1.1\nFB3 | B | R1 | 0 | 0.7\nFB3 | B | R1 | 24 | 1.2"
            ),
        ),
        {
            "FB2_A_R1": {"vcd": daily(0.5, 1)},
            "FB2_A_R2": {"vcd": daily(0.6, 1.1)},
            "FB3_B_R1": {"vcd": daily(0.7, 1.2)},
        },
        said=("Condition.*Replicate",),
    ),
    Case(
        "setpoints in the first row of each batch",
        (
            csv(
                "Batch | Day | Temp SP (°C) | pH setpoint | VCD (1e6/mL)\nB01 | 0 | 36.8 | 7.0 | 0.5\n"
                "B01 | 1 | | | 1.2\n"
                "B01 | 2 | | | 3.1\nB02 | 0 | 36.5 | 6.9 | 0.6\nB02 | 1 | | | 1.4\nB02 | 2 | | | 3.4"
            ),
        ),
        only("vcd"),
        setpoints={"B01": {"temperature": 36.8, "ph": 7.0}, "B02": {"temperature": 36.5, "ph": 6.9}},
        columns={"Temp SP (°C)": ("variable", "temperature"), "pH setpoint": ("variable", "ph"), "VCD (1e6/mL)": VCD},
    ),
    Case(
        "setpoints in every row, the same for a batch",
        (
            csv(
                "Batch | Day | Temperature setpoint (°F) | VCD (1e6/mL)\nB01 | 0 | 98.6 | 0.5\nB01 | 1 | 98.6 | 1.2\n"
                "B02 | 0 | 96.8 | 0.6\nB02 | 1 | 96.8 | 1.4"
            ),
        ),
        {"B01": {"vcd": daily(0.5, 1.2)}, "B02": {"vcd": daily(0.6, 1.4)}},
        setpoints={"B01": {"temperature": 37.0}, "B02": {"temperature": 36.0}},
        columns={"Temperature setpoint (°F)": ("variable", "temperature")},
    ),
    Case(
        "a sheet of setpoints, a row a batch",
        (
            workbook(
                {
                    "Setpoints": "Batch | Temperature (°C) | pH | Seeding density (1e6/mL) | Cell line\n"
                    "B01 | 36.8 | 7.0 | 0.5 | CHO-K1\nB02 | 36.5 | 6.9 | 0.6 | CHO-S",
                    "Samples": CELLS,
                }
            ),
        ),
        only("vcd"),
        setpoints=SETPOINTS,
        tags={"B01": {"cell_line": "CHO-K1"}, "B02": {"cell_line": "CHO-S"}},
        columns={"Cell line": ("tag", "cell_line"), "Seeding density (1e6/mL)": ("variable", "seeding_density")},
    ),
    Case(
        "a sheet of setpoints, a column a batch",
        (
            workbook(
                {
                    "Setpoints": "Parameter | B01 | B02\nTemperature (°C) | 36.8 | 36.5\npH | 7.0 | 6.9\n"
                    "Seeding density (1e6/mL) | 0.5 | 0.6\nCell line | CHO-K1 | CHO-S",
                    "Samples": CELLS,
                }
            ),
        ),
        only("vcd"),
        setpoints=SETPOINTS,
        tags={"B01": {"cell_line": "CHO-K1"}, "B02": {"cell_line": "CHO-S"}},
    ),
    Case(
        "setpoints in long form",
        (
            csv(
                "Batch | Parameter | Value | Unit\nB01 | Temperature | 36.8 | °C\nB01 | pH | 7.0 |\n"
                "B01 | Seeding density | 5e5 | cells/mL\nB02 | Temperature | 36.5 | °C\nB02 | pH | 6.9 |\n"
                "B02 | Seeding density | 6e5 | cells/mL",
                "setpoints.csv",
            ),
            csv(CELLS, "samples.csv"),
        ),
        only("vcd"),
        setpoints=SETPOINTS,
    ),
    Case(
        "a sheet of tags",
        (
            workbook(
                {
                    "Data": CELLS,
                    "Info": "Batch | Cell line | Site | Scale\nB01 | CHO-K1 | A | 3 L\nB02 | CHO-S | B | 3 L",
                }
            ),
        ),
        only("vcd"),
        tags={"B01": {"cell_line": "CHO-K1", "site": "A"}, "B02": {"cell_line": "CHO-S", "site": "B"}},
        columns={"Cell line": ("tag", "cell_line"), "Site": ("tag", "site")},
    ),
    Case(
        "a sheet of events",
        (
            workbook(
                {
                    "Data": CELLS,
                    "Events": "Batch | Time (h) | Event | Comment\nB01 | 0 | Inoculation |\n"
                    "B01 | 36 | Temp shift | to 34 °C\n"
                    "B02 | 0 | Inoculation |\nB02 | 40 | Feed | 50 mL",
                }
            ),
        ),
        only("vcd"),
        events={
            "B01": [(0.0, "inoculation"), (36.0, "temperature shift")],
            "B02": [(0.0, "inoculation"), (40.0, "feed")],
        },
        columns={"Event": ("event", ""), "Comment": ("remark", "")},
    ),
    Case(
        "events in a column of the samples",
        (
            csv(
                "Batch | Day | VCD (1e6/mL) | Event\nB01 | 0 | 0.5 | Inoculation\nB01 | 1 | 1.2 |\n"
                "B01 | 2 | 3.1 | Feed\n"
                "B02 | 0 | 0.6 | Inoculation\nB02 | 1 | 1.4 | Temp shift\nB02 | 2 | 3.4 | Harvest"
            ),
        ),
        only("vcd"),
        events={
            "B01": [(0.0, "inoculation"), (48.0, "feed")],
            "B02": [(0.0, "inoculation"), (24.0, "temperature shift"), (48.0, "harvest")],
        },
        columns={"Event": ("event", ""), "Day": TIME, "Batch": BATCH},
    ),
    Case(
        "events as marks",
        (workbook({"Data": MARKED}),),
        only("vcd"),
        events={
            "B01": [(24.0, "feed"), (48.0, "feed"), (48.0, "temperature shift"), (48.0, "harvest")],
            "B02": [(24.0, "feed"), (24.0, "temperature shift"), (48.0, "harvest")],
        },
        columns={"Feed": ("mark", "feed"), "Harvest": ("mark", "harvest"), "Temperature shift": ("mark", "")},
    ),
    Case(
        "a batch in two files with other values",
        (csv(ids("B01", "B02"), "may.csv"), csv("Batch | Day | Titer (g/L)\nB02 | 0 | 1\nB02 | 1 | 5", "june.csv")),
        sentence=r"B02.*(may|june)\.csv.*--overlapping",
    ),
    Case(
        "a batch in two files with other values, the last kept",
        (csv(ids("B01", "B02"), "may.csv"), csv("Batch | Day | Titer (g/L)\nB02 | 0 | 1\nB02 | 1 | 5", "june.csv")),
        {"B01": {"titer": daily(1, 2)}, "B02": {"titer": daily(1, 5)}},
        ReadingOptions(overlapping="keep_last"),
        said=("B02",),
    ),
)
