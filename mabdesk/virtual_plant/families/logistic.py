"""Family "logistic": cells grow towards a capacity that by-products shrink and feed widens. All constants [tuned].

Growth knows no substrate limitation (Richards' curve, cardinal temperature by Rosso et al. 1993, cardinal pH); death
comes with age (Weibull) and osmolality; lactate overflows above a critical uptake of glucose and is taken up again
when glucose is low; productivity does not depend on growth and rises with osmolality. The feed is pumped all the time,
dilutes, and is throttled while glucose is high.
"""

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.virtual_plant.families.family import (
    BOOKS,
    FED,
    GLUCOSE_FED,
    GLUCOSE_GONE,
    LOST,
    VOLUME,
    Constants,
    Family,
    percent,
)

# Cells 1e9/L; by-products in 1e9 cell-days/L, diluted; age in days at 36.5 °C; g/L, mM, mOsm/kg.
VIABLE, DEAD, WASTE, AGE, GLUCOSE, LACTATE, AMMONIA, SALTS, PRODUCT, AGGREGATES, GALACTOSE, ACIDIC = range(
    BOOKS, BOOKS + 12
)
_ROWS = BOOKS + 12
_MEDIUM, _FIRST_PRODUCT = 285.0, 0.003

RANGES = {
    "growth_rate": (0.028, 0.05),  # 1/h
    "capacity": (11.0, 30.0),  # 1e9/L without feed
    "capacity_fed": (20.0, 110.0),  # 1e9/L more for a whole volume of feed
    "curvature": (0.5, 2.5),
    "waste_growth": (90.0, 500.0),  # 1e9 cell-days/L that halve the capacity
    "waste_product": (200.0, 1000.0),
    "t_min": (25.0, 30.0),
    "t_best": (35.6, 37.6),
    "t_max": (39.3, 41.5),
    "ph_best": (6.85, 7.15),
    "ph_below": (0.45, 1.0),
    "ph_above": (0.45, 1.0),
    "oxygen_knee": (4.0, 16.0),  # %
    "oxygen_much": (60.0, 110.0),
    "life": (15.0, 40.0),  # days, scale of Weibull's hazard
    "wear": (2.2, 5.0),  # its shape
    "wear_per_kelvin": (0.03, 0.12),
    "death": (0.6, 1.5),
    "death_first": (0.0005, 0.002),  # 1/h
    "osmolality_safe": (385.0, 460.0),
    "death_osmolality": (0.0008, 0.005),  # 1/h by the square of 50 mOsm/kg
    "lysis": (0.001, 0.006),  # 1/h
    "uptake": (0.2, 0.55),  # g/1e9 cells/day
    "uptake_young": (0.3, 1.8),
    "uptake_ages": (2.0, 5.0),  # days
    "uptake_half": (0.4, 1.6),  # g/L
    "q10": (1.6, 3.2),
    "overflow": (0.14, 0.35),  # g/1e9 cells/day
    "lactate_yield": (0.5, 0.95),  # g/g
    "lactate_ph": (0.5, 2.0),
    "lactate_back": (0.03, 0.15),  # g/1e9 cells/day
    "lactate_back_glucose": (1.0, 5.0),  # g/L
    "ammonia_growth": (0.08, 0.4),  # mmol/1e9 cells
    "ammonia_kept": (0.004, 0.03),  # mmol/1e9 cells/day
    "glutamine": (0.5, 5.0),  # mM at inoculation
    "glutamine_decay": (0.005, 0.012),  # 1/h
    "productivity": (50.0, 0.4),  # pg/cell/day
    "product_t": (32.5, 36.8),
    "product_t_width": (2.0, 5.0),
    "product_ph": (6.8, 7.15),
    "product_ph_width": (0.25, 0.7),
    "product_oxygen": (3.0, 14.0),
    "boost": (0.1, 0.9),
    "boost_width": (50.0, 110.0),
    "throttle": (5.0, 9.0),  # g/L
    "throttle_share": (0.2, 0.6),
    "feed_salts": (300.0, 900.0),  # mOsm/kg above the medium
    "start_glucose": (4.0, 8.5),  # g/L
    "start_ammonia": (0.3, 1.2),
    "start_lactate": (0.05, 0.3),
    "start_dead": (0.01, 0.05),
    "aggregates_made": (0.004, 0.02),
    "aggregation": (0.00003, 0.0002),  # L/g/h
    "aggregation_kelvin": (0.05, 0.15),
    "aggregation_acid": (1.0, 4.0),
    "galactose_made": (0.4, 0.85),
    "galactose_ammonia": (6.0, 25.0),
    "galactose_age": (20.0, 60.0),  # days
    "acidic_made": (0.08, 0.2),
    "acidic_rate": (0.0002, 0.0009),  # 1/h
    "acidic_kelvin": (0.05, 0.14),
    "acidic_ph": (0.8, 2.5),
}


def _begin(c: Constants, levers: Constants) -> Floats:
    state = np.zeros((_ROWS, len(levers["seeding_density"])))
    state[VOLUME] = 1.0
    state[VIABLE], state[DEAD] = levers["seeding_density"], c["start_dead"] * levers["seeding_density"]
    state[GLUCOSE], state[LACTATE], state[AMMONIA] = c["start_glucose"], c["start_lactate"], c["start_ammonia"]
    state[PRODUCT] = _FIRST_PRODUCT
    state[AGGREGATES] = _FIRST_PRODUCT * c["aggregates_made"]
    state[GALACTOSE] = _FIRST_PRODUCT * _galactose(c, c["start_ammonia"], 0.0)
    state[ACIDIC] = _FIRST_PRODUCT * c["acidic_made"]
    return state


def cardinal_temperature(t: Floats, low: Floats, best: Floats, high: Floats) -> Floats:
    """Return growth relative to the best (0 to 1): the cardinal temperature model of Rosso et al. 1993."""
    inside = np.clip(t, low, high)
    below = (best - low) * (inside - best) - (best - high) * (best + low - 2 * inside)
    return np.asarray((inside - high) * (inside - low) ** 2 / ((best - low) * below))


def cardinal_ph(ph: Floats, low: Floats, best: Floats, high: Floats) -> Floats:
    """Return growth relative to the best (0 to 1): the cardinal pH model of Rosso et al. 1995."""
    inside = np.clip(ph, low, high)
    ends = (inside - low) * (inside - high)
    return np.asarray(ends / (ends - (inside - best) ** 2))


def _climate(c: Constants, levers: Constants, temperature: Floats) -> dict[str, Floats]:
    ph, oxygen, warm = levers["ph"], levers["dissolved_oxygen"], temperature - 36.5
    air = 1.0 - np.exp(-oxygen / c["oxygen_knee"])
    air = air * (1.0 - 0.5 * np.clip((oxygen - c["oxygen_much"]) / 100.0, 0.0, 1.0))
    growth = cardinal_temperature(temperature, c["t_min"], c["t_best"], c["t_max"]) * air
    growth *= cardinal_ph(ph, c["ph_best"] - c["ph_below"], c["ph_best"], c["ph_best"] + c["ph_above"])
    product = np.exp(-(((temperature - c["product_t"]) / c["product_t_width"]) ** 2))
    product *= np.exp(-(((ph - c["product_ph"]) / c["product_ph_width"]) ** 2))
    return {
        "growth": c["growth_rate"] * growth,
        "aging": np.exp(c["wear_per_kelvin"] * warm) / 24.0,
        "uptake": c["uptake"] / 24.0 * np.exp(np.log(c["q10"]) * warm / 10.0),
        "lactate_yield": c["lactate_yield"] * np.exp(c["lactate_ph"] * (ph - 7.0)),
        "product": c["productivity"] / 24000.0 * product * (1.0 - np.exp(-oxygen / c["product_oxygen"])),
        "aggregation": c["aggregation"]
        * np.exp(c["aggregation_kelvin"] * warm)
        * (1.0 + c["aggregation_acid"] * np.maximum(7.05 - ph, 0.0)),
        "acidic": c["acidic_rate"] * np.exp(c["acidic_kelvin"] * warm + c["acidic_ph"] * (ph - 7.0)),
    }


def _galactose(c: Constants, ammonia: Floats, days: Floats | float) -> Floats:
    return np.asarray(c["galactose_made"] * np.exp(-days / c["galactose_age"]) / (1 + ammonia / c["galactose_ammonia"]))


def _slope(s: Floats, now: Constants, c: Constants) -> Floats:
    cells, glucose, lactate, age = s[VIABLE], s[GLUCOSE], s[LACTATE], s[AGE]
    food = glucose * glucose / (glucose * glucose + 0.04)
    room = (c["capacity"] + c["capacity_fed"] * s[FED] / s[VOLUME]) / (1.0 + s[WASTE] / c["waste_growth"])
    crowd = np.exp(c["curvature"] * np.log(np.maximum((cells + s[DEAD]) / room, 1e-9)))
    growth = now["growth"] * food * np.maximum(1.0 - crowd, 0.0)
    osmolality = _MEDIUM + 5.55 * glucose + 22.2 * lactate + s[AMMONIA] + s[SALTS]
    death = _death(osmolality, food, age, now, c)
    uptake = now["uptake"] * (1.0 + c["uptake_young"] * np.exp(-age / c["uptake_ages"]))
    uptake = uptake * glucose / (c["uptake_half"] + glucose)
    hungry = 1.0 / (1.0 + (glucose / c["lactate_back_glucose"]) ** 2)
    made = now["lactate_yield"] * np.maximum(uptake - c["overflow"] / 24.0, 0.0)
    back = c["lactate_back"] / 24.0 * hungry * lactate / (0.3 + lactate)
    flow = _pumped(glucose, now, c)
    change = -flow * s
    change[AGE] = now["aging"]
    change[VIABLE] += (growth - death) * cells
    change[DEAD] += death * cells - c["lysis"] * s[DEAD]
    change[WASTE] += cells / 24.0
    change[GLUCOSE] += flow * now["feed_glucose"] - uptake * cells
    change[LACTATE] += (made - back) * cells
    released = c["ammonia_growth"] * growth + c["ammonia_kept"] / 24.0
    change[AMMONIA] += released * cells + c["glutamine"] * c["glutamine_decay"] * np.exp(
        -c["glutamine_decay"] * now["hour"]
    )
    change[SALTS] += flow * c["feed_salts"]
    x = np.maximum(osmolality - 310.0, 0.0) / c["boost_width"]
    boosted = (1.0 + c["boost"] * x) / (1.0 + (0.35 * x) ** 4)
    _produce(change, s, now["product"] * boosted * food / (1.0 + s[WASTE] / c["waste_product"]) * cells, now, c)
    change[VOLUME] = change[FED] = flow * s[VOLUME]
    change[GLUCOSE_FED] = flow * s[VOLUME] * now["feed_glucose"]
    change[GLUCOSE_GONE] = uptake * cells * s[VOLUME]
    change[LOST] = 0.0
    return np.asarray(change)


def _pumped(glucose: Floats, now: Constants, c: Constants) -> Floats:
    """Return the feed as share of the volume an hour: as planned, less while glucose is high."""
    gate = 1.0 / (1.0 + np.exp(np.clip((glucose - c["throttle"]) / 0.4, -40.0, 40.0)))
    return np.asarray(now["feed"] * (c["throttle_share"] + (1.0 - c["throttle_share"]) * gate))


def _death(osmolality: Floats, food: Floats, age: Floats, now: Constants, c: Constants) -> Floats:
    worn = np.exp((c["wear"] - 1.0) * np.log(np.maximum(age / c["life"], 1e-9)))
    hazard = c["wear"] / c["life"] * worn * now["aging"]
    salty = np.minimum(np.maximum(osmolality - c["osmolality_safe"], 0.0) / 50.0, 3.0) ** 2
    return np.asarray((c["death_first"] + hazard + c["death_osmolality"] * salty) * c["death"] + 0.012 * (1.0 - food))


def _produce(change: Floats, s: Floats, made: Floats, now: Constants, c: Constants) -> None:
    product = s[PRODUCT]
    change[PRODUCT] += made
    change[AGGREGATES] += c["aggregates_made"] * made + now["aggregation"] * product * (product - s[AGGREGATES])
    change[GALACTOSE] += _galactose(c, s[AMMONIA], now["hour"] / 24.0) * made
    change[ACIDIC] += c["acidic_made"] * made + now["acidic"] * (product - s[ACIDIC])


def _observed(s: Floats) -> Floats:
    quality = [percent(s[row], s[PRODUCT]) for row in (AGGREGATES, GALACTOSE, ACIDIC)]
    viability = percent(s[VIABLE], s[VIABLE] + s[DEAD])
    return np.stack([s[VIABLE], viability, s[GLUCOSE], s[LACTATE], s[AMMONIA], s[VOLUME], s[PRODUCT], *quality])


LOGISTIC = Family("logistic", RANGES, _begin, _climate, _slope, _observed)
