"""Mass balances of n fed-batch runs at once: cells, metabolites, product and its quality. Constants: parameters.py.

Core: structure of Xing et al. 2010, Biotechnol. Prog. 26:208. The factors around it (temperature, pH, oxygen, mixing,
capacity, age, the lactate shift, quality) bring it to an industrial 3-5 g/L; each constant's tag says where it is from.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.virtual_plant.climate import Moment, climate
from mabdesk.virtual_plant.parameters import Environment, Kinetics, Operation, Plants, QualityRates
from mabdesk.virtual_plant.setpoints import Profiles

# Rows of the state: cells 1e9/L, concentrations mM, product g/L, volume L, feed salts mOsm/kg, product fractions g/L.
VIABLE, DEAD, GLUCOSE, GLUTAMINE, LACTATE, AMMONIA, PRODUCT, VOLUME, SALTS, AMINO, AGGREGATES, GALACTOSE, ACIDIC = (
    range(13)
)
STEP_H = 0.5


@dataclass(frozen=True)
class Model:
    """All constants of the plant."""

    kinetics: Kinetics = field(default_factory=Kinetics)
    environment: Environment = field(default_factory=Environment)
    quality: QualityRates = field(default_factory=QualityRates)
    operation: Operation = field(default_factory=Operation)


STANDARD = Model()


@dataclass(frozen=True, eq=False)
class Rates:
    """Specific rates (n,): growth and death 1/h, uptake (+) or release mmol/1e9 cells/h, product mg/1e9 cells/h."""

    growth: Floats
    death: Floats
    glucose: Floats
    glutamine: Floats
    lactate: Floats
    ammonia: Floats
    amino: Floats
    product: Floats
    dilution: Floats


@dataclass(frozen=True, eq=False)
class States:
    """The course of n runs: `hours` (m,), `values` (13, m, n) in the order of the constants above."""

    hours: Floats
    values: NDArray[np.float64]


def simulate(plan: Profiles, plants: Plants, seeding: Floats, model: Model = STANDARD) -> States:
    """Integrate with Runge-Kutta of fourth order.

    Args:
        plan: the levers at every half step: hours (2k + 1,) give k steps of twice their distance.
        plants: the clones and vessels, (n,) each.
        seeding: (n,) viable cells at inoculation, 1e6/mL.
        model: the constants.
    """
    step = float(plan.hours[2] - plan.hours[0])
    moments = climate(plan, model.environment, model.kinetics, model.quality)
    state = initial_state(plants, seeding, model.operation)
    course = np.empty((len(state), (len(plan.hours) + 1) // 2, len(seeding)))
    course[:, 0] = state

    def slope(at: Moment, values: Floats) -> Floats:
        return derivatives(at, values, plants, model)

    for k in range(course.shape[1] - 1):
        nodes = [moments[2 * k + node] for node in range(3)]
        state = _step(slope, nodes, state, step)
        course[:, k + 1] = state
    return States(plan.hours[::2], course)


def initial_state(plants: Plants, seeding: Floats, operation: Operation) -> Floats:
    """Return (13, n) state at inoculation: fresh medium, and for dense seeding more of the seed train's spent one."""
    o = operation
    spent = np.clip((seeding - o.usual_seeding) / o.seed_density, -o.usual_seeding / o.seed_density, o.most_spent)
    state = np.zeros((13, len(seeding)))
    state[VIABLE], state[DEAD] = seeding, o.dead_share * seeding
    state[GLUCOSE] = o.glucose + spent * (o.spent_glucose - o.glucose)
    state[GLUTAMINE] = o.glutamine + spent * (o.spent_glutamine - o.glutamine)
    state[LACTATE] = np.maximum(o.lactate + spent * (o.spent_lactate - o.lactate), 0)
    state[AMMONIA] = np.maximum(o.ammonia + spent * (o.spent_ammonia - o.ammonia), 0)
    state[AMINO] = o.amino + spent * (o.spent_amino - o.amino)
    state[VOLUME] = o.filling * plants.working_volume
    return state


def _step(slope: Callable[[Moment, Floats], Floats], nodes: list[Moment], state: Floats, step: float) -> Floats:
    first = slope(nodes[0], state)
    second = slope(nodes[1], state + step / 2 * first)
    third = slope(nodes[1], state + step / 2 * second)
    fourth = slope(nodes[2], state + step * third)
    return np.asarray(state + step / 6 * (first + 2 * (second + third) + fourth))


def derivatives(at: Moment, state: Floats, plants: Plants, model: Model) -> Floats:
    """Return (13, n) changes per hour."""
    rates = specific_rates(at, state, plants, model)
    cells, dilution = state[VIABLE], rates.dilution
    change = -dilution * state
    change[VIABLE] += (rates.growth - rates.death) * cells
    change[DEAD] += rates.death * cells - model.kinetics.lysis * state[DEAD]
    change[GLUCOSE] += dilution * at.feed_glucose - rates.glucose * cells
    decay = model.kinetics.glutamine_decay * state[GLUTAMINE]
    change[GLUTAMINE] += dilution * model.operation.feed_glutamine - rates.glutamine * cells - decay
    change[AMINO] += dilution * model.operation.feed_amino - rates.amino * cells
    change[LACTATE] += rates.lactate * cells
    change[AMMONIA] += rates.ammonia * cells + decay
    change[PRODUCT] += rates.product * cells / 1000.0
    change[VOLUME] = dilution * state[VOLUME]
    change[SALTS] += dilution * model.environment.osmolality_feed
    _add_quality(change, at, state, rates, plants, model)
    return change


def specific_rates(at: Moment, state: Floats, plants: Plants, model: Model = STANDARD) -> Rates:
    """Return what the cells do in this state."""
    k = model.kinetics
    glucose, glutamine, lactate, ammonia = state[GLUCOSE], state[GLUTAMINE], state[LACTATE], state[AMMONIA]
    sugar = glucose / (k.k_glucose + glucose)
    fed = state[AMINO] ** 2 / (k.k_amino**2 + state[AMINO] ** 2)
    growth = _growth(at, state, plants, model) * fed
    product = _product(at, growth, ammonia, plants, model) * sugar * fed
    maintenance = k.glucose_maintenance * at.warmth * sugar
    uptake = growth / k.yield_glucose + maintenance
    made = k.lactate_per_glucose * at.lactate * (growth / k.yield_glucose + k.lactate_maintenance * maintenance)
    glutamine_need = growth / k.yield_glutamine + k.glutamine_maintenance * glutamine / (
        k.k_glutamine_maintenance + glutamine
    )
    glutamine_uptake = glutamine_need * glutamine / (k.k_glutamine_uptake + glutamine)
    return Rates(
        growth=growth,
        death=_death(at, state, plants, model),
        glucose=uptake,
        glutamine=glutamine_uptake,
        lactate=made - _lactate_uptake(at.hour, growth, lactate, k),
        ammonia=k.ammonia_per_glutamine * glutamine_uptake
        - k.ammonia_uptake * ammonia / (k.k_ammonia_uptake + ammonia),
        amino=k.amino_growth * growth + k.amino_product * product,
        product=product,
        dilution=_dilution(at, state, plants, model.operation),
    )


def osmolality(state: Floats, environment: Environment) -> Floats:
    """Return osmolality in mOsm/kg; lactate counts twice, for the base that neutralizes it."""
    solutes = state[GLUCOSE] + state[GLUTAMINE] + 2 * state[LACTATE] + state[AMMONIA]
    return np.asarray(environment.osmolality_base + solutes + state[SALTS])


def _growth(at: Moment, state: Floats, plants: Plants, model: Model) -> Floats:
    k, e = model.kinetics, model.environment
    glucose, glutamine = state[GLUCOSE], state[GLUTAMINE]
    food = glucose / (k.k_glucose + glucose)
    amino = k.glutamine_independent + (1 - k.glutamine_independent) * glutamine / (k.k_glutamine + glutamine)
    lactate = k.ki_lactate / (k.ki_lactate + np.maximum(state[LACTATE] - k.lactate_free, 0))
    ammonia = k.ki_ammonia / (k.ki_ammonia + np.maximum(state[AMMONIA] - k.ammonia_free, 0))
    salty = np.exp(-((np.maximum(osmolality(state, e) - e.osmolality_safe, 0) / e.osmolality_width) ** 2))
    room = np.maximum(1 - (state[VIABLE] + state[DEAD]) / (k.capacity * plants.capacity), 0)
    mixing = 0.5 + 0.5 * plants.mixing
    return np.asarray(k.mu_max * plants.growth * at.growth * salty * mixing * food * amino * lactate * ammonia * room)


def _death(at: Moment, state: Floats, plants: Plants, model: Model) -> Floats:
    k = model.kinetics
    lactate, ammonia = state[LACTATE], state[AMMONIA]
    stress = k.death_stress * lactate / (k.kd_lactate + lactate) * ammonia / (k.kd_ammonia + ammonia)
    starved = k.death_starved * np.exp(-state[GLUCOSE] / k.death_starved_mm)
    aged = k.death_age * (at.hour / 336.0) ** 3
    return np.asarray(k.death * plants.death * at.death * (k.death_base + stress + starved + aged))


def _product(at: Moment, growth: Floats, ammonia: Floats, plants: Plants, model: Model) -> Floats:
    k = model.kinetics
    slowed = np.maximum(1 - k.product_growth * growth / k.mu_max, 0)
    inhibited = k.ki_ammonia_product / (k.ki_ammonia_product + ammonia)
    return np.asarray(k.productivity * plants.productivity * plants.scale_product * at.product * slowed * inhibited)


def _gate(distance: Floats | float) -> Floats:
    """Return 0 far below, 1 far above: a switch without a step."""
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * np.asarray(distance)))


def _lactate_uptake(hour: float, growth: Floats, lactate: Floats, k: Kinetics) -> Floats:
    # The published switch is a step in time and growth; a steep slope instead keeps the result free of the step size.
    late = _gate((hour - k.lactate_shift_h) / 2.0)
    slow = _gate((k.lactate_shift_mu - growth) / 0.0005)
    return np.asarray(late * slow * k.lactate_uptake * lactate / (k.lactate_uptake_k + lactate))


def _dilution(at: Moment, state: Floats, plants: Plants, operation: Operation) -> Floats:
    hunger = (operation.throttle_glucose - state[GLUCOSE]) / operation.throttle_width
    share = operation.throttle_share + (1 - operation.throttle_share) * _gate(hunger)
    space = np.minimum(np.maximum((1 - state[VOLUME] / plants.working_volume) / operation.full_margin, 0), 1)
    return np.asarray(at.feed_rate * share * space)


def _add_quality(change: Floats, at: Moment, state: Floats, rates: Rates, plants: Plants, model: Model) -> None:
    """Add what happens to the product: fractions are masses per volume, so the balances close like the product's."""
    q, titer = model.quality, state[PRODUCT]
    made = rates.product * state[VIABLE] / 1000.0
    meeting = at.aggregation * (1 + (titer / q.aggregation_titer) ** 2)
    change[AGGREGATES] += plants.aggregation * (
        q.aggregates_made * made + q.aggregation * meeting * (titer - state[AGGREGATES])
    )
    relative = rates.product / (model.kinetics.productivity * plants.productivity)
    processed = q.galactose_ki_ammonia / (q.galactose_ki_ammonia + state[AMMONIA])
    rushed = np.exp(-q.galactose_crowding * (relative - 1) - q.galactose_age * at.hour / 336.0)
    change[GALACTOSE] += q.galactose_made * plants.galactosylation * processed * rushed * made
    change[ACIDIC] += q.acidic_made * made + q.acidic_rate * at.acidic * (titer - state[ACIDIC])
