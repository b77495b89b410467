"""The pages of the window in the order of the work. A page's code is loaded late: the window paints before."""

import importlib
from dataclasses import dataclass
from typing import Any

_DIGITS = 10


@dataclass(frozen=True)
class Entry:
    """What is known of a page before its code is loaded.

    `kinds` are the results that the header's selector offers on it; `module` lies in mabdesk.gui.pages and holds a
    class that bears the page's name: "Data" is DataPage, "What if" WhatIfPage.
    """

    name: str
    sentence: str
    module: str
    kinds: tuple[str, ...] = ()

    def load(self) -> Any:
        """Load the page's code, pyqtgraph with the first that draws, and return its class."""
        name = "".join(word.capitalize() for word in self.name.split())
        return getattr(importlib.import_module(f"mabdesk.gui.pages.{self.module}"), f"{name}Page")


PROJECT = Entry(
    "Project",
    "One file keeps the data, every result, and what it was made from. Nothing in it is ever edited.",
    "project",
)
IMPORT = Entry(
    "Import",
    "The sheets of your files, colored by what each column becomes. Correct it; nothing is kept before Import.",
    "import_records",
)
DATA = Entry("Data", "Batch records as they were read: nothing is changed here.", "data", ("dataset",))
CLEAN = Entry(
    "Clean",
    "Removes what no culture can do and fills gaps, by rules fitted on training batches; lists every change.",
    "clean",
    ("cleaned",),
)
TRAIN = Entry(
    "Train",
    "Fits one titer model on the training batches and measures it on test batches that it has not seen.",
    "train",
    ("model",),
)
COMPARE = Entry(
    "Compare",
    "Measures models side by side on whole batches that they had not seen, and says which to use.",
    "compare",
    ("evaluation", "model", "final-test", "prediction"),
)
SEARCH = Entry(
    "Search",
    "Searches the settings of a network on folds of whole batches; every trial that ended is kept.",
    "search",
    ("search",),
)
TRANSFER = Entry(
    "Transfer",
    "Compares the ways to a model of a new cell line or scale, from few batches of its own.",
    "transfer",
    ("transfer",),
)
EXPLAIN = Entry(
    "Explain",
    "Shows which variables moved a model's predictions, when, and whether to believe it.",
    "explain",
    ("attribution",),
)
PROCESS_MODEL = Entry(
    "Process model",
    "Fits the model of whole batches that plans: what a batch becomes at other setpoints, and how sure that is.",
    "process",
    ("process-model", "process-attribution", "forecast"),
)
WHAT_IF = Entry(
    "What if",
    "Move a setpoint: the whole course of a batch follows, with its bands, and how far that is from what was run.",
    "what_if",
    ("process-model", "scenarios"),
)
SURFACE = Entry(
    "Surface",
    "Titer or quality at harvest over any two setpoints, with the batches that were run.",
    "surface",
    ("process-model",),
)
REPORT = Entry("Report", "Writes an Excel report that QA can follow from the raw file to the last number.", "report")
PAGES = (
    PROJECT, IMPORT, DATA, CLEAN, TRAIN, COMPARE, SEARCH, TRANSFER, EXPLAIN, PROCESS_MODEL, WHAT_IF, SURFACE, REPORT,
)  # fmt: skip


def key_of(number: int) -> str:
    """Return the key of a page by its place in PAGES, from 0: Ctrl+1 to Ctrl+9, Ctrl+0, then Alt+1 and so on."""
    return f"{'Ctrl' if number < _DIGITS else 'Alt'}+{(number + 1) % _DIGITS}"
