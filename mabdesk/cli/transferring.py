"""What a study of transfer answers and says."""

from typing import Any

import numpy as np

from mabdesk.analysis.transferred import WORDS, Transfer, TransferGain, TransferScore
from mabdesk.cli.comparing import DTS_CENTERED
from mabdesk.cli.tables import table, three_decimals

_FIGURES = f"{DTS_CENTERED} Errors are means over the draws of local batches."


def answer(found: Transfer, result: str) -> dict[str, Any]:
    """Return all of it for `--json`; the keys are a contract."""
    return {
        "task": found.preset,
        "model": found.kind,
        "by": found.by,
        "group": found.group,
        "sizes": found.sizes,
        "source_batches": found.source_batches,
        "test": found.test_ids,
        "target": found.targets[0],
        "unit": found.units[0],
        "methods": [score for score in found.scores if score.target == found.targets[0]],
        "other_targets": [score for score in found.scores if score.target != found.targets[0]],
        "gains": found.gains,
        "advice": found.advice,
        "verdict": found.verdict,
        "notes": found.notes,
        "result": result,
    }


def words(found: Transfer) -> str:
    """Say how the ways did, what is recommended at each number of local batches, and the verdict."""
    word = WORDS[found.by]
    head = (
        f"New {word} {found.group}, {found.preset.replace('_', ' ')}: tested on {len(found.test_ids)} of its batches "
        f"({', '.join(found.test_ids)}); {found.source_batches} batches of other {word}s are the source."
    )
    parts = [_table(found, target, unit) for target, unit in zip(found.targets, found.units, strict=True)]
    return "\n\n".join([head, *parts, "\n".join([_FIGURES, *found.advice, found.verdict, *found.notes])])


def _table(found: Transfer, target: str, unit: str) -> str:
    first = target == found.targets[0]
    gains = {(gain.method, gain.batches): gain for gain in found.gains} if first else {}
    mine = sorted((score for score in found.scores if score.target == target), key=lambda score: score.batches)
    rows = [_row(score, gains.get((score.method, score.batches))) for score in mine]
    headers = (
        target, "Local batches", f"RMSE {unit}", "of the draws", "MAE", "R2", "DTS*", "Final-day RMSE",
        "Gain over the best local (95 %)", "Recommended",
    )  # fmt: skip
    shown = len(headers) if first else -2
    return table(headers[:shown], [row[:shown] for row in rows])


def _row(score: TransferScore, gain: TransferGain | None) -> tuple[Any, ...]:
    figures = (score.rmse, score.mae, score.r2, score.dts_centered, score.final_day_rmse)
    rmse, *others = map(three_decimals, figures)
    draws = f"{score.rmse_low:.3f}-{score.rmse_high:.3f}"
    return (score.label, score.batches, rmse, draws, *others, *_gained(gain))


def _gained(gain: TransferGain | None) -> tuple[str | None, str]:
    if gain is None:
        return None, ""
    if not np.isfinite(gain.low):
        return f"{gain.gain:+.3f}", "no: too few test batches"
    advice = "yes" if gain.recommended else "no: it hurts" if gain.high < 0 else "no: not shown to help"
    return f"{gain.gain:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})", advice
