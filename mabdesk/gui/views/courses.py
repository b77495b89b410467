"""Trajectories of chosen variables and batches, as a figure: groups, golden-batch envelope, phases, events."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mabdesk.data import gaps
from mabdesk.data.batch import Batch, Dataset, Event, Floats, Measurements, Variable
from mabdesk.data.cleaning import Cleaned
from mabdesk.data.phases import ALIVE, CELLS, PHASES, phase_edges, rule_in_words
from mabdesk.data.settings import PhaseRule
from mabdesk.gui.plots.series import Band, Course, Figure, Mark, Panel, Phase
from mabdesk.gui.views.batches import name_of

PREFERRED = ("vcd", "viability", "glucose", "titer", "lactate", "temperature", "ph", "dissolved_oxygen")
DRAWN_AT_FIRST, MOST_PANELS = 4, 6
LEAST_BATCHES = 3  # of which an envelope tells something
_GRID_H = {True: 2.0, False: 12.0}
_BRIDGED_H = {True: 3.0, False: 48.0}
_NOTHING = np.zeros(0)
SAMPLES = frozenset({"sample"})  # they are the dots
PHASE_RULE = rule_in_words(PhaseRule())


@dataclass(frozen=True)
class Wanted:
    """What is to be drawn: variables and batches by name, the group of each batch, and what is drawn with them."""

    variables: tuple[str, ...]
    batches: tuple[str, ...]
    groups: Mapping[str, str]
    reference: tuple[str, ...] = ()
    events_of: str = ""
    phases: bool = False
    cleaned: bool = False


def measured_variables(dataset: Dataset) -> tuple[Variable, ...]:
    """Return what was measured over time."""
    return tuple(variable for variable in dataset.variables if variable.role != "setpoint")


def first_choice(dataset: Dataset) -> tuple[str, ...]:
    """Return the variables that tell most, as far as the data have them."""
    names = [variable.name for variable in measured_variables(dataset)]
    told = [name for name in PREFERRED if name in names]
    return tuple([*told, *(name for name in names if name not in told)][:DRAWN_AT_FIRST])


def figure_of(dataset: Dataset, cleaned: Cleaned | None, wanted: Wanted) -> Figure:
    """Make the figure."""
    known = {variable.name: variable for variable in measured_variables(dataset)}
    chosen = [known[name] for name in wanted.variables if name in known][:MOST_PANELS]
    shown = set(wanted.batches)
    batches = [batch for batch in dataset.batches if batch.id in shown]
    used = cleaned if wanted.cleaned else None
    panels = tuple(_panel(dataset, variable, batches, used, wanted) for variable in chosen)
    groups = tuple(sorted({wanted.groups.get(batch.id, "") for batch in batches}))
    return Figure(
        panels,
        groups or ("",),
        marks_of(dataset, wanted.events_of),
        phases_of(dataset, wanted.batches, wanted.events_of) if wanted.phases else (),
        "Choose at least one variable and one batch.",
        dataset.simulated,
    )


def _panel(
    dataset: Dataset, variable: Variable, batches: Sequence[Batch], cleaned: Cleaned | None, wanted: Wanted
) -> Panel:
    dense = variable.role == "online"
    courses = tuple(course_of(b, variable, cleaned, wanted.groups.get(b.id, "")) for b in batches)
    reference = set(wanted.reference)
    own = tuple(course_of(b, variable, cleaned, "") for b in dataset.batches if b.id in reference)
    band = envelope(own, dense) if own else None
    return Panel(name_of(variable), variable.unit, courses, dense, (band,) if band else ())


def course_of(batch: Batch, variable: Variable, cleaned: Cleaned | None, group: str) -> Course:
    """Return one variable of one batch; with `cleaned` as cleaning left it, removed values in their old places."""
    online = variable.role == "online"
    raw = batch.online if online else batch.offline
    if cleaned is None or batch.id not in cleaned.status:
        return Course(batch.id, raw.hours, raw.column(variable.name), None, group)
    after = next(b for b in cleaned.dataset.batches if b.id == batch.id)
    table = after.online if online else after.offline
    codes = cleaned.status[batch.id].online if online else cleaned.status[batch.id].offline
    if variable.name not in table.names:
        return Course(batch.id, raw.hours, raw.column(variable.name), None, group)
    status = codes[:, table.names.index(variable.name)]
    before = _raw_at(raw, variable.name, table.hours)
    values = np.where(status == gaps.REMOVED, before, table.column(variable.name))
    return Course(batch.id, table.hours, values, status, group)


def _raw_at(raw: Measurements, name: str, hours: Floats) -> Floats:
    found = np.full(len(hours), np.nan)
    place = np.searchsorted(raw.hours, hours)
    inside = place < len(raw.hours)
    same = np.zeros(len(hours), dtype=np.bool_)
    same[inside] = raw.hours[place[inside]] == hours[inside]
    found[same] = raw.column(name)[place[same]]
    return found


def envelope(courses: Sequence[Course], dense: bool) -> Band | None:
    """Return median and 5-95 % of batches by culture time, each within its own measured span, gaps not bridged.

    None where fewer than three batches have values; so is every hour of which fewer have one.
    """
    step, bridged = _GRID_H[dense], _BRIDGED_H[dense]
    end = max((float(course.hours[-1]) for course in courses if len(course.hours)), default=0.0)
    grid = np.arange(0.0, end + step / 2, step)
    rows = np.array([_on_grid(course, grid, bridged) for course in courses])
    rows = rows[np.isfinite(rows).any(axis=1)] if len(rows) else rows
    if len(rows) < LEAST_BATCHES:
        return None
    enough = np.isfinite(rows).sum(axis=0) >= LEAST_BATCHES
    if not enough.any():
        return None
    limits = np.full((3, len(grid)), np.nan)
    limits[:, enough] = np.nanquantile(rows[:, enough], [0.05, 0.5, 0.95], axis=0)
    label = f"Median and 5-95 % of {len(rows)} batches"
    return Band(label, grid, limits[0], limits[1], limits[2])


def _on_grid(course: Course, grid: Floats, bridged: float) -> Floats:
    good = np.isfinite(course.values)
    if course.status is not None:
        good &= course.status != gaps.REMOVED
    hours, values = course.hours[good], course.values[good]
    if not len(hours):
        return np.full(len(grid), np.nan)
    found = np.interp(grid, hours, values, left=np.nan, right=np.nan)
    after = np.clip(np.searchsorted(hours, grid), 0, len(hours) - 1)
    before = np.clip(after - 1, 0, len(hours) - 1)
    wide = (hours[after] - hours[before] > bridged) & (hours[after] != grid)
    return np.where(wide, np.nan, found)


def marks_of(dataset: Dataset, batch_id: str, unmarked: Collection[str] = SAMPLES) -> tuple[Mark, ...]:
    """Return the events of one batch; repeated kinds bear their name and number at the first only."""
    mine = [event for batch in dataset.batches if batch.id == batch_id for event in batch.events]
    events = sorted((e for e in mine if e.kind not in unmarked and np.isfinite(e.hour)), key=_hour)
    count = {kind: sum(event.kind == kind for event in events) for kind in dict.fromkeys(e.kind for e in events)}
    marks, told = [], set()
    for event in events:
        more = f" \u00d7{count[event.kind]}" if count[event.kind] > 1 else ""
        marks.append(Mark(event.hour, "" if event.kind in told else event.kind.replace("_", " ") + more))
        told.add(event.kind)
    return tuple(marks)


def phases_of(dataset: Dataset, batches: Collection[str], highlighted: str) -> tuple[Phase, ...]:
    """Return the phases of the highlighted batch, else of the median of those drawn, by PHASE_RULE."""
    chosen = {highlighted} if highlighted in set(dataset.ids) else set(batches)
    cells, alive = (_median(dataset, chosen, name) for name in (CELLS, ALIVE))
    edges = None if cells is None else phase_edges(cells, (_NOTHING, _NOTHING) if alive is None else alive, PhaseRule())
    if edges is None:
        return ()
    bounds = np.clip([min(edges.first, 0.0), *edges[:3], np.inf], 0.0, edges.last).tolist()
    spans = zip(PHASES, bounds[:-1], bounds[1:], strict=True)
    return tuple(Phase(start, end, name) for name, start, end in spans if start < end)


def _median(dataset: Dataset, batches: Collection[str], name: str) -> tuple[Floats, Floats] | None:
    courses = [Course(batch.id, *batch.offline.measured(name)) for batch in dataset.batches if batch.id in batches]
    courses = [course for course in courses if len(course.hours) > 2]
    if not courses:
        return None
    if len(courses) == 1:
        return courses[0].hours, courses[0].values
    grid = np.arange(0.0, max(course.hours[-1] for course in courses) + 6, _GRID_H[False])
    rows = np.array([_on_grid(course, grid, _BRIDGED_H[False]) for course in courses])
    there = np.isfinite(rows).any(axis=0)
    return (grid[there], np.nanmedian(rows[:, there], axis=0)) if there.any() else None


def _hour(event: Event) -> float:
    return event.hour
