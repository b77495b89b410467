"""What becomes of plans, as figures, tables and words: for the pages What if, Surface and Process model."""

import math
from collections.abc import Sequence

import numpy as np

from mabdesk.analysis.process.planned import Experience, Forecast
from mabdesk.data.batch import Variable
from mabdesk.gui.numbers import figures
from mabdesk.gui.plots.series import SIMULATED, Band, Course, Figure, Panel
from mabdesk.gui.sheet import Sheet
from mabdesk.models.process.trained import KnownBatches, ProcessModel, Trajectories
from mabdesk.models.surfaces import LABELS

NO_MODEL = "No process model yet. Fit one on the page Process model; then plans can be tried here."
NONE = np.zeros(0)
READING = "The process model is being read ..."
NOW = "This plan"
NEAREST = "Nearest batches"
FORECAST, PLANNED, SO_FAR = "Forecast", "The plan alone", "Measured so far"


def name_of(variable: Variable) -> str:
    """Say what people call a variable."""
    return variable.label or variable.name.replace("_", " ").capitalize()


def unit_of(model: ProcessModel, name: str) -> str:
    """Return the unit of a variable that a model predicts, "" for none."""
    unit = model.variables[model.names.index(name)].unit
    return "" if unit == "-" else unit


def output_name(model: ProcessModel, output: str) -> str:
    """Say titer or a quality attribute with its unit, at harvest."""
    unit = unit_of(model, output)
    label = name_of(model.variables[model.names.index(output)])
    return f"{label} ({unit})" if unit else label


def lever_name(model: ProcessModel, row: int) -> str:
    """Say a setpoint with its unit."""
    unit = model.levers.units[row]
    return f"{model.levers.labels[row]} ({unit})" if unit not in {"", "-"} else model.levers.labels[row]


def fan(
    model: ProcessModel, names: Sequence[str], said: Trajectories, dots: Sequence[str], groups: Sequence[str]
) -> Figure:
    """Return one panel a variable: a line and a band a plan, and what was measured of some batches as dots.

    Args:
        model: what said it.
        names: (n,) of the plans.
        said: of these plans.
        dots: ids of batches to show.
        groups: all names in the order of their colors; those not drawn now keep their color.
    """
    band = f"{100 * said.level:g} % of real samples"
    panels = []
    for v, variable in enumerate(model.variables):
        lines, bands = [], []
        for i, name in enumerate(names):
            hours = said.days * 24
            lines.append(Course(name, hours, said.mean[i, :, v], None, name))
            if np.isfinite(said.low[i, :, v]).any():
                bands.append(Band(band, hours, said.low[i, :, v], said.mean[i, :, v], said.high[i, :, v], name))
        measured = _measured(model.known, dots, v)
        unit = "" if variable.unit == "-" else variable.unit
        panels.append(Panel(name_of(variable), unit, measured, False, tuple(bands), tuple(lines)))
    drawn = (*groups, *([NEAREST] if dots else ()))
    return Figure(tuple(panels), drawn, empty_text=NO_MODEL, simulated=model.simulated)


def _measured(known: KnownBatches, ids: Sequence[str], variable: int) -> tuple[Course, ...]:
    rows = [known.ids.index(name) for name in ids if name in known.ids]
    found = []
    for row in rows:
        there = np.isfinite(known.hours[row]) & np.isfinite(known.samples[row, :, variable])
        found.append(
            Course(known.ids[row], known.hours[row][there], known.samples[row][there, variable], None, NEAREST)
        )
    return tuple(found)


def with_band(value: float, low: float, high: float, unit: str) -> str:
    """Write a final value with its band."""
    said = f"{figures(value)} {unit}".rstrip()
    if not (math.isfinite(low) and math.isfinite(high)):
        return f"{said} (no band: too few batches)"
    return f"{said} ({figures(low)} to {figures(high)})"


def parts_sentence(model: ProcessModel, said: Trajectories, row: int = 0) -> str:
    """Say what the networks and the Gaussian process each say of titer at harvest."""
    unit = unit_of(model, "titer")
    share = float(model.shares[0])
    kind = LABELS[_kind_of(model)].split(" on ")[0]
    return (
        f"Networks {figures(float(said.network[row, 0]))} {unit}, {kind[:1].lower()}{kind[1:]} "
        f"{figures(float(said.surface[row, 0]))} {unit}: together {100 * share:.0f} % of the first and "
        f"{100 * (1 - share):.0f} % of the second."
    ).replace("gaussian", "Gaussian")


def _kind_of(model: ProcessModel) -> str:
    kind = model.arrays.get("surface/titer/kind")
    found = str(kind[0]) if kind is not None and len(kind) else ""
    return found if found in LABELS else "gaussian_process"


def nearest_sentence(model: ProcessModel, found: Experience) -> str:
    """Name the three nearest real batches with their distances and titers."""
    unit = unit_of(model, "titer")
    named = [
        f"{name} ({figures(titer)} {unit}, {distance:.1f} away)"
        for name, distance, titer in zip(found.nearest, found.nearest_distances, found.nearest_titers, strict=True)
    ]
    return f"Nearest real batches, titer at harvest, distance in usual steps: {', '.join(named)}." if named else ""


def plans_sheet(
    model: ProcessModel,
    names: Sequence[str],
    settings: np.ndarray,
    tags: np.ndarray,
    said: Trajectories,
    experience: Sequence[Experience],
) -> Sheet:
    """Return one row a plan: what becomes of it at harvest, whether it is within experience, its setpoints."""
    headers = ["Plan"]
    for output in model.outputs:
        headers += [output_name(model, output), "Low", "High"]
    headers += ["Experience", "Nearest batch", *(lever_name(model, i) for i in range(len(model.levers.names)))]
    headers += [name.replace("_", " ").capitalize() for name in model.levers.tag_names]
    rows = []
    for i, name in enumerate(names):
        row: list[object] = [name]
        for j in range(len(model.outputs)):
            row += [float(values[i, j]) for values in (said.final, said.final_low, said.final_high)]
        row += [experience_word(experience[i]), experience[i].nearest[0] if experience[i].nearest else None]
        rows.append((*row, *settings[i].tolist(), *tags[i].tolist()))
    level = f"Low and high hold {100 * said.level:g} % of real batches."
    notes = (level, *([SIMULATED] if model.simulated else ()))
    return Sheet("Plans", tuple(headers), tuple(rows), notes)


def experience_word(found: Experience) -> str:
    """Say in two words whether a plan lies within what was run."""
    return "inside" if found.inside else "outside"


def forecast_figure(found: Forecast, model: ProcessModel, row: int) -> Figure:
    """Return one panel a variable of one running batch: samples so far, the forecast with its band, the plan."""
    panels, batch = [], found.batch_ids[row]
    hours = found.said.days * 24
    band = f"{100 * found.said.level:g} % of real samples"
    for v, variable in enumerate(model.variables):
        there = np.isfinite(found.hours[row]) & np.isfinite(found.samples[row, :, v])
        so_far = Course(batch, found.hours[row][there], found.samples[row][there, v], None, SO_FAR)
        mean = found.said.mean[row, :, v]
        lines = [Course(batch, hours, mean, None, FORECAST)]
        lines.append(Course(batch, found.planned.days * 24, found.planned.mean[row, :, v], None, PLANNED))
        fans = [Band(band, hours, found.said.low[row, :, v], mean, found.said.high[row, :, v], FORECAST)]
        unit = "" if found.variable_units[v] == "-" else found.variable_units[v]
        panels.append(Panel(name_of(variable), unit, (so_far,), False, tuple(fans), tuple(lines)))
    return Figure(tuple(panels), (FORECAST, PLANNED, SO_FAR), simulated=found.simulated)


def forecast_sheet(found: Forecast) -> Sheet:
    """Return one row a running batch and output: what is known till when, forecast, band, and the plan's."""
    headers = (
        "Batch",
        "Known until day",
        "Harvest day",
        "At harvest",
        "Forecast",
        "Low",
        "High",
        "From the plan alone",
    )
    rows = []
    for i, batch in enumerate(found.batch_ids):
        for j, output in enumerate(found.said.outputs):
            told = (found.said.final, found.said.final_low, found.said.final_high, found.planned.final)
            unit = found.variable_units[found.said.names.index(output)]
            rows.append(
                (
                    batch,
                    float(found.known_h[i] / 24),
                    float(found.harvest_h[i] / 24),
                    f"{output.replace('_', ' ')} ({unit})",
                    *(float(values[i, j]) for values in told),
                )
            )
    return Sheet("Forecast", headers, tuple(rows), (*((SIMULATED,) if found.simulated else ()), *found.notes))


def forecast_sentence(found: Forecast, row: int) -> str:
    """Say what is forecast of one running batch, from when on, and what the plan alone would have said."""
    unit = found.variable_units[found.said.names.index("titer")]
    said, plan = found.said, float(found.planned.final[row, 0])
    value = with_band(float(said.final[row, 0]), float(said.final_low[row, 0]), float(said.final_high[row, 0]), unit)
    far = found.experience[row].sentence if row < len(found.experience) else ""
    known = f"Known until day {figures(float(found.known_h[row] / 24))}"
    return f"{known}: titer at harvest {value}; from the plan alone {figures(plan)} {unit}. {far}".rstrip()
