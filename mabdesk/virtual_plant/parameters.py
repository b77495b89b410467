"""Constants of the virtual plant, each with its tag.

[published]         Table 2 of Bioengineering 2018, 5(1):25 (PMC5874891), for the model of Xing et al. 2010,
                    Biotechnol. Prog. 26:208.
[public simulator]  the choice of a public simulator of CHO culture (insilicho), no measured source.
[tuned]             chosen here, without a source, so that the plant behaves like an industrial fed-batch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from mabdesk.data.batch import Floats
from mabdesk.errors import OptionsError

Line = Literal["A", "B", "C", "D"]
GLUCOSE_G_PER_MMOL = 0.180156  # molar masses: [published], standard atomic weights
GLUTAMINE_G_PER_MMOL = 0.146145
LACTIC_ACID_G_PER_MMOL = 0.090078
MIN_SCALE_L, MAX_SCALE_L = 2.0, 2000.0


@dataclass(frozen=True)
class Kinetics:
    """Rates of cells and metabolites. Cells 1e9/L (= 1e6/mL), concentrations mM, time h, product mg per 1e9 cells."""

    mu_max: float = 0.039  # 1/h [published]
    death: float = 0.004  # 1/h [published]
    k_glucose: float = 1.00  # mM [published]
    k_glutamine: float = 0.047  # mM [published]
    ki_lactate: float = 43.0  # mM [published]
    ki_ammonia: float = 6.51  # mM [published]
    kd_lactate: float = 45.8  # mM [published]
    kd_ammonia: float = 6.51  # mM [published]
    yield_glucose: float = 0.357  # 1e9 cells/mmol [published]
    yield_glutamine: float = 0.974  # 1e9 cells/mmol [published]
    lactate_per_glucose: float = 0.70  # mmol/mmol [published]
    ammonia_per_glutamine: float = 0.67  # mmol/mmol [published]
    ammonia_uptake: float = 0.0063  # mmol/1e9 cells/h [published]
    glucose_maintenance: float = 0.0692  # mmol/1e9 cells/h [published]
    glutamine_maintenance: float = 0.0032  # mmol/1e9 cells/h [published]
    k_glutamine_maintenance: float = 2.1  # mM [published]
    glutamine_decay: float = 7.2e-3  # 1/h [published]
    productivity: float = 1.51  # mg/1e9 cells/h [published]
    glutamine_independent: float = 0.4  # share of growth that needs no glutamine [tuned]
    lactate_free: float = 20.0  # mM that inhibits nothing [tuned]
    ammonia_free: float = 4.6  # mM that inhibits nothing [tuned]
    capacity: float = 26.0  # 1e9 cells/L that the medium carries [tuned]
    death_base: float = 0.08  # share of `death` without stress [tuned]
    death_stress: float = 3.0  # weight of lactate times ammonia [tuned]
    death_starved: float = 6.0  # weight of lacking glucose [tuned]
    death_starved_mm: float = 0.5  # mM of glucose where that sets in [tuned]
    death_age: float = 0.7  # weight of (culture age / 14 days) cubed [tuned]
    death_per_kelvin: float = 0.03  # 1/K below 37 degC [tuned]
    lysis: float = 0.002  # 1/h, dead cells that fall apart [tuned]
    lactate_ph: float = 1.2  # more lactate per pH unit above 7 [tuned]
    lactate_maintenance: float = 0.35  # share of maintenance glucose that ends as lactate [tuned]
    lactate_uptake: float = 0.03  # mmol/1e9 cells/h once growth has slowed [tuned]
    lactate_uptake_k: float = 3.0  # mM [tuned]
    lactate_shift_h: float = 96.0  # h, no lactate uptake before [tuned]
    lactate_shift_mu: float = 0.012  # 1/h, no lactate uptake above [tuned]
    k_glutamine_uptake: float = 0.3  # mM [tuned]
    k_ammonia_uptake: float = 2.0  # mM [tuned]
    product_per_kelvin: float = 0.08  # 1/K below 37 degC [tuned]
    product_growth: float = 0.5  # productivity lost at full growth [tuned]
    cold: float = 32.5  # degC, below it secretion slows ... [tuned]
    cold_width: float = 2.0  # K [tuned]
    ki_ammonia_product: float = 15.0  # mM [tuned]
    k_amino: float = 2.0  # mM of the other amino acids where growth and productivity halve (Hill, order 2) [tuned]
    amino_growth: float = 1.4  # mmol/1e9 cells grown [tuned]
    amino_product: float = 0.0075  # mmol/mg product [tuned]


@dataclass(frozen=True)
class Environment:
    """What temperature, pH, dissolved oxygen and osmolality do to growth and productivity."""

    temperature_best: float = 36.4  # degC [public simulator]
    temperature_width: float = 3.12  # K [public simulator]
    ph_growth: float = 6.99  # [tuned]
    ph_growth_width: float = 0.5  # [tuned]
    ph_product: float = 6.95  # [tuned]
    ph_product_width: float = 0.6  # [tuned]
    oxygen_k: float = 0.02  # mM [public simulator]
    oxygen_saturation: float = 0.21  # mM at 100 % [public simulator]
    oxygen_reference: float = 40.0  # %, where the factor is one [tuned]
    oxygen_safe: float = 42.0  # %, no oxidative stress below [tuned]
    oxygen_stress_width: float = 75.0  # % [tuned]
    osmolality_base: float = 280.0  # mOsm/kg of salts in the medium [tuned]
    osmolality_feed: float = 200.0  # mOsm/kg of salts that pure feed would have [tuned]
    osmolality_safe: float = 390.0  # mOsm/kg, no stress below [tuned]
    osmolality_width: float = 90.0  # mOsm/kg [tuned]


@dataclass(frozen=True)
class QualityRates:
    """How the product changes after and while it is made. Fractions of the product mass; time h. All [tuned]."""

    aggregates_made: float = 0.006  # fraction of fresh product [tuned]
    aggregation: float = 5.0e-5  # 1/h at 36.5 degC, pH 7, low titer [tuned]
    aggregation_per_kelvin: float = 0.08  # 1/K [tuned]
    aggregation_per_ph: float = 2.5  # for each pH unit below 7 [tuned]
    aggregation_titer: float = 1.8  # g/L that doubles the rate; beyond, it grows with the square [tuned]
    aggregation_oxygen: float = 0.6  # more for each unit of oxidative stress [tuned]
    galactose_made: float = 0.46  # fraction of fresh product at no ammonia [tuned]
    galactose_ki_ammonia: float = 9.0  # mM [tuned]
    galactose_age: float = 0.45  # loss exponent per 14 days [tuned]
    galactose_crowding: float = 0.35  # loss per unit of relative productivity: less time in the Golgi [tuned]
    acidic_made: float = 0.12  # fraction of fresh product [tuned]
    acidic_rate: float = 4.0e-4  # 1/h at 36.5 degC and pH 7 [tuned]
    acidic_per_kelvin: float = 0.09  # 1/K [tuned]
    acidic_per_ph: float = 1.4  # for each pH unit above 7: deamidation [tuned]


@dataclass(frozen=True)
class Operation:
    """How the vessel is filled and fed."""

    filling: float = 0.55  # share of the working volume at inoculation [tuned]
    full_margin: float = 0.02  # feeding fades over this last share of the working volume [tuned]
    dead_share: float = 0.02  # dead cells per living cell in the inoculum [tuned]
    glucose: float = 35.0  # mM at the usual inoculation [tuned]
    glutamine: float = 4.0  # mM at the usual inoculation [tuned]
    lactate: float = 1.0  # mM at the usual inoculation [tuned]
    ammonia: float = 0.3  # mM at the usual inoculation [tuned]
    amino: float = 30.0  # mM at the usual inoculation, the other amino acids together [tuned]
    usual_seeding: float = 0.5  # 1e6/mL [tuned]
    seed_density: float = 6.0  # 1e6/mL in the seed train; more cells bring more of its spent medium [tuned]
    most_spent: float = 0.8  # share of spent medium, beyond which cells are concentrated first [tuned]
    spent_glucose: float = 8.0  # mM in spent medium [tuned]
    spent_glutamine: float = 0.3  # mM in spent medium [tuned]
    spent_lactate: float = 22.0  # mM in spent medium [tuned]
    spent_ammonia: float = 4.5  # mM in spent medium [tuned]
    spent_amino: float = 8.0  # mM in spent medium [tuned]
    feed_glutamine: float = 40.0  # mM in the feed [tuned]
    feed_amino: float = 150.0  # mM in the feed [tuned]
    throttle_glucose: float = 45.0  # mM, above it operators cut the feed ... [tuned]
    throttle_share: float = 0.35  # ... to this share [tuned]
    throttle_width: float = 1.0  # mM, smooth so that the step size does not matter [tuned]
    shift_ramp_h: float = 3.0  # h that the jacket needs for a temperature shift [tuned]
    feed_ramp_h: float = 1.0  # h until the feed pump is at its rate [tuned]


@dataclass(frozen=True)
class CellLine:
    """Factors on the base clone. All [tuned]; line A is the base."""

    growth: float = 1.0
    productivity: float = 1.0
    capacity: float = 1.0
    aggregation: float = 1.0
    galactosylation: float = 1.0


CELL_LINES: Mapping[str, CellLine] = {
    "A": CellLine(),
    "B": CellLine(growth=0.90, productivity=1.25, capacity=0.90, aggregation=1.20, galactosylation=0.92),  # [tuned]
    "C": CellLine(growth=1.10, productivity=0.75, capacity=1.15, aggregation=0.85, galactosylation=1.10),  # [tuned]
    "D": CellLine(growth=1.04, productivity=0.92, capacity=0.95, aggregation=1.10, galactosylation=1.04),  # [tuned]
}
SCALES_L = (50.0, 200.0, 2000.0)
_KNOWN_SCALES = np.log10([2.0, 50.0, 200.0, 2000.0])
_MIXING = (1.0, 0.90, 0.80, 0.65)  # 2, 50, 2000 L [public simulator]; 200 L [tuned]
_SCALE_PRODUCT = (1.0, 1.00, 0.98, 0.95)  # [tuned]


@dataclass(frozen=True, eq=False)
class Plants:
    """What is fixed for each of n runs: clone, vessel and the day's luck. Every array has shape (n,)."""

    growth: Floats
    productivity: Floats
    capacity: Floats
    death: Floats
    aggregation: Floats
    galactosylation: Floats
    mixing: Floats
    scale_product: Floats
    working_volume: Floats


def plants(lines: Sequence[str], scales_l: Sequence[float]) -> Plants:
    """Look up the clones and vessels of n runs, without batch-to-batch variation.

    Raises:
        OptionsError: an unknown line, or a scale outside 2 to 2000 L.
    """
    clones = [cell_line(line) for line in lines]
    volumes = np.array([_checked_scale(scale) for scale in scales_l])
    factors = {field.name: np.array([getattr(c, field.name) for c in clones]) for field in fields(CellLine)}
    where = np.log10(volumes)
    return Plants(
        **factors,
        death=np.ones(len(volumes)),
        mixing=np.interp(where, _KNOWN_SCALES, _MIXING),
        scale_product=np.interp(where, _KNOWN_SCALES, _SCALE_PRODUCT),
        working_volume=volumes,
    )


def cell_line(name: str) -> CellLine:
    """Return the clone of this name."""
    if name not in CELL_LINES:
        raise OptionsError(f"Received cell line {name!r}.", f"The plant has {', '.join(CELL_LINES)}.")
    return CELL_LINES[name]


def _checked_scale(scale_l: float) -> float:
    if not MIN_SCALE_L <= scale_l <= MAX_SCALE_L:
        raise OptionsError(
            f"Received a scale of {scale_l:g} L.", f"The plant knows {MIN_SCALE_L:g} to {MAX_SCALE_L:g} L."
        )
    return float(scale_l)
