"""Random data in a random layout, locale and set of units, as the bytes of files, with what is true of them."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from corpus_case import Truth
from corpus_files import File, csv, workbook

START = dt.datetime.fromisoformat("2026-01-05T09:00")
FIRST, LAST = 0.5, 9.0
UNITS: dict[str, tuple[tuple[str, float], ...]] = {
    "vcd": (("1e6/mL", 1.0), ("10^5 cells/mL", 0.1), ("cells/mL", 1e-6)),
    "viability": (("%", 1.0),),
    "glucose": (("g/L", 1.0), ("mM", 0.180156), ("mg/dL", 0.01)),
    "lactate": (("g/L", 1.0), ("mmol/L", 0.090078)),
    "titer": (("g/L", 1.0), ("mg/L", 0.001), ("µg/mL", 0.001)),
}
NAMES = {
    "vcd": ("VCD", "Viable cell density", "Xv"),
    "viability": ("Viability", "Viab."),
    "glucose": ("Glucose", "Gluc", "GLC"),
    "lactate": ("Lactate", "Lac"),
    "titer": ("Titer", "IgG", "Product conc."),
}
IDS = ("B{:02}", "{:03}", "Run-{}", "CHO_A{}")
Rows = list[list[str]]


@dataclass(frozen=True)
class Layout:
    """Files in a layout of this name, what is true of them, and how they were written."""

    name: str
    files: tuple[File, ...]
    truth: Truth
    style: str


@dataclass(frozen=True)
class Plan:
    """What is written: texts by batch, variable and day in the units of `headers` (variable -> name, unit)."""

    headers: dict[str, tuple[str, str]]
    days: tuple[int, ...]
    texts: dict[str, dict[str, dict[int, str]]]
    time: str
    as_workbook: bool

    def header(self, name: str) -> str:
        """Write a header with its unit."""
        return "{} ({})".format(*self.headers[name])

    def moment(self, day: int) -> str:
        """Write a time as its column has it."""
        if self.time == "Date":
            return f"{'@' if self.as_workbook else ''}{START + dt.timedelta(days=day):%Y-%m-%d %H:%M}"
        return str(day * 24 if self.time == "Time (h)" else day)

    def rows(self, batch: str) -> Rows:
        """Write the rows of one batch: time and values."""
        own = self.texts[batch]
        return [[self.moment(day), *(own[name].get(day, "") for name in self.headers)] for day in self.days]

    def ids(self) -> list[tuple[str, str]]:
        """Return each batch with the text of its cells."""
        return [(batch, f"'{batch}" if self.as_workbook else batch) for batch in self.texts]

    def top(self) -> list[str]:
        """Write the header of a batch's own table."""
        return [self.time, *(self.header(name) for name in self.headers)]


def random_layout(seed: int) -> Layout:
    """Draw data and write them; the same for the same seed."""
    random = Random(seed)
    name = random.choice(list(LAYOUTS))
    as_workbook = random.random() < 0.3 or name in {"a sheet per batch", "a variable per sheet"}
    comma = not as_workbook and random.random() < 0.4
    separator = random.choice(";\t" if comma else ",;\t")
    plan, truth = _draw(random, comma, as_workbook, "across" in name or name == "a variable per sheet")
    tables = LAYOUTS[name](plan)
    texts = {key: "\n".join(" | ".join(row) or "." for row in rows) for key, rows in tables.items()}
    if name == "a file per batch":
        files = tuple(_file(text, key, as_workbook, separator, random) for key, text in texts.items())
    elif as_workbook:
        files = (workbook(texts),)
    else:
        files = (_file(next(iter(texts.values())), "data", False, separator, random),)
    kind = "workbook" if as_workbook else f"text, separator {separator!r}, decimal {'comma' if comma else 'point'}"
    return Layout(name, files, truth, f"{kind}; {'; '.join(plan.top())}")


def _file(text: str, name: str, as_workbook: bool, separator: str, random: Random) -> File:
    if as_workbook:
        return workbook({"Data": text}, f"{name}.xlsx")
    encoding = random.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16"))
    return csv(text, f"{name}.csv", separator, encoding)


def _draw(random: Random, comma: bool, as_workbook: bool, by_day: bool) -> tuple[Plan, Truth]:
    chosen = random.sample(list(UNITS), random.randint(2, 4))
    units = {name: random.choice(UNITS[name]) for name in chosen}
    shape, first = random.choice(IDS), random.randint(1, 40)
    batches = [shape.format(first + number) for number in range(random.randint(2, 4))]
    days = tuple(range(random.randint(3, 6)))
    texts: dict[str, dict[str, dict[int, str]]] = {}
    truth: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for batch in batches:
        texts[batch], truth[batch] = {}, {}
        for name, (_, factor) in units.items():
            there = [day for day in days if day == 0 or random.random() > 0.15]
            scale = 10 if name == "viability" else 1
            numbers = {day: f"{random.uniform(FIRST, LAST) * scale / factor:.2f}" for day in there}
            truth[batch][name] = [(24.0 * day, float(number) * factor) for day, number in numbers.items()]
            texts[batch][name] = {day: number.replace(".", ",") if comma else number for day, number in numbers.items()}
    headers = {name: (random.choice(NAMES[name]), unit) for name, (unit, _) in units.items()}
    time = "Day" if by_day else random.choice(("Day", "Time (h)", "Date"))
    return Plan(headers, days, texts, time, as_workbook), truth


def _rows(plan: Plan) -> dict[str, Rows]:
    return {"Data": [["Batch", *plan.top()], *([cell, *row] for batch, cell in plan.ids() for row in plan.rows(batch))]}


def _titled(plan: Plan) -> dict[str, Rows]:
    return {"Data": [["Fed-batch campaign"], [], *_rows(plan)["Data"]]}


def _unit_row(plan: Plan) -> dict[str, Rows]:
    _, *rows = _rows(plan)["Data"]
    names = ["Batch", plan.time.removesuffix(" (h)"), *(name for name, _ in plan.headers.values())]
    below = ["", {"Day": "d", "Time (h)": "h"}.get(plan.time, ""), *(unit for _, unit in plan.headers.values())]
    return {"Data": [names, below, *rows]}


def _transposed(plan: Plan) -> dict[str, Rows]:
    return {"Data": [list(row) for row in zip(*_rows(plan)["Data"], strict=True)]}


def _long(plan: Plan) -> dict[str, Rows]:
    rows = [
        [cell, plan.moment(day), name, text, unit]
        for batch, cell in plan.ids()
        for variable, (name, unit) in plan.headers.items()
        for day, text in plan.texts[batch][variable].items()
    ]
    return {"Data": [["Batch", plan.time, "Parameter", "Value", "Unit"], *rows]}


def _own_tables(plan: Plan) -> dict[str, Rows]:
    return {batch: [plan.top(), *plan.rows(batch)] for batch in plan.texts}


def _days_across(plan: Plan) -> dict[str, Rows]:
    rows = [
        [cell, plan.header(name), *(plan.texts[batch][name].get(day, "") for day in plan.days)]
        for batch, cell in plan.ids()
        for name in plan.headers
    ]
    return {"Data": [["Batch", "Parameter", *(f"Day {day}" for day in plan.days)], *rows]}


def _variable_sheets(plan: Plan) -> dict[str, Rows]:
    return {
        name: [
            [plan.header(name)],
            ["Batch", *(f"Day {day}" for day in plan.days)],
            *([cell, *(plan.texts[batch][name].get(day, "") for day in plan.days)] for batch, cell in plan.ids()),
        ]
        for name in plan.headers
    }


def _batches_across(plan: Plan) -> dict[str, Rows]:
    pairs = [(name, batch, cell) for name in plan.headers for batch, cell in plan.ids()]
    groups = [plan.header(name) if batch == next(iter(plan.texts)) else "" for name, batch, _ in pairs]
    body = [[str(day), *(plan.texts[batch][name].get(day, "") for name, batch, _ in pairs)] for day in plan.days]
    return {"Data": [["", *groups], ["Day", *(cell for *_, cell in pairs)], *body]}


def _beside(plan: Plan) -> dict[str, Rows]:
    width = len(plan.headers) + 2
    blocks = [[[cell], plan.top(), *plan.rows(batch)] for batch, cell in plan.ids()]
    rows = [_side_by_side([row + [""] * (width - len(row)) for row in beside]) for beside in zip(*blocks, strict=True)]
    return {"Data": rows}


def _side_by_side(parts: Sequence[list[str]]) -> list[str]:
    return [cell for part in parts for cell in part][:-1]


def _below(plan: Plan) -> dict[str, Rows]:
    return {"Data": [row for batch in plan.texts for row in ([f"Batch: {batch}"], plan.top(), *plan.rows(batch), [])]}


LAYOUTS: dict[str, Callable[[Plan], dict[str, Rows]]] = {
    "rows of samples": _rows,
    "rows below a title": _titled,
    "rows below names and units": _unit_row,
    "headers down the first column": _transposed,
    "long form": _long,
    "a sheet per batch": _own_tables,
    "a file per batch": _own_tables,
    "days across": _days_across,
    "a variable per sheet": _variable_sheets,
    "batches across": _batches_across,
    "blocks side by side": _beside,
    "blocks below one another": _below,
}
