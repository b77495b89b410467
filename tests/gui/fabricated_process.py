"""A process model of twelve batches, made up from its types and a few weights set by hand. No training gave it."""

from dataclasses import replace

import numpy as np

from mabdesk.analysis.attributed import TrustTest
from mabdesk.analysis.process.planned import (
    BandScore,
    CourseScore,
    DayScore,
    Forecast,
    LeverImportance,
    OutputGain,
    OutputScore,
    ProcessAttribution,
    ProcessEvaluation,
    ProcessTraining,
)
from mabdesk.data.batch import Variable
from mabdesk.data.history.levers import Levers
from mabdesk.models.process.ensemble import Ensemble
from mabdesk.models.process.plants import Start
from mabdesk.models.process.rollout import FILTERS, Sizes
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.site import Site
from mabdesk.models.process.trained import KnownBatches, Planner, ProcessModel, Widths
from mabdesk.models.surfaces import Frame, Polynomial, Surface
from mabdesk.options import to_plain

LEVERS = Levers(
    names=("temperature", "ph", "glucose_feed_rate", "seeding_density", "dissolved_oxygen", "harvest_day"),
    usual=(36.6, 7.0, 1.5, 0.5, 40.0, 14.0),
    low=(35.0, 6.85, 1.0, 0.3, 40.0, 12.0),
    high=(37.6, 7.15, 2.2, 0.8, 40.0, 14.0),
    varied=(True, True, True, True, False, True),
    labels=("Temperature", "pH", "Glucose feed rate", "Seeding density", "Dissolved oxygen", "Harvest day"),
    units=("°C", "-", "g/L/d", "1e6/mL", "%", "d"),
    least=(30.0, 6.5, 0.0, 0.1, 5.0, 5.0),
    most=(40.0, 7.6, 8.0, 5.0, 100.0, 21.0),
    tag_names=("cell_line",),
    tag_values=(("A", "B"),),
    days=14,
)
VARIABLES = (
    Variable("vcd", "1e6/mL", "state", label="Viable cell density"),
    Variable("viability", "%", "state", label="Viability"),
    Variable("glucose", "g/L", "state", label="Glucose"),
    Variable("lactate", "g/L", "state", label="Lactate"),
    Variable("ammonia", "mM", "state", label="Ammonia"),
    Variable("titer", "g/L", "target", label="Titer"),
    Variable("aggregates", "%", "quality", label="Aggregates"),
)
OUTPUTS, UNITS = ("titer", "aggregates"), ("g/L", "%")
_MEMBERS, _BATCHES, _USED = 3, 12, (0, 1, 2, 3, 5)
_TEMPERATURE, _PH, _GLUCOSE = 2 * FILTERS, 2 * FILTERS + 2, 2 * FILTERS + 3  # rows of `dense_inputs`


def fabricated_process_training(prior: str = "the prior that comes with mabdesk") -> ProcessTraining:
    """Return a model of 12 batches and 3 members in which temperature, pH and glucose act, with made-up scores."""
    model = _model(prior)
    return ProcessTraining(_with_batches(model), _evaluation())


def fabricated_forecast(training: ProcessTraining, known_days: int = 6) -> Forecast:
    """Return a forecast of one running batch that grows a tenth above its plan."""
    m = training.model
    settings = np.array([m.levers.usual])
    planned = Planner(m).plan(settings, np.array([["A"]]))
    days = planned.days[None, :]
    later = np.clip(days - known_days, 0.0, None) / 8.0
    mean = planned.mean * np.where(np.array(m.names) == "titer", 1.1, 1.0)
    half = (planned.high - planned.low) / 2 * np.minimum(later, 1.0)[:, :, None]
    hours = 24.0 * days[:, : known_days + 1]
    said = replace(
        planned, mean=mean, low=mean - half, high=mean + half, final=planned.final * 1.1,
        final_low=planned.final * 1.0, final_high=planned.final * 1.2,
    )  # fmt: skip
    return Forecast(
        ("RUN-1",), hours[:, -1], np.array([336.0]), settings, hours, mean[:, : known_days + 1] * 1.01, said, planned,
        tuple(variable.unit for variable in m.variables), (), True, ("Made-up values.",),
    )  # fmt: skip


def fabricated_process_attribution(training: ProcessTraining, reliable: bool = True) -> ProcessAttribution:
    """Return an attribution of the titer in which temperature and pH lead; one trust test may have failed."""
    m, random = training.model, np.random.default_rng(8)
    weights = np.array([0.6, 0.3, 0.12, 0.05, 0.0, 0.08])
    departures = random.normal(size=(_BATCHES, len(weights)))
    by_lever = weights * departures
    sensors, shares = ("temperature", "dissolved_oxygen", "ph", "glucose_feed"), np.array([0.6, 0.02, 0.3, 0.1])
    phase = np.exp(-(((np.arange(14.0) - 6.0) / 3.0) ** 2))
    by_day = random.normal(size=(_BATCHES, 4, 1)) * shares[:, None] * phase
    ranking = [
        LeverImportance(m.levers.names[i], m.levers.labels[i], "setpoint", float(size), float(size / 1.15), 0.9, 0.09)
        for i, size in enumerate(weights)
        if size
    ]
    ranking += [
        LeverImportance(name, name.replace("_", " ").capitalize(), "sensor", float(size), float(size / 1.02), 0.8, 0.05)
        for name, size in zip(sensors, shares, strict=True)
    ]
    trust = (
        TrustTest("completeness", "Completeness", True, 0.002, 0.02, "Contributions add up but for 0.2 %."),
        TrustTest("permuted_target", "Exchanged outcomes", reliable, 0.3, 0.5, "Exchanged outcomes rank otherwise."),
    )
    return ProcessAttribution(
        "titer", "g/L", m.known.ids, m.levers.names, m.levers.units, m.known.settings, np.array(m.levers.usual),
        by_lever, sensors, by_day, 3.0 + by_lever.sum(axis=1), np.full(_BATCHES, 3.0), tuple(ranking), 0.002, trust,
        True, ("Made-up values.",),
    )  # fmt: skip


def _model(prior: str) -> ProcessModel:
    days = np.arange(LEVERS.days + 1.0)
    usual = (0.6, 1.0, 0.4, 0.2, 0.4, 0.12, 0.3)
    final = (0.15, 0.3)
    widths = Widths(
        np.array([0.8, 0.95]), np.array([[1.3] * 7, [2.0] * 7]), np.array([[1.3] * 2, [2.0] * 2]),
        np.outer(0.2 + 0.8 * days / 14.0, usual), np.array(final), 1.0, 0.3, "Made-up bands.",
    )  # fmt: skip
    arrays = {f"ensemble/{name}": value for name, value in _ensemble().arrays().items()}
    for name, level, spread in zip(OUTPUTS, (2.6, 2.0), (0.8, 0.5), strict=True):
        arrays |= {f"surface/{name}/{key}": value for key, value in _surface(level, spread).arrays().items()}
    nothing = np.zeros((0, 0))
    known = KnownBatches(
        (), nothing, np.zeros((0, 1), dtype=np.str_), np.zeros(0, dtype=np.int64), np.zeros(0), nothing, nothing,
        nothing, nothing, np.zeros((0, 15, 7)), nothing, np.zeros((0, 0, 7)),
    )  # fmt: skip
    return ProcessModel(
        LEVERS, VARIABLES, ("aggregates",), arrays, np.array([0.6, 0.6]), known, widths, None, prior,
        to_plain(ProcessOptions(members=3)), 1, True, ("Made-up model.",),
    )  # fmt: skip


def _with_batches(model: ProcessModel) -> ProcessModel:
    random = np.random.default_rng(3)
    low, high = np.array(LEVERS.low), np.array(LEVERS.high)
    settings = low + (high - low) * random.random((_BATCHES, len(low)))
    tags = np.array([["A"], ["B"]] * (_BATCHES // 2))
    said = Planner(model).plan(settings, tags)
    harvest_h = 24.0 * settings[:, LEVERS.names.index("harvest_day")]
    hours = np.where(24.0 * said.days <= harvest_h[:, None], 24.0 * said.days, np.nan)
    courses = np.nan_to_num(said.mean)
    noise = 1 + 0.05 * random.normal(size=said.mean.shape)
    samples = np.where(np.isfinite(hours)[:, :, None], said.mean * noise, np.nan)
    measured = said.final * (1 + 0.04 * random.normal(size=said.final.shape))
    known = KnownBatches(
        tuple(f"B{n + 1:02}" for n in range(_BATCHES)), settings, tags, np.arange(_BATCHES) % _MEMBERS, harvest_h,
        measured, said.network, said.surface, said.final, courses, hours, samples,
    )  # fmt: skip
    return replace(model, known=known)


def _ensemble() -> Ensemble:
    sizes = Sizes(memory=4, dense=8, plant=1, quality=1)
    random = np.random.default_rng(1)
    kernels = {
        name: (0.005 * random.normal(size=(_MEMBERS, *shape))).astype(np.float32)
        for name, shape in sizes.shapes().items()
    }
    kernels["dense_state"][:, 0, 0] = 0.6  # many cells ...
    kernels["rates"][:, 0, 0] = -1.3  # ... grow slower,
    kernels["rates"][:, 0, 1] = 1.5  # and die
    kernels["rates_bias"][:, 0] = np.array([0.9, -1.0, 2.2, 0.4, 0.5, 0.0, 0.0])
    for unit, (row, weight) in enumerate(((_TEMPERATURE, 0.5), (_PH, 0.4), (_GLUCOSE, 0.3)), start=1):
        kernels["dense_inputs"][:, row, unit] = weight
        kernels["rates"][:, unit, 5] = 0.8
    own = {
        "site": np.zeros((_MEMBERS, 1, 1), np.float32), "tag": np.zeros((_MEMBERS, 2, 1), np.float32),
        "made": np.tile(np.array([[[0.05], [-0.05]]], np.float32), (_MEMBERS, 1, 1)),
    }  # fmt: skip
    site = Site(
        np.array([5.0, 10.0, 1.5, 0.8, 2.0, 0.1, 1.0]), np.array(0.045), np.array([0.5, 97.0, 6.0, 0.1, 0.5]),
        np.zeros(5), np.array(0.5), np.array([2.0]), np.array([0.5]), np.zeros(0), np.ones(0),
        np.array(["cell_line"]), np.array(["cell_line=A", "cell_line=B"]),
    )  # fmt: skip
    return Ensemble(
        sizes, (site,) * _MEMBERS, kernels, own, Start({}, np.zeros(1, np.float32), np.eye(1, dtype=np.float32)), 1.0
    )


def _surface(level: float, spread: float) -> Surface:
    low, high = np.array(LEVERS.low), np.array(LEVERS.high)
    used = np.array(LEVERS.varied)
    frame = Frame(
        LEVERS.names, low, np.where(used, high - low, 1.0), used, LEVERS.tag_names, np.zeros(2, np.intp),
        np.array(["A", "B"]),
    )  # fmt: skip
    linear = np.array([0.3, 0.2, 0.4, 0.2, 0.6, 0.1, -0.1])
    return Surface("quadratic", frame, Polynomial(0.0, linear, -np.diag([0.9, 0.7, 0.2, 0.1, 0.0]), 0.2), level, spread)


_LABELS = {
    "process": ("Process model", 0.20), "network": ("Networks alone", 0.24),
    "gaussian_process": ("Gaussian process on setpoints", 0.30),
    "gaussian_process_quadratic": ("Gaussian process with quadratic part on setpoints", 0.28),
    "quadratic": ("Quadratic response surface", 0.41), "mean": ("Mean of the training batches", 0.63),
}  # fmt: skip


def _evaluation() -> ProcessEvaluation:
    scores, gains = [], []
    for output, scale in zip(OUTPUTS, (1.0, 0.8), strict=True):
        for on, n in (("folds", _BATCHES), ("test", 4)):
            for model, (label, rmse) in _LABELS.items():
                level = rmse * scale * (1.1 if on == "test" else 1.0)
                scores.append(OutputScore(model, label, output, on, level, 0.8 * level, 1 - level**2 / 0.5, n))
        for model in ("gaussian_process", "gaussian_process_quadratic", "quadratic", "mean"):
            label, rmse = _LABELS[model]
            gain = scale * (rmse - 0.2)
            gains.append(OutputGain(model, label, output, gain, gain - 0.06, gain + 0.07))
    courses = tuple(
        CourseScore(variable.name, variable.unit, 0.2 * sd, 0.5 * sd, sd, 150)
        for variable, sd in zip(VARIABLES, (5.0, 10.0, 1.5, 0.8, 2.0, 1.0, 0.5), strict=True)
    )
    days = tuple(
        DayScore(day, 0.24 - 0.012 * day, 0.24, 0.9 - 0.055 * day, 0.5 - 0.03 * day, 0.94, _BATCHES)
        for day in range(3, 13)
    )
    bands = tuple(
        BandScore(variable.name, final, 0.95, 0.93 + 0.01 * final, 1.2, 4 if final else 60)
        for final in (True, False)
        for variable in VARIABLES
        if not final or variable.name in OUTPUTS
    )
    return ProcessEvaluation(
        OUTPUTS, UNITS, _BATCHES, 4, tuple(scores), tuple(gains), courses, days, bands,
        "The process model predicts titer at harvest better than the Gaussian process by 0.08 g/L (0.02 to 0.15).",
        ("Made-up values.",),
    )  # fmt: skip
