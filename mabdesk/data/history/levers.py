"""The setpoints of a site as a trained process model remembers them, and plans made from them. numpy alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import Plans, lay_out
from mabdesk.errors import OptionsError, Problem

_SAME = 1e-9


@dataclass(frozen=True)
class Levers:
    """The setpoints that a model was told, with what was usual in the batches that it learned from.

    names, usual (median), low, high, varied   one entry a setpoint, in the order of History.levers
    labels, units, least, most   the same: how people call it, its unit, and the limits of what makes sense
    tag_names, tag_values   the tags and the values that each had, the most frequent first
    days          how many days the longest batch had
    others        (name, value) of KNOWN_LEVERS that the site does not set: what its sensors and records say
    glucose_feed, volume_feed   (days,) what is fed by day where no setpoint says so; empty: the setpoints do
    feed_glucose  g/L of glucose in what `feed_volume_rate` pumps, where no setpoint says so; None: unknown
    """

    names: tuple[str, ...]
    usual: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    varied: tuple[bool, ...]
    labels: tuple[str, ...]
    units: tuple[str, ...]
    least: tuple[float, ...]
    most: tuple[float, ...]
    tag_names: tuple[str, ...] = ()
    tag_values: tuple[tuple[str, ...], ...] = ()
    days: int = 14
    others: tuple[tuple[str, float], ...] = ()
    glucose_feed: tuple[float, ...] = ()
    volume_feed: tuple[float, ...] = ()
    feed_glucose: float | None = None

    def never_varied(self, row: int) -> str:
        """Say of one setpoint that it was the same in every batch."""
        label = self.labels[row]
        other = label[:1].lower() + label[1:]
        return f"{label} was {self.usual[row]:.4g} in every batch: what another {other} would do cannot be learned."


def completed(levers: Levers, setpoints: Sequence[Mapping[str, float]]) -> Floats:
    """Return (n, len(levers.names)): partial settings completed with what was usual.

    Raises:
        OptionsError: an unknown name, what is no number, or a value that no culture can have; all faults at once.
    """
    problems = [
        Problem(f"{name}" if len(setpoints) == 1 else f"{name} of plan {i + 1}", fault)
        for i, chosen in enumerate(setpoints)
        for name, value in chosen.items()
        if (fault := _fault(levers, name, value))
    ]
    if problems:
        raise OptionsError(
            "These setpoints cannot be planned.", f"Setpoints of this model: {', '.join(levers.names)}.", problems
        )
    rows = [[float(chosen.get(name, levers.usual[i])) for i, name in enumerate(levers.names)] for chosen in setpoints]
    return np.array(rows, dtype=np.float64).reshape(len(setpoints), len(levers.names))


def unlearned(levers: Levers, setpoints: Sequence[Mapping[str, float]]) -> tuple[str, ...]:
    """Say of which chosen setpoints the model learned nothing, as they never varied."""
    settings = completed(levers, setpoints)
    return tuple(
        levers.never_varied(i)
        for i in range(len(levers.names))
        if not levers.varied[i] and (np.abs(settings[:, i] - levers.usual[i]) > _SAME).any()
    )


def plan_for_setpoints(
    levers: Levers, setpoints: Sequence[Mapping[str, float]], tags: Mapping[str, str] | None = None
) -> Plans:
    """Lay out n plans from partial settings; what they do not name is as usual, so are tags.

    Raises:
        OptionsError: see `completed`.
    """
    settings = completed(levers, setpoints)
    given = tags or {}
    row = [
        given.get(name, values[0] if values else "")
        for name, values in zip(levers.tag_names, levers.tag_values, strict=True)
    ]
    return planned_by(levers, settings, np.array([row] * len(settings), dtype=np.str_).reshape(len(settings), len(row)))


def planned_by(levers: Levers, settings: Floats, tags: NDArray[np.str_], days: int | None = None) -> Plans:
    """Lay out settings (n, len(levers.names)); by default as many days as the longest of them needs."""
    lasting = days or days_for(levers, settings)
    plans = lay_out(levers.names, settings, lasting, tags=tags, usual=dict(levers.others))
    glucose, volume = plans.glucose_feed, plans.volume_feed
    if levers.volume_feed:
        volume = _profile(levers.volume_feed, len(settings), lasting)
    if levers.glucose_feed:
        glucose = _profile(levers.glucose_feed, len(settings), lasting)
    elif levers.feed_glucose is not None:
        glucose = levers.feed_glucose * volume
    return replace(plans, glucose_feed=np.maximum(glucose, 0.0), volume_feed=np.maximum(volume, 0.0))


def days_for(levers: Levers, settings: Floats) -> int:
    """Return how many days the longest of these settings lasts."""
    if "harvest_day" not in levers.names or not len(settings):
        return levers.days
    return max(1, math.ceil(float(settings[:, levers.names.index("harvest_day")].max()) - 1e-6))


def _fault(levers: Levers, name: str, value: object) -> str:
    if name not in levers.names:
        return f"is no setpoint of this model; it knows {', '.join(levers.names)}"
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not number or not math.isfinite(float(value)):  # type: ignore[arg-type]
        return f"received {value!r}; a number is needed"
    row = levers.names.index(name)
    least, most, unit = levers.least[row], levers.most[row], levers.units[row]
    if not least <= float(value) <= most:  # type: ignore[arg-type]
        return f"received {value:g} {unit}; {least:g} to {most:g} {unit} make sense"
    return ""


def _profile(profile: tuple[float, ...], n: int, days: int) -> Floats:
    whole = np.zeros(days)
    whole[: min(days, len(profile))] = profile[:days]
    return np.tile(whole, (n, 1))
