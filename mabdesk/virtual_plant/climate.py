"""What temperature, pH and dissolved oxygen do to the cells: computed once for a whole plan, not at every step."""

from dataclasses import dataclass

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.virtual_plant.parameters import Environment, Kinetics, QualityRates
from mabdesk.virtual_plant.setpoints import Profiles


@dataclass(frozen=True, eq=False)
class Moment:
    """What one hour imposes on n runs: `feed_rate` 1/h, `feed_glucose` mM, all else factors (n,) on rates."""

    hour: float
    feed_rate: Floats
    feed_glucose: Floats
    warmth: Floats
    growth: Floats
    product: Floats
    death: Floats
    lactate: Floats
    aggregation: Floats
    acidic: Floats


def climate(plan: Profiles, e: Environment, k: Kinetics, q: QualityRates) -> list[Moment]:
    """Return the moment of every hour of a plan."""
    warm, oxygen = warmth(plan.temperature, e), oxygenation(plan.dissolved_oxygen, e)
    stress = 1 + q.aggregation_oxygen * oxidative_stress(plan.dissolved_oxygen, e)
    warmer, higher = plan.temperature - 36.5, plan.ph - 7
    columns = (
        plan.feed_rate,
        plan.feed_glucose,
        warm,
        warm * oxygen * np.exp(-(((plan.ph - e.ph_growth) / e.ph_growth_width) ** 2)),
        oxygen * secretion(plan.temperature, k) * np.exp(-(((plan.ph - e.ph_product) / e.ph_product_width) ** 2)),
        1 - k.death_per_kelvin * (37.0 - plan.temperature),
        1 + k.lactate_ph * higher,
        stress * np.exp(q.aggregation_per_kelvin * warmer - q.aggregation_per_ph * higher),
        np.exp(q.acidic_per_kelvin * warmer + q.acidic_per_ph * higher),
    )
    return [Moment(hour, *values) for hour, *values in zip(plan.hours.tolist(), *columns, strict=True)]


def warmth(temperature: Floats, environment: Environment) -> Floats:
    """Return what temperature does to growth and metabolism: 1 at 37 °C."""
    best, width = environment.temperature_best, environment.temperature_width
    return np.asarray(np.exp(((37.0 - best) / width) ** 2 - ((temperature - best) / width) ** 2))


def secretion(temperature: Floats, k: Kinetics) -> Floats:
    """Return what temperature does to productivity: 1 at 37 °C, more when cooler, less again when cold."""
    cold = np.maximum(k.cold - temperature, 0) / k.cold_width
    return np.asarray((1 + k.product_per_kelvin * (37.0 - temperature)) * np.exp(-(cold**2)))


def oxidative_stress(oxygen: Floats, environment: Environment) -> Floats:
    """Return the stress of too much dissolved oxygen: 0 up to the safe level, 1 one width above it."""
    return np.asarray((np.maximum(oxygen - environment.oxygen_safe, 0) / environment.oxygen_stress_width) ** 2)


def oxygenation(oxygen: Floats, environment: Environment) -> Floats:
    """Return what dissolved oxygen (%) does to growth and productivity: 1 at 40 %, less when short or in excess."""
    k = environment.oxygen_k / environment.oxygen_saturation * 100.0
    reference = environment.oxygen_reference / (environment.oxygen_reference + k)
    return np.asarray(oxygen / (oxygen + k) / reference * np.exp(-oxidative_stress(oxygen, environment)))
