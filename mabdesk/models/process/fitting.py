"""Fits an ensemble of process networks to a site's batches: from the prior in seconds, or from scratch in minutes."""

from dataclasses import dataclass, field, replace

import keras
import numpy as np
from numpy.typing import NDArray

from mabdesk.data.history.plans import History
from mabdesk.errors import TrainingError
from mabdesk.models.process.ensemble import Ensemble
from mabdesk.models.process.learner import Pull, SiteNetwork, compiled, lesson, random_weights
from mabdesk.models.process.plants import Start
from mabdesk.models.process.pretraining import Prior
from mabdesk.models.process.rollout import Single, Sizes
from mabdesk.models.process.site import Site, encode, fit_site, shared_tags
from mabdesk.progress import Progress

_REPORT = 10


@dataclass(frozen=True)
class Course:
    """How a site's networks learn: full-batch steps, rates, and how strongly they are held."""

    steps: int = 200
    rate: float = 3e-3
    plant_rate: float = 17.0  # how many times as fast a plant's numbers move
    decay: float = 0.0
    pull: Pull = field(default_factory=Pull)


TUNING = Course()
SCRATCH = Course(600, 5e-3, 1.0, 0.4, Pull(plant=1e-2, weights=0.0))
SCRATCH_SIZES = Sizes(memory=16, dense=16, plant=4)


def fit_ensemble(
    history: History,
    folds: NDArray[np.intp],
    prior: Prior | None,
    seed: int,
    progress: Progress,
    course: Course | None = None,
) -> Ensemble:
    """Fit one member for each fold, on the batches of all other folds.

    Args:
        history: training batches alone.
        folds: (n,) the fold of each batch, 0 to members - 1.
        prior: where the weights start; none: at random.
        seed: of everything that is drawn.
        progress: told every few steps.
        course: how; by default TUNING with a prior and SCRATCH without.

    Raises:
        TrainingError: the loss was not finite.
    """
    keras.utils.set_random_seed(seed)
    members = int(folds.max()) + 1
    course = course or (TUNING if prior else SCRATCH)
    tags = shared_tags(history)
    sites = [fit_site(history.take(taught) if taught.any() else history, tags) for taught in _others(folds, members)]
    sizes, start = _start(history, prior, members, seed)
    network = SiteNetwork(sizes, history.planned.days, members, len(tags), start, course.pull, course.plant_rate)
    _prepare(network, course, 0.5 if prior else 0.1, seed)
    _learn(network, _taught(history, sites, folds), course.steps, progress)
    own = {"site": network.site, "tag": network.tag, "made": network.made}
    return Ensemble(
        sizes,
        tuple(sites),
        _whole(network.kernel_values(), sizes, members),
        {name: np.asarray(value.numpy()) for name, value in own.items()},
        replace(start, weights={}),
        course.plant_rate,
    )


def _prepare(network: SiteNetwork, course: Course, apart: float, seed: int) -> None:
    """Set where learning starts; members' plants begin `apart` from the mean, so that they do not all end alike."""
    network.build(None)
    network.set_kernels(network.start.weights)
    network.site.assign(np.random.default_rng(seed).normal(0, apart / course.plant_rate, network.site.shape))
    # No clipping: a norm over all members would let what one sees change what another learns.
    compiled(network, course.rate, course.steps, course.decay, clip=None)


def _learn(network: SiteNetwork, x: dict[str, Single], steps: int, progress: Progress) -> None:
    """Take full-batch steps.

    Raises:
        TrainingError: the loss was not finite.
    """
    nothing = np.zeros(len(x["taught"]), dtype=np.float32)
    for step in range(steps):
        loss = float(network.train_on_batch(x, nothing))
        if not np.isfinite(loss):
            raise TrainingError(
                f"Training of the process model stopped at step {step + 1}: the loss was not finite.",
                "Look for values far outside of what is usual (Clean lists them).",
            )
        if (step + 1) % _REPORT == 0:
            said = f"process networks, step {step + 1}, loss {loss / network.members:.2f}"
            progress.update((step + 1) / steps, said)


def folds_of(count: int, members: int, seed: int) -> NDArray[np.intp]:
    """Return (n,) a fold for each of n batches, as even as can be."""
    order = np.random.default_rng(seed).permutation(count)
    folds = np.empty(count, dtype=np.intp)
    folds[order] = np.arange(count) % min(members, count)
    return folds


def _others(folds: NDArray[np.intp], members: int) -> NDArray[np.bool_]:
    """Return (members, n): which batches teach each member, all but its fold; a single member learns from all."""
    return folds != np.arange(members)[:, None] if members > 1 else np.ones((1, len(folds)), dtype=np.bool_)


def _taught(history: History, sites: list[Site], folds: NDArray[np.intp]) -> dict[str, Single]:
    """Return what the networks see: sensors as recorded, feeds as planned: they learn what becomes of a plan."""
    seen = replace(history.recorded, glucose_feed=history.planned.glucose_feed, volume_feed=history.planned.volume_feed)
    return (
        encode(seen, sites)
        | lesson(history.samples, sites, history.quality, history.planned.days)
        | {"taught": _others(folds, len(sites)).T.astype(np.float32)}
    )


def _start(history: History, prior: Prior | None, members: int, seed: int) -> tuple[Sizes, Start]:
    """Return the sizes of a site's networks and where they start."""
    base = prior.sizes if prior else SCRATCH_SIZES
    sizes = replace(base, quality=len(history.quality), extra=history.planned.extra.shape[1])
    drawn = random_weights(sizes, members, seed)
    if prior is None:
        unit = np.eye(sizes.plant, dtype=np.float32)
        return sizes, Start(drawn, np.zeros(sizes.plant, dtype=np.float32), unit)
    weights = {name: np.repeat(_widened(name, prior, history, sizes), members, axis=0) for name in drawn}
    return sizes, Start(weights, prior.mean, prior.root)


def _widened(name: str, prior: Prior, history: History, sizes: Sizes) -> Single:
    """Return (1, ...) the prior's weight with zeros for what it never saw: further levers, other attributes."""
    found = np.zeros((1, *sizes.shapes()[name]), dtype=np.float32)
    known = prior.weights.get(name)
    if name.startswith("quality"):
        for i, attribute in enumerate(history.quality):
            if attribute in prior.quality and known is not None:
                found[..., i] = known[..., prior.quality.index(attribute)]
    elif known is not None:
        found[:, : known.shape[1]] = known
    return found


def _whole(kernels: dict[str, Single], sizes: Sizes, members: int) -> dict[str, Single]:
    """Add the empty weights of a network without quality attributes."""
    empty = {
        name: np.zeros((members, *shape), dtype=np.float32) for name, shape in sizes.shapes().items() if 0 in shape
    }
    return kernels | empty
