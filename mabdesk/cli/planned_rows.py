"""What process models find, as rows and plain values: for `--json`, whose keys are a contract, and for CSV files."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mabdesk.analysis.process.planned import (
    NOT_PROVEN,
    Experience,
    Forecast,
    LeverImportance,
    ProcessAttribution,
    ProcessTraining,
    Scenarios,
)
from mabdesk.cli.tables import six_figures
from mabdesk.models.process.trained import Trajectories
from mabdesk.project.results import Result

_RANKED = ("label", "kind", "relative", "mean_abs", "direction", "floor")
_TESTED = ("test", "passed", "value", "limit", "sentence")


def answer(result: Result) -> dict[str, Any]:
    """Return the answer for a process model or what was asked of it."""
    value = result.value
    if isinstance(value, ProcessTraining):
        return trained(value, result)
    if isinstance(value, Scenarios):
        return {**scenarios(value), "result": result.id}
    if isinstance(value, Forecast):
        return {**forecast(value), "result": result.id}
    return {**attribution(value), "result": result.id}


def trained(found: ProcessTraining, result: Result) -> dict[str, Any]:
    """Return how good a process model is; `metrics` is its error of the titer at harvest, on the folds."""
    e, model = found.evaluation, found.model
    first = [s for s in e.scores if (s.model, s.output, s.on) == ("process", e.outputs[0], "folds")]
    return {
        "result": result.id,
        "model": "process",
        "prior": model.prior,
        "metrics": first[0] if first else None,
        "batches": e.batches,
        "test_batches": e.test_batches,
        "setpoints": model.levers.names,
        "outputs": [{"name": n, "unit": unit} for n, unit in zip(e.outputs, e.units, strict=True)],
        **{key: getattr(e, key) for key in ("scores", "gains", "courses", "days", "bands", "verdict")},
        "evaluation_notes": e.notes,
        "notes": [note for note in found.notes if note not in e.notes],
        "seconds": round(result.seconds, 1),
        "simulated": model.simulated,
    }


def scenarios(found: Scenarios) -> dict[str, Any]:
    """Return every plan with what becomes of it."""
    rows = [
        {
            "name": name,
            "setpoints": _named(found.levers, found.settings[i]),
            "tags": dict(zip(found.tag_names, found.tags[i].tolist(), strict=True)),
            **_finals(found.said, i),
            **_experienced(found.experience[i]),
            "trajectory": list(_courses(found.said, found.variable_units, i)),
        }
        for i, name in enumerate(found.names)
    ]
    return {**_about(found.said, found.variable_units), "scenarios": rows, **_notes(found)}


def forecast(found: Forecast) -> dict[str, Any]:
    """Return where every running batch goes."""
    rows = [
        {
            "batch": batch,
            "known_day": six_figures(found.known_h[i] / 24),
            "harvest_day": six_figures(found.harvest_h[i] / 24),
            **_finals(found.said, i),
            "planned_titer": six_figures(found.planned.final[i, 0]),
            "experience": _experienced(found.experience[i]) if i < len(found.experience) else None,
        }
        for i, batch in enumerate(found.batch_ids)
    ]
    about = _about(found.said, found.variable_units)
    return {**about, "forecasts": rows, "trajectory": list(forecast_rows(found)), **_notes(found)}


def attribution(found: ProcessAttribution) -> dict[str, Any]:
    """Return what moved an output at harvest; contributions one by one are written by `--output`."""
    return {
        "model": "process",
        "output": found.output,
        "unit": found.unit,
        "batches": len(found.batch_ids),
        "importance": [_importance(one) for one in found.ranking],
        "completeness_error": found.completeness_error,
        "trust": [{key: getattr(one, key) for key in _TESTED} for one in found.trust],
        "reliable": found.reliable,
        "verdict": found.verdict,
        "association": NOT_PROVEN,
        **_notes(found),
    }


def scenario_rows(found: Scenarios) -> Iterator[dict[str, Any]]:
    """Give one row a scenario, day and variable."""
    for i, name in enumerate(found.names):
        for row in _courses(found.said, found.variable_units, i):
            yield {"scenario": name, **row}


def forecast_rows(found: Forecast) -> Iterator[dict[str, Any]]:
    """Give one row a batch, day and variable; then one a real sample, with nothing but `measured`."""
    for i, batch in enumerate(found.batch_ids):
        planned = list(_courses(found.planned, found.variable_units, i))
        for row, plan in zip(_courses(found.said, found.variable_units, i), planned, strict=True):
            yield {"batch": batch, **row, "planned": plan["predicted"], "measured": None}
        for v, (variable, unit) in enumerate(zip(found.said.names, found.variable_units, strict=True)):
            for hour, sample in zip(found.hours[i], found.samples[i, :, v], strict=True):
                if math.isfinite(hour) and math.isfinite(sample):
                    day = {"culture_day": six_figures(hour / 24), "variable": variable, "unit": unit}
                    nothing = dict.fromkeys(("predicted", "low", "high", "planned"))
                    yield {"batch": batch, **day, **nothing, "measured": six_figures(sample)}


def attribution_rows(found: ProcessAttribution) -> Iterator[dict[str, Any]]:
    """Give one row a batch and setpoint, then one a batch, sensor and day (1: the first)."""
    for n, batch in enumerate(found.batch_ids):
        ends = {
            "predicted": six_figures(found.predicted[n]),
            "typical": six_figures(found.typical[n]),
            "output": found.output,
            "output_unit": found.unit,
        }
        for v, (name, unit) in enumerate(zip(found.levers, found.lever_units, strict=True)):
            setting = {"setting": six_figures(found.settings[n, v]), "usual": six_figures(found.usual[v])}
            about: dict[str, Any] = {
                "batch": batch,
                "kind": "setpoint",
                "variable": name,
                "unit": unit,
                "culture_day": None,
            }
            yield {**about, **setting, "contribution": six_figures(found.by_lever[n, v]), **ends}
        for s, name in enumerate(found.sensors):
            for day, value in enumerate(found.by_day[n, s], start=1):
                about = {"batch": batch, "kind": "sensor", "variable": name, "unit": "", "culture_day": float(day)}
                yield {**about, "setting": None, "usual": None, "contribution": six_figures(value), **ends}


def output_units(said: Trajectories, variable_units: Sequence[str]) -> tuple[str, ...]:
    """Return the units of what counts at harvest."""
    return tuple(variable_units[said.names.index(name)] for name in said.outputs)


def _courses(said: Trajectories, units: Sequence[str], row: int) -> Iterator[dict[str, Any]]:
    """Give one row a variable and day on which the culture runs."""
    for v, (variable, unit) in enumerate(zip(said.names, units, strict=True)):
        for d, day in enumerate(said.days):
            if np.isfinite(said.mean[row, d, v]):
                values = (said.mean[row, d, v], said.low[row, d, v], said.high[row, d, v])
                ends = dict(zip(("predicted", "low", "high"), map(six_figures, values), strict=True))
                yield {"culture_day": six_figures(float(day)), "variable": variable, "unit": unit, **ends}


def _finals(said: Trajectories, row: int) -> dict[str, Any]:
    """Return titer at harvest with its band, and quality alike by name."""
    ends = [
        {"value": six_figures(value), "low": six_figures(low), "high": six_figures(high)}
        for value, low, high in zip(said.final[row], said.final_low[row], said.final_high[row], strict=True)
    ]
    first = ends[0]
    quality = dict(zip(said.outputs[1:], ends[1:], strict=True))
    return {"titer": first["value"], "low": first["low"], "high": first["high"], "quality": quality}


def _experienced(experience: Experience) -> dict[str, Any]:
    near = zip(experience.nearest, experience.nearest_distances, experience.nearest_titers, strict=True)
    return {
        "inside_experience": experience.inside,
        "sentence": experience.sentence,
        "outside": experience.outside,
        "distance": six_figures(experience.distance),
        "disagreement": six_figures(experience.disagreement),
        "nearest": [{"batch": name, "distance": six_figures(d), "titer": six_figures(t)} for name, d, t in near],
    }


def _importance(one: LeverImportance) -> dict[str, Any]:
    above = None if math.isnan(one.floor) else one.above_floor
    return {"variable": one.name, **{key: getattr(one, key) for key in _RANKED}, "above_floor": above}


def _about(said: Trajectories, units: Sequence[str]) -> dict[str, Any]:
    outputs = zip(said.outputs, output_units(said, units), strict=True)
    return {"level": said.level, "outputs": [{"name": name, "unit": unit} for name, unit in outputs]}


def _notes(found: Scenarios | Forecast | ProcessAttribution) -> Mapping[str, Any]:
    return {"notes": found.notes, "simulated": found.simulated}


def _named(names: Sequence[str], values: Any) -> dict[str, float | None]:
    return {name: six_figures(float(value)) for name, value in zip(names, values, strict=True)}
