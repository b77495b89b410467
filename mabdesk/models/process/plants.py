"""Which plant a batch comes from: a few numbers in the prior's space of plants, moved by cell line and scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mabdesk.models.process.rollout import Single


@dataclass(frozen=True, eq=False)
class Start:
    """Where learning starts: weights (members, ...), and what the prior knows of plants: mean (z,), root (z, z)."""

    weights: Mapping[str, Single]
    mean: Single
    root: Single


def plants_of(xp: Any, own: Mapping[str, Any], start: Start, x: Mapping[str, Any], rate: float) -> tuple[Any, Any]:
    """Return (members, n, days, plant + extra), and (members, n) how much more or less a batch's cells make.

    Args:
        xp: the engine, as in `rollout`.
        own: site (members, 1, z), tag (members, t, z), made (members, t, 1): what was learned of this site.
        start: what the prior knows of plants.
        x: what `arranged` gave, and tagged (n, t).
        rate: how many times as fast the plant's numbers move as the weights do.
    """
    nothing = 0 * x["titer_rate"][:, :, None]
    apart, made = rate * own["site"] + nothing, own["made"][:, :1, 0] * nothing[:, :, 0]
    if x["tagged"].shape[1]:
        apart = apart + rate * xp.matmul(x["tagged"][None], own["tag"])
        made = made + xp.matmul(x["tagged"][None], own["made"])[:, :, 0]
    both = xp.concatenate([start.mean + xp.matmul(apart, start.root.T[None]), x["extra"]], axis=2)
    return both[:, :, None] + 0 * x["glucose_feed"][:, :, :, None], xp.exp(made)
