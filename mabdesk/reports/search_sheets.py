"""The sheet of a search for settings: what was searched, every trial, convergence as a native chart, what won."""

from collections.abc import Iterable, Mapping
from typing import Any

from openpyxl.chart import Series
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.searched import Search, ranked
from mabdesk.models.settings import KINDS, label_of
from mabdesk.options import options_of
from mabdesk.project.results import Result
from mabdesk.reports.charts import BLACK, BLUE, RAMP, ROWS, as_dots, as_line, color_dots, column, scatter, sized
from mabdesk.reports.evaluation_sheets import fill_settings
from mabdesk.reports.sheets import heading, note, pairs, table, title

LOSS = "Loss: mean squared error at real samples of batches held out, in units of each target's variance."
NO_NESTED = "No outer folds were asked for: these figures come from the batches that were searched on."
_FORMAT = "0.0####"  # shows a learning rate as well as a loss


def fill_search(sheet: Worksheet, result: Result) -> None:
    """Write all that a search tried and found."""
    search: Search = result.value
    title(sheet, f"Search: {result.id}", f"Settings of {label_of(search.kind, search.preset)}.")
    note(sheet, search.verdict)
    for text in (*search.notes, *(() if search.nested else (NO_NESTED,)), LOSS):
        note(sheet, text)
    if search.nested:
        note(sheet, f"Searched anew inside each outer fold: {search.nested.verdict}")
    pairs(sheet, _about(search), sheet.max_row + 2)
    fill_settings(sheet, result)
    labels = _labels(search.kind, [*search.space, *(name for t in search.trials for name in t.settings)])
    heading(sheet, "Space and best settings")
    space = [(label, shown(search.space.get(name, ())), search.best.get(name)) for name, label in labels.items()]
    table(sheet, ("Setting", "Choices", "Best"), space, number_format=_FORMAT)
    if search.rescored:
        _rescored(sheet, search, labels)
    _trials(sheet, search, labels)


def shown(choices: Iterable[Any]) -> str:
    """Write choices as people read them."""
    return ", ".join(f"{choice:g}" if isinstance(choice, float) else str(choice) for choice in choices)


def _about(search: Search) -> list[tuple[str, Any]]:
    return [
        ("Budget", search.budget),
        ("Trials", len(search.trials)),
        ("Failed", len(search.failures)),
        ("Duplicates", search.duplicates),
        ("Whole space tried", "yes" if search.exhausted else "no"),
        ("Preset", search.preset.replace("_", " ")),
        ("Batches searched on", f"{len(search.batch_ids)}: {', '.join(search.batch_ids)}"),
    ]


def _labels(kind: str, names: Iterable[str]) -> dict[str, str]:
    """Return what people call these settings, in the order in which they are declared."""
    declared = {option.name: option.label for option in options_of(KINDS[kind].settings)} if kind in KINDS else {}
    there = dict.fromkeys(names)
    known = {name: label for name, label in declared.items() if name in there}
    return {**known, **{name: name.replace("_", " ") for name in there if name not in known}}


def _values(settings: Mapping[str, Any], labels: Mapping[str, str]) -> list[Any]:
    return [settings.get(name) for name in labels]


def _rescored(sheet: Worksheet, search: Search, labels: Mapping[str, str]) -> None:
    heading(sheet, "Measured again on all folds")
    note(sheet, "RMSE is in the unit of the first target; trial 0 stands for the model's own settings.")
    tried = {trial.number: trial.settings for trial in search.trials}
    rows = [(one.number, one.loss, one.rmse, *_values(tried.get(one.number, {}), labels)) for one in search.rescored]
    table(sheet, ("Trial", "Loss again", "RMSE again", *labels.values()), rows, number_format=_FORMAT)


def _trials(sheet: Worksheet, search: Search, labels: Mapping[str, str]) -> None:
    """Write the trials in their order, and draw those that gave a loss: dots, dark for a small loss, and a line."""
    top = heading(sheet, "Convergence")
    heading(sheet, "All trials", top + ROWS)
    ranks = {trial.number: rank for rank, trial in enumerate(ranked(search.trials), start=1)}
    rows, best = [], None
    for trial in sorted(search.trials, key=lambda trial: trial.number):
        best = trial.loss if best is None or (trial.loss is not None and trial.loss < best) else best
        values = _values(trial.settings, labels)
        rows.append((trial.number, trial.loss, best, ranks.get(trial.number), *values, trial.fault))
    headers = ("Trial", "Loss", "Best so far", "Rank", *labels.values(), "Failed because")
    placed = table(sheet, headers, rows, number_format=_FORMAT, filters=True)
    if not ranks:
        note(sheet, "No trial gave a loss.", top)
        return
    chart = scatter("Search convergence", "Trial", "Loss")
    chart.x_axis.number_format, chart.y_axis.number_format = "0", "0.00"
    dots = Series(column(sheet, 2, placed), column(sheet, 1, placed), title="loss of a trial")
    as_dots(dots, BLUE)
    color_dots(dots, [_color(row[3], len(ranks)) for row in rows])
    line = Series(column(sheet, 3, placed), column(sheet, 1, placed), title="best so far")
    as_line(line, BLACK)
    chart.series += [dots, line]
    sized(chart, 20.0, 8.5)
    sheet.add_chart(chart, f"A{top}")


def _color(rank: int | None, count: int) -> str:
    """Return a trial's color: dark blue for the best quarter, light blue for the last; a failed one is not drawn."""
    place = 0 if rank is None else len(RAMP) - 1 - (rank - 1) * len(RAMP) // count
    return RAMP[place]
