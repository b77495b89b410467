"""Drawing plants of a family, and the settings that a site's history has."""

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import NEVER
from mabdesk.errors import OptionsError
from mabdesk.virtual_plant.families.family import LEVERS, VARIABLES, Constants, Plants
from mabdesk.virtual_plant.families.simulation import FAMILIES, KNOWN, LUCK, simulate

# Lever: the usual setting from, to; half-width of the box from, to (at a spread of one).
BOX = {
    "temperature": (36.0, 37.2, 0.4, 1.0),
    "temperature_after_shift": (32.8, 35.5, 0.7, 1.9),
    "temperature_shift_day": (3.5, 8.0, 0.7, 2.5),
    "ph": (6.88, 7.12, 0.06, 0.22),
    "dissolved_oxygen": (30.0, 55.0, 8.0, 24.0),
    "glucose_feed_rate": (1.5, 6.0, 0.2, 0.5),  # half-width relative to the usual, also of the next and seeding
    "feed_volume_rate": (0.025, 0.055, 0.2, 0.45),
    "feed_start_day": (1.0, 4.0, 0.4, 1.5),
    "seeding_density": (0.3, 1.2, 0.2, 0.55),
    "harvest_day": (11.0, 15.0, 0.0, 1.0),
}
_RELATIVE = ("glucose_feed_rate", "feed_volume_rate", "seeding_density")
_LIMITS = {
    "temperature": (33.5, 38.5),
    "temperature_after_shift": (30.0, 37.5),
    "temperature_shift_day": (1.0, NEVER),
    "ph": (6.55, 7.45),
    "dissolved_oxygen": (8.0, 120.0),
    "glucose_feed_rate": (0.5, 11.0),
    "feed_volume_rate": (0.008, 0.11),
    "feed_start_day": (0.0, 7.0),
    "seeding_density": (0.1, 4.0),
    "harvest_day": (9.0, 16.0),
}
_MOST_FEED_GLUCOSE = 450.0  # g/L that dissolves
_UNSHIFTED, _FEW_LEVERS, _VARIED_HARVEST = 0.33, 0.3, 0.2
_BLOCK, _TRIED, _DAYS, _MOST_BLOCKS = 64, 8, 16, 400
# What a plant must show on average over a handful of batches to be kept: g/L, relative, 1e6/mL, %, relative to
# its peak, g/L, g/L, mM.
PLAUSIBLE = {
    "final titer": (0.4, 15.0),
    "variation": (0.05, 0.6),
    "peak vcd": (3.0, 45.0),
    "final viability": (40.0, 99.0),
    "titer kept": (0.96, 1.0),
    "peak glucose": (3.0, 14.0),
    "peak lactate": (0.3, 8.0),
    "peak ammonia": (1.0, 18.0),
}
_IS = {name: i for i, name in enumerate(VARIABLES)}
_AT = {name: i for i, name in enumerate(LEVERS)}


def draw_plants(family: str, count: int, seed: int) -> Plants:
    """Return `count` plausible plants; those of a smaller count are the first of a larger one.

    Kept are plants that are PLAUSIBLE: .4 to 15 g/L, 3 to 45 million cells/mL, 5 to 60 % of variation over their box.

    Raises:
        OptionsError: there is no such family.
    """
    if family not in KNOWN:
        raise OptionsError(f"Received the family {family!r}.", f"There are: {', '.join(FAMILIES)}.")
    found: list[Plants] = []
    for block in range(_MOST_BLOCKS):
        if sum(len(part) for part in found) >= count:
            break
        rng = np.random.default_rng((seed, FAMILIES.index(family), block))
        plants = _drawn(family, rng)
        found.append(plants.take(_plausible(plants, rng)))
    constants = {name: np.concatenate([part.constants[name] for part in found]) for name in found[0].constants}
    center, reach, spread = (np.concatenate([getattr(p, n) for p in found]) for n in ("center", "reach", "spread"))
    return Plants(family, constants, center, reach, spread).take(slice(0, count))


def draw_settings(plants: Plants, batches: int, rng: np.random.Generator) -> Floats:
    """Return (p, b, 10) settings as historic campaigns have them.

    Some sites spread all their batches over the box; at others most batches stay near the usual setting, and the rest
    move one to four levers far on purpose.
    """
    shape = (len(plants), batches, len(LEVERS))
    uniform, normal = rng.uniform(-1.0, 1.0, shape), np.clip(rng.normal(0.0, 0.4, shape), -1.0, 1.0)
    usual, moved = rng.normal(0.0, 0.15, shape), _moved(rng, shape)
    style = plants.constants["style"][:, None, None]
    share = np.where(style < 0.35, uniform, np.where(style < 0.6, normal, np.where(moved, uniform, usual)))
    return _sensible(plants, plants.center[:, None] + share * plants.reach[:, None])


def _moved(rng: np.random.Generator, shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Return True for the one to four levers that a batch moves on purpose; a third of the batches move none."""
    rank = np.argsort(np.argsort(rng.random(shape), axis=2), axis=2)
    many = np.where(rng.random(shape[:2]) < 0.33, 0, rng.integers(1, 5, shape[:2]))
    return np.asarray(rank < many[:, :, None])


def _sensible(plants: Plants, settings: Floats) -> Floats:
    low, high = (np.array([_LIMITS[name][i] for name in LEVERS]) for i in range(2))
    settings = np.clip(settings, low, high)
    warm, after, day = (_AT[n] for n in ("temperature", "temperature_after_shift", "temperature_shift_day"))
    never = plants.center[:, None, day] >= NEVER
    settings[..., day] = np.where(never, NEVER, np.clip(settings[..., day], 1.0, 14.0))
    settings[..., after] = np.where(never, settings[..., warm], np.minimum(settings[..., after], settings[..., warm]))
    volume, harvest = _AT["feed_volume_rate"], _AT["harvest_day"]
    settings[..., volume] = np.maximum(
        settings[..., volume], settings[..., _AT["glucose_feed_rate"]] / _MOST_FEED_GLUCOSE
    )
    settings[..., harvest] = np.round(settings[..., harvest])
    return np.asarray(settings)


def _drawn(family: str, rng: np.random.Generator) -> Plants:
    spread = rng.uniform(0.4, 1.3, _BLOCK)
    low, high, narrow, wide = np.array([BOX[name] for name in LEVERS]).T
    center, reach = rng.uniform(low, high, (_BLOCK, len(LEVERS))), rng.uniform(narrow, wide, (_BLOCK, len(LEVERS)))
    relative = [_AT[name] for name in _RELATIVE]
    reach[:, relative] *= center[:, relative]
    reach *= spread[:, None]
    harvest, day, after = _AT["harvest_day"], _AT["temperature_shift_day"], _AT["temperature_after_shift"]
    center[:, harvest] = np.round(center[:, harvest])
    varied = rng.random(_BLOCK) < _VARIED_HARVEST
    reach[:, harvest] = np.where(varied, rng.integers(1, 3, _BLOCK), 0.0)
    never = rng.random(_BLOCK) < _UNSHIFTED
    center[:, day] = np.where(never, NEVER, center[:, day])
    center[:, after] = np.where(never, center[:, _AT["temperature"]], center[:, after])
    reach[:, [day, after]] *= ~never[:, None]
    few = rng.random(_BLOCK) < _FEW_LEVERS
    rank = np.argsort(np.argsort(rng.random(reach.shape) + (reach == 0), axis=1), axis=1)
    reach *= ~(few[:, None] & (rank >= rng.integers(3, 6, _BLOCK)[:, None]))
    return Plants(family, _constants(family, rng), center, reach, spread)


def _constants(family: str, rng: np.random.Generator) -> Constants:
    found: dict[str, Floats] = {}
    for name, (low, high) in KNOWN[family].ranges.items():
        if name == "productivity":
            found[name] = rng.lognormal(np.log(low), high, _BLOCK)
        elif low > 0:
            found[name] = np.exp(rng.uniform(np.log(low), np.log(high), _BLOCK))
        else:
            found[name] = rng.uniform(low, high, _BLOCK)
    found |= {f"luck_{name}": rng.uniform(0.03, 0.08, _BLOCK) for name in LUCK}
    return found | {"style": rng.random(_BLOCK)}


def _plausible(plants: Plants, rng: np.random.Generator) -> NDArray[np.bool_]:
    settings = draw_settings(plants, _TRIED, rng)
    with np.errstate(all="ignore"):
        states = simulate(plants, settings, _DAYS)
    ends = settings[..., _AT["harvest_day"]].astype(np.intp)
    until = np.arange(_DAYS + 1) <= ends[..., None]
    final = np.take_along_axis(states, ends[..., None, None], axis=2)[:, :, 0].mean(axis=1)
    titer = np.take_along_axis(states[..., _IS["titer"]], ends[..., None], axis=2)[..., 0]
    peak = np.where(until[..., None], states, 0.0).max(axis=2).mean(axis=1)
    with np.errstate(all="ignore"):
        shown = {
            "final titer": final[:, _IS["titer"]],
            "variation": titer.std(axis=1) / titer.mean(axis=1),
            "peak vcd": peak[:, _IS["vcd"]],
            "final viability": final[:, _IS["viability"]],
            "titer kept": final[:, _IS["titer"]] / peak[:, _IS["titer"]],
            "peak glucose": peak[:, _IS["glucose"]],
            "peak lactate": peak[:, _IS["lactate"]],
            "peak ammonia": peak[:, _IS["ammonia"]],
        }
    kept = np.isfinite(states).all(axis=(1, 2, 3))
    for name, (low, high) in PLAUSIBLE.items():
        kept &= (shown[name] >= low) & (shown[name] <= high)
    return np.asarray(kept)
