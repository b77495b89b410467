"""A process model in scatter plots, curves, tables and words: how good it is, and what moved its outputs."""

import math

import numpy as np

from mabdesk.analysis.process.planned import FROM_SIMULATED, ProcessAttribution, ProcessTraining
from mabdesk.data.batch import Dataset, Floats
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.bars import Bar
from mabdesk.gui.plots.parity import Pairs
from mabdesk.gui.plots.series import SIMULATED, Course, Figure, Panel
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views.batches import tag_names
from mabdesk.gui.views.planned import name_of, unit_of
from mabdesk.models.process.trained import ProcessModel

NO_PROCESS = "No process model yet. Set what the feeds hold, where the records do not say it, and press Fit."
NO_ATTRIBUTION = "Press Explain: it tells which setpoints, and which days of which sensors, moved the value at harvest."
NO_FORECAST = "Choose Forecast a running batch ...: it reads a file and tells where its batches go until harvest."
QUICK = "QUICK RUN: a first look, not for decisions"
MEASURED, MODEL, COURSE = "Measured", "Process model", "Out of fold"
PARTS = ("Networks alone", "Gaussian process alone")
ON = {"folds": "out of fold", "test": "test batches"}
KINDS = {"setpoint": "Setpoint", "sensor": "Sensor"}
COURSE_NOTE = "RMSE below that of the mean trajectory: the model knows what the plan changes."
GAIN_NOTE = "Gain: the rival's RMSE less that of the process model on the folds; above 0 the process model is better."
BANDS_HINT = "Bars: what the bands held on test batches. Hatched: what they are meant to hold."
RANKING_HINT = "Hatched: what models of exchanged outcomes give; hollow: no more than that."


def levers(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the setpoints that batches recorded, as (name, label)."""
    recorded = {name for batch in dataset.batches for name in batch.setpoints}
    return [(v.name, name_of(v)) for v in dataset.variables if v.role == "setpoint" and v.name in recorded]


def tags(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the properties that batches carry, as (name, label)."""
    return [(name, name.replace("_", " ").capitalize()) for name in tag_names(dataset)]


def flags(found: ProcessTraining, dataset: Dataset | None) -> list[str]:
    """Return the warnings that stay in sight: simulated data, the prior, a quick run."""
    model = found.model
    said = [SIMULATED] if model.simulated or (dataset is not None and dataset.simulated) else []
    said += [FROM_SIMULATED] if model.prior else []
    return [*said, *([QUICK] if model.settings.get("quick") else [])]


def summary(found: ProcessTraining) -> str:
    """Say from how many batches it was learned, how it was measured, and what the networks started from."""
    e, model = found.evaluation, found.model
    tested = f", and on {e.test_batches} test batches that took no part" if e.test_batches else ""
    started = f"The networks started from {model.prior}." if model.prior else "The networks started from nothing."
    return f"Learned from {e.batches} batches; measured on whole batches left out in folds{tested}. {started}"


def pairs(model: ProcessModel, output: int) -> Pairs:
    """Return measured and predicted values at harvest, out of fold, of the model and of its parts."""
    known, ids = model.known, np.array(model.known.ids, dtype=np.str_)
    found: Pairs = {}
    for name, values in zip((MODEL, *PARTS), (known.said, known.network, known.surface), strict=True):
        measured, said = known.measured[:, output], values[:, output]
        there = np.isfinite(measured) & np.isfinite(said)
        if there.any():
            found[name] = (measured[there], said[there], ids[there])
    return found


def harvest_sheet(found: ProcessTraining, output: str) -> Sheet:
    """Return one row a model and kind of batches: errors at harvest, and what the process model gains on it."""
    e = found.evaluation
    unit = _within(e.units[e.outputs.index(output)])
    gains = {gain.rival: gain for gain in e.gains if gain.output == output}
    headers = (
        "Model",
        "Measured on",
        f"RMSE{unit}",
        f"MAE{unit}",
        "R\u00b2",
        f"Gain{unit}",
        "95 % interval",
        "Batches",
    )
    rows = []
    for score in e.scores:
        if score.output == output:
            gain = gains.get(score.model) if score.on == "folds" else None
            span = f"{figures(gain.low)} to {figures(gain.high)}" if gain is not None else None
            told = (score.label, ON.get(score.on, score.on), score.rmse, score.mae, score.r2)
            rows.append((*told, gain.gain if gain is not None else None, span, score.n))
    return Sheet(f"At harvest, {output}", headers, tuple(rows), (GAIN_NOTE,))


def courses_sheet(found: ProcessTraining) -> Sheet:
    """Return one row a variable: errors of its daily course from the plan, beside the mean trajectory."""
    names = {variable.name: name_of(variable) for variable in found.model.variables}
    headers = (
        "Variable", "Unit", "RMSE", "RMSE of the mean trajectory", "Standard deviation", "RMSE over it", "Samples",
    )  # fmt: skip
    rows = tuple(
        (
            names.get(one.variable, one.variable), one.unit, one.rmse, one.typical_rmse, one.sd,
            one.rmse / one.sd if one.sd > 0 else None, one.n,
        )
        for one in found.evaluation.courses
    )  # fmt: skip
    return Sheet("Daily courses, out of fold", headers, rows, (COURSE_NOTE,))


def courses_figure(model: ProcessModel, batch: str) -> Figure:
    """Return one panel a variable: what was measured of a batch, and its course out of fold, from its plan alone."""
    known = model.known
    if batch not in known.ids:
        return Figure((), empty_text="Choose a batch.")
    row = known.ids.index(batch)
    hours = 24.0 * np.arange(known.courses.shape[1])
    lasts = hours <= known.harvest_h[row] + 24.0 - 1e-6
    panels = []
    for v, variable in enumerate(model.variables):
        there = np.isfinite(known.hours[row]) & np.isfinite(known.samples[row, :, v])
        dots = Course(batch, known.hours[row][there], known.samples[row][there, v], None, MEASURED)
        line = Course(batch, hours[lasts], known.courses[row][lasts, v], None, COURSE)
        unit = "" if variable.unit == "-" else variable.unit
        panels.append(Panel(name_of(variable), unit, (dots,), False, (), (line,)))
    return Figure(tuple(panels), (MEASURED, COURSE), simulated=model.simulated)


def day_curves(found: ProcessTraining) -> dict[str, list[tuple[float, float]]]:
    """Return errors of the forecast of the final titer by day, of it and of its rivals."""
    days = found.evaluation.days
    columns = {
        "Forecast": [day.rmse for day in days],
        "Plan alone": [day.plan_rmse for day in days],
        "Last rate drawn on": [day.last_rate_rmse for day in days],
        "Last titer plus usual gain": [day.typical_rmse for day in days],
    }
    return {
        name: [(float(day.day), value) for day, value in zip(days, values, strict=True) if math.isfinite(value)]
        for name, values in columns.items()
        if days
    }


def days_sheet(found: ProcessTraining) -> Sheet:
    """Return one row a day of the running batch."""
    unit = _within(unit_of(found.model, "titer"))
    headers = (
        "Day", f"RMSE{unit}", f"Plan alone{unit}", f"Last rate{unit}", f"Usual gain{unit}", "In the band", "Batches",
    )  # fmt: skip
    rows = tuple(
        (one.day, one.rmse, one.plan_rmse, one.last_rate_rmse, one.typical_rmse, _percent(one.covered), one.n)
        for one in found.evaluation.days
    )
    return Sheet("Titer at harvest, forecast by day", headers, rows)


def bands_sheet(found: ProcessTraining) -> Sheet:
    """Return one row a variable, and one an output at harvest: what share of test samples lay inside the band."""
    names = {variable.name: name_of(variable) for variable in found.model.variables}
    headers = ("Variable", "Of", "Meant to hold", "Held", "Mean width", "Count")
    rows = tuple(
        (
            names.get(one.variable, one.variable), "harvests" if one.final else "samples", _percent(one.level),
            _percent(one.covered), one.width, one.n,
        )
        for one in found.evaluation.bands
    )  # fmt: skip
    source = (found.model.widths.source,) if found.model.widths.source else ()
    return Sheet("Bands on test batches", headers, rows, source)


def band_bars(found: ProcessTraining) -> tuple[Bar, ...]:
    """Return one bar a variable, and one an output at harvest: the share held, over the share that was meant."""
    names = {variable.name: name_of(variable) for variable in found.model.variables}
    made = []
    for one in found.evaluation.bands:
        name = names.get(one.variable, one.variable) + (" at harvest" if one.final else "")
        held, meant = 100 * one.covered, 100 * one.level
        said = f"{name}: the band held {held:.0f} % of {one.n}, it is meant to hold {meant:g} %."
        made.append(Bar(name, 0.0, held, said, hatched=meant))
    return tuple(made)


# -- what moved an output ----------------------------------------------------------------------------------------------


def bars(found: ProcessAttribution, kind: str) -> tuple[Bar, ...]:
    """Return one bar a setpoint, or a sensor, the largest first, with the floor of exchanged outcomes."""
    unit = "" if found.unit == "-" else f" {found.unit}"
    ranked = sorted((one for one in found.ranking if one.kind == kind), key=lambda one: -one.mean_abs)
    made = []
    for one in ranked:
        floor = f"; exchanged outcomes give {figures(one.floor)}" if math.isfinite(one.floor) else ""
        said = f"{one.label}: moves {found.output} by {figures(one.mean_abs)}{unit} on average{floor}."
        look = "plain" if one.above_floor else "hollow"
        made.append(Bar(one.label, 0.0, one.mean_abs, said, look, hatched=one.floor))  # type: ignore[arg-type]
    return tuple(made)


def ranking_sheet(found: ProcessAttribution) -> Sheet:
    """Return one row a setpoint and a sensor."""
    unit = _within(found.unit)
    headers = ("Name", "Kind", f"Mean size{unit}", "Share of its kind", "Direction", f"Floor{unit}", "Above the floor")
    rows = tuple(
        (
            one.label, KINDS.get(one.kind, one.kind), one.mean_abs, _percent(one.relative), one.direction, one.floor,
            one.above_floor if math.isfinite(one.floor) else None,
        )
        for one in sorted(found.ranking, key=lambda one: (one.kind != "setpoint", -one.mean_abs))
    )  # fmt: skip
    return Sheet(f"What moved {found.output}", headers, rows, (found.verdict, *found.notes))


def sensor_map(found: ProcessAttribution, batch: str) -> tuple[tuple[str, ...], Floats, Floats, bool]:
    """Return names of sensors, days, contributions (sensors, days), and whether these have signs.

    Of one batch they have; of all, `batch` "", mean sizes are shown. The sensor that moves most comes first.
    """
    one = batch in found.batch_ids
    values = found.by_day[found.batch_ids.index(batch)] if one else np.abs(found.by_day).mean(axis=0)
    order = np.argsort(-np.abs(found.by_day).mean(axis=0).sum(axis=1), kind="stable")
    labels = {entry.name: entry.label for entry in found.ranking if entry.kind == "sensor"}
    names = tuple(labels.get(found.sensors[i], found.sensors[i].replace("_", " ").capitalize()) for i in order)
    return names, np.arange(1.0, values.shape[1] + 1.0), values[order], one


def doubt(found: ProcessAttribution) -> str:
    """Say why an attribution is not to be relied on, "" where it is."""
    return "" if found.reliable else found.verdict


def _percent(share: float) -> str | None:
    return f"{100 * share:.0f} %" if math.isfinite(share) else None


def _within(unit: str) -> str:
    return f" ({unit})" if unit not in {"", "-"} else ""
