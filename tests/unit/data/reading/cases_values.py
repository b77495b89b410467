"""Cases of the import corpus: decimal marks, units, censored values, errors, formulas, percent, odd scales."""

from corpus_case import Case, daily
from corpus_files import csv, workbook

from mabdesk.data.settings import ReadingOptions


def column(header: str, *values: str) -> str:
    """Write one column of a batch, a value a day."""
    return "\n".join([f"Batch | Day | {header}", *(f"B01 | {day} | {value}" for day, value in enumerate(values))])


def one(name: str, *values: float | None):
    """Return what is true of such a column."""
    return {"B01": {name: daily(*values)}}


def four(last: str) -> str:
    """Write titers of four batches in mg/L, of which the last may be in another unit."""
    rows = [f"B0{n} | {day} | {100 * n * day + 50}" for n in (1, 2, 3) for day in (1, 2, 3)]
    return "\n".join(
        ["Batch | Day | Titer (mg/L)", *rows, *(f"B04 | {d} | {v}" for d, v in enumerate(last.split(), 1))]
    )


FOUR = {f"B0{n}": {"titer": [(24.0 * d, (100 * n * d + 50) / 1000) for d in (1, 2, 3)]} for n in (1, 2, 3)}
ODD = {**FOUR, "B04": {"titer": [(24.0, 0.0002), (48.0, 0.0004), (72.0, 0.0006)]}}

CASES = (
    Case(
        "a decimal comma in one column, points in the other",
        (csv("Batch | Day | VCD (1e6/mL) | Glucose (g/L)\nB01 | 0 | 0,5 | 6.05\nB01 | 1 | 1,25 | 5.1", separator=";"),),
        {"B01": {"vcd": daily(0.5, 1.25), "glucose": daily(6.05, 5.1)}},
        changes=("decimal comma.*vcd",),
    ),
    Case(
        "a decimal comma in cells of text of a workbook",
        (workbook({"Data": column("Titer (g/L)", "'0,25", "'1,5", "'2,75")}),),
        one("titer", 0.25, 1.5, 2.75),
        changes=("decimal comma.*titer",),
    ),
    Case(
        "numbers and texts with points in one column of a workbook",
        (workbook({"Data": column("Titer (g/L)", "0.25", "'1.5", "2.75")}),),
        one("titer", 0.25, 1.5, 2.75),
        changes=("kept as text.*titer",),
    ),
    Case(
        "thousands marks with decimals",
        (csv(column("Titer (mg/L)", "1,234.5", "2,345.0", "950.5")),),
        one("titer", 1.2345, 2.345, 0.9505),
        changes=("thousands.*titer",),
    ),
    Case(
        "a comma that may be a decimal or a thousands mark",
        (csv(column("Titer (mg/L)", "1,250", "2,500"), separator=";"),),
        sentence=r"data\.csv, cell C2.*'1,250'.*--decimal comma",
    ),
    Case(
        "a comma that is a decimal mark, as the user says",
        (csv(column("Titer (g/L)", "1,250", "2,500"), separator=";"),),
        one("titer", 1.25, 2.5),
        ReadingOptions(decimal="comma"),
        changes=("decimal comma.*titer",),
    ),
    Case(
        "values below and above a limit",
        (csv(column("Titer (g/L)", "<0.1", "0.5", ">20")),),
        one("titer", None, 0.5, None),
        changes=(r"cell C2 \| <0\.1", r"cell C4 \| >20"),
    ),
    Case(
        "values below and above a limit, kept at it",
        (csv(column("Titer (g/L)", "<0.1", "0.5", ">20")),),
        one("titer", 0.1, 0.5, 20),
        ReadingOptions(censored="limit"),
        changes=(r"cell C2 \| <0\.1", r"cell C4 \| >20"),
    ),
    Case(
        "values below a limit, kept at half of it",
        (csv(column("Titer (mg/L)", "< 100", "500", "800")),),
        one("titer", 0.05, 0.5, 0.8),
        ReadingOptions(censored="half_limit"),
        changes=(r"cell C2 \| < 100",),
    ),
    Case(
        "words for not measured",
        (csv(column("Titer (g/L)", "n.d.", "0.5", "LOD", "-", "1.5", "NA")),),
        one("titer", None, 0.5, None, None, 1.5, None),
        changes=(r"cell C2 \| n\.d\.", r"cell C4 \| LOD", r"cell C7 \| NA"),
    ),
    Case(
        "an error of a formula",
        (workbook({"Data": column("Titer (g/L)", "0.5", "#DIV/0!", "1.5")}),),
        sentence=r"data\.xlsx, sheet Data, cell C3.*#DIV/0!.*--unreadable not_measured",
    ),
    Case(
        "an error of a formula, taken as not measured",
        (workbook({"Data": column("Titer (g/L)", "0.5", "#DIV/0!", "1.5")}),),
        one("titer", 0.5, None, 1.5),
        ReadingOptions(unreadable="not_measured"),
        changes=(r"cell C3 \| #DIV/0!",),
    ),
    Case(
        "formulas that were never calculated",
        (workbook({"Data": column("Titer (g/L)", "0.5", "=C2*2", "=C3*2")}),),
        sentence=r"data\.xlsx, sheet Data, cell C3.*formula.*cell C4",
    ),
    Case(
        "percent cells",
        (workbook({"Data": column("Viability (%)", "98.5%", "97.0%", "95.5%")}),),
        one("viability", 98.5, 97.0, 95.5),
        changes=("percent.*viability",),
    ),
    Case(
        "percent cells without a unit in the header",
        (workbook({"Data": column("Viability", "98.5%", "97.0%", "95.5%")}),),
        one("viability", 98.5, 97.0, 95.5),
        changes=("percent.*viability",),
    ),
    Case(
        "percent signs in text cells",
        (csv(column("Viability", "98.5%", "97 %", "95.5%")),),
        one("viability", 98.5, 97.0, 95.5),
    ),
    Case(
        "fractions whose header says so",
        (csv(column("Viability (fraction)", "0.985", "0.97", "0.955")),),
        one("viability", 98.5, 97.0, 95.5),
        changes=("unit converted.*viability",),
    ),
    Case(
        "a text in a column of numbers",
        (csv(column("Titer (g/L)", "0.5", "see note", "1.5")),),
        sentence=r"data\.csv, cell C3.*see note.*--unreadable not_measured",
    ),
    *(
        Case(f"{header!r}", (csv(column(header, *values)),), one(name, *right), columns={header: ("variable", name)})
        for header, name, values, right in (
            ("Glucose (mM)", "glucose", ("10", "20"), (1.80156, 3.60312)),
            ("Gluc. [mg/dL]", "glucose", ("600", "510"), (6.0, 5.1)),
            ("Titer, mg/L", "titer", ("100", "350"), (0.1, 0.35)),
            ("IgG µg/mL", "titer", ("100", "350"), (0.1, 0.35)),
            ("VCD [1e5 cells/mL]", "vcd", ("5", "12"), (0.5, 1.2)),
            ("VCD (cells/mL)", "vcd", ("500000", "1.2e6"), (0.5, 1.2)),
            ("Viable cell density (×10⁶ cells/mL)", "vcd", ("0.5", "1.2"), (0.5, 1.2)),  # noqa: RUF001
            ("VCD (10E6 cells/mL)", "vcd", ("0.5", "1.2"), (0.5, 1.2)),
            ("NH3 (mg/L)", "ammonia", ("17.031", "34.062"), (1.0, 2.0)),
            ("Temp. (°F)", "temperature", ("98.6", "96.8"), (37.0, 36.0)),
            ("% Viability", "viability", ("98", "97"), (98.0, 97.0)),
            ("Working volume / mL", "volume", ("2000", "1950"), (2.0, 1.95)),
            ("Osmo (mOsm/kg H2O)", "osmolality", ("290", "310"), (290.0, 310.0)),
            ("pO2 (%)", "dissolved_oxygen", ("40", "41"), (40.0, 41.0)),
            ("pO2 (mmHg)", "po2", ("80", "85"), (80.0, 85.0)),
            ("HMW SEC (%)", "aggregates", ("1.5", "1.7"), (1.5, 1.7)),
        )
    ),
    Case(
        "a unit that is on no list",
        (csv(column("Glucose (AU)", "6", "5")),),
        sentence=r"data\.csv, cell C1.*'AU' is not known",
    ),
    Case(
        "a unit of something else",
        (csv(column("Glucose (rpm)", "6", "5")),),
        sentence=r"data\.csv, cell C1.*'rpm' is no unit of Glucose",
    ),
    Case(
        "a name without a unit",
        (csv(column("Glucose", "6.0", "5.1")),),
        one("glucose", 6.0, 5.1),
        said=("cell C1.*says no unit.*g/L",),
        columns={"Glucose": ("variable", "glucose")},
    ),
    Case(
        "a batch whose titers are a thousandth of the others'",
        (csv(four("0.2 0.4 0.6")),),
        sentence=r"data\.csv.*B04.*mg/L.*--odd-scale keep",
    ),
    Case(
        "a batch whose titers are a thousandth of the others', kept",
        (csv(four("0.2 0.4 0.6")),),
        ODD,
        ReadingOptions(odd_scale="keep"),
        said=("B04",),
    ),
    Case(
        "several traps in one file of a German site",
        (
            csv(
                "Kampagne 7; Werk Süd\n.\nCharge | Datum | "
                "Lebendzellzahl (10^6/mL) | Glukose (mM) | Titer (mg/L) | Osmolalität (mOsm/kg)\n"
                "007 | 30.03.2026 08:00 | 0,5 | 10 | <20 | 290\n007 | 31.03.2026 08:00 | 1,25 | 20 | 250,5 | 310,5\n"
                "1E5 | 30.03.2026 08:00 | 0,6 | 11 | n.b. | 295\n1E5 | 31.03.2026 08:00 | 1,4 | 5,5 | 300 | 300",
                separator=";",
                encoding="cp1252",
            ),
        ),
        {
            "007": {
                "vcd": daily(0.5, 1.25),
                "glucose": daily(1.80156, 3.60312),
                "titer": daily(None, 0.2505),
                "osmolality": daily(290, 310.5),
            },
            "1E5": {
                "vcd": daily(0.6, 1.4),
                "glucose": daily(1.981716, 0.990858),
                "titer": daily(None, 0.3),
                "osmolality": daily(295, 300),
            },
        },
        changes=("decimal comma.*vcd", r"\| <20", r"\| n\.b\."),
    ),
    Case(
        "several traps in one sheet: merged groups, units below, percent, durations, a mean",
        (
            workbook(
                {
                    "Read me": "Template v3 | do not change",
                    "Run data": "Fed-batch study\n.\n| | Cells | | Metabolites |\n"
                    "Run ID | Run time | VCD | Viability | Glucose | Lactate\n"
                    "| h:mm | 10^6/mL | % | mmol/L | mmol/L\n"
                    "'01 | ~0:00 | 0.5 | 98.5% | 30 | 1\n'01 | ~24:30 | 1.2 | 97.0% | 20 | n.d.\n"
                    "'02 | ~0:00 | 0.6 | 98.0% | 31 | 1.5\n'02 | ~25:00 | 1.4 | 96.0% | 25 | 8\n.\n"
                    "Mean | | 0.9 | 97.4% | 26 | 3",
                }
            ),
        ),
        {
            "01": {
                "vcd": [(0.0, 0.5), (24.5, 1.2)],
                "viability": [(0.0, 98.5), (24.5, 97.0)],
                "glucose": [(0.0, 5.40468), (24.5, 3.60312)],
                "lactate": [(0.0, 0.090078)],
            },
            "02": {
                "vcd": [(0.0, 0.6), (25.0, 1.4)],
                "viability": [(0.0, 98.0), (25.0, 96.0)],
                "glucose": [(0.0, 31 * 0.180156), (25.0, 4.5039)],
                "lactate": [(0.0, 1.5 * 0.090078), (25.0, 8 * 0.090078)],
            },
        },
        changes=("percent.*viability", r"\| n\.d\."),
    ),
)
