"""Scores of lines, scales or models beside one another, with error bars from whole batches drawn anew (Figure 7)."""

from collections.abc import Sequence

import numpy as np

from mabdesk.analysis.group_scores import DRAWINGS, Sums, spread_of
from mabdesk.analysis.parts import groups_of, parts_in_order
from mabdesk.data.batch import Dataset, Floats
from mabdesk.gui.plots.parallel_coordinates import Axis, Line
from mabdesk.gui.views.errors_by_part import UNKNOWN, with_unknown

NOTE = f"Error bars: 95 % of {DRAWINGS} drawings of whole batches."
BY = {"cell_line": "Cell line", "scale": "Scale", "model": "Model"}


def axes_of(unit: str) -> tuple[Axis, ...]:
    """Return the axes: Table 5's columns, and the form of DTS that tells models apart."""
    return (
        Axis("RMSE", unit), Axis("MAE", unit), Axis("R\u00b2", "", True), Axis("DTS", "", True), Axis("DTS*", "", True),
    )  # fmt: skip


def lines_by_group(sums: Sums, model: int, by: str, dataset: Dataset | None) -> tuple[Line, ...]:
    """Return one line a cell line or scale ("cell_line", "scale") of what one model scored there."""
    groups = groups_of(dataset) if dataset is not None else {}
    mine = np.array([groups.get(name, {}).get(by) or UNKNOWN for name in sums.batches], dtype=np.str_)
    known = parts_in_order(by, {*mine.tolist()} - {UNKNOWN})
    if not known:
        return ()
    return tuple(_line(group, sums.values[model, mine == group]) for group in with_unknown(known, mine.tolist()))


def lines_by_model(sums: Sums, labels: Sequence[str], models: Sequence[int]) -> tuple[Line, ...]:
    """Return one line a model, over all batches."""
    return tuple(_line(labels[m], sums.values[m]) for m in models)


def _line(name: str, sums: Floats) -> Line:
    values, lows, highs = (tuple(row.tolist()) for row in spread_of(sums))
    return Line(name, values, lows, highs)
