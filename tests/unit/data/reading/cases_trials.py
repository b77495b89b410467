"""Cases of the import corpus that independent trials brought up: what stands in, beside and between tables."""

from corpus_case import Case, daily
from corpus_files import Sheet, csv, workbook

PAIR = {"B01": {"vcd": daily(1, 2)}, "B02": {"vcd": daily(2, 3)}}
CASES = (
    Case(
        "days across, merged over replicates",
        (
            workbook(
                {
                    "VCD": Sheet(
                        "Condition | Day 0 | | | Day 1 | | \n | 1 | 2 | 3 | 1 | 2 | 3\n"
                        "A | 0.1 | 0.2 | 0.3 | 1 | 2 | 3\nB | 0.4 | 0.5 | 0.6 | 4 | 5 | 6",
                        merged=("B1:D1", "E1:G1"),
                    )
                }
            ),
        ),
        {
            f"{batch}_{i + 1}": {"vcd": daily(a, b)}
            for batch, pairs in {
                "A": ((0.1, 1), (0.2, 2), (0.3, 3)),
                "B": ((0.4, 4), (0.5, 5), (0.6, 6)),
            }.items()
            for i, (a, b) in enumerate(pairs)
        },
        said=("Condition and Replicate joined",),
    ),
    Case(
        "a column of units beside the values",
        (csv("Batch | Day | Lactate | Unit\nB01 | 0 | 10 | mM\nB01 | 1 | 20 | mM"),),
        {"B01": {"lactate": daily(0.90078, 1.80156)}},
        changes=("unit converted.*lactate",),
    ),
    Case(
        "a column of several units",
        (csv("Batch | Day | Lactate | Unit\nB01 | 0 | 10 | mM\nB01 | 1 | 2 | g/L"),),
        sentence=r"data\.csv, cell D1.*several units \(mM and g/L\)",
    ),
    Case(
        "batches across, the unit in a line above",
        (workbook({"Lactate": "Units: mM\nDay | B01 | B02\n0 | 10 | 20\n1 | 20 | 30"}),),
        {"B01": {"lactate": daily(0.90078, 1.80156)}, "B02": {"lactate": daily(1.80156, 2.70234)}},
        changes=("unit converted.*lactate",),
    ),
    Case(
        "batches across with their mean and deviation beside them",
        (workbook({"VCD": "Day | B01 | B02 | Mean | SD | n\n0 | 1 | 2 | 1.5 | 0.1 | 2\n1 | 2 | 3 | 2.5 | 0.2 | 2"}),),
        PAIR,
        said=("cell D2: 6 cells with numbers stand outside",),
    ),
    Case(
        "batch and variable in one header",
        (
            csv(
                "Day | B01 VCD (1e6/mL) | B01 Titer (g/L) | B02 VCD (1e6/mL) | B02 Titer (g/L)\n"
                "0 | 1 | 0 | 2 | 0\n1 | 2 | 0.1 | 3 | 0.2"
            ),
        ),
        {"B01": {"vcd": daily(1, 2), "titer": daily(0, 0.1)}, "B02": {"vcd": daily(2, 3), "titer": daily(0, 0.2)}},
    ),
    Case(
        "tables below one another under bare titles",
        (workbook({"S": "B01\nDay | VCD (1e6/mL)\n0 | 1\n1 | 2\n.\nB02\nDay | VCD (1e6/mL)\n0 | 2\n1 | 3"}),),
        PAIR,
    ),
    Case(
        "turned tables below one another under bare titles",
        (
            workbook(
                {
                    "S": "B01\nDay | 0 | 1 | 2\nVCD (1e6/mL) | 1 | 2 | 3\n.\n"
                    "B02\nDay | 0 | 1 | 2\nVCD (1e6/mL) | 4 | 5 | 6"
                }
            ),
        ),
        {"B01": {"vcd": daily(1, 2, 3)}, "B02": {"vcd": daily(4, 5, 6)}},
    ),
    Case(
        "tables below one another without a title are not one batch",
        (workbook({"S": "Day | VCD (1e6/mL)\n0 | 1\n1 | 2\n.\nDay | VCD (1e6/mL)\n2 | 2\n3 | 3"}),),
        sentence=r"data\.xlsx, sheet S.*no batch column",
    ),
    Case(
        "a highest value and a remark behind the last day",
        (workbook({"VCD": "Batch | Day 0 | Day 1 | Max | Comment\nB01 | 1 | 2 | 2 | ok\nB02 | 2 | 3 | 3 | foamed"}),),
        PAIR,
        said=("cell D2: 2 cells with numbers stand outside",),
    ),
    Case(
        "dates across",
        (csv("VCD (1e6/mL)\nBatch | 2026-03-02 | 2026-03-03 | 2026-03-04\nB01 | 1 | 2 | 3"),),
        {"B01": {"vcd": daily(1, 2, 3)}},
    ),
    Case(
        "setpoints that two files give differently",
        (
            csv("Batch | pH setpoint\nB01 | 7.0", "a.csv"),
            csv("Batch | pH setpoint\nB01 | 6.8", "b.csv"),
            csv("Batch | Day | VCD (1e6/mL)\nB01 | 0 | 1\nB01 | 1 | 2", "c.csv"),
        ),
        sentence=r"b\.csv, cell B2.*two setpoints of pH: 6\.8 here and 7 in a\.csv, cell B2",
    ),
    Case(
        "stamps with an offset from UTC beside stamps without one",
        (
            csv("Batch | Date | pH\n" + "\n".join(f"B01 | 2026-03-02T{h:02}:00Z | 7.0" for h in range(6)), "probe.csv"),
            csv("Batch | Date | VCD (1e6/mL)\nB01 | 2026-03-02 01:00 | 1\nB01 | 2026-03-03 01:00 | 2", "lab.csv"),
        ),
        sentence=r"lab\.csv, cell B1.*no offset from UTC.*--time-zone",
    ),
    Case(
        "Glu alone may be glucose or glutamate",
        (csv("Batch | Day | Glu (g/L)\nB01 | 0 | 6\nB01 | 1 | 5"),),
        sentence=r"data\.csv, cell C1.*glucose or glutamate",
    ),
)
