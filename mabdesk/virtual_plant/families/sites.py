"""A plant of a family as a site would know it: a dataset of batches; and the truth that the site never sees."""

from dataclasses import dataclass

import numpy as np

from mabdesk.data.batch import Batch, Dataset, Event, Floats, Measurements, Role, Variable
from mabdesk.data.history.plans import NEVER
from mabdesk.data.variables import known
from mabdesk.errors import DataError, OptionsError
from mabdesk.virtual_plant.families.drawing import draw_plants, draw_settings
from mabdesk.virtual_plant.families.family import FED, LEVERS, VARIABLES, Plants
from mabdesk.virtual_plant.families.simulation import FAMILIES, Course, course, measured, shifted, simulate

ONLINE = ("temperature", "ph", "dissolved_oxygen")
_STATES, _QUALITY = VARIABLES[:7], VARIABLES[7:]
OFFLINE = (*_STATES[:5], "feed_volume", "volume", "titer", *_QUALITY)
ONLINE_SD = {"temperature": 0.05, "ph": 0.012, "dissolved_oxygen": 2.0}
_DRIFT_SD = {"temperature": 0.0, "ph": 0.015, "dissolved_oxygen": 1.0}
_EVERY_H, _FIRST_TITER, _FIRST_QUALITY = 2.0, 1, 4
_SCALES_L = (2.0, 10.0, 50.0, 200.0, 1000.0)
_AT = {name: i for i, name in enumerate(LEVERS)}
_SHIFT = ("temperature_after_shift", "temperature_shift_day")


@dataclass(frozen=True, eq=False)
class FamilyCampaign:
    """A site's dataset, the settings (batches, 10) behind it in the order of LEVERS, and the one plant (p = 1)."""

    dataset: Dataset
    settings: Floats
    plant: Plants

    def true_final(self, settings: Floats) -> Floats:
        """Return (n,) noise-free titer at harvest in g/L, without batch-to-batch variation, for settings (n, 10)."""
        days = int(np.ceil(settings[:, _AT["harvest_day"]].max()))
        return _final(simulate(self.plant, settings[None], days)[0], settings)

    def fresh(self, batches: int, seed: int) -> tuple[Floats, Floats, Floats]:
        """Run further batches from the same box.

        Returns:
            Settings (n, 10), measured final titers (n,) with the batch's luck and noise, and true ones (n,) without.
        """
        rng = np.random.default_rng((seed, batches))
        settings = draw_settings(self.plant, batches, rng)
        days = int(settings[..., _AT["harvest_day"]].max())
        shown = measured(simulate(self.plant, settings, days, rng), rng)[0]
        return settings[0], _final(shown, settings[0]), self.true_final(settings[0])


def family_campaign(
    family: str, seed: int, batches: int = 50, spread: float | None = None, plant_index: int = 0
) -> FamilyCampaign:
    """Return a campaign at one random plant.

    Args:
        family: one of FAMILIES.
        seed: of the plant and of everything that is drawn.
        batches: how many.
        spread: how wide the box of settings is, .5 narrow, 1.2 wide; None: as drawn with the plant.
        plant_index: which of the plants of this seed.

    Raises:
        OptionsError: no such family, or no batches.
    """
    if batches < 1:
        raise OptionsError(f"Received {batches} batches.", "A campaign has at least one.")
    plant = draw_plants(family, plant_index + 1, seed).take(slice(plant_index, plant_index + 1))
    plant = plant if spread is None else plant.spreading(spread)
    rng = np.random.default_rng((seed, FAMILIES.index(family), plant_index, batches))
    liters = float(rng.choice(_SCALES_L))
    settings = draw_settings(plant, batches, rng)
    truth = course(plant, settings, int(settings[..., _AT["harvest_day"]].max()), rng)
    shown = Course(measured(truth.states, rng)[0], truth.books[0])
    records = [_record(i, settings[0, i], shown, liters, rng) for i in range(batches)]
    return FamilyCampaign(Dataset(_variables(settings[0]), tuple(records)), settings[0], plant)


def _final(states: Floats, settings: Floats) -> Floats:
    titer, harvest = states[..., VARIABLES.index("titer")], settings[:, _AT["harvest_day"]]
    before = np.floor(harvest).astype(np.intp)
    after, rows = np.minimum(before + 1, titer.shape[1] - 1), np.arange(len(titer))
    return np.asarray(titer[rows, before] + (harvest - before) * (titer[rows, after] - titer[rows, before]))


def _record(index: int, settings: Floats, shown: Course, liters: float, rng: np.random.Generator) -> Batch:
    """Return what the site writes down of one batch."""
    levers = dict(zip(LEVERS, settings.tolist(), strict=True))
    days = np.arange(int(levers["harvest_day"]) + 1)
    columns: dict[str, Floats] = {name: shown.states[index, days, i] for i, name in enumerate(VARIABLES)}
    columns["volume"] = columns["volume"] * liters
    columns["feed_volume"] = shown.books[index, days, FED] * liters * float(rng.normal(1.0, 0.005))
    columns["titer"] = np.where(days >= _FIRST_TITER, columns["titer"], np.nan)
    for name in _QUALITY:
        columns[name] = np.where(days >= _FIRST_QUALITY, columns[name], np.nan)
    offline = Measurements(
        OFFLINE, np.asarray(24.0 * days, dtype=np.float64), np.stack([columns[name] for name in OFFLINE], axis=1)
    )
    setpoints = {name: value for name, value in levers.items() if name not in _unsaid(settings)}
    return Batch(
        f"SIM-{index + 1:03d}", _online(levers, rng), offline, _events(levers), setpoints, {"origin": "simulated"}
    )


def _unsaid(settings: Floats) -> tuple[str, ...]:
    """A site that never shifts temperature has no setpoints for it."""
    return _SHIFT if (settings[..., _AT["temperature_shift_day"]] >= NEVER).all() else ()


def _online(levers: dict[str, float], rng: np.random.Generator) -> Measurements:
    hours = np.arange(0.0, 24.0 * levers["harvest_day"] + 1e-9, _EVERY_H)
    single = {name: np.array([value]) for name, value in levers.items()}
    held = {name: np.full(len(hours), levers[name]) for name in ONLINE}
    held["temperature"] = np.array([shifted(single, hour, 0.0)[0] for hour in hours])
    drift = {name: rng.normal(0.0, sd) * hours / hours[-1] for name, sd in _DRIFT_SD.items()}
    noise = {name: rng.normal(0.0, sd, len(hours)) for name, sd in ONLINE_SD.items()}
    return Measurements(ONLINE, hours, np.stack([held[n] + drift[n] + noise[n] for n in ONLINE], axis=1))


def _events(levers: dict[str, float]) -> tuple[Event, ...]:
    shift, end = 24.0 * levers["temperature_shift_day"], 24.0 * levers["harvest_day"]
    found = [Event(0.0, "inoculation", f"{levers['seeding_density']:.3g}e6 cells/mL"), Event(end, "harvest")]
    if shift < end:
        found.insert(1, Event(shift, "temperature shift", f"to {levers['temperature_after_shift']:.4g} °C"))
    return tuple(found)


def _variables(settings: Floats) -> tuple[Variable, ...]:
    said = [name for name in LEVERS if name not in _unsaid(settings)]
    measurements = [_variable(name, ("online", "offline", "target", "quality")) for name in ONLINE + OFFLINE]
    return (*measurements, *(_variable(name, ("setpoint",)) for name in said))


def _variable(name: str, roles: tuple[Role, ...]) -> Variable:
    row = known(name, roles)
    if row is None:
        raise DataError(f"The catalog of variables has no {name!r}.", "Add it to resources/variables.csv.")
    return row.variable()
