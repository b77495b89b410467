"""Which setpoints a site's batches have, and what stands in where one is missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Batch, Dataset, Floats, Role
from mabdesk.data.history.plans import CLIMATE, KNOWN_LEVERS
from mabdesk.data.history.samples import FIRST_H, sampled
from mabdesk.data.history.sensors import sensors_of, shift_of
from mabdesk.data.variables import known

MOST_DAYS = 40
SHIFT = ("temperature_after_shift", "temperature_shift_day")
# What records tell of themselves where a site writes no setpoints down.
DERIVED = ("temperature", *SHIFT, "ph", "dissolved_oxygen", "seeding_density", "harvest_day")
SETPOINT: tuple[Role, ...] = ("setpoint",)
_SHOWN = 6


@dataclass(frozen=True, eq=False)
class Settings:
    """Values (n, len(names)) of the setpoints without NaN, and what had to be assumed for them.

    `usual` has medians of all setpoints, and of DERIVED that are none, over the batches in training.
    """

    names: tuple[str, ...]
    values: Floats
    notes: tuple[str, ...] = ()
    usual: Mapping[str, float] = field(default_factory=dict)

    def column(self, name: str) -> Floats:
        """Return (n,) values of one setpoint, all NaN where the site has none."""
        if name not in self.names:
            return np.full(len(self.values), np.nan)
        return np.asarray(self.values[:, self.names.index(name)])


def label_of(name: str) -> str:
    """Say a setpoint as people do."""
    row = known(name, SETPOINT)
    return row.label if row else name.replace("_", " ").capitalize()


def ended(batch: Batch) -> float:
    """Return the hour at which a batch ended: its harvest, else its last sample, or its sensors' end soon after."""
    harvest = [event.hour for event in batch.events if event.kind == "harvest" and event.hour > 0]
    if harvest:
        return float(harvest[-1])
    last = float(batch.offline.hours[-1]) if len(batch.offline.hours) else 0.0
    return batch.duration if last <= 0 or batch.duration - last <= 24.0 else last


def own_record(batch: Batch, means: Floats | None = None) -> dict[str, float]:
    """Return what a batch's own record says of DERIVED; what it does not say is absent.

    `means` are those of `sensors_of`, where they are there already.
    """
    sensors = sensors_of(batch, MOST_DAYS) if means is None else means
    column = dict(zip(CLIMATE, sensors.T, strict=True))
    shift = shift_of(column["temperature"])
    early = (np.abs(batch.offline.hours) <= FIRST_H) & np.isfinite(cells := sampled(batch, "vcd"))
    found = {
        "temperature": round(shift.before, 1),
        SHIFT[0]: round(shift.after, 1),
        SHIFT[1]: round(shift.day, 2),
        "ph": round(median_of(column["ph"]), 2),
        "dissolved_oxygen": round(median_of(column["dissolved_oxygen"]), 1),
        "seeding_density": round(float(cells[early][0]), 3) if early.any() else np.nan,
        "harvest_day": round(ended(batch) / 24.0, 2) or np.nan,
    }
    return {name: value for name, value in found.items() if np.isfinite(value)}


def settings_of(dataset: Dataset, ids: Collection[str], own: Sequence[Mapping[str, float]]) -> Settings:
    """Return every setpoint of a site, KNOWN_LEVERS first; medians come from the batches named in `ids` alone.

    `own` is what each batch's own record says.
    """
    batches = dataset.batches
    named = dict.fromkeys([*dataset.names("setpoint"), *(name for batch in batches for name in batch.setpoints)])
    written = [name for name in named if _some(batches, name, ids)]
    usable = np.array([batch.id in ids for batch in batches])
    notes = []
    names = written if written else [name for name in DERIVED if name not in SHIFT]
    if not written:
        notes.append("No setpoints are recorded: sensors, first cell counts and durations stand in for them.")
    unsaid = [name for name in SHIFT if name not in names]
    if unsaid and any(SHIFT[1] in own[i] for i in np.flatnonzero(usable).tolist()):
        names = [*names, *unsaid]
        if written:
            notes.append("Temperature shifts are not among the setpoints: they are read from the temperature sensors.")
    ordered = [name for name in KNOWN_LEVERS if name in names] + [name for name in names if name not in KNOWN_LEVERS]
    values = np.array([[batch.setpoints.get(name, np.nan) for name in ordered] for batch in batches], dtype=np.float64)
    values = values.reshape(len(batches), len(ordered))
    values = np.where(np.isfinite(values), values, np.nan)
    usual = _medians(ordered, values, own, usable)
    values, more = filled(ordered, values, own, batches, usual, quiet=not written)
    notes += more
    there = np.isfinite(values).all(axis=0)
    if written:
        notes += [f"{label_of(name)} is known of no batch: it is left out." for name in np.array(ordered)[~there]]
    usual |= {name: value for name in DERIVED if name not in usual and np.isfinite(value := _usual(own, name, usable))}
    return Settings(tuple(np.array(ordered)[there].tolist()), values[:, there], tuple(notes), usual)


def filled(
    names: Sequence[str],
    values: Floats,
    own: Sequence[Mapping[str, float]],
    batches: Sequence[Batch],
    usual: Mapping[str, float],
    *,
    quiet: bool = False,
) -> tuple[Floats, list[str]]:
    """Fill missing setpoints (n, k) from each batch's own record, else by what is usual; say which.

    A batch without a shift, or with one after its harvest, has the same temperature after a shift on the usual day.
    """
    result, notes = values.copy(), []
    for column, name in enumerate(names):
        missing = np.flatnonzero(~np.isfinite(values[:, column])).tolist()
        told = [i for i in missing if name in own[i]]
        others = [i for i in missing if name not in own[i]]
        result[told, column] = [own[i][name] for i in told]
        result[others, column] = usual.get(name, np.nan)
        if told and not quiet:
            notes.append(f"{label_of(name)} of {listed(batches, told)} was not given: its own record stands in.")
        if others and np.isfinite(usual.get(name, np.nan)) and not (quiet and name in SHIFT):
            notes.append(
                f"{label_of(name)} of {listed(batches, others)} is not known: "
                f"the usual {usual[name]:.4g} stands in for it."
            )
    _undo_shifts(names, values, result, own, usual.get(SHIFT[1], np.nan))
    return result, notes


def _undo_shifts(
    names: Sequence[str], given: Floats, result: Floats, own: Sequence[Mapping[str, float]], usual_day: float
) -> None:
    """Write down alike all batches without a shift: planned after harvest, or no day named and none in the sensors."""
    if not {"temperature", *SHIFT} <= set(names):
        return
    before, after, day = (list(names).index(name) for name in ("temperature", *SHIFT))
    unseen = np.array([SHIFT[0] in one and SHIFT[1] not in one for one in own], dtype=np.bool_)
    calm = unseen & ~np.isfinite(given[:, day])
    result[calm, after] = result[calm, before]
    never = result[:, day] >= _harvest(names, result)
    if np.isfinite(usual_day) and (usual_day < _harvest(names, result)).any():
        result[never, after], result[never, day] = result[never, before], usual_day


def _harvest(names: Sequence[str], values: Floats) -> Floats:
    """Return (n,) days of harvest, the most that count where it is no setpoint."""
    days = values[:, list(names).index("harvest_day")] if "harvest_day" in names else np.full(len(values), np.nan)
    return np.where(np.isfinite(days), days, float(MOST_DAYS))


def _medians(
    names: Sequence[str], values: Floats, own: Sequence[Mapping[str, float]], usable: NDArray[np.bool_]
) -> dict[str, float]:
    found = {}
    for column, name in enumerate(names):
        mine = np.array([one.get(name, np.nan) for one in own])
        there = np.where(np.isfinite(values[:, column]), values[:, column], mine)[usable]
        comes = there < _harvest(names, values)[usable]  # of shifts, those before harvest count
        found[name] = median_of(there[comes] if name == SHIFT[1] and comes.any() else there)
    return found


def _usual(own: Sequence[Mapping[str, float]], name: str, usable: NDArray[np.bool_]) -> float:
    # Shifts that are no setpoints were not found: there are none.
    return np.nan if name in SHIFT else median_of(np.array([one.get(name, np.nan) for one in own])[usable])


def _some(batches: Sequence[Batch], name: str, ids: Collection[str]) -> bool:
    return any(np.isfinite(batch.setpoints.get(name, np.nan)) for batch in batches if batch.id in ids)


def median_of(values: Floats) -> float:
    """Return the median of what is known, NaN where nothing is."""
    there = values[np.isfinite(values)]
    return float(np.median(there)) if len(there) else float("nan")


def listed(batches: Sequence[Batch], rows: Sequence[int]) -> str:
    """Name some batches, the first six at most."""
    names = [batches[i].id for i in rows]
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
