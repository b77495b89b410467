"""The sheet of one trained model: settings, inputs, what it was trained behind, learning curves."""

from openpyxl.chart import LineChart, Reference
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.results import Training
from mabdesk.models.settings import KINDS, label_of
from mabdesk.options import to_plain
from mabdesk.project.results import Result
from mabdesk.reports.setting_rows import explained
from mabdesk.reports.sheets import heading, note, pairs, table, title


def fill_model(sheet: Worksheet, result: Result) -> None:
    """Write all that defines a trained model, and its curves with a chart."""
    training: Training = result.value
    model = training.model
    title(
        sheet,
        f"{label_of(model.kind, model.window_plan.preset)}: {result.id}",
        "What the model is and how it was trained.",
    )
    pairs(
        sheet,
        (
            ("Kind", model.kind),
            ("Targets", ", ".join(model.targets)),
            ("Parameters of one network", model.parameters),
            ("Epochs", training.epochs),
            ("Seed", model.seed),
            ("Training and validation batches", ", ".join(model.cleaning.training_ids)),
            ("Inputs", ", ".join(model.window_plan.inputs)),
            ("Channels", ", ".join(model.channels)),
        ),
        4,
    )
    for text in model.notes:
        note(sheet, text)
    heading(sheet, "Settings")
    windows = {name: value for name, value in to_plain(model.window_plan).items() if not isinstance(value, list)}
    groups = (
        ("Model", explained(KINDS[model.kind].settings, model.settings)),
        ("Windows", explained(type(model.window_plan), windows)),
        ("Cleaning", explained(type(model.cleaning.plan), to_plain(model.cleaning.plan))),
    )
    rows = [(group, *row) for group, settings in groups for row in settings]
    table(sheet, ("Of", "Setting", "Value", "Unit", "What it does"), rows, number_format="General")
    if model.history:
        _curves(sheet, {name: list(curve) for name, curve in model.history.items()})


def _curves(sheet: Worksheet, curves: dict[str, list[float]]) -> None:
    heading(sheet, "Learning curves")
    names, longest = list(curves), max(map(len, curves.values()))
    rows = [
        (epoch + 1, *(curves[name][epoch] if epoch < len(curves[name]) else None for name in names))
        for epoch in range(longest)
    ]
    first, last = table(sheet, ("Epoch", *(name.replace("_", " ") for name in names)), rows, number_format="0.0000")
    chart = LineChart()
    chart.title, chart.x_axis.title, chart.y_axis.title = "Learning curves", "Epoch", "Loss"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.height, chart.width = 8, 16
    chart.add_data(
        Reference(sheet, min_col=2, max_col=1 + len(names), min_row=first - 1, max_row=last), titles_from_data=True
    )
    chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
    sheet.add_chart(chart, f"{chr(ord('A') + min(len(names) + 2, 20))}{first - 1}")
