"""Family "quota": cells grow on what they hold inside, and fill up when they are fed. All constants [tuned].

Droop's growth on an internal quota of nutrients; quota is taken up from the medium and turned over to ammonia;
glucose is taken up by a saturable carrier whether cells grow or not; death follows an empty quota and ammonia (Hill);
temperature acts by Arrhenius' law with deactivation (Sharpe-Schoolfield), pH by two dissociations, oxygen by Haldane;
productivity is a memory (messenger RNA) that follows quota and climate by days. Feed comes as one bolus a day.
"""

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.virtual_plant.families.family import (
    BOOKS,
    FED,
    GLUCOSE_FED,
    GLUCOSE_GONE,
    VOLUME,
    Constants,
    Family,
    percent,
)

# Cells 1e9/L; quota mmol/1e9 cells; nutrient and ammonia mM; messenger relative; g/L.
VIABLE, DEAD, QUOTA, NUTRIENT, GLUCOSE, LACTATE, AMMONIA, MESSENGER, PRODUCT, AGGREGATES, GALACTOSE, ACIDIC = range(
    BOOKS, BOOKS + 12
)
_ROWS = BOOKS + 12
_FIRST_PRODUCT = 0.003

RANGES = {
    "growth_rate": (0.065, 0.12),  # 1/h at an endless quota
    "quota_least": (0.9, 1.8),  # mmol/1e9 cells
    "quota_most": (2.4, 4.0),  # times the least
    "take": (0.07, 0.15),  # mmol/1e9 cells/h
    "take_half": (2.0, 8.0),  # mM
    "turnover": (0.0025, 0.009),  # 1/h
    "cost": (0.002, 0.009),  # mmol/mg product
    "crowd": (12.0, 45.0),  # 1e9/L that halve growth
    "activation": (50.0, 85.0),  # kJ/mol
    "hot": (37.4, 39.4),  # °C at which half is deactivated
    "hot_energy": (250.0, 500.0),  # kJ/mol
    "turnover_energy": (40.0, 90.0),
    "ph_best": (6.85, 7.15),
    "ph_half": (0.22, 0.5),  # from the best pH to either dissociation
    "ph_steep": (2.5, 5.0),
    "oxygen_half": (3.0, 16.0),  # %
    "oxygen_much": (70.0, 250.0),
    "death": (0.0006, 0.002),  # 1/h
    "death_empty": (6.0, 25.0),
    "empty": (0.08, 0.3),  # quota above the least, relative
    "death_ammonia": (3.0, 15.0),
    "death_ammonia_half": (7.0, 18.0),  # mM
    "death_energy": (30.0, 120.0),
    "lysis": (0.001, 0.006),
    "uptake": (0.16, 0.42),  # g/1e9 cells/day
    "uptake_half": (0.2, 0.7),  # g/L
    "uptake_energy": (30.0, 75.0),
    "uptake_ph": (0.2, 1.5),
    "lactate_yield": (0.2, 0.6),  # g/g
    "lactate_burn": (0.04, 0.18),  # g/1e9 cells/day
    "lactate_half": (0.2, 1.0),  # g/L
    "lactate_air": (0.1, 0.6),
    "ammonia_yield": (0.25, 0.75),  # mmol/mmol
    "ammonia_back": (0.0002, 0.0015),  # 1/h by 1e9/L
    "productivity": (85.0, 0.4),  # pg/cell/day
    "memory": (0.5, 4.0),  # days
    "product_quota": (0.25, 1.0),  # quota above the least, relative, for half
    "cold_gain": (0.05, 0.2),  # 1/K
    "cold_end": (30.5, 34.0),  # °C
    "cold_width": (0.5, 1.3),
    "product_ph": (6.8, 7.15),
    "product_ph_half": (0.25, 0.6),
    "product_oxygen": (4.0, 18.0),
    "bolus_hour": (6.0, 18.0),
    "skip": (7.0, 12.0),  # g/L of glucose above which half the bolus is left out
    "feed_nutrient": (130.0, 320.0),  # mM
    "start_nutrient": (20.0, 48.0),
    "start_glucose": (4.0, 8.5),
    "start_ammonia": (0.3, 1.2),
    "start_lactate": (0.05, 0.3),
    "start_dead": (0.01, 0.05),
    "start_messenger": (0.5, 1.0),
    "aggregates_made": (0.004, 0.02),
    "aggregates_empty": (0.5, 3.0),
    "aggregation": (0.00003, 0.0002),  # 1/h
    "aggregation_energy": (60.0, 140.0),
    "aggregation_half": (1.5, 5.0),  # g/L
    "aggregation_acid": (1.0, 4.0),
    "galactose_made": (0.35, 0.8),
    "galactose_ammonia": (5.0, 14.0),  # mM
    "galactose_hill": (1.2, 3.0),
    "galactose_quota": (0.1, 0.5),
    "acidic_made": (0.08, 0.2),
    "acidic_rate": (0.0002, 0.0009),
    "acidic_energy": (50.0, 120.0),
    "acidic_ph": (0.3, 1.0),  # decades a pH unit
}


def _begin(c: Constants, levers: Constants) -> Floats:
    state = np.zeros((_ROWS, len(levers["seeding_density"])))
    state[VOLUME] = 1.0
    state[VIABLE], state[DEAD] = levers["seeding_density"], c["start_dead"] * levers["seeding_density"]
    state[QUOTA] = 0.7 * c["quota_least"] * c["quota_most"]
    state[NUTRIENT], state[GLUCOSE], state[LACTATE] = c["start_nutrient"], c["start_glucose"], c["start_lactate"]
    state[AMMONIA], state[MESSENGER], state[PRODUCT] = c["start_ammonia"], c["start_messenger"], _FIRST_PRODUCT
    state[AGGREGATES] = _FIRST_PRODUCT * c["aggregates_made"]
    state[GALACTOSE] = _FIRST_PRODUCT * 0.9 * c["galactose_made"]
    state[ACIDIC] = _FIRST_PRODUCT * c["acidic_made"]
    return state


def arrhenius(temperature: Floats, energy: Floats) -> Floats:
    """Return a rate relative to that at 36.5 °C; energy in kJ/mol."""
    return np.asarray(np.exp(energy / 0.0083145 * (1 / 309.65 - 1 / (temperature + 273.15))))


def sharpe_schoolfield(temperature: Floats, energy: Floats, hot: Floats, hot_energy: Floats) -> Floats:
    """Return Arrhenius' rate less what is deactivated; half of it is at `hot` °C (Schoolfield et al. 1981)."""
    lost = np.exp(hot_energy / 0.0083145 * (1 / (hot + 273.15) - 1 / (temperature + 273.15)))
    return np.asarray(arrhenius(temperature, energy) / (1.0 + lost))


def _two_sided(ph: Floats, best: Floats, half: Floats, steep: Floats) -> Floats:
    """Return 1 at the best pH; a group must have lost its proton, and another must have kept it."""
    away, apart = np.log(10.0) * steep * (ph - best), np.exp(-np.log(10.0) * steep * half)
    return np.asarray((1.0 + 2.0 * apart) / (1.0 + apart * (np.exp(away) + np.exp(-away))))


def _haldane(oxygen: Floats, half: Floats, much: Floats) -> Floats:
    return np.asarray(oxygen / (half + oxygen + oxygen * oxygen / much) * (1.0 + 2.0 * np.sqrt(half / much)))


def _climate(c: Constants, levers: Constants, temperature: Floats) -> dict[str, Floats]:
    ph, oxygen = levers["ph"], levers["dissolved_oxygen"]
    air = _haldane(oxygen, c["oxygen_half"], c["oxygen_much"])
    growth = sharpe_schoolfield(temperature, c["activation"], c["hot"], c["hot_energy"])
    growth = growth * air * _two_sided(ph, c["ph_best"], c["ph_half"], c["ph_steep"])
    product = np.exp(c["cold_gain"] * (36.5 - temperature))
    product = product / (1.0 + np.exp((c["cold_end"] - temperature) / c["cold_width"]))
    product *= _two_sided(ph, c["product_ph"], c["product_ph_half"], c["ph_steep"]) * oxygen
    acid = 1.0 + c["aggregation_acid"] * np.maximum(7.05 - ph, 0.0)
    return {
        "growth": c["growth_rate"] * growth,
        "turnover": c["turnover"] * arrhenius(temperature, c["turnover_energy"]),
        "death": c["death"] * arrhenius(temperature, c["death_energy"]),
        "uptake": c["uptake"] / 24.0 * arrhenius(temperature, c["uptake_energy"]) * np.exp(c["uptake_ph"] * (ph - 7.0)),
        "burn": c["lactate_burn"] / 24.0 * (1.0 - c["lactate_air"] * np.exp(-oxygen / 15.0)),
        "messenger": product / (oxygen + c["product_oxygen"]),
        "aggregation": c["aggregation"] * arrhenius(temperature, c["aggregation_energy"]) * acid,
        "acidic": c["acidic_rate"]
        * arrhenius(temperature, c["acidic_energy"])
        * np.exp(np.log(10.0) * c["acidic_ph"] * (ph - 7.0)),
    }


def _slope(s: Floats, now: Constants, c: Constants) -> Floats:
    cells, quota, glucose, lactate = s[VIABLE], s[QUOTA], s[GLUCOSE], s[LACTATE]
    above = np.maximum(quota / c["quota_least"] - 1.0, 0.0)
    sugar = glucose / (c["uptake_half"] + glucose)
    growth = now["growth"] * above / (1.0 + above) * sugar / (1.0 + cells / c["crowd"])
    full = np.maximum(1.0 - above / (c["quota_most"] - 1.0), 0.0)
    nutrient = s[NUTRIENT] * s[NUTRIENT]
    take = c["take"] * full * nutrient / (c["take_half"] * (c["take_half"] + s[NUTRIENT]) + nutrient)
    holding = above / (0.1 + above)
    turnover = now["turnover"] * quota * holding
    product = c["productivity"] / 24000.0 * s[MESSENGER] * sugar * holding
    death = now["death"] * _stress(above, s[AMMONIA], c) + 0.012 * (1.0 - sugar) ** 4
    uptake = now["uptake"] * sugar
    burn = now["burn"] * (1.5 - above / (c["quota_most"] - 1.0)) * lactate / (c["lactate_half"] + lactate)
    change = np.zeros_like(s)
    change[VIABLE] = (growth - death) * cells
    change[DEAD] = death * cells - c["lysis"] * s[DEAD]
    change[QUOTA] = take - growth * quota - turnover - c["cost"] * product
    change[NUTRIENT] = -take * cells
    change[GLUCOSE] = -uptake * cells
    change[GLUCOSE_GONE] = uptake * cells * s[VOLUME]
    change[LACTATE] = (c["lactate_yield"] * uptake - burn) * cells
    change[AMMONIA] = (c["ammonia_yield"] * turnover - c["ammonia_back"] * s[AMMONIA]) * cells
    wanted = now["messenger"] * above / (c["product_quota"] + above)
    change[MESSENGER] = (wanted - s[MESSENGER]) / (24.0 * c["memory"])
    _produce(change, s, product * cells, above, now, c)
    return change


def _stress(above: Floats, ammonia: Floats, c: Constants) -> Floats:
    empty, poison = c["empty"] ** 2, (ammonia / c["death_ammonia_half"]) ** 3
    return np.asarray(
        1.0 + c["death_empty"] * empty / (empty + above * above) + c["death_ammonia"] * poison / (1 + poison)
    )


def _produce(change: Floats, s: Floats, made: Floats, above: Floats, now: Constants, c: Constants) -> None:
    product = s[PRODUCT]
    poor = 1.0 / (1.0 + 4.0 * above)
    change[PRODUCT] = made
    meeting = now["aggregation"] * (1.0 + product / c["aggregation_half"])
    change[AGGREGATES] = c["aggregates_made"] * (1.0 + c["aggregates_empty"] * poor) * made
    change[AGGREGATES] += meeting * (product - s[AGGREGATES])
    poisoned = np.exp(c["galactose_hill"] * np.log(np.maximum(s[AMMONIA], 1e-6) / c["galactose_ammonia"]))
    change[GALACTOSE] = c["galactose_made"] * (1.0 - c["galactose_quota"] * poor) / (1.0 + poisoned) * made
    change[ACIDIC] = c["acidic_made"] * made + now["acidic"] * (product - s[ACIDIC])


def _at_once(state: Floats, hour: float, levers: Constants, c: Constants) -> Floats:
    """Give the day's bolus: once a day, at this plant's hour, from the day on that feeding starts."""
    due = (np.floor(c["bolus_hour"]) == hour % 24.0) & (hour >= 24.0 * levers["feed_start_day"] - 1e-9)
    if not due.any():
        return state
    share = np.where(due, levers["feed_volume_rate"] * np.where(state[GLUCOSE] > c["skip"], 0.5, 1.0), 0.0)
    glucose = levers["glucose_feed_rate"] / levers["feed_volume_rate"]
    fed = state.copy()
    for row in range(BOOKS, _ROWS):
        if row not in {QUOTA, MESSENGER}:
            fed[row] /= 1.0 + share
    fed[GLUCOSE] += share / (1.0 + share) * glucose
    fed[NUTRIENT] += share / (1.0 + share) * c["feed_nutrient"]
    fed[VOLUME] += share * state[VOLUME]
    fed[FED] += share * state[VOLUME]
    fed[GLUCOSE_FED] += share * state[VOLUME] * glucose
    return fed


def _observed(s: Floats) -> Floats:
    quality = [percent(s[row], s[PRODUCT]) for row in (AGGREGATES, GALACTOSE, ACIDIC)]
    viability = percent(s[VIABLE], s[VIABLE] + s[DEAD])
    return np.stack([s[VIABLE], viability, s[GLUCOSE], s[LACTATE], s[AMMONIA], s[VOLUME], s[PRODUCT], *quality])


QUOTA_FAMILY = Family("quota", RANGES, _begin, _climate, _slope, _observed, _at_once)
