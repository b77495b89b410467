"""A study of transfer in curves, tables and words, and what the data offer for one."""

import math
from collections.abc import Sequence

from mabdesk.analysis.transferred import LOCAL, Transfer, TransferGain, TransferScore
from mabdesk.data.batch import Dataset
from mabdesk.data.splitting import group_in, in_order
from mabdesk.gui.plots.learning_curves import Curve
from mabdesk.gui.plots.parallel_coordinates import Axis, Line
from mabdesk.gui.sheet import Sheet
from mabdesk.models.settings import label_of

NO_STUDY = "No study yet. Choose the new cell line or scale and press Study transfer."
SHORT = {
    "source": "Source as it is", "local": "Local", "pooled": "Pooled", "pooled_static": "Pooled, group as input",
    "fine_tuned": "Fine-tuned", "pls_local": "PLS, local", "ridge_local": "Ridge, local", "gp_local": "GP, local",
}  # fmt: skip
"""Names of the methods in legends, which have one row; tables give the whole ones."""
SIZES = ("1", "2", "3", "4", "6", "8", "12", "16")  # numbers of local batches that the form offers
BY = {"cell_line": "cell line", "scale": "scale"}
LEAST_TEST, LEAST_LOCAL = 3, 2

GAIN_NOTES = (
    "Gain: RMSE of the best model from local batches alone, less that of the method; above 0 the transfer helps.",
    "Recommended only where the interval of the gain over every local way lies above 0.",
    "The interval counts that local and test batches were drawn, and that several transfers were tried.",
    "RMSE, MAE, DTS and the rest are means over the draws; low and high are the least and the largest RMSE of them.",
    "DTS is the paper's formula: near 1 for any rising line, it cannot tell models apart.",
    "DTS*: how well a batch's departure from the usual course is followed; 1 perfect, 0 not at all.",
)


def scores_of(found: Transfer, target: str) -> tuple[TransferScore, ...]:
    """Return the scores on one target."""
    return tuple(score for score in found.scores if score.target == target)


def best_local(found: Transfer, target: str) -> dict[int, str]:
    """Return the method with the least RMSE among those that learn from local batches alone, by their number."""
    best: dict[int, TransferScore] = {}
    for score in scores_of(found, target):
        if score.method in LOCAL and math.isfinite(score.rmse):
            before = best.get(score.batches)
            if before is None or score.rmse < before.rmse:
                best[score.batches] = score
    return {size: score.method for size, score in best.items()}


def curves(found: Transfer, target: str) -> tuple[Curve, ...]:
    """Return one learning curve a method, the best local model of every size ringed."""
    best = best_local(found, target)
    made = []
    for label, scores in _by_method(scores_of(found, target)).items():
        made.append(
            Curve(
                label,
                tuple(score.batches for score in scores),
                tuple(score.rmse for score in scores),
                tuple(score.rmse_low for score in scores),
                tuple(score.rmse_high for score in scores),
                tuple(score.batches for score in scores if best.get(score.batches) == score.method),
            )
        )
    return tuple(made)


def axes(found: Transfer, target: str) -> tuple[str, str]:
    """Return the labels of the axes of the learning curves."""
    unit = _unit(found, target)
    word = BY.get(found.by, found.by.replace("_", " "))
    return f"Local batches (of {word} {found.group})", f"RMSE ({unit})" if unit else "RMSE"


def scenarios(found: Transfer, target: str) -> tuple[tuple[Axis, ...], tuple[Line, ...], int]:
    """Return the axes and lines of the parallel coordinates, one a method, at the largest number of local batches."""
    scores = scores_of(found, target)
    largest = max((score.batches for score in scores), default=0)
    unit, none = _unit(found, target), math.nan
    axes = (
        Axis("RMSE", unit), Axis("MAE", unit), Axis("R\u00b2", large_is_good=True), Axis("DTS", large_is_good=True),
        Axis("DTS*", large_is_good=True), Axis("Final-day RMSE", unit),
    )  # fmt: skip
    lines = tuple(
        Line(
            SHORT.get(score.method, score.label),
            (score.rmse, score.mae, score.r2, score.dts, score.dts_centered, score.final_day_rmse),
            (score.rmse_low, none, none, none, none, none),
            (score.rmse_high, none, none, none, none, none),
        )
        for score in scores
        if score.batches == largest
    )
    return axes, lines, largest


def scores_sheet(found: Transfer, target: str) -> Sheet:
    """Return one row a number of local batches and a method: errors, the gain over the best local, the advice."""
    unit = f" ({_unit(found, target)})" if _unit(found, target) else ""
    headers = (
        "Local batches", "Method", "Recommended", f"RMSE{unit}", f"Low{unit}", f"High{unit}", f"Gain{unit}",
        "Gain, low", "Gain, high", f"MAE{unit}", "R\u00b2", "DTS", "DTS*", f"Final-day RMSE{unit}", "Samples", "Draws",
    )  # fmt: skip
    first = target == found.targets[0]  # what gains are told of
    gains = {(gain.batches, gain.method): gain for gain in found.gains} if first else {}
    best = best_local(found, target)
    ordered = sorted(scores_of(found, target), key=_size)
    rows = tuple(_row(score, gains.get((score.batches, score.method)), best) for score in ordered)
    return Sheet(f"Transfer, {target}", headers, rows, GAIN_NOTES)


def summary(found: Transfer) -> str:
    """Say how it was measured: what is new, from how many source batches, on which test batches."""
    preset = found.preset.replace("_", " ").capitalize()
    word = BY.get(found.by, found.by.replace("_", " "))
    tests = len(found.test_ids)
    return (
        f"{preset}, {label_of(found.kind, '')}. New {word} {found.group}: tested on {tests} of its batches, in "
        f"each draw those not learned from; {found.source_batches} batches of other {word}s as the source."
    )


def groups(dataset: Dataset | None, by: str) -> dict[str, int]:
    """Return the lines or scales that the data name, with the number of their batches, in their order."""
    found: dict[str, int] = {}
    for batch in dataset.batches if dataset is not None else ():
        if name := group_in(batch, by):
            found[name] = found.get(name, 0) + 1
    return {name: found[name] for name in in_order(found)}


def offers(dataset: Dataset | None, by: str) -> tuple[tuple[str, str], ...]:
    """Return what can be chosen as the new line or scale, as (value, label)."""
    return tuple((name, f"{name} ({count} batches)") for name, count in groups(dataset, by).items())


def why_not(dataset: Dataset | None, by: str, group: str, sizes: Sequence[str]) -> str:
    """Return why no transfer can be studied on these data, "" when it can, or while they are not known."""
    if dataset is None:
        return ""
    word, there = BY.get(by, by), groups(dataset, by)
    if not there:
        return f"The batches name no {word}. Name the column that holds it when importing."
    if len(there) < 2:
        return f"All batches are of the {word} {next(iter(there))}; a transfer needs at least two {word}s."
    if group and group not in there:
        return f"No batch is of the {word} {group}; there are {', '.join(there)}."
    have = there[group] if group else max(there.values())
    if have < LEAST_LOCAL + LEAST_TEST:
        of = f"The {word} {group} has" if group else f"No {word} has more than"
        return f"{of} {have} batches; {LEAST_LOCAL} to learn from and {LEAST_TEST} to test on are needed."
    return "" if sizes else "Check at least one number of local batches."


def _row(score: TransferScore, gain: TransferGain | None, best: dict[int, str]) -> tuple[object, ...]:
    advice = "yes" if gain is not None and gain.recommended else _unrecommended(gain)
    if best.get(score.batches) == score.method:
        advice = "best local" if gain is None or not gain.recommended else f"best local, {advice}"
    told = (gain.gain, gain.low, gain.high) if gain is not None else (None, None, None)
    return (
        score.batches, score.label, advice, score.rmse, score.rmse_low, score.rmse_high, *told, score.mae, score.r2,
        score.dts, score.dts_centered, score.final_day_rmse, score.n, score.repeats,
    )  # fmt: skip


def _unrecommended(gain: TransferGain | None) -> str:
    if gain is None:
        return ""
    if not math.isfinite(gain.low):
        return "too few to say"
    return "no: it hurts" if gain.high < 0 else "no: not shown to help"


def _by_method(scores: Sequence[TransferScore]) -> dict[str, list[TransferScore]]:
    found: dict[str, list[TransferScore]] = {}
    for score in sorted(scores, key=_size):
        found.setdefault(score.method, []).append(score)
    order = dict.fromkeys(score.method for score in scores)
    return {SHORT.get(method, found[method][0].label): found[method] for method in order}


def _size(score: TransferScore) -> int:
    return score.batches


def _unit(found: Transfer, target: str) -> str:
    unit = found.units[found.targets.index(target)]
    return "" if unit == "-" else unit
