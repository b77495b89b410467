"""A prior from families of simulated plants, and from a site's own earlier products: the job behind `pretrain`.

It stands above both rooms, because models may not see the virtual plant.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mabdesk.data.batch import Dataset, Floats
from mabdesk.data.history.histories import read_history
from mabdesk.data.history.plans import INITIAL, KNOWN_LEVERS, History, Samples, lay_out
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.errors import OptionsError
from mabdesk.models import factory
from mabdesk.progress import Progress
from mabdesk.virtual_plant import families as plants

DAYS = 16
BATCHES = 32
QUALITY = ("aggregates", "galactosylation", "acidic_variants")
SENSOR_SD = (0.05, 2.0, 0.015)  # of two-hourly means of temperature °C, dissolved oxygen %, pH: probes drift
_CHUNK = 100


def pretrained(
    families: Sequence[str], count: int, steps: int, seed: int, own: Sequence[Dataset], progress: Progress
) -> bytes:
    """Learn a prior and return it as the content of a file.

    Args:
        families: of simulated plants.
        count: how many plants of each family.
        steps: of learning.
        seed: of plants, noise and network.
        own: a site's earlier products, each as a further plant.
        progress: told of plants and steps.

    Raises:
        OptionsError: an unknown family, or nothing to learn from.
    """
    unknown = [name for name in families if name not in plants.FAMILIES]
    if unknown or not (families or own):
        raise OptionsError(
            f"Received families {', '.join(families) or 'none'}.", f"Choose from {', '.join(plants.FAMILIES)}."
        )
    histories = []
    for i, family in enumerate(families):
        part = progress.part(0.2 * i / len(families), 0.2 * (i + 1) / len(families))
        histories += simulated(family, count, seed, part)
    histories += [_like_the_others(read_history(dataset, HistoryOptions())) for dataset in own]
    return factory.pretrain(histories, steps, seed, progress.part(0.2, 1.0))


def simulated(family: str, count: int, seed: int, progress: Progress) -> list[History]:
    """Return plants of a family as sites would have recorded them, some 30 batches each."""
    found: list[History] = []
    drawn = plants.draw_plants(family, count, seed)
    rng = np.random.default_rng((seed, plants.FAMILIES.index(family)))
    for at in range(0, count, _CHUNK):
        some = drawn.take(slice(at, at + _CHUNK))
        settings = plants.draw_settings(some, BATCHES, rng)
        states = plants.measured(plants.simulate(some, settings, DAYS, rng), rng)
        found += [recorded(*both, rng) for both in zip(settings, states, strict=True)]
        progress.update(min(1.0, (at + _CHUNK) / count), f"plants of the family {family}")
    return found


def recorded(settings: Floats, states: Floats, rng: np.random.Generator) -> History:
    """Return one plant's batches: settings (b, 10), daily states (b, days + 1, 10) as measured."""
    planned = lay_out(KNOWN_LEVERS, settings, DAYS)
    noise = rng.normal(0.0, SENSOR_SD, planned.climate.shape)
    initial = np.stack([states[:, 0, plants.VARIABLES.index(name)] for name in INITIAL], axis=1)
    recorded = replace(planned, climate=planned.climate + noise, initial=initial)
    days = np.arange(DAYS + 1.0)
    harvest = settings[:, KNOWN_LEVERS.index("harvest_day")]
    hours = np.where(days <= harvest[:, None] + 1e-6, 24.0 * days, np.nan)
    return History(
        tuple(str(i) for i in range(len(settings))), KNOWN_LEVERS, settings, planned, recorded,
        Samples(plants.VARIABLES, hours, states), QUALITY, (), True,
    )  # fmt: skip


def _like_the_others(history: History) -> History:
    """Give a site's own product the days and quality attributes that simulated plants have."""
    samples = history.samples
    columns = [samples.column(name) for name in plants.VARIABLES]
    hours = np.where(samples.hours <= 24.0 * DAYS, samples.hours, np.nan)
    return replace(
        history,
        planned=replace(history.planned.lasting(DAYS), extra=np.zeros((len(history), 0))),
        recorded=replace(history.recorded.lasting(DAYS), extra=np.zeros((len(history), 0))),
        samples=Samples(plants.VARIABLES, hours, np.stack(columns, axis=2)),
        quality=QUALITY,
    )
