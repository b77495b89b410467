"""What becomes of plans: read from texts, told by a planner that is kept. numpy alone, as the window calls it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.process.applicability import experience
from mabdesk.analysis.process.planned import FROM_SIMULATED, Scenarios
from mabdesk.data.batch import Floats
from mabdesk.data.history.levers import completed, unlearned
from mabdesk.errors import OptionsError, Problem
from mabdesk.models.process.trained import Planner, ProcessModel, Trajectories

USUAL_PLAN = "usual plan"
_HINT = "Write NAME: setpoint=value, setpoint=value, with decimal points; what is not named is as usual."


def parse_scenarios(texts: Sequence[str], model: ProcessModel) -> tuple[tuple[str, ...], Floats]:
    """Read plans from texts as "NAME: temperature=36.5, ph=7"; a plan without a name is called by its text.

    Returns:
        Names (n,) and settings (n, levers), completed with what was usual; without any text the usual plan.

    Raises:
        OptionsError: what cannot be read, setpoints that the model does not know, values that no culture can have, or
            one name twice; all faults at once.
    """
    if not texts:
        return (USUAL_PLAN,), completed(model.levers, [{}])
    problems: list[Problem] = []
    names, plans = [], []
    for text in texts:
        name, found = _parsed(text, problems)
        names.append(name)
        plans.append(found)
    problems += [
        Problem(f"{one!r}", "is the name of two plans") for one in dict.fromkeys(names) if names.count(one) > 1
    ]
    for name, found in zip(names, plans, strict=True):
        problems += _impossible(model, name, found)
    if problems:
        known = f"Setpoints of this model: {', '.join(model.levers.names)}."
        raise OptionsError("These plans cannot be read.", f"{_HINT} {known}", problems)
    return tuple(names), completed(model.levers, plans)


def parse_tags(texts: Sequence[str], model: ProcessModel) -> tuple[str, ...]:
    """Read properties as "cell_line=A"; what is not named is the most frequent one of the training batches.

    Raises:
        OptionsError: a text without "=", or a property that the model was not told.
    """
    levers = model.levers
    given = {name.strip(): value.strip() for name, _, value in (text.partition("=") for text in texts)}
    wrong = [text for text in texts if "=" not in text or text.partition("=")[0].strip() not in levers.tag_names]
    if wrong:
        known = ", ".join(levers.tag_names) or "none"
        raise OptionsError(
            f"Received the tags {', '.join(wrong)}.", f"Write NAME=VALUE; the model was told these tags: {known}."
        )
    rows = zip(levers.tag_names, levers.tag_values, strict=True)
    return tuple(given.get(name, values[0] if values else "") for name, values in rows)


def tag_rows(texts: Sequence[str], model: ProcessModel, count: int) -> NDArray[np.str_]:
    """Return (count, t): the same properties for so many plans; see `parse_tags`."""
    row = parse_tags(texts, model)
    return np.array([row] * count, dtype=np.str_).reshape(count, len(row))


def what_if(
    planner: Planner, names: Sequence[str], settings: Floats, tags: NDArray[np.str_], level: float
) -> Scenarios:
    """Say what becomes of plans.

    Args:
        planner: of the model.
        names: (n,) of the plans.
        settings: (n, levers).
        tags: (n, t).
        level: of the bands; the next one that the model has learned is taken.
    """
    model = planner.model
    said = planner.plan(settings, tags, learned_level(model, level))
    named = [dict(zip(model.levers.names, row.tolist(), strict=True)) for row in settings]
    return Scenarios(
        tuple(names),
        model.levers.names,
        model.levers.units,
        settings,
        model.levers.tag_names,
        tags,
        said,
        tuple(variable.unit for variable in model.variables),
        experience(model, settings, tags, said),
        model.simulated,
        (*origin_notes(model), *unlearned(model.levers, named), *level_notes(model, said, level)),
    )


def learned_level(model: ProcessModel, level: float) -> float:
    """Return the narrowest level that a model's bands have learned and that holds as much; else the widest."""
    levels = np.sort(model.widths.levels)
    wide = levels[levels >= level - 1e-6]
    return float(wide[0] if len(wide) else levels[-1]) if len(levels) else level


def origin_notes(model: ProcessModel) -> tuple[str, ...]:
    """Say what the model starts from, where that is simulated."""
    return (FROM_SIMULATED,) if model.prior else ()


def level_notes(model: ProcessModel, said: Trajectories, level: float) -> tuple[str, ...]:
    """Say where bands are of another level than asked for, or where there are none."""
    notes = []
    if not np.isclose(said.level, level):
        notes.append(f"Bands hold {said.level:.0%} of samples: {level:.1%} was asked for, and these were learned.")
    row = np.flatnonzero(np.isclose(model.widths.levels, said.level))
    reach = model.widths.reach[row[0]] if len(row) else np.full(len(model.names), np.nan)
    bare = [variable.label or variable.name for variable, r in zip(model.variables, reach, strict=True) if np.isnan(r)]
    if bare:
        notes.append(f"Too few batches measured {', '.join(bare)} for a band.")
    return tuple(notes)


def _parsed(text: str, problems: list[Problem]) -> tuple[str, dict[str, float]]:
    """Return a plan's name and its setpoints; what cannot be read becomes a problem."""
    head, colon, rest = text.partition(":")
    named = bool(colon) and "=" not in head
    body = rest if named else text
    name = (head if named else text).strip()
    where = f"plan {name!r}"
    found: dict[str, float] = {}
    if not name:
        problems.append(Problem(f"plan {text!r}", "has no name"))
    for part in filter(None, (one.strip() for one in body.replace(";", ",").split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not key:
            problems.append(Problem(where, f"received {part!r}; setpoint=value is needed"))
        elif key in found:
            problems.append(Problem(where, f"names {key} twice"))
        else:
            found[key] = _number(value, key, where, problems)
    return name, found


def _number(text: str, key: str, where: str, problems: list[Problem]) -> float:
    try:
        return float(text)
    except ValueError:
        problems.append(Problem(where, f"received {text!r} for {key}; a number is needed"))
        return np.nan


def _impossible(model: ProcessModel, name: str, found: dict[str, float]) -> list[Problem]:
    """Return what cannot be planned of one plan; what was no number was told before."""
    told = {key: value for key, value in found.items() if not np.isnan(value)}
    try:
        completed(model.levers, [told])
    except OptionsError as error:
        return [Problem(f"plan {name!r}, {one.where}", one.message) for one in error.problems]
    return []
