"""Cases of the import corpus: decimal marks, units and factors that contradict one another, damaged letters."""

import unicodedata

from corpus_case import Case, daily
from corpus_files import csv, workbook

from mabdesk.data.settings import ReadingOptions

ONE = "Batch | Day | Titer (g/L)\nB01 | 0 | 0.1\nB01 | 1 | 0.5"
THREE = "Batch | Day | Titer (g/L)\n" + "\n".join(f"B0{i} | {day} | {day + 1}" for i in (1, 2, 3) for day in (0, 1))
EACH = {f"B0{i}": {"titer": daily(1, 2)} for i in (1, 2, 3)}
UNQUOTED = "Batch,Day,Titer (mg/L)\nB01,0,900\nB01,1,1,250\nB01,2,2,500\n"
NAMES = "Batch;Day;Titer (g/L)\nZürich;0;1\nZürich;1;2\n"


def units(**given: str) -> ReadingOptions:
    """Return options with the units that a user gave; "__" stands for ": "."""
    lines = (f'"{key.replace("__", ": ")}" = "{unit}"' for key, unit in given.items())
    return ReadingOptions(mapping="\n".join(["version = 1", "[units]", *lines]))


def scaled(header: str) -> Case:
    """Return a case of a density of cells whose power of ten has a bracket of its own."""
    text = f"Batch | Day | {header}\nB01 | 0 | 0.5\nB01 | 1 | 1.5"
    return Case(f"a power of ten apart: {header}", (csv(text),), {"B01": {"vcd": daily(0.5, 1.5)}})


def asked(name: str, text: str, sentence: str) -> Case:
    """Return a case of a text table that is refused."""
    return Case(name, (csv(text),), sentence=sentence)


CASES = (
    Case(
        "thousands commas without quotes in a comma-separated file",
        (("data.csv", UNQUOTED.encode()),),
        sentence=r"data\.csv, row 3: has 4 cells and the header 3 names.*semicolons",
    ),
    Case(
        "decimal commas without quotes that push a remark aside",
        (("data.csv", b"Batch,Day,Titer (g/L),Comment\nB01,0,0,1,ok\nB01,1,0,5,ok\n"),),
        sentence=r"data\.csv, row 2: has 5 cells and the header 4 names",
    ),
    Case(
        "empty cells and remarks behind the header of a comma-separated file",
        (("data.csv", b"Batch,Day,Titer (g/L)\nB01,0,0.1,,\nB01,1,0.5,foamed,\n"),),
        {"B01": {"titer": daily(0.1, 0.5)}},
        said=("column has values but no header",),
    ),
    asked(
        "a column of units with one that is not known",
        "Batch | Day | Titer | Unit\nB01 | 0 | 1 | foo\nB01 | 1 | 2 | foo",
        r"data\.csv, cell D2: 'Titer': the unit 'foo' is not known",
    ),
    asked(
        "a column of units that contradicts the header",
        "Batch | Day | Titer (g/L) | Unit\nB01 | 0 | 1 | mg/L\nB01 | 1 | 2 | mg/L",
        r"data\.csv, cell D2: 'Titer \(g/L\)' is in g/L by its header and in mg/L by the column 'Unit'",
    ),
    asked(
        "a column of units belongs to the values right before it",
        "Batch | Day | Glucose | Titer (g/L) | Unit\nB01 | 0 | 5 | 1 | mM\nB01 | 1 | 5 | 2 | mM",
        r"data\.csv, cell E2: 'Titer \(g/L\)' is in g/L by its header and in mM",
    ),
    asked(
        "a value without a unit in a column of units",
        "Batch | Day | Titer | Unit\nB01 | 0 | 1000 | mg/L\nB01 | 1 | 2 | ",
        r"data\.csv, cell D3: is empty beside a value of 'Titer'",
    ),
    Case(
        "a column of units that agrees with the header, empty beside what was not measured",
        (csv("Batch | Day | Titer (g/L) | Unit\nB01 | 0 | 0.1 | mg/mL\nB01 | 1 | n.d. | \nB01 | 2 | 0.5 | g/L"),),
        {"B01": {"titer": daily(0.1, None, 0.5)}},
    ),
    Case(
        "a column named Unit that names vessels",
        (csv("Batch | Day | Titer (g/L) | Unit\nB01 | 0 | 0.1 | BR 7\nB01 | 1 | 0.5 | BR 7"),),
        {"B01": {"titer": daily(0.1, 0.5)}},
    ),
    asked(
        "a row of units that contradicts the header",
        "Batch | Day | Glucose (g/L)\n | d | mM\nB01 | 0 | 5\nB01 | 1 | 4",
        r"data\.csv, cell C1: 'Glucose \(g/L\)' is in g/L by the header and in mM by the row of units",
    ),
    asked(
        "a row of units says hours under Day", "Batch | Day | pH\n | h | -\nB01 | 0 | 7\nB01 | 24 | 7.1", "in d by the"
    ),
    asked(
        "two units in one header",
        "Batch | Day | Glucose (g/L) [mM]\nB01 | 0 | 5\nB01 | 1 | 4",
        r"data\.csv, cell C1: .*says two units, g/L and mM",
    ),
    asked(
        "a factor beside a unit",
        "Batch | Day | Titer (x1000) (g/L)\nB01 | 0 | 5\nB01 | 1 | 4",
        r"data\.csv, cell C1: .*says x1000 beside the unit g/L",
    ),
    *map(
        scaled,
        (
            "VCD (x10^6) (cells/mL)",
            "VCD [x10^6] [cells/mL]",
            "VCD (cells/mL) (x10^6)",
            "VCD x10^6 (cells/mL)",
            "VCD (cells/mL) x 10^6",
        ),
    ),
    Case(
        "texts of a workbook with three decimals beside decimal commas",
        (
            workbook(
                {"S": "Batch | Day | VCD (1e6/mL) | Titer (mg/L)\nB01 | 0 | '0,5 | '1.100\nB01 | 1 | '1,5 | '1.250"},
            ),
        ),
        sentence=r"data\.xlsx, sheet S, cell D2: '1\.100' is not clear",
    ),
    Case(
        "texts of a workbook with three decimals beside decimal points",
        (
            workbook(
                {"S": "Batch | Day | VCD (1e6/mL) | Titer (g/L)\nB01 | 0 | '0.5 | '1.100\nB01 | 1 | '1.5 | '1.250"},
            ),
        ),
        {"B01": {"vcd": daily(0.5, 1.5), "titer": daily(1.1, 1.25)}},
    ),
    Case(
        "a batch 1.1 shows no decimal point",
        (csv("Batch | Day | Titer (mg/L)\n1.1 | 0 | 1.100\n1.1 | 1 | 1.250", separator=";"),),
        sentence=r"data\.csv, cell C2: '1\.100' is not clear",
    ),
    Case(
        "1.008 h beside decimal commas",
        (csv("Charge | Zeit | Titer (g/L)\nB01 | 0 h | 0,1\nB01 | 24 h | 0,5\nB01 | 1.008 h | 1,5", separator=";"),),
        sentence=r"data\.csv, cell B4: '1\.008 h' is not clear",
    ),
    Case(
        "1.008 h beside 1.5 h",
        (csv("Charge | Zeit | Titer (g/L)\nB01 | 1.008 h | 0.1\nB01 | 1.5 h | 0.5", separator=";"),),
        {"B01": {"titer": [(1.008, 0.1), (1.5, 0.5)]}},
    ),
    Case(
        "percent cells of a feed rate in percent a day",
        (workbook({"S": "Batch | Day | Titer (g/L) | Feed rate (%/day)\nB01 | 0 | 0.1 | 3%\nB01 | 1 | 0.5 | 3%"}),),
        {"B01": {"titer": daily(0.1, 0.5)}},
        setpoints={"B01": {"feed_volume_rate": 0.03}},
        changes=("percent format",),
    ),
    Case(
        "a unit given for a batch that is not there",
        (csv(ONE),),
        options=units(B10__Titer="mg/L"),
        sentence=r"unit given for 'B10: Titer': no batch is called 'B10'; there are 'B01'",
    ),
    Case(
        "a unit given for a header that is not there",
        (csv(ONE),),
        options=units(Titre="mg/L"),
        sentence=r"unit given for 'Titre': no column has this header; there are 'Titer \(g/L\)'",
    ),
    Case(
        "a unit given for a batch in other letters' case",
        (csv("Batch | Day | Titer (g/L)\nX:1 | 0 | 100\nX:1 | 1 | 500"),),
        {"X:1": {"titer": daily(0.1, 0.5)}},
        options=units(**{"x:1__Titer": "mg/L"}),
        changes=("as given for batch X:1",),
    ),
    Case(
        "a setpoint outside its limits",
        (csv(THREE), csv("Batch | Temperature (°C)\nB01 | 37\nB02 | 310\nB03 | 37", "b.csv")),
        EACH,
        changes=("suspicious: setpoint outside.*temperature.*B02.*cell B3",),
        said=(r"b\.csv, cell B3: 1 setpoint of Temperature outside",),
    ),
    Case(
        "a setpoint on another scale than the others'",
        (csv(THREE), csv("Batch | Seeding density (1e6/mL)\nB01 | 0.5\nB02 | 500000\nB03 | 0.5", "b.csv")),
        sentence=r"b\.csv, cell B3: batch B02: setpoint of Seeding density 500000.*are both in one unit",
    ),
    Case(
        "one of two batches has viabilities as fractions",
        (csv("Batch | Day | Viability (%)\nB01 | 0 | 98\nB01 | 1 | 97\nB02 | 0 | 0.98\nB02 | 1 | 0.97"),),
        {"B01": {"viability": daily(98, 97)}, "B02": {"viability": daily(0.98, 0.97)}},
        said=("no value of Viability in B02 is above 1 %",),
    ),
    Case(
        "a file of a byte order mark alone",
        (("data.csv", b"\xef\xbb\xbf"),),
        sentence=r"data\.csv is empty",
    ),
    Case(
        "one letter of another encoding in UTF-8",
        (("data.csv", NAMES.encode() + "Zürich;2;3\n".encode("latin-1")),),
        sentence=r"data\.csv is UTF-8, but line 4 holds a byte that is none",
    ),
    Case(
        "accents that are written apart",
        (("data.csv", NAMES.encode() + unicodedata.normalize("NFD", "Zürich;2;3\n").encode()),),
        {"Zürich": {"titer": daily(1, 2, 3)}},
        said=("accents apart",),
    ),
    asked(
        "an absolute pressure is no gauge pressure",
        "Batch | Day | Pressure (bara)\nB01 | 0 | 1.1\nB01 | 1 | 1.2",
        r"data\.csv, cell C1: .*'bara' is no unit of Backpressure.*counts from vacuum",
    ),
    Case(
        "a cell of thousands of blanks and digits",
        (csv(f"Batch | Day | Titer (g/L)\nB01 | 0 | 1{' ' * 30_000}1\nB01 | 1 | <{'1' * 30_000}x"),),
        sentence=r"data\.csv, cell C2: holds text, '1 +\.\.\.'",
    ),
)
