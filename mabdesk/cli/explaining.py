"""What an attribution says to people, what `--json` prints of it, and its contributions one by one."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from mabdesk.analysis.attributed import NOT_CAUSE, Attribution, Importance
from mabdesk.cli.tables import six_figures, table, three_decimals

_LIGHTS = {True: "[ok]", False: "[no]", None: "[?] "}
_COLUMNS = (
    "Share of a variable's mean |contribution|; 95 %: whole batches drawn anew; half models: of half the batches, with "
    "other seeds. Direction: correlation of departure and contribution; +1 more of it than usual, a higher prediction. "
    "Floor, to compare with the contribution: what models of shuffled targets give it anyway."
)
_LEADING = 3
_UNRELIABLE = "NOT RELIABLE, for the reasons below: do not use this ranking."
_IMPORTANCE = (
    "variable", "unit", "relative", "low", "high", "mean_abs", "refit_low", "refit_high", "direction", "floor",
    "above_floor",
)  # fmt: skip


def answer(found: Attribution, result: str) -> dict[str, Any]:
    """Return the contract's keys of an attribution; single contributions are written by `--output`."""
    test_keys, check_keys = ("test", "passed", "value", "limit", "sentence"), ("method", "spearman", "windows")
    return {
        "model": found.kind,
        "task": found.preset,
        "target": found.target,
        "unit": found.unit,
        "method": found.method,
        "baseline": found.baseline,
        "importance": [
            {**{k: getattr(one, k) for k in _IMPORTANCE}, "above_floor": _is_above(one)} for one in found.ranking
        ],
        "completeness_error": found.completeness_error,
        "interpolation_steps": found.interpolation_steps,
        "windows": len(found.hours),
        "batches": _batches(found),
        "trust": [{key: getattr(one, key) for key in test_keys} for one in found.trust],
        "checks": [{key: getattr(one, key) for key in (*check_keys, "sentence")} for one in found.checks],
        "reliable": found.reliable,
        "verdict": found.verdict,
        "notes": found.notes,
        "association": NOT_CAUSE,
        "result": result,
    }


def words(found: Attribution) -> str:
    """Say the ranking, what the trust tests and the cross-checks found, the verdict, and that it is no cause."""
    head = (
        f"What moved the {found.target} of {found.label}, {found.preset.replace('_', ' ')}: {len(found.hours)} windows "
        f"of {_batches(found)} batches.\n"
        f"Compared with: {found.baseline_sentence[:1].lower()}{found.baseline_sentence[1:]}"
    )
    said = [found.verdict, NOT_CAUSE, *found.notes]
    parts = [
        head if found.reliable else f"{head}\n{_UNRELIABLE}",
        "\n".join(filter(None, (_ranking(found), _COLUMNS, _when(found)))),
        "\n".join(f"{_LIGHTS[one.passed]} {one.label}: {one.sentence}" for one in found.trust),
        "\n".join(f"{one.label}: {one.sentence}" for one in found.checks),
        "\n".join(said),
    ]
    return "\n\n".join(filter(None, parts))


def contributions(found: Attribution) -> Iterator[dict[str, Any]]:
    """Give one row a window and variable: its newest value, the usual one, its contribution, what was predicted."""
    shown, usual = _newest(found.shown, found.shown), _newest(found.usual, found.shown)
    for n, batch in enumerate(found.batch_ids.tolist()):
        for v, (variable, unit) in enumerate(zip(found.variables, found.units, strict=True)):
            yield {
                "batch": batch,
                "hour": round(float(found.hours[n]), 4),
                "culture_day": round(float(found.hours[n]) / 24, 4),
                "variable": variable,
                "unit": unit,
                "shown": six_figures(shown[n, v]),
                "usual": six_figures(usual[n, v]),
                "contribution": six_figures(found.contributions[n, v]),
                "predicted": six_figures(found.predicted[n]),
                "typical": six_figures(found.typical[n]),
                "target": found.target,
                "target_unit": found.unit,
            }


def _ranking(found: Attribution) -> str:
    rows = [
        (
            one.variable,
            three_decimals(one.relative),
            _range(one.low, one.high),
            _range(one.refit_low, one.refit_high),
            one.mean_abs,
            None if math.isnan(one.direction) else f"{one.direction:+.2f}",
            one.floor,
            _above(one),
        )
        for one in found.ranking
    ]
    contribution, floor = (f"{name}, {found.unit}".removesuffix(", ") for name in ("Contribution", "Floor"))
    headers = ("Variable", "Share", "95 %", "Half models", contribution, "Direction", floor, "Above floor")
    return table(headers, rows)


def _is_above(one: Importance) -> bool | None:
    return None if math.isnan(one.floor) else one.above_floor


def _above(one: Importance) -> str | None:
    return {None: None, True: "yes", False: "no"}[_is_above(one)]


def _when(found: Attribution) -> str:
    """Say on which culture day the leading variables contribute most."""
    days = np.round(found.hours / 24).astype(int)
    told = []
    for one in found.ranking[:_LEADING]:
        sizes = np.abs(found.contributions[:, found.variables.index(one.variable)])
        by_day = {int(day): float(sizes[days == day].mean()) for day in np.unique(days)}
        told.append(f"{one.variable} on day {max(by_day, key=lambda day: by_day[day])}")
    return f"Largest on average: {', '.join(told)}." if told else ""


def _range(low: float, high: float) -> str | None:
    return f"{low:.3f} to {high:.3f}" if math.isfinite(low) and math.isfinite(high) else None


def _batches(found: Attribution) -> int:
    return len(set(found.batch_ids.tolist()))


def _newest(values: Any, where: Any) -> Any:
    """Return (n, variables) of (n, steps, variables): values at the last step at which `where` has one, else NaN."""
    there = np.isfinite(where)
    last = where.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
    picked = np.take_along_axis(values, last[:, None, :], axis=1)[:, 0]
    return np.where(there.any(axis=1), picked, np.nan)
