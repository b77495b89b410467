"""What a process model and what is asked of it say to people, and what `--json` prints of them."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mabdesk.analysis.process.planned import (
    NOT_PROVEN,
    BandScore,
    Experience,
    Forecast,
    OutputGain,
    OutputScore,
    ProcessAttribution,
    ProcessEvaluation,
    ProcessTraining,
    Scenarios,
)
from mabdesk.cli.planned_rows import output_units
from mabdesk.cli.tables import table, three_decimals
from mabdesk.models.process.trained import Trajectories
from mabdesk.project.results import Result
from mabdesk.wording import significant, time_text

VALUES = (ProcessTraining, Scenarios, Forecast, ProcessAttribution)
_LIGHTS = {True: "[ok]", False: "[no]", None: "[?] "}
_ON = {"folds": "folds of whole batches", "test": "test batches"}
_UNRELIABLE = "NOT RELIABLE, for the reasons below: do not use this ranking."
_RANKED = (
    "Share among setpoints, or among sensors. Direction: +1 more of it, more at harvest. Floor, to compare with the "
    "contribution: what models of exchanged outcomes give it anyway."
)


def words(result: Result) -> str:
    """Say what a result is whose value is one of `VALUES`."""
    value = result.value
    if isinstance(value, ProcessTraining):
        return trained(value, result.seconds)
    if isinstance(value, Scenarios):
        return scenarios(value)
    if isinstance(value, Forecast):
        return forecast(value)
    return attribution(value)


def trained(found: ProcessTraining, seconds: float) -> str:
    """Say how good a process model is, beside what one would have used instead."""
    model, e = found.model, found.evaluation
    told = ", ".join(model.levers.names)
    head = (
        f"{'SIMULATED DATA. ' if model.simulated else ''}Trained in {time_text(seconds)}: process model of {e.batches} "
        f"batches. Setpoints: {told}.\n"
        f"Prior: {model.prior or 'off'}."
    )
    at_harvest = [_scores(e, output, unit) for output, unit in zip(e.outputs, e.units, strict=True)]
    said = [e.verdict, *(_gain(gain, _unit(e, gain.output)) for gain in e.gains if gain.output == e.outputs[0])]
    parts = [head, *at_harvest, "\n".join(said), _courses(e), _days(e), "\n".join(map(_band, e.bands))]
    return "\n\n".join(filter(None, [*parts, "\n".join(found.notes)]))


def scenarios(found: Scenarios) -> str:
    """Say what becomes of each plan at harvest, and how far it lies from what was run."""
    rows = [
        (name, *_finals(found.said, i), "yes" if experience.inside else "NO")
        for i, (name, experience) in enumerate(zip(found.names, found.experience, strict=True))
    ]
    shown = table(("Scenario", *_final_headers(found.said, found.variable_units), "Inside experience"), rows)
    behind = [
        "\n".join([f"{name}: {_settings(found, i)}", f"  {_said(experience)}", f"  Nearest: {_nearest(experience)}"])
        for i, (name, experience) in enumerate(zip(found.names, found.experience, strict=True))
    ]
    head = "At harvest" + (", SIMULATED DATA:" if found.simulated else ":")
    return "\n\n".join(filter(None, [f"{head}\n{shown}", *behind, "\n".join(found.notes)]))


def forecast(found: Forecast) -> str:
    """Say of each running batch where it is and what is expected at harvest, beside what the plan alone says."""
    rows = [
        (batch, float(found.known_h[i]) / 24, float(found.harvest_h[i]) / 24, *_finals(found.said, i),
         float(found.planned.final[i, 0]))
        for i, batch in enumerate(found.batch_ids)
    ]  # fmt: skip
    unit = output_units(found.said, found.variable_units)[0]
    headers = ("Batch", "Day", "Harvest day", *_final_headers(found.said, found.variable_units), f"Plan alone ({unit})")
    head = "Forecast at harvest, given the samples so far" + (", SIMULATED DATA:" if found.simulated else ":")
    told = [
        f"{batch}: {_said(experience)}" for batch, experience in zip(found.batch_ids, found.experience, strict=False)
    ]
    return "\n\n".join(filter(None, [f"{head}\n{table(headers, rows)}", "\n".join(told), "\n".join(found.notes)]))


def attribution(found: ProcessAttribution) -> str:
    """Say the ranking of setpoints and of sensors, what the trust tests found, and the verdict."""
    head = (
        f"What moved {found.output} ({found.unit}) at harvest in {len(found.batch_ids)} batches, compared with the "
        "usual plan."
    )
    rows = [
        (one.name, one.kind, three_decimals(one.relative), one.mean_abs, _signed(one.direction), one.floor,
         None if math.isnan(one.floor) else "yes" if one.above_floor else "no")
        for one in found.ranking
    ]  # fmt: skip
    headers = ("Variable", "Kind", "Share", f"Contribution, {found.unit}", "Direction", "Floor", "Above floor")
    parts = [
        head if found.reliable else f"{head}\n{_UNRELIABLE}",
        f"{table(headers, rows)}\n{_RANKED}",
        "\n".join(f"{_LIGHTS[one.passed]} {one.label}: {one.sentence}" for one in found.trust),
        "\n".join([found.verdict, NOT_PROVEN, *found.notes]),
    ]
    return "\n\n".join(filter(None, parts))


def _scores(e: ProcessEvaluation, output: str, unit: str) -> str:
    def row(score: OutputScore) -> tuple[Any, ...]:
        figures = map(three_decimals, (score.rmse, score.mae, score.r2))
        return (score.label, _ON.get(score.on, score.on), *figures, score.n)

    headers = (f"{output} at harvest", "On", f"RMSE {unit}", "MAE", "R2", "Batches")
    return table(headers, [row(score) for score in e.scores if score.output == output])


def _gain(gain: OutputGain, unit: str) -> str:
    between = f" ({gain.low:+.3f} to {gain.high:+.3f})" if math.isfinite(gain.low) else ""
    return f"RMSE of {gain.label} less the process model's: {gain.gain:+.3f} {unit}{between}."


def _courses(e: ProcessEvaluation) -> str:
    rows = [
        (one.variable, one.unit, one.rmse, one.typical_rmse, one.rmse / one.sd if one.sd else None, one.n)
        for one in e.courses
    ]
    headers = ("Daily course", "Unit", "RMSE", "Mean trajectory's", "RMSE / spread", "Samples")
    return table(headers, rows) if rows else ""


def _days(e: ProcessEvaluation) -> str:
    rows = [
        (one.day, one.rmse, one.plan_rmse, one.last_rate_rmse, one.typical_rmse, f"{100 * one.covered:.0f} %", one.n)
        for one in e.days
    ]
    headers = (
        "Forecast on day", f"RMSE {e.units[0]}", "Plan alone", "Last rate", "Usual gain", "In the band", "Batches",
    )  # fmt: skip
    return table(headers, rows) if rows else ""


def _band(band: BandScore) -> str:
    when = " at harvest" if band.final else ""
    return (
        f"The {100 * band.level:g} % band of {band.variable}{when} holds "
        f"{100 * band.covered:.1f} % of {band.n} {'test batches' if band.final else 'samples of test batches'}."
    )


def _unit(e: ProcessEvaluation, output: str) -> str:
    return e.units[e.outputs.index(output)]


def _final_headers(said: Trajectories, variable_units: Sequence[str]) -> Iterator[str]:
    for output, unit in zip(said.outputs, output_units(said, variable_units), strict=True):
        yield f"{output} ({unit})"
        yield f"{100 * said.level:g} % band"


def _finals(said: Trajectories, row: int) -> Iterator[Any]:
    for j in range(len(said.outputs)):
        low, high = float(said.final_low[row, j]), float(said.final_high[row, j])
        yield float(said.final[row, j])
        yield f"{significant(low)} to {significant(high)}" if np.isfinite([low, high]).all() else None


def _settings(found: Scenarios, row: int) -> str:
    values = zip(found.levers, found.settings[row], found.units, strict=True)
    setpoints = [f"{name} {float(value):.4g}{_after(unit)}" for name, value, unit in values]
    return ", ".join([*setpoints, *(f"{n} {v}" for n, v in zip(found.tag_names, found.tags[row], strict=True))])


def _after(unit: str) -> str:
    return "" if unit in {"", "-", "pH"} else f" {unit}"


def _said(experience: Experience) -> str:
    return experience.sentence


def _nearest(experience: Experience) -> str:
    near = zip(experience.nearest, experience.nearest_titers, experience.nearest_distances, strict=True)
    return ", ".join(f"{name} (titer {significant(titer)}, distance {distance:.1f})" for name, titer, distance in near)


def _signed(value: float) -> str | None:
    return None if math.isnan(value) else f"{value:+.2f}"
