"""The sheet of one model's scores line by line and scale by scale beside one another (Figure 7)."""

from collections.abc import Sequence

import numpy as np
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.group_scores import DRAWINGS, SCORES, Sums, spread_of, sums_of
from mabdesk.analysis.parts import PARTED_BY
from mabdesk.analysis.results import Evaluation
from mabdesk.data.batch import Dataset
from mabdesk.data.splitting import TAGS, group_in, in_order
from mabdesk.project.results import Result
from mabdesk.reports.evaluation_sheets import how, shown_model
from mabdesk.reports.parallel import Scenario, fill_parallel
from mabdesk.reports.sheets import note, title

_BARS = f"Error bars: 95 % of {DRAWINGS} drawings of whole batches; none with fewer than 3 batches."


def groups_in(evaluation: Evaluation, dataset: Dataset | None) -> dict[str, dict[str, str]]:
    """Return the cell lines and scales of the batches with samples, by batch; only what tells two groups or more."""
    there = set(evaluation.samples.batch_ids.tolist())
    found = {
        tag: {batch.id: group for batch in dataset.batches if batch.id in there and (group := group_in(batch, tag))}
        for tag in (TAGS if dataset is not None else ())
        if dataset is not None
    }
    return {tag: groups for tag, groups in found.items() if len(set(groups.values())) > 1}


def fill_scenarios(sheet: Worksheet, result: Result, evaluation: Evaluation, dataset: Dataset) -> None:
    """Write and draw the scores of the network (or the best model) by line and by scale, and of all models."""
    model, target = shown_model(evaluation), evaluation.targets[0]
    title(sheet, f"Scenarios side by side: {result.id}", how(result, evaluation))
    note(sheet, f"{target.capitalize()} ({evaluation.units[0]}); by line and scale: {evaluation.labels[model]}.")
    sums = sums_of(evaluation, target)
    for tag, groups in groups_in(evaluation, dataset).items():
        _fill(sheet, PARTED_BY[tag], _by_group(sums, model, groups))
    models = [_scenario(label, sums, m, sums.batches) for m, label in enumerate(evaluation.labels)]
    _fill(sheet, "Model", models)


def _fill(sheet: Worksheet, name: str, found: Sequence[Scenario]) -> None:
    fill_parallel(sheet, name, SCORES, found, _BARS)


def _by_group(sums: Sums, model: int, groups: dict[str, str]) -> list[Scenario]:
    return [
        _scenario(group, sums, model, [name for name, mine in groups.items() if mine == group])
        for group in in_order(set(groups.values()))
    ]


def _scenario(name: str, sums: Sums, model: int, batches: Sequence[str]) -> Scenario:
    values, lows, highs = spread_of(sums.values[model, np.isin(sums.batches, batches)])
    return Scenario(name, tuple(values.tolist()), tuple(lows.tolist()), tuple(highs.tolist()))
