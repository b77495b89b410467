"""A model's titer or quality over two setpoints, computed piece by piece, coarse first."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.process.applicability import experience
from mabdesk.data.batch import Floats
from mabdesk.gui.plots.contour_data import Dots, Map
from mabdesk.gui.setpoint_sliders import spans_of
from mabdesk.gui.views import planned
from mabdesk.models.process.trained import Planner, ProcessModel

COARSE, FINE = 15, 41  # places on each axis
PIECE = 128  # plans that are computed in one go
TOO_FEW = "Fewer than two setpoints varied in the batches: there is no surface to draw."


@dataclass(frozen=True)
class Wish:
    """What is to be drawn: places of two levers and of an output in the model's lists, and the plan of the others."""

    across: int
    up: int
    output: int
    settings: tuple[float, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Piece:
    """What was said of some plans of a grid: final values, half widths of bands, whether outside experience; (n,)."""

    final: Floats
    half: Floats
    outside: NDArray[np.bool_]


def choosable(model: ProcessModel) -> tuple[int, ...]:
    """Return the places of levers that varied."""
    return tuple(i for i, varied in enumerate(model.levers.varied) if varied)


def usual_pair(model: ProcessModel) -> tuple[int, int] | None:
    """Return temperature and pH where they varied, else the first two that did; None where fewer than two did."""
    there = choosable(model)
    names = model.levers.names
    first = [names.index(name) for name in ("temperature", "ph") if name in names and names.index(name) in there]
    both = [*first, *(i for i in there if i not in first)]
    return (both[0], both[1]) if len(both) > 1 else None


def axes_of(model: ProcessModel, wish: Wish, count: int) -> tuple[Floats, Floats]:
    """Return (count,) values of each axis: what was run, and a fifth of that beyond."""
    spans = spans_of(model.levers)
    across, up = spans[wish.across], spans[wish.up]
    return np.linspace(across.low, across.high, count), np.linspace(up.low, up.high, count)


def grid_of(model: ProcessModel, wish: Wish, count: int) -> Floats:
    """Return settings (count * count, levers), row by row of the map."""
    across, up = axes_of(model, wish, count)
    settings = np.tile(np.array(wish.settings), (count * count, 1))
    settings[:, wish.across] = np.tile(across, count)
    settings[:, wish.up] = np.repeat(up, count)
    return settings


def pieces(count: int) -> Iterator[slice]:
    """Give the rows of a grid in pieces."""
    whole = count * count
    return (slice(start, min(start + PIECE, whole)) for start in range(0, whole, PIECE))


def compute(planner: Planner, wish: Wish, count: int, rows: slice, level: float) -> Piece:
    """Plan some rows of a grid; called off the window's thread."""
    settings = grid_of(planner.model, wish, count)[rows]
    tags = np.tile(np.array(wish.tags, dtype=np.str_), (len(settings), 1)).reshape(len(settings), -1)
    said = planner.plan(settings, tags, level)
    outside = np.array([not one.inside for one in experience(planner.model, settings, tags, said)], dtype=np.bool_)
    j = wish.output
    return Piece(said.final[:, j], said.final_high[:, j] - said.final[:, j], outside)


def map_of(model: ProcessModel, wish: Wish, count: int, found: list[Piece]) -> Map:
    """Put the pieces of a grid together."""
    across, up = axes_of(model, wish, count)
    known, shape = model.known, (count, count)
    dots = Dots(known.settings[:, wish.across], known.settings[:, wish.up], known.measured[:, wish.output], known.ids)
    words = (
        planned.lever_name(model, wish.across), planned.lever_name(model, wish.up),
        planned.output_name(model, model.outputs[wish.output]),
    )  # fmt: skip
    return Map(
        across,
        up,
        np.concatenate([one.final for one in found]).reshape(shape),
        np.concatenate([one.outside for one in found]).reshape(shape),
        dots,
        words,
        np.concatenate([one.half for one in found]).reshape(shape),
    )


def others_sentence(model: ProcessModel, wish: Wish) -> str:
    """Say what the setpoints that are on no axis, and the tags, are."""
    levers = model.levers
    said = []
    for i, value in enumerate(wish.settings):
        if i not in {wish.across, wish.up}:
            unit = "" if levers.units[i] == "-" else f" {levers.units[i]}"
            said.append(f"{levers.labels[i]} {value:.4g}{unit}")
    said += [f"{name.replace('_', ' ')} {tag}" for name, tag in zip(levers.tag_names, wish.tags, strict=True) if tag]
    return f"The others: {', '.join(said)}." if said else ""
