"""An attribution in bars, tables and words: whose windows are shown, how variables rank, what was tested."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.attributed import NOT_CAUSE, Attribution, Importance, TrustTest
from mabdesk.data.batch import Dataset, Floats
from mabdesk.data.splitting import group_in, group_label, in_order
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.bars import Bar
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views.batches import name_of

NO_MODEL = "Train a model, then press Explain."
NO_EXPLANATION = "No explanation yet. Press Explain: it tells which variables moved the selected model's predictions."
RANKING_HINT = (
    "Line: 95 % over batches. Dotted: refits. Hatched: floor by shuffling (as a share); hollow: no more than that."
)
PART_HINT = "Line: least and largest share of the batches shown."
UNRELIABLE = "NOT RELIABLE: see the trust tests"
METHODS = {"integrated_gradients": "Integrated gradients", "tree": "Tree explainer"}
GROUPS = ("cell_line", "scale")
OUTCOMES = {True: "passed", False: "failed", None: "not known"}
AS_SHUFFLED = "(as shuffled)"
_NONE = math.nan

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ranked:
    """A variable of the windows that are shown, with all that its bar and its row tell; NaN where not known."""

    variable: int
    name: str
    unit: str
    mean_abs: float
    mean: float
    relative: float
    low: float = math.nan
    high: float = math.nan
    refit_low: float = math.nan
    refit_high: float = math.nan
    direction: float = math.nan
    floor: float = math.nan
    above_floor: bool | None = None
    disagreement: float = math.nan


def names_of(found: Attribution, dataset: Dataset | None) -> tuple[str, ...]:
    """Return what people call the variables of an attribution."""
    known = {variable.name: name_of(variable) for variable in (dataset.variables if dataset is not None else ())}
    return tuple(known.get(name, name.replace("_", " ").capitalize()) for name in found.variables)


def batches_of(found: Attribution) -> tuple[str, ...]:
    """Return the batches whose windows are explained, in their order."""
    return tuple(dict.fromkeys(found.batch_ids.tolist()))


def choices(found: Attribution, dataset: Dataset | None) -> list[tuple[str, str]]:
    """Return whose windows can be shown as (text, value): all, groups of batches, each batch."""
    ids = batches_of(found)
    offered = [(f"All batches ({len(ids)})", "")]
    learned = dict(zip(found.batch_ids.tolist(), found.learned.tolist(), strict=True))
    for known, text in ((True, "Learned from"), (False, "Not seen in training")):
        count = sum(learned[name] is known for name in ids)
        offered += [(f"{text} ({count})", f"learned:{int(known)}")] if 0 < count < len(ids) else []
    for by in GROUPS:
        groups = [name for name in _groups(dataset, by, ids).values() if name]
        for group in in_order(set(groups)) if len(set(groups)) > 1 else ():
            text = group_label(by, group)
            offered.append((f"{text[:1].upper()}{text[1:]} ({groups.count(group)})", f"{by}:{group}"))
    return [*offered, *((name, f"batch:{name}") for name in ids)]


def rows_of(found: Attribution, dataset: Dataset | None, who: str) -> Mask:
    """Return (n,) whether a window belongs to those that are shown: a value of `choices`."""
    kind, _, name = who.partition(":")
    if kind == "batch":
        return np.asarray(found.batch_ids == name)
    if kind == "learned":
        return np.asarray(found.learned == (name == "1"))
    if kind in GROUPS:
        mine = [batch for batch, group in _groups(dataset, kind, batches_of(found)).items() if group == name]
        return np.isin(found.batch_ids, mine)
    return np.ones(len(found.batch_ids), dtype=np.bool_)


def _groups(dataset: Dataset | None, by: str, ids: tuple[str, ...]) -> dict[str, str]:
    known = {batch.id: group_in(batch, by) for batch in (dataset.batches if dataset is not None else ())}
    return {name: known[name] for name in ids if name in known}


# -- ranking -----------------------------------------------------------------------------------------------------------


def ranked(found: Attribution, names: tuple[str, ...], rows: Mask) -> tuple[Ranked, ...]:
    """Rank the variables over the windows of `rows` (n,), the largest first.

    Intervals, refits and floors are known of all windows alone; of a part there are the least and the largest share of
    its batches.
    """
    if not rows.any():
        return ()
    whole = bool(rows.all())
    mine, parts = found.contributions[rows], found.disagreement[rows]
    mean_abs = np.abs(mine).mean(axis=0)
    told = {one.variable: one for one in found.ranking}
    total = float(mean_abs.sum()) or 1.0
    columns = zip(found.units, mean_abs.tolist(), mine.mean(axis=0).tolist(), parts.mean(axis=0).tolist(), strict=True)
    made = [
        Ranked(n, names[n], "" if unit == "-" else unit, size, mean, size / total, disagreement=apart)
        for n, (unit, size, mean, apart) in enumerate(columns)
    ]
    if whole:
        made = [_told(one, told.get(found.variables[one.variable])) for one in made]
    else:
        lows, highs = _shares(mine, found.batch_ids[rows])
        made = [replace(one, low=float(lows[n]), high=float(highs[n])) for n, one in enumerate(made)]
    return tuple(sorted(made, key=_size, reverse=True))


def _told(one: Ranked, told: Importance | None) -> Ranked:
    """Add what was found of a variable over all windows."""
    if told is None:
        return one
    names = ("mean_abs", "relative", "low", "high", "refit_low", "refit_high", "direction", "floor")
    known = {name: getattr(told, name) for name in names}
    return replace(one, **known, above_floor=told.above_floor if math.isfinite(told.floor) else None)


def _shares(mine: Floats, batch_ids: NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Return the least and the largest share (v,) of the batches; NaN where there is one alone."""
    found = []
    for name in dict.fromkeys(batch_ids.tolist()):
        sizes = np.abs(mine[batch_ids == name]).mean(axis=0)
        found.append(sizes / (sizes.sum() or 1.0))
    if len(found) < 2:
        return (np.full(mine.shape[1], _NONE),) * 2
    return np.min(found, axis=0), np.max(found, axis=0)


def ranking_bars(ranking: tuple[Ranked, ...]) -> tuple[Bar, ...]:
    """Return a bar a variable: its share in percent, the floor as the same share of the whole."""
    total = sum(one.mean_abs for one in ranking) or 1.0
    return tuple(_bar(one, total) for one in ranking)


def _bar(one: Ranked, total: float) -> Bar:
    below = one.above_floor is False
    said = f"{one.name}: {figures(100 * one.relative)} %"
    if math.isfinite(one.low):
        said += f" ({figures(100 * one.low)} to {figures(100 * one.high)})"
    if math.isfinite(one.refit_low):
        said += f", over refits {figures(100 * one.refit_low)} to {figures(100 * one.refit_high)}"
    if math.isfinite(one.floor):
        said += f", floor (as a share) {figures(100 * one.floor / total)} %"
    said += ", no more than a model of shuffled targets gives." if below else "."
    name = f"{one.name} {AS_SHUFFLED}" if below else one.name
    return Bar(
        name, 0.0, 100 * one.relative, said, "hollow" if below else "plain", 100 * one.low, 100 * one.high,
        100 * one.refit_low, 100 * one.refit_high, 100 * one.floor / total,
    )  # fmt: skip


def ranking_sheet(found: Attribution, ranking: tuple[Ranked, ...], who: str) -> Sheet:
    """Return one row a variable, the largest first."""
    unit = f" ({target_unit(found)})" if target_unit(found) else ""
    headers = (
        "Variable", "Unit", "Share (%)", "Low (%)", "High (%)", "Refits, low (%)", "Refits, high (%)",
        f"Mean size{unit}", f"Mean contribution{unit}", "Direction", f"Shuffled targets give{unit}",
        "More than shuffled", f"Disagreement of parts{unit}",
    )  # fmt: skip
    rows = tuple(
        (
            one.name, one.unit, *(100 * share for share in (one.relative, one.low, one.high)),
            100 * one.refit_low, 100 * one.refit_high, one.mean_abs, one.mean, one.direction, one.floor,
            one.above_floor, one.disagreement,
        )
        for one in ranking
    )  # fmt: skip
    return Sheet(f"Ranking, {titled(found.target)}, {who}", headers, tuple(map(_tidy, rows)), sheet_notes(found))


def sheet_notes(found: Attribution) -> tuple[str, ...]:
    """Return what every table of an attribution says of itself."""
    return (NOT_CAUSE, f"{found.verdict[:1].upper()}{found.verdict[1:]}", found.baseline_sentence)


# -- words and tests ---------------------------------------------------------------------------------------------------


def summary(found: Attribution) -> str:
    """Say what was explained, against what, how exactly, of how many windows."""
    preset = found.preset.replace("_", " ").capitalize()
    method = METHODS.get(found.method, found.method.replace("_", " ").capitalize())
    rescaled = ", rescaled over time" if found.rescaled else ""
    steps = f" with {found.interpolation_steps} steps" if found.interpolation_steps else ""
    batches = len(batches_of(found))
    return (
        f"{preset}, {found.label}: {titled(found.target)}. {found.baseline_sentence} {method}{rescaled}; completeness "
        f"error {figures(100 * found.completeness_error)} %{steps}; {len(found.hours)} windows of {batches} "
        f"{'batch' if batches == 1 else 'batches'}."
    )


def doubt(found: Attribution) -> str:
    """Return why it is not to be relied on, "" where no test failed."""
    return "" if found.reliable else found.verdict


def spoken(test: TrustTest) -> str:
    """Say a trust test and its outcome, for those who do not see its light."""
    return f"{test.label}: {OUTCOMES[test.passed]}. {test.sentence}"


def tests_sheet(found: Attribution) -> Sheet:
    """Return one row a trust test."""
    rows = tuple(_tidy((one.label, OUTCOMES[one.passed], one.value, one.limit, one.sentence)) for one in found.trust)
    return Sheet("Trust tests", ("Trust test", "Outcome", "Value", "Limit", "What it says"), rows, sheet_notes(found))


def checks_sheet(found: Attribution) -> Sheet:
    """Return one row a cross-check: another way to the ranking and how well both agree."""
    rows = tuple(_tidy((one.label, one.spearman, one.windows, one.sentence)) for one in found.checks)
    headers = ("Cross-check", "Spearman", "Windows", "What it says")
    return Sheet("Cross-checks", headers, rows, sheet_notes(found))


def target_unit(found: Attribution) -> str:
    """Return the unit of contributions, "" where there is none."""
    return "" if found.unit == "-" else found.unit


def titled(name: str) -> str:
    """Write a variable's or a target's name with spaces."""
    return name.replace("_", " ")


def _tidy(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row)


def _size(one: Ranked) -> float:
    return one.mean_abs
