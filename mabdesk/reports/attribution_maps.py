"""Figure 5 as numbers on colors: contributions by variable and culture day, of all batches and by line and scale."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from openpyxl.formatting import rule
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from mabdesk.analysis.attributed import NOT_CAUSE, Attribution
from mabdesk.analysis.parts import PARTED_BY, groups_of
from mabdesk.data.batch import Dataset, Floats
from mabdesk.data.splitting import group_label, in_order
from mabdesk.reports.sheets import heading, note, table

MOST_GROUPS = 4  # that get a map of their own; more would bury the rest of the sheet
_WHITE, _SKY, _ORANGE, _GREY = "FFFFFF", "56B4E9", "E69F00", "8C8C8C"  # all bright enough for black figures
_LIGHT = {_ORANGE: "F2CF80", _GREY: "C6C6C6"}
_DAY_H = 24.0
_CANCEL = (
    "What lifts some batches and lowers others cancels here, nearly all of it against those batches' own mean: how "
    "much a variable moves predictions is told by the table below."
)
_COLOR_SCALE: Any = rule.ColorScaleRule  # openpyxl gives it no types


def fill_maps(sheet: Worksheet, found: Attribution, dataset: Dataset | None) -> None:
    """Write mean contributions and mean |contributions| by variable and culture day, then those of each group."""
    every = np.ones(len(found.hours), dtype=np.bool_)
    size = _Map(found, every, True)
    most = size.most  # a color means the same in every map: what cancels over batches is pale
    _fill(sheet, found, _Map(found, every, False), "Contributions by culture day", most)
    for text in (_said(found), _CANCEL, NOT_CAUSE):
        note(sheet, text)
    _fill(sheet, found, size, "Mean |contribution| by culture day", most)
    note(sheet, NOT_CAUSE)
    for tag, groups in _groups(found, dataset).items():
        names = in_order(set(groups.values()) - {""})
        if len(names) > MOST_GROUPS:
            heading(sheet, f"By {PARTED_BY[tag].lower()}")
            note(sheet, f"{len(names)} groups are too many for maps here; the next sheet has every contribution.")
            continue
        mine = np.array([groups.get(name, "") for name in found.batch_ids.tolist()])
        for name in names:
            of_group = _Map(found, mine == name, False)
            _fill(sheet, found, of_group, f"Contributions of {group_label(tag, name)}", most)
            note(sheet, NOT_CAUSE)


def with_unit(text: str, unit: str) -> str:
    """Return a header or heading with its unit in brackets, where there is one."""
    return text if unit in {"", "-"} else f"{text} ({unit})"


class _Map:
    """Means over batches (variables, days) of the windows that are wanted; each batch counts alike on a day."""

    def __init__(self, found: Attribution, wanted: NDArray[np.bool_], size: bool) -> None:
        values = np.abs(found.contributions) if size else found.contributions
        day_of = np.floor(found.hours / _DAY_H + 0.5).astype(np.int64)
        self.size = size
        self.days = [int(day) for day in np.unique(day_of[wanted])]
        parted = [_by_batch(found.batch_ids, values, wanted & (day_of == day)) for day in self.days]
        self.values = np.array([means.mean(axis=0) for means in parted]).T
        self.batches = [len(means) for means in parted]
        self.most = float(np.nanmax(np.abs(self.values), initial=0.0))


def _by_batch(batch_ids: NDArray[np.str_], values: Floats, rows: NDArray[np.bool_]) -> Floats:
    """Return (batches, variables): the mean of every batch with such rows."""
    return np.array([values[rows & (batch_ids == name)].mean(axis=0) for name in np.unique(batch_ids[rows])])


def _said(found: Attribution) -> str:
    ahead = float(np.median(found.target_hours - found.hours)) if len(found.hours) else 0.0
    later = f"; what is predicted lies {ahead:g} h later" if ahead > 0 else ""
    colors = "grey, darker the larger" if not found.reliable else "blue above the usual course, orange below"
    return (
        f"Mean over batches, each batch alike, by the day at which a window ends{later}. Colors: {colors}; 0 is white."
    )


def _fill(sheet: Worksheet, found: Attribution, drawn: _Map, name: str, most: float) -> None:
    """Write a map with the most important variable on top, and below it how many batches each day has."""
    flaw = "" if found.reliable else ", not reliable"
    heading(sheet, f"{with_unit(name, found.unit)}{flaw}")
    order = [found.variables.index(one.variable) for one in found.ranking]
    rows = [(found.variables[v], *map(float, drawn.values[v])) for v in order]
    headers = ("Variable \\ day", *(str(day) for day in drawn.days))
    first, last = table(sheet, headers, [*rows, ("Batches", *drawn.batches)])
    if rows and drawn.days and most > 0:
        cells = f"B{first}:{get_column_letter(1 + len(drawn.days))}{last - 1}"
        sheet.conditional_formatting.add(cells, colors_around_zero(drawn.size, found.reliable, most))


def colors_around_zero(size: bool, reliable: bool, most: float) -> Any:
    """Return colors around 0, alike on both sides: orange, white, blue; grey where the map is not to be believed."""
    ends = {"start_type": "num", "end_type": "num", "end_value": most}
    if size:
        end = _ORANGE if reliable else _GREY
        middle = {"mid_type": "num", "mid_value": most / 2, "mid_color": _LIGHT[end]}
        return _COLOR_SCALE(start_value=0, start_color=_WHITE, end_color=end, **middle, **ends)
    low, high = (_ORANGE, _SKY) if reliable else (_GREY, _GREY)
    middle = {"mid_type": "num", "mid_value": 0, "mid_color": _WHITE}
    return _COLOR_SCALE(start_value=-most, start_color=low, end_color=high, **middle, **ends)


def _groups(found: Attribution, dataset: Dataset | None) -> Mapping[str, Mapping[str, str]]:
    """Return line and scale by batch id, where the explained batches have two or more of them."""
    if dataset is None:
        return {}
    known, there = groups_of(dataset), set(found.batch_ids.tolist())
    by_tag = {tag: {name: known.get(name, {}).get(tag, "") for name in there} for tag in ("cell_line", "scale")}
    return {tag: groups for tag, groups in by_tag.items() if _several(groups.values())}


def _several(names: Iterable[str]) -> bool:
    return len({name for name in names if name}) > 1
