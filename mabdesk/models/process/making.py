"""From a site's batches to a process model that plans: networks, the Gaussian process beside them, bands, memory."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Variable
from mabdesk.data.history.experience import levers_of
from mabdesk.data.history.plans import STATES, History
from mabdesk.models.process.calibrating import OutOfFold, Outputs, believed_share, out_of_fold, share_of, widths_of
from mabdesk.models.process.ensemble import Ensemble, at_harvest
from mabdesk.models.process.fitting import SCRATCH, TUNING, Course, fit_ensemble, folds_of
from mabdesk.models.process.pretraining import Prior
from mabdesk.models.process.remembering import FOLLOWED, learn_memory
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.trained import TITER, KnownBatches, Memory, ProcessModel
from mabdesk.models.response_surface import fit_surface
from mabdesk.models.response_surface import out_of_fold as surface_out_of_fold
from mabdesk.models.surfaces import Surface
from mabdesk.options import to_plain
from mabdesk.progress import Progress

SURFACE = "gaussian_process_quadratic"
_QUICK = 3


@dataclass(frozen=True, eq=False)
class _Learned:
    """Networks and surfaces with what they said out of fold; courses are those of the networks alone."""

    ensemble: Ensemble
    surfaces: Mapping[str, Surface]
    found: OutOfFold
    outputs: Outputs
    shares: Floats


def make_process_model(
    history: History,
    variables: tuple[Variable, ...],
    options: ProcessOptions,
    prior: tuple[Prior | None, str],
    seed: int,
    progress: Progress,
) -> ProcessModel:
    """Fit everything on these batches (training batches alone).

    Args:
        history: the batches.
        variables: the site's, to name what is predicted with its unit.
        options: how.
        prior: what the networks start from, and its name in words.
        seed: of everything that is drawn.
        progress: told of steps; stopping leaves nothing.

    Raises:
        TrainingError: the loss was not finite.
    """
    folds = folds_of(len(history), options.members, seed)
    learned = _learn(history, folds, options, prior[0], seed, progress)
    known = (*STATES, *history.quality)
    names = tuple(n for n in history.samples.names if n in known and (n != "glucose" or history.feeds_known))
    columns = [known.index(name) for name in names]
    said = _reconciled(learned, history)
    widths = widths_of(
        history, names, OutOfFold(said, learned.found.spread), columns, learned.outputs, learned.ensemble.members
    )
    batches = _batches(history, folds, learned.outputs, said[:, :, columns], names)
    return ProcessModel(
        levers_of(history, history.ids), tuple(_variable(name, variables) for name in names), history.quality,
        _arrays(learned), learned.shares, batches, widths, _memory(names, batches), prior[1], to_plain(options), seed,
        history.simulated, history.notes,
    )  # fmt: skip


def _batches(
    history: History, folds: NDArray[np.intp], outputs: Outputs, courses: Floats, names: tuple[str, ...]
) -> KnownBatches:
    measured = np.stack([history.samples.column(name) for name in names], axis=2)
    return KnownBatches(
        history.ids, history.settings, history.planned.tags, folds, history.planned.harvest_h, outputs.measured,
        outputs.network, outputs.surface, outputs.said, courses, history.samples.hours, measured,
    )  # fmt: skip


def _memory(names: tuple[str, ...], batches: KnownBatches) -> Memory | None:
    followed = tuple(name for name in FOLLOWED if name in names)
    columns = [names.index(name) for name in followed]
    return learn_memory(followed, batches.hours, batches.samples[:, :, columns], batches.courses[:, :, columns])


def _arrays(learned: _Learned) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {f"ensemble/{k}": v for k, v in learned.ensemble.arrays().items()}
    for name, surface in learned.surfaces.items():
        arrays |= {f"surface/{name}/{k}": v for k, v in surface.arrays().items()}
    return arrays


def _learn(
    history: History,
    folds: NDArray[np.intp],
    options: ProcessOptions,
    prior: Prior | None,
    seed: int,
    progress: Progress,
) -> _Learned:
    course: Course = TUNING if prior else SCRATCH
    if options.quick:
        course = replace(course, steps=course.steps // _QUICK)
    ensemble = fit_ensemble(history, folds, prior, seed, progress.part(0.0, 0.85), course)
    names = ("titer", *history.quality)
    measured = np.stack([history.samples.final(name) for name in names], axis=1)
    parts = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in range(ensemble.members)]
    surfaces, said = {}, []
    for j, name in enumerate(names):
        progress.update(0.85 + 0.15 * j / len(names), f"Gaussian process of {name}")
        told = (history.levers, history.settings, history.tags, history.planned.tags, measured[:, j])
        surfaces[name] = fit_surface(SURFACE, *told, seed)
        said.append(surface_out_of_fold(SURFACE, *told, seed, parts))
    found = out_of_fold(ensemble, history.planned, folds)
    places = [(*STATES, *history.quality).index(name) for name in names]
    network = at_harvest(found.courses, history.planned.harvest_h)[:, places]
    surface = np.stack(said, axis=1)
    believed = believed_share(len(history), prior is not None)
    shares = np.array([share_of(*rows, believed) for rows in zip(network.T, surface.T, measured.T, strict=True)])
    spread = at_harvest(found.spread, history.planned.harvest_h)[:, places]
    both = np.maximum(shares * network + (1 - shares) * surface, 0.0)
    return _Learned(ensemble, surfaces, found, Outputs(measured, network, surface, both, shares * spread), shares)


def _reconciled(learned: _Learned, history: History) -> Floats:
    """Return daily courses out of fold that end where networks and surfaces together say."""
    found, o = learned.found.courses.copy(), learned.outputs
    found[:, :, TITER] *= np.clip(o.said[:, 0] / np.maximum(o.network[:, 0], 1e-9), 0.2, 5.0)[:, None]
    for j, name in enumerate(history.quality, start=1):
        column = (*STATES, *history.quality).index(name)
        found[:, :, column] = np.clip(found[:, :, column] + (o.said - o.network)[:, j, None], 0.0, 100.0)
    return found


def _variable(name: str, variables: tuple[Variable, ...]) -> Variable:
    """Return the site's variable; volume is relative to that at inoculation, whatever unit the site measures it in."""
    found = next((v for v in variables if v.name == name and v.role != "setpoint"), None)
    if name == "volume":
        return Variable("volume", "of start", "offline", 0.0, 10.0, "Culture volume")
    units = {"vcd": "1e6/mL", "viability": "%", "titer": "g/L"}
    return found or Variable(
        name, units.get(name, ""), "offline", 0.0, label=name.upper() if name == "vcd" else name.capitalize()
    )
