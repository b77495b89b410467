"""Which process variable every channel of a model's windows tells of."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.explained import Grouping
from mabdesk.data.batch import Floats, Variable, Windows
from mabdesk.data.features import variable_of

LAST = "last_"


def grouping_of(windows: Windows, inputs: Sequence[str], last: Floats) -> Grouping:
    """Group the channels by variable, in the order of the channels; last measured targets belong to the target.

    A target that is no input, and whose last value moves no prediction (soft sensors do not look at it), is left out.

    Args:
        windows: whose channels they are.
        inputs: of the window plan.
        last: (n, targets) contributions of the last measured targets.
    """
    channels = (*windows.channels, *(LAST + name for name in windows.targets))
    named = [variable_of(channel, inputs) for channel in windows.channels]
    for place, name in enumerate(windows.targets):
        named.append(name if name in named or last[:, place].any() else "")
    variables = tuple(dict.fromkeys(filter(None, named)))
    return Grouping(variables, channels, tuple(variables.index(name) if name else -1 for name in named))


def units_by_name(variables: Sequence[Variable], names: Sequence[str]) -> tuple[str, ...]:
    """Return the units of variables, "" for what is none (culture age, cell line)."""
    units: dict[str, str] = {}
    for variable in variables:
        units.setdefault(variable.name, variable.unit)
    return tuple(units.get(name, "") for name in names)


def own_values(windows: Windows, grouping: Grouping) -> NDArray[np.float32]:
    """Return (n, steps, variables) what the windows show of each variable itself; NaN where no channel shows it."""
    found = np.full((*windows.x.shape[:2], len(grouping.variables)), np.nan, dtype=np.float32)
    for place, name in enumerate(grouping.variables):
        own = next((one for one in (name, f"{name}_setpoint") if one in windows.channels), "")
        if own:
            found[:, :, place] = windows.x[:, :, windows.channels.index(own)]
    return found
