"""The table of steps: what each is called, needs and gives. No code: CLI, forms, hints and rerun read it."""

from dataclasses import dataclass

from mabdesk.analysis.settings import (
    CompareOptions,
    ExplainOptions,
    ExplainProcessOptions,
    ForecastOptions,
    SearchOptions,
    TransferOptions,
    WhatIfOptions,
)
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.data.settings import CleaningPlan, PhaseRule, ReadingOptions, SplitOptions, WindowPlan
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.settings import TrainOptions


@dataclass(frozen=True)
class Step:
    """One step. `parents` are kinds of results; `settings` are the option groups, in the order of the form."""

    name: str
    label: str
    sentence: str
    parents: tuple[str, ...]
    result: str
    settings: tuple[type, ...] = ()
    reads_files: bool = False
    optional: tuple[str, ...] = ()  # kinds of parents that are taken only where they were named


STEPS = {
    step.name: step
    for step in (
        Step(
            "import", "Import", "Reads batch records into a dataset, with every problem named by its cell.",
            (), "dataset", (ReadingOptions,), reads_files=True,
        ),
        Step(
            "split", "Split", "Sets whole batches apart: training, validation, test, and locked for the final test.",
            ("dataset",), "split", (SplitOptions,),
        ),
        Step(
            "clean", "Clean", "Removes outliers, fills gaps, by rules fitted on training batches; lists every change.",
            ("dataset", "split"), "cleaned", (CleaningPlan,),
        ),
        Step(
            "train", "Train", "Fits one titer model on the training batches and measures it on the test batches.",
            ("dataset", "split", "cleaned"), "model", (TrainOptions, WindowPlan), optional=("search",),
        ),
        Step(
            "compare", "Compare", "Measures models side by side on the same folds of whole batches, with a verdict.",
            ("dataset", "split", "cleaned"), "evaluation", (CompareOptions, WindowPlan, PhaseRule),
            optional=("search",),
        ),
        Step(
            "search", "Search", "Searches the settings of a network on folds of whole batches; every trial is kept.",
            ("dataset", "split", "cleaned"), "search", (SearchOptions, WindowPlan),
        ),
        Step(
            "transfer-learning", "Transfer",
            "Compares the ways to a model of a new cell line or scale, from few batches of its own.",
            ("dataset", "split", "cleaned"), "transfer", (TransferOptions, WindowPlan),
        ),
        Step(
            "explain", "Explain", "Tells which variables moved a model's predictions, when, and whether to believe it.",
            ("dataset", "split", "model"), "attribution", (ExplainOptions,),
        ),
        Step(
            "final-test", "Final test", "Opens the locked batches and measures one trained model on them.",
            ("dataset", "split", "model"), "final-test",
        ),
        Step(
            "read-new", "New data", "Reads a file that a trained model is to be applied to.",
            (), "new-data", (ReadingOptions,), reads_files=True,
        ),
        Step(
            "predict", "Predict", "Applies a trained model to a new file.",
            ("new-data", "model"), "prediction",
        ),
        Step(
            "train-process", "Process model",
            "Fits the model of whole batches that plans: what a batch becomes at other setpoints.",
            ("dataset", "split", "cleaned"), "process-model", (ProcessOptions, HistoryOptions),
        ),
        Step(
            "what-if", "What if", "Tells what becomes of plans, and how far they lie from what was run.",
            ("process-model",), "scenarios", (WhatIfOptions,),
        ),
        Step(
            "forecast", "Forecast", "Tells where running batches go until harvest, given their samples so far.",
            ("new-data", "process-model"), "forecast", (ForecastOptions, HistoryOptions),
        ),
        Step(
            "explain-process", "Explain the process model",
            "Tells which setpoints, and which days of which sensors, moved titer or quality at harvest.",
            ("dataset", "split", "process-model"), "process-attribution", (ExplainProcessOptions,),
        ),
    )
}  # fmt: skip
