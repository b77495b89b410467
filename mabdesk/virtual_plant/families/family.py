"""What a family of plants is: how its constants are drawn, how a culture begins, changes and is looked at.

The families differ in structure, not in numbers, from one another and from the standard plant (kinetics.py): a prior
learns from them, and is tested on plants whose equations it has not met. Every constant in this folder is [tuned].
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import KNOWN_LEVERS

LEVERS = KNOWN_LEVERS
VARIABLES = (
    "vcd", "viability", "glucose", "lactate", "ammonia", "volume", "titer",
    "aggregates", "galactosylation", "acidic_variants",
)  # fmt: skip
# The first rows of every family's state, all by the liter of culture at inoculation: volume, what was fed and what was
# lost (evaporated, drawn with samples); glucose in g fed, and gone (taken up by cells, drawn with samples).
VOLUME, FED, LOST, GLUCOSE_FED, GLUCOSE_GONE = range(5)
BOOKS = 5

Constants = Mapping[str, Floats]


@dataclass(frozen=True)
class Family:
    """One way of writing a plant down. A state is (rows, n): BOOKS, then what this family needs.

    ranges    constant: (low, high), drawn log-uniform where both are positive, else uniform; "productivity" is
              log-normal: (median, standard deviation of the logarithm)
    begin     constants, levers -> state at inoculation
    climate   constants, levers, temperature °C (n,) -> factors of this hour's temperature, pH and oxygen
    slope     state, now, constants -> change an hour; `now` holds the climate, `hour`, and `feed`, `feed_glucose`:
              what is planned to be pumped, share of the volume an hour and g/L
    observed  state -> (10, n) VARIABLES
    at_once   state, hour, levers, constants -> state after what happens at the end of an hour (boluses, samples)
    """

    name: str
    ranges: Mapping[str, tuple[float, float]]
    begin: Callable[[Constants, Constants], Floats]
    climate: Callable[[Constants, Constants, Floats], dict[str, Floats]]
    slope: Callable[[Floats, Constants, Constants], Floats]
    observed: Callable[[Floats], Floats]
    at_once: Callable[[Floats, float, Constants, Constants], Floats] | None = None


@dataclass(frozen=True, eq=False)
class Plants:
    """p plants of one family, and the box in which their history lies.

    constants  each (p,)
    center     (p, 10) usual settings in the order of LEVERS; temperature_shift_day 99: never
    reach      (p, 10) half-width of the box, 0: that setpoint never varies at this site
    spread     (p,) how wide the box is: .4 narrow to 1.3 wide; already in `reach`
    """

    family: str
    constants: Constants
    center: Floats
    reach: Floats
    spread: Floats

    def __len__(self) -> int:
        return len(self.spread)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Plants":
        """Return the plants chosen by a mask, a slice or indices."""
        constants = {name: values[rows] for name, values in self.constants.items()}
        return Plants(self.family, constants, self.center[rows], self.reach[rows], self.spread[rows])

    def spreading(self, spread: float) -> "Plants":
        """Return the same plants with the box made this wide; days of harvest stay whole days apart."""
        factor = np.where(np.array(LEVERS) == "harvest_day", 1.0, spread / self.spread[:, None])
        return replace(self, reach=self.reach * factor, spread=np.full(len(self), spread))


def percent(part: Floats, whole: Floats) -> Floats:
    """Return the share in %, 0 to 100."""
    return np.asarray(np.clip(100.0 * part / np.maximum(whole, 1e-12), 0.0, 100.0))
