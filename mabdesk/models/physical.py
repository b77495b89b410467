"""What a model learns instead of titer: titer per integrated viable cells, or titer gained per cells and time.

The scale makes the target nearly constant over a batch (it is the specific productivity), so that a model of few
batches has little left to learn. Without VCD in the data, and for a quality attribute, a model learns the departure
from the mean trajectory instead (forecast of titer: from the last value plus the mean increment, per lead time).
"""

from dataclasses import dataclass, replace

import numpy as np

from mabdesk.data.batch import Floats, Windows
from mabdesk.errors import DataError
from mabdesk.models.curves import EMPTY, Curve, fit_curve

TITER, IVCD, VCD = "titer", "ivcd", "vcd"
_FLOOR = 0.06  # of the training mean: early IVCD is near 0, and titer per IVCD there is noise


@dataclass(frozen=True, eq=False)
class Target:
    """What was learned of each target: `drivers` and their typical `curves`, or the `means` of the target itself."""

    forecast: bool
    drivers: tuple[str, ...]  # channel that each target's scale follows; "" for none
    unit: Floats  # (targets,) makes the mean scale of training 1
    floor: Floats  # (targets,)
    curves: tuple[Curve, ...]  # of each driver, where one is not known yet; empty without a driver
    means: tuple[Curve, ...]  # mean trajectory of each target without a driver; empty with one


def require_targets(windows: Windows) -> None:
    """Refuse windows from which some target cannot be learned.

    Raises:
        DataError: a target was never measured.
    """
    real = windows.y[windows.measured]
    for name, column in zip(windows.targets, np.isfinite(real).T, strict=True):
        if not column.any():
            raise DataError(
                f"No value of the target {name!r} was measured in the training batches.",
                "Choose another target or import its measurements.",
            )


def fit_target(windows: Windows, forecast: bool, physical: bool) -> Target:
    """Choose and fit the scale of every target on training windows."""
    drivers = tuple(_driver(name, windows.channels, forecast, physical) for name in windows.targets)
    curves = tuple(_driver_curve(windows, name) for name in drivers)
    floor = np.array([_FLOOR * _known_mean(windows.final(name)) if name else 0.0 for name in drivers])
    means = tuple(_mean_curve(windows, j, name) for j, name in enumerate(drivers))
    blank = Target(forecast, drivers, np.ones(len(drivers)), floor, curves, means)
    return replace(blank, unit=scales(blank, windows).mean(axis=0))


def scales(target: Target, windows: Windows) -> Floats:
    """Return (n, targets): the positive scale of every row, with a mean near 1 over the training rows."""
    columns = [_scale(target, j, windows) for j in range(len(windows.targets))]
    return np.stack(columns, axis=1) / target.unit


def offsets(target: Target, windows: Windows) -> Floats:
    """Return (n, targets) what is predicted before anything is learned from the window."""
    return np.stack([_offset(target, j, windows) for j in range(len(windows.targets))], axis=1)


def lead_hours(windows: Windows, target: int) -> Floats:
    """Return (n,) hours from the last known sample (inoculation, when there is none) to the target hour."""
    known_until = np.nan_to_num(windows.last_hours[:, target], nan=0.0)
    return np.maximum(windows.target_hours - known_until, 1.0)


def _offset(target: Target, j: int, windows: Windows) -> Floats:
    """A forecast of titer starts from its last value (0 before the first), all else from the mean trajectory."""
    ahead = target.forecast and windows.targets[j] == TITER
    last = windows.last[:, j]
    if target.drivers[j]:
        return np.nan_to_num(last, nan=0.0) if ahead else np.zeros(len(windows))
    typical = target.means[j].at(windows.target_hours)
    if not ahead:
        return typical
    moved = last + typical - target.means[j].at(np.nan_to_num(windows.last_hours[:, j], nan=0.0))
    return np.asarray(np.where(np.isfinite(last), moved, typical))


def _mean_curve(windows: Windows, j: int, driver: str) -> Curve:
    if driver:
        return EMPTY
    rows = windows.take(windows.measured)
    return fit_curve(rows.target_hours, rows.y[:, j], rows.batch_ids)


def _driver(name: str, channels: tuple[str, ...], forecast: bool, physical: bool) -> str:
    wanted = VCD if forecast else IVCD
    return wanted if physical and name == TITER and wanted in channels else ""


def _driver_curve(windows: Windows, name: str) -> Curve:
    return fit_curve(windows.hours, windows.final(name), windows.batch_ids) if name else EMPTY


def _scale(target: Target, j: int, windows: Windows) -> Floats:
    name = target.drivers[j]
    lead = lead_hours(windows, j) if target.forecast and windows.targets[j] == TITER else np.ones(len(windows))
    if not name:
        return lead
    known = windows.final(name)
    filled = np.where(np.isfinite(known), known, target.curves[j].at(windows.hours))
    return np.asarray(np.maximum(np.nan_to_num(filled, nan=0.0), max(target.floor[j], 1e-6)) * lead)


def _known_mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0
