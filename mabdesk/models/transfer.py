"""Fine-tuning: a model trained on source batches, adapted to a few batches of a new cell line or scale.

The scaling of inputs and targets stays the source's: a few batches tell no better one.
"""

from dataclasses import replace

import numpy as np

from mabdesk.data.batch import Floats, Windows
from mabdesk.errors import TrainingError
from mabdesk.models.blend import Blend
from mabdesk.models.cnn_lstm import CnnLstm
from mabdesk.models.kernel import similarity
from mabdesk.models.model import WindowModel
from mabdesk.models.network_model import SEEDS_APART, NetworkModel
from mabdesk.models.paper_networks import PaperNetwork
from mabdesk.models.physical import offsets, require_targets, scales
from mabdesk.models.training import Course, Sample, mixed, pack, train_network
from mabdesk.progress import Progress

_STEPS, _EPOCHS, _MINIBATCH = 60, 3, 32  # few steps; a smaller learning rate than the source's was no better
_DEPARTURE = 0.1  # prior variance of how the new group departs from the source, which has 1
_BATCH_NOISE = 0.05  # of the rates' variance: what one batch's rows have in common by chance


def fine_tune(model: WindowModel, local: Windows, seed: int, progress: Progress) -> WindowModel:
    """Return a copy of a trained model, adapted to the local windows; the model itself stays as it is.

    Args:
        model: trained on source batches, of the same channels and targets as the windows.
        local: training windows of the new line or scale, cut behind the source's cleaning.
        seed: of the order of the windows and of what is random in training.
        progress: who listens.

    Raises:
        DataError: a target was never measured in the local batches.
        TrainingError: the model has no network to adapt, or the loss was never finite.
    """
    require_targets(local)
    if isinstance(model, CnnLstm) and model.base is not None:
        mixture = CnnLstm(model.recipe, model.plan)
        mixture.restore(model.arrays())
        mixture.base = departed(model.base, local, model.recipe.noise)
        design = model.base.design
        scale = scales(design.target, local)
        _tune(
            mixture,
            local,
            (local.y - offsets(design.target, local)) / scale,
            scale,
            model.recipe.mixing,
            seed,
            progress,
        )
        return mixture
    if isinstance(model, PaperNetwork):
        network = PaperNetwork(model.recipe, model.plan)
        network.restore(model.arrays())
        _tune(network, local, local.y, np.ones_like(local.y), 0, seed, progress)
        return network
    raise TrainingError("Only a trained network can be fine-tuned.", "Choose one of the networks for the transfer.")


def departed(source: Blend, local: Windows, noise: float) -> Blend:
    """Return the source's base plus a Gaussian process: how the local rows depart from it, in closed form.

    It has the kernel and the table of the source's own Gaussian process, so that their sum is one of the same form with
    more support rows. The rows of one batch share a part of their noise: two batches are two witnesses, however many
    rows they have.
    """
    process, design = source.process, source.design
    table, scale = design.table(local), scales(design.target, local)
    away = (local.y - source.predict(local)) / scale / process.spread
    dual = _departure(away, table, scale, local, noise) / source.weight
    return replace(
        source,
        process=replace(
            process,
            support=np.concatenate([process.support, table]),
            dual=np.concatenate([process.dual, dual], axis=1),
        ),
    )


def _departure(away: Floats, table: Floats, scale: Floats, local: Windows, noise: float) -> Floats:
    """Return (targets, n) weights of the local rows; `away` (n, targets) in units of the source's spread."""
    prior = _DEPARTURE * similarity(table, table)
    together = _BATCH_NOISE * (local.batch_ids[:, None] == local.batch_ids[None, :])
    dual = np.zeros(away.T.shape)
    for j, column in enumerate(away.T):
        there = np.isfinite(column)
        both = np.ix_(there, there)
        system = prior[both] + together[both] + np.diag(noise / scale[there, j])
        dual[j, there] = _DEPARTURE * np.linalg.solve(system, column[there])
    return dual


def _tune(
    model: NetworkModel, local: Windows, wanted: Floats, scale: Floats, mixing: int, seed: int, progress: Progress
) -> None:
    """Go on training every network of the model on the local windows, for a few epochs."""
    first = np.arange(wanted.shape[1]) == 0
    importance = np.where(first, 1.0, model.asked["quality_weight"]) * scale
    sample = model.inputs(local), pack((wanted - model.center) / model.spread, importance)
    starts, model.members = model.members, []
    for number, start in enumerate(starts):
        part = progress.part(number / len(starts), (number + 1) / len(starts), f"network {number + 1} of {len(starts)}")
        drawn = seed + SEEDS_APART * number
        rows = _enough(sample, mixing, drawn)
        course = Course(_EPOCHS, _MINIBATCH, warm_up=1, cosine=True)
        trained = train_network(model.shape, model.optimizer, course, rows, None, drawn, part, start)
        model.remember(trained, f"_{number + 1}" if len(starts) > 1 else "")


def _enough(sample: Sample, mixing: int, seed: int) -> Sample:
    """Return as many rows as a fixed number of steps takes: mixtures where the model learns from such, else repeats."""
    wanted = _STEPS * _MINIBATCH // _EPOCHS
    copies = max(round(wanted / len(sample[0])), 1)
    if mixing:
        return mixed(sample, copies, seed)
    return np.tile(sample[0], (copies, 1, 1)), np.tile(sample[1], (copies, 1))
