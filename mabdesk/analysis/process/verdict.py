"""One sentence: does the process model predict better at harvest than what is simpler? A rival that wins is said first.

The rival is the best of those on the same folds; the interval takes in that it was chosen there (`contest.gain_over`).
"""

import numpy as np

from mabdesk.analysis.contest import Gain, gain_over, resampled
from mabdesk.analysis.process.scores import PROCESS, RIVALS, Judged, compared, errors_on
from mabdesk.wording import significant

_SHORT = {
    "gaussian_process": "Gaussian process",
    "gaussian_process_quadratic": "Gaussian process (quadratic)",
    "quadratic": "quadratic response surface",
    "mean": "mean of the training batches",
}
_FIGURES = 2


def verdict(judged: Judged, output: str, unit: str, seed: int, position: int = 0) -> str:
    """Say who is better on one output, on the folds.

    Args:
        judged: what every model said.
        output: its label.
        unit: its unit.
        seed: of the batches drawn.
        position: of the output.
    """
    label = spoken_output(output)
    there = compared(judged, position)
    if not there.any():
        return f"No batch could be judged on {label} at harvest."
    order = list(judged.said)
    found = resampled(errors_on(judged, position), np.array(judged.ids)[there], seed)
    gain = gain_over([order.index(kind) for kind in RIVALS], order.index(PROCESS), found)
    mine, its = (float(found.overall[i]) for i in (order.index(PROCESS), gain.rival))
    return _sentence(_SHORT[order[gain.rival]], label, (mine, its), gain, unit, int(there.sum()))


def spoken_output(label: str) -> str:
    """Write an output's label inside of a sentence."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _sentence(rival: str, output: str, errors: tuple[float, float], gain: Gain, unit: str, batches: int) -> str:
    mine, its = (significant(value, _FIGURES) for value in errors)
    on = f"on {output} at harvest"
    count = f"{batches} batches"
    if not np.isfinite(gain.low):
        return f"Process model against the {rival} {on}: RMSE {mine} against {its} {unit} ({count}: too few to say)."
    if gain.high < 0:
        ends = f"{_told(-gain.high)} to {_told(-gain.low)}"
        return (
            f"{rival[:1].upper()}{rival[1:]} better than the process model {on}: RMSE {its} against {mine} {unit} "
            f"(95 % interval of the gain {ends}, {count}). Use it for {output}."
        )
    figures = (
        f"RMSE {mine} against {its} {unit} "
        f"(95 % interval of the gain {_told(gain.low)} to {_told(gain.high)}, {count})."
    )
    if gain.low > 0:
        return f"Process model better than the {rival} {on}: {figures}"
    said = "not shown to be better than" if gain.value > 0 else "not better than"
    return f"Process model {said} the simpler {rival} {on}: {figures}"


def _told(value: float) -> str:
    return significant(value, _FIGURES)
