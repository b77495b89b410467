"""Whether a plan lies where a process model has experience: box, distance to batches, disagreement of its networks.

numpy alone, and quick: the window asks at every move of a slider.

The limit of the distance is the largest of 95 % of the batches to their nearest neighbors. On the simulated plant (50
batches, ten setpoints, plans up to 1.5 times as wide) plans inside of the box miss the true titer by .19, .27, .30 and
.59 g/L at distances below .8, 1.2, the limit (1.6) and beyond; outside of the box by .41 g/L. Disagreement tells less.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.process.planned import Experience
from mabdesk.data.batch import Floats
from mabdesk.data.history.levers import Levers
from mabdesk.models.process.trained import ProcessModel, Trajectories

MOST_DISAGREEMENT = 1.5
"""Members may differ by this many usual errors: beyond it they guess."""
_NEAREST = 3
_REACH = 0.95  # of the batches lie within the greatest distance of another one
_EDGE = (5.0, 95.0)
_SAME = 1e-6  # of a setpoint's range
_LEAST_USUAL = 1e-3
_SILENT = ("-", "pH", "day")  # units that the setpoint's name says already
_MANY = 400  # batches: distances between more are taken from an even choice of so many


@dataclass(frozen=True, eq=False)
class _Yardstick:
    """What distances are measured by.

    used (L,) levers that varied, span (L,) their ranges; usual distance of a batch to its nearest neighbor, in spans;
    most: the greatest that counts as experience, in usual distances; edges (2, L) of the middle 90 % of batches.
    """

    used: NDArray[np.bool_]
    span: Floats
    usual: float
    most: float
    edges: Floats


def experience(
    model: ProcessModel, settings: Floats, tags: NDArray[np.str_], said: Trajectories
) -> tuple[Experience, ...]:
    """Tell for each plan how far it lies from what was run.

    Args:
        model: fitted.
        settings: (n, levers) of the plans.
        tags: (n, t) alike.
        said: what the model says of them.
    """
    known, stick = model.known, _yardstick(model)
    apart = _distances(stick, settings, tags, known.settings, known.tags) / stick.usual
    order = np.argsort(apart, axis=1, kind="stable")[:, :_NEAREST]
    return tuple(
        _experience(model, stick, settings[i], tags[i], order[i], apart[i, order[i]], float(said.disagreement[i]))
        for i in range(len(settings))
    )


@lru_cache(maxsize=4)
def _yardstick(model: ProcessModel) -> _Yardstick:
    known, levers = model.known, model.levers
    used, span = np.array(levers.varied), np.array(levers.high) - np.array(levers.low)
    span = np.where(used & (span > 0), span, 1.0)
    edges = np.percentile(known.settings, _EDGE, axis=0)
    rough = _Yardstick(used, span, 1.0, np.inf, edges)
    rows = np.linspace(0, len(known.ids) - 1, min(len(known.ids), _MANY)).astype(int)
    between = _distances(rough, known.settings[rows], known.tags[rows], known.settings, known.tags)
    between[np.arange(len(rows)), rows] = np.inf
    nearest = between.min(axis=1)
    nearest = nearest[np.isfinite(nearest)]
    if not len(nearest):
        return rough
    usual = max(float(np.median(nearest)), _LEAST_USUAL)
    return _Yardstick(used, span, usual, max(float(np.quantile(nearest, _REACH)) / usual, 1.0), edges)


def _distances(
    stick: _Yardstick, settings: Floats, tags: NDArray[np.str_], others: Floats, other_tags: NDArray[np.str_]
) -> Floats:
    """Return (n, m) distances in ranges of the levers that varied; another tag counts as a whole range."""
    mine, theirs = (table[:, stick.used] / stick.span[stick.used] for table in (settings, others))
    square = (mine**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1) - 2.0 * mine @ theirs.T
    unlike = (tags[:, None, :] != other_tags[None, :, :]).sum(axis=2)
    return np.asarray(np.sqrt(np.maximum(square, 0.0) + unlike))


def _experience(
    model: ProcessModel,
    stick: _Yardstick,
    settings: Floats,
    tags: NDArray[np.str_],
    nearest: NDArray[np.intp],
    distances: Floats,
    disagreement: float,
) -> Experience:
    beyond = _beyond(model.levers, stick, settings)
    strange = _strange(model.levers, tags)
    ids = tuple(model.known.ids[i] for i in nearest)
    titers = tuple(float(model.known.measured[i, 0]) for i in nearest)
    distance = float(distances[0]) if len(distances) else np.inf
    why = [*beyond.values(), *strange.values()]
    if distance > stick.most:
        why.append(_far(ids, distance))
    if disagreement > MOST_DISAGREEMENT:
        why.append(f"the networks disagree about titer at harvest by {disagreement:.1f} times the usual error")
    if why:
        sentence = f"Outside experience: {'; '.join(why)}."
    else:
        sentence = _inside(model, stick, settings, ids[0], titers[0], distance)
    return Experience(
        (*beyond, *strange), distance, ids, tuple(distances.tolist()), titers, disagreement, not why, sentence
    )


def _beyond(levers: Levers, stick: _Yardstick, settings: Floats) -> dict[str, str]:
    """Say of each setpoint that lies outside of what batches had, how."""
    found = {}
    for i, (name, value) in enumerate(zip(levers.names, settings, strict=True)):
        low, high, slack = levers.low[i], levers.high[i], _SAME * stick.span[i]
        if low - slack <= value <= high + slack:
            continue
        label, unit = spoken(levers.labels[i]), levers.units[i]
        if not levers.varied[i]:
            found[name] = (
                f"{label} {_told(value, unit)} is other than the {_told(levers.usual[i], unit)} of every batch"
            )
        elif value > high:
            found[name] = f"{label} {_told(value, unit)} is above the {_told(high, unit)} of any batch"
        else:
            found[name] = f"{label} {_told(value, unit)} is below the {_told(low, unit)} of any batch"
    return found


def _strange(levers: Levers, tags: NDArray[np.str_]) -> dict[str, str]:
    """Say of each tag whose value no batch had."""
    rows = zip(levers.tag_names, levers.tag_values, tags, strict=True)
    return {
        name: f"no batch had {name.replace('_', ' ')} {value or 'unnamed'}"
        for name, values, value in rows
        if value not in values
    }


def _far(ids: Sequence[str], distance: float) -> str:
    if not ids:
        return "no batch is known"
    return f"the nearest batch, {ids[0]}, is {distance:.1f} times as far as batches usually are from each other"


def _inside(model: ProcessModel, stick: _Yardstick, settings: Floats, nearest: str, titer: float, far: float) -> str:
    levers = model.levers
    edge = [
        f"{spoken(levers.labels[i])} {_told(value, levers.units[i])} is among the {which} 5 %"
        for i, value in enumerate(settings)
        if levers.varied[i] and (which := _which_edge(value, stick.edges[:, i], _SAME * stick.span[i]))
    ]
    unit = next((variable.unit for variable in model.variables if variable.name == "titer"), "")
    had = f" ({_told(titer, unit)} at harvest)" if np.isfinite(titer) else ""
    where = f"nearest batch {nearest}{had}, {far:.1f} of the usual distance between neighbors"
    return f"Inside experience{', at its edge' if edge else ''}: {'; '.join([where, *edge])}."


def _which_edge(value: float, edges: Floats, slack: float) -> str:
    if value < edges[0] - slack:
        return "lowest"
    return "highest" if value > edges[1] + slack else ""


def spoken(label: str) -> str:
    """Write a label inside of a sentence: Temperature as temperature, pH and VCD as they are."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _told(value: float, unit: str) -> str:
    return f"{value:.4g} {'' if unit in _SILENT else unit}".rstrip()
