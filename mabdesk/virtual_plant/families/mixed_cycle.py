"""Family "mixed_cycle": cycling, arrested and dying cells, each with rates of their own. All constants [tuned].

Only cycling cells divide; cold, lactate, lack of nutrients and crowding arrest them, warmth lets them go back; mainly
arrested cells make product, which fills the endoplasmic reticulum, leaves it by a saturable secretion and decays when
it is warm. Lactate is what glycolysis leaves over from respiration, whose capacity grows with time and density. An
operator tops glucose up when it is low; samples and evaporation take volume.
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

# Cells 1e9/L; nutrient relative to fresh medium; respiration relative; product inside cells and outside g/L.
(
    CYCLING, ARRESTED, DYING, NUTRIENT, GLUCOSE, LACTATE, AMMONIA, RESPIRATION, INSIDE, PRODUCT,
    AGGREGATES, GALACTOSE, ACIDIC,
) = range(BOOKS, BOOKS + 13)  # fmt: skip
_ROWS = BOOKS + 13
_FIRST_PRODUCT = 0.003

RANGES = {
    "growth_rate": (0.03, 0.05),  # 1/h of cycling cells
    "t_best": (35.8, 37.5),
    "t_below": (3.0, 7.0),  # K
    "t_above": (1.5, 3.0),
    "ph_best": (6.85, 7.15),
    "ph_free": (0.05, 0.2),
    "ph_slope": (0.8, 2.5),  # 1/pH beyond
    "oxygen_low": (12.0, 32.0),  # %, below which division slows
    "oxygen_high": (55.0, 100.0),
    "arrest": (0.002, 0.006),  # 1/h, always
    "arrest_cold": (0.01, 0.05),
    "cold": (33.0, 35.5),  # °C
    "cold_width": (0.3, 1.0),
    "arrest_hunger": (0.02, 0.08),
    "hunger": (0.06, 0.3),
    "arrest_lactate": (0.005, 0.03),
    "arrest_lactate_half": (2.0, 5.0),  # g/L
    "arrest_crowd": (0.008, 0.05),
    "crowd": (10.0, 36.0),  # 1e9/L
    "wake": (0.001, 0.01),
    "death": (0.6, 1.5),
    "death_cycling": (0.0003, 0.0012),
    "death_arrested": (0.001, 0.0045),
    "death_arrested_kelvin": (0.05, 0.25),
    "death_poison": (0.002, 0.012),
    "poison": (6.0, 16.0),  # mM ammonia, more by lactate
    "death_starving": (0.006, 0.02),
    "lysis": (0.002, 0.01),
    "nutrient_use": (0.025, 0.08),  # of fresh medium by 1e9 cells grown
    "nutrient_kept": (0.001, 0.004),  # by 1e9 cells and day
    "feed_nutrient": (5.0, 15.0),
    "uptake_cycling": (0.25, 0.6),  # g/1e9 cells/day
    "uptake_arrested": (0.12, 0.35),
    "uptake_half": (0.2, 0.6),  # g/L
    "uptake_kelvin": (0.04, 0.1),
    "respired_first": (0.08, 0.22),  # g glucose/1e9 cells/day
    "respired_late": (1.4, 3.5),  # times the first
    "respiration_hour": (70.0, 150.0),
    "respiration_crowd": (4.0, 15.0),  # 1e9/L
    "respiration_days": (0.5, 2.0),
    "respired_oxygen": (4.0, 15.0),  # %
    "lactate_yield": (0.5, 0.95),
    "lactate_half": (0.2, 0.8),
    "lactate_ph": (0.5, 2.0),
    "ammonia_yield": (4.0, 14.0),  # mmol by medium's nutrients used
    "ammonia_kept": (0.01, 0.05),  # mmol/1e9 cells/day
    "ammonia_back": (0.0003, 0.002),  # 1/h by 1e9 arrested cells/L
    "productivity": (105.0, 0.4),  # pg/cell/day of arrested cells
    "product_cycling": (0.1, 0.5),
    "product_t": (33.0, 36.8),
    "product_t_width": (2.0, 5.0),
    "product_ph": (6.8, 7.15),
    "product_ph_width": (0.25, 0.6),
    "product_oxygen": (8.0, 30.0),
    "product_nutrient": (0.03, 0.2),
    "inside_most": (30.0, 120.0),  # pg/cell that half saturate secretion
    "secretion": (0.9, 1.8),  # times the productivity
    "decay": (0.00001, 0.0002),  # 1/h
    "decay_kelvin": (0.15, 0.4),
    "check_hour": (6.0, 18.0),
    "check_twice": (-1.0, 1.0),
    "target_days": (0.6, 1.4),  # of the planned feed, in the vessel after a top-up
    "trigger": (0.55, 1.0),  # of the target, below which it is topped up
    "most": (1.3, 2.5),  # of the day's planned feed, at once
    "evaporation": (0.001, 0.006),  # 1/day
    "sample": (0.002, 0.012),  # of the start volume a day
    "start_glucose": (4.0, 8.5),
    "start_ammonia": (0.3, 1.2),
    "start_lactate": (0.05, 0.3),
    "start_dead": (0.01, 0.05),
    "start_arrested": (0.03, 0.2),
    "aggregates_made": (0.003, 0.012),
    "aggregates_load": (0.005, 0.03),
    "aggregation": (0.00003, 0.0002),
    "aggregation_kelvin": (0.05, 0.15),
    "aggregation_acid": (1.0, 4.0),
    "galactose_made": (0.35, 0.85),
    "galactose_ammonia": (0.015, 0.05),  # lost by mM
    "galactose_load": (0.1, 0.5),
    "acidic_made": (0.08, 0.2),
    "acidic_rate": (0.0002, 0.0009),
    "acidic_kelvin": (0.05, 0.14),
    "acidic_ph": (0.8, 2.5),
}


def _begin(c: Constants, levers: Constants) -> Floats:
    cells = levers["seeding_density"]
    state = np.zeros((_ROWS, len(cells)))
    state[VOLUME] = state[NUTRIENT] = 1.0
    state[ARRESTED] = c["start_arrested"] * cells
    state[CYCLING], state[DYING] = cells - state[ARRESTED], c["start_dead"] * cells
    state[GLUCOSE], state[LACTATE], state[AMMONIA] = c["start_glucose"], c["start_lactate"], c["start_ammonia"]
    state[PRODUCT] = _FIRST_PRODUCT
    state[AGGREGATES] = _FIRST_PRODUCT * c["aggregates_made"]
    state[GALACTOSE] = _FIRST_PRODUCT * c["galactose_made"]
    state[ACIDIC] = _FIRST_PRODUCT * c["acidic_made"]
    return state


def _ramp(x: Floats) -> Floats:
    return np.asarray(np.clip(x, 0.0, 1.0))


def _climate(c: Constants, levers: Constants, temperature: Floats) -> dict[str, Floats]:
    ph, oxygen, warm = levers["ph"], levers["dissolved_oxygen"], temperature - 36.5
    away = temperature - c["t_best"]
    growth = 1.0 / (1.0 + (away / np.where(away < 0, c["t_below"], c["t_above"])) ** 2)
    growth *= 1.0 - np.minimum(c["ph_slope"] * np.maximum(np.abs(ph - c["ph_best"]) - c["ph_free"], 0.0), 0.9)
    growth *= _ramp(0.3 + 0.7 * oxygen / c["oxygen_low"]) * (1.0 - 0.5 * _ramp((oxygen - c["oxygen_high"]) / 80.0))
    frozen = 1.0 / (1.0 + np.exp((temperature - c["cold"]) / c["cold_width"]))
    product = 1.0 / (1.0 + ((temperature - c["product_t"]) / c["product_t_width"]) ** 2)
    product /= 1.0 + ((ph - c["product_ph"]) / c["product_ph_width"]) ** 2
    acid = 1.0 + c["aggregation_acid"] * np.maximum(7.05 - ph, 0.0)
    return {
        "growth": c["growth_rate"] * growth,
        "arrest": c["arrest"] + c["arrest_cold"] * frozen,
        "wake": c["wake"] * (1.0 - frozen),
        "death_arrested": c["death_arrested"] * np.exp(c["death_arrested_kelvin"] * warm),
        "uptake": np.exp(c["uptake_kelvin"] * warm) / 24.0,
        "glycolysis": np.exp(c["lactate_ph"] * (ph - 7.0)),
        "respired": c["respired_first"] / 24.0 * _ramp(0.4 + 0.6 * oxygen / (oxygen + c["respired_oxygen"])),
        "product": c["productivity"] / 24000.0 * product * _ramp(oxygen / c["product_oxygen"]),
        "decay": c["decay"] * np.exp(c["decay_kelvin"] * warm),
        "aggregation": c["aggregation"] * np.exp(c["aggregation_kelvin"] * warm) * acid,
        "acidic": c["acidic_rate"] * np.exp(c["acidic_kelvin"] * warm + c["acidic_ph"] * (ph - 7.0)),
    }


def _slope(s: Floats, now: Constants, c: Constants) -> Floats:
    cycling, arrested, glucose, nutrient = s[CYCLING], s[ARRESTED], s[GLUCOSE], s[NUTRIENT]
    cells, sugar = cycling + arrested, glucose / (c["uptake_half"] + glucose)
    fed = nutrient / (c["hunger"] + nutrient)
    division = now["growth"] * sugar * fed
    arrest = _arrest(s, cells, fed, now, c)
    wake = now["wake"] * fed
    death_cycling, death_arrested = _deaths(s, sugar, now, c)
    dry = c["evaporation"] / 24.0 / s[VOLUME]
    change = dry * s
    change[VOLUME], change[LOST] = -c["evaporation"] / 24.0, c["evaporation"] / 24.0
    change[FED] = change[GLUCOSE_FED] = 0.0
    change[CYCLING] += (division - arrest - death_cycling) * cycling + wake * arrested
    change[ARRESTED] += arrest * cycling - (wake + death_arrested) * arrested
    change[DYING] += death_cycling * cycling + death_arrested * arrested - c["lysis"] * s[DYING]
    use = c["nutrient_use"] * division * cycling + c["nutrient_kept"] / 24.0 * cells * fed
    change[NUTRIENT] -= use
    uptake = now["uptake"] * sugar * (c["uptake_cycling"] * cycling + c["uptake_arrested"] * arrested)
    change[GLUCOSE] -= uptake
    change[GLUCOSE_GONE] = uptake * s[VOLUME]
    change[LACTATE] += _lactate(s, uptake, cells, now, c)
    change[AMMONIA] += c["ammonia_yield"] * use + c["ammonia_kept"] / 24.0 * cells * sugar
    change[AMMONIA] -= c["ammonia_back"] * s[AMMONIA] * arrested
    ready = _sigmoid((now["hour"] - c["respiration_hour"]) / 18.0) * cells / (cells + c["respiration_crowd"])
    change[RESPIRATION] = (ready - s[RESPIRATION]) / (24.0 * c["respiration_days"])
    making = now["product"] * sugar * nutrient / (c["product_nutrient"] + nutrient)
    _produce(change, s, making * (arrested + c["product_cycling"] * cycling), cells, now, c)
    return np.asarray(change)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def _arrest(s: Floats, cells: Floats, fed: Floats, now: Constants, c: Constants) -> Floats:
    sour, crowd = (s[LACTATE] / c["arrest_lactate_half"]) ** 2, (cells / c["crowd"]) ** 2
    signals = c["arrest_hunger"] * (1.0 - fed) + c["arrest_lactate"] * sour / (1.0 + sour)
    return np.asarray(now["arrest"] + signals + c["arrest_crowd"] * crowd / (1.0 + crowd))


def _deaths(s: Floats, sugar: Floats, now: Constants, c: Constants) -> tuple[Floats, Floats]:
    poison = (s[AMMONIA] * (1.0 + 0.1 * s[LACTATE]) / c["poison"]) ** 2
    common = c["death_poison"] * poison / (1.0 + poison) + c["death_starving"] * (1.0 - sugar) ** 3
    return c["death"] * c["death_cycling"] + common, c["death"] * (now["death_arrested"] + common)


def _lactate(s: Floats, uptake: Floats, cells: Floats, now: Constants, c: Constants) -> Floats:
    """Return g/L/h: what glycolysis makes of NADH beyond what respiration takes; below, lactate is burned instead."""
    capacity = now["respired"] * (1.0 + (c["respired_late"] - 1.0) * s[RESPIRATION]) * cells
    over = now["glycolysis"] * uptake - capacity
    there = s[LACTATE] / (c["lactate_half"] + s[LACTATE])
    return np.asarray(c["lactate_yield"] * np.where(over > 0, over, 0.5 * over * there))


def _produce(change: Floats, s: Floats, made: Floats, cells: Floats, now: Constants, c: Constants) -> None:
    product, inside = s[PRODUCT], s[INSIDE]
    load = inside / (0.001 * c["inside_most"] * cells + 1e-9)
    most = c["secretion"] * c["productivity"] / 24000.0 * cells
    out = most * load / (1.0 + load)
    change[INSIDE] += made / (1.0 + 0.3 * load) - out
    change[PRODUCT] += out - now["decay"] * product
    strained = load / (2.0 + load)
    change[AGGREGATES] += (c["aggregates_made"] + c["aggregates_load"] * strained) * out - now["decay"] * s[AGGREGATES]
    change[AGGREGATES] += now["aggregation"] * product * (product - s[AGGREGATES])
    galactose = np.maximum(1.0 - c["galactose_ammonia"] * s[AMMONIA], 0.1) * (1.0 - c["galactose_load"] * strained)
    change[GALACTOSE] += c["galactose_made"] * galactose * out - now["decay"] * s[GALACTOSE]
    change[ACIDIC] += c["acidic_made"] * out + now["acidic"] * (product - s[ACIDIC]) - now["decay"] * s[ACIDIC]


def _at_once(state: Floats, hour: float, levers: Constants, c: Constants) -> Floats:
    """Look at glucose at this plant's hours, top it up where it is low, and draw a sample at the end of a day."""
    if hour % 24.0 == 0.0:
        return _sampled(state, c)
    first = np.floor(c["check_hour"])
    looks = (first == hour % 24.0) | ((c["check_twice"] > 0) & ((first + 12.0) % 24.0 == hour % 24.0))
    looks &= hour >= 24.0 * levers["feed_start_day"] - 1e-9
    if not looks.any():
        return state
    target = c["target_days"] * levers["glucose_feed_rate"]
    low = looks & (state[GLUCOSE] < c["trigger"] * target)
    feed = levers["glucose_feed_rate"] / levers["feed_volume_rate"]
    most = c["most"] * levers["feed_volume_rate"]
    share = np.where(low, np.clip((target - state[GLUCOSE]) / (feed - target), 0.0, most), 0.0)
    fed = state.copy()
    for row in range(BOOKS, _ROWS):
        if row != RESPIRATION:
            fed[row] /= 1.0 + share
    fed[GLUCOSE] += share / (1.0 + share) * feed
    fed[NUTRIENT] += share / (1.0 + share) * c["feed_nutrient"]
    fed[VOLUME] += share * state[VOLUME]
    fed[FED] += share * state[VOLUME]
    fed[GLUCOSE_FED] += share * state[VOLUME] * feed
    return fed


def _sampled(state: Floats, c: Constants) -> Floats:
    left = state.copy()
    left[VOLUME] -= c["sample"]
    left[LOST] += c["sample"]
    left[GLUCOSE_GONE] += c["sample"] * state[GLUCOSE]
    return left


def _observed(s: Floats) -> Floats:
    quality = [percent(s[row], s[PRODUCT]) for row in (AGGREGATES, GALACTOSE, ACIDIC)]
    cells = s[CYCLING] + s[ARRESTED]
    viability = percent(cells, cells + s[DYING])
    return np.stack([cells, viability, s[GLUCOSE], s[LACTATE], s[AMMONIA], s[VOLUME], s[PRODUCT], *quality])


MIXED_CYCLE = Family("mixed_cycle", RANGES, _begin, _climate, _slope, _observed, _at_once)
