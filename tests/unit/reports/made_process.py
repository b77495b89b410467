"""A process model and what was asked of it, made up from their types; no weights, since words and sheets need none."""

from dataclasses import replace

import numpy as np

from mabdesk.analysis.attributed import TrustTest
from mabdesk.analysis.process.planned import (
    FROM_SIMULATED,
    BandScore,
    CourseScore,
    DayScore,
    Experience,
    Forecast,
    LeverImportance,
    OutputGain,
    OutputScore,
    ProcessAttribution,
    ProcessEvaluation,
    ProcessTraining,
    Scenarios,
)
from mabdesk.data.batch import Variable
from mabdesk.data.history.levers import Levers
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.trained import KnownBatches, ProcessModel, Trajectories, Widths
from mabdesk.options import to_plain

PRIOR = "the prior that comes with mabdesk, learned from simulated plants (SHA-256 0123456789ab)"
LEVERS = Levers(
    ("temperature", "ph", "dissolved_oxygen", "harvest_day"), (36.6, 7.0, 40.0, 14.0), (35.0, 6.85, 40.0, 12.0),
    (37.6, 7.15, 40.0, 14.0), (True, True, False, True), ("Temperature", "pH", "Dissolved oxygen", "Harvest day"),
    ("°C", "pH", "%", "d"), (30.0, 6.5, 5.0, 5.0), (40.0, 7.6, 100.0, 21.0), ("cell_line",), (("A", "B"),), 14,
)  # fmt: skip
VARIABLES = (
    Variable("vcd", "1e6/mL", "offline"), Variable("titer", "g/L", "target"), Variable("aggregates", "%", "quality"),
)  # fmt: skip
UNITS = ("1e6/mL", "g/L", "%")
BATCHES, DAYS = 9, np.arange(15.0)
VERDICT = "The process model is better than the Gaussian process by 0.08 g/L (0.02 to 0.15)."
RIVALS = {"process": "Process model", "gaussian_process": "Gaussian process", "mean": "=Mean of the batches"}


def training(prior=PRIOR):
    random = np.random.default_rng(3)
    measured = random.uniform(1, 4, (BATCHES, 2))
    courses = np.zeros((BATCHES, 15, 3))
    known = KnownBatches(
        tuple(f"B{n}" for n in range(BATCHES)), np.tile(LEVERS.usual, (BATCHES, 1)), np.full((BATCHES, 1), "A"),
        np.arange(BATCHES) % 3, np.full(BATCHES, 336.0), measured, measured + 0.2, measured - 0.2, measured + 0.1,
        courses, np.tile(24 * DAYS, (BATCHES, 1)), courses,
    )  # fmt: skip
    widths = Widths(
        np.array([0.95]), np.ones((1, 3)), np.ones((1, 2)), np.ones((15, 3)), np.ones(2), 1.0, 0.3, "Bands of folds."
    )
    model = ProcessModel(
        LEVERS, VARIABLES, ("aggregates",), {}, np.array([0.6, 0.7]), known, widths, None, prior,
        to_plain(ProcessOptions(members=3)), 1, True, ("Dissolved oxygen was 40 in every batch.",),
    )  # fmt: skip
    return ProcessTraining(model, evaluation())


def evaluation():
    scores = tuple(
        OutputScore(
            kind, label, output, on, 0.1 * (at + 1) + 0.01 * (on == "test"), 0.1, 0.9, 9 if on == "folds" else 3
        )
        for output in ("titer", "aggregates")
        for on in ("folds", "test")
        for at, (kind, label) in enumerate(RIVALS.items())
    )
    gains = (
        OutputGain("gaussian_process", "Gaussian process", "titer", 0.1, 0.02, 0.15),
        OutputGain("mean", RIVALS["mean"], "titer", 0.2, -0.1, 0.4),
        OutputGain("mean", RIVALS["mean"], "aggregates", 0.2, np.nan, np.nan),
    )
    courses = tuple(CourseScore(v.name, v.unit, 0.2, 0.5, 0.8, 99) for v in VARIABLES)
    days = tuple(
        DayScore(day, 0.3 - 0.02 * day, 0.3, 0.9 - 0.05 * day, 0.5 - 0.03 * day, 0.944, 9) for day in (5, 7, 9)
    )
    bands = (BandScore("titer", True, 0.95, 1.0, 1.2, 3), BandScore("vcd", False, 0.95, 0.93, 4.0, 40))
    return ProcessEvaluation(
        ("titer", "aggregates"),
        ("g/L", "%"),
        BATCHES,
        3,
        scores,
        gains,
        courses,
        days,
        bands,
        VERDICT,
        ("Few batches.",),
    )


def trajectories(n, known_days=0):
    """Courses of n plans that rise to 3, 4 ... g/L, and end on day 13; bands open after `known_days`."""
    final = np.stack([np.arange(n) + 3.0, np.full(n, 2.0)], axis=1)
    mean = np.stack(
        [10 + 0 * DAYS + np.zeros((n, 1)), final[:, :1] * DAYS / 13, 2 + 0 * DAYS + np.zeros((n, 1))], axis=2
    )
    mean[:, 14] = np.nan
    half = 0.05 * np.clip(DAYS - known_days, 0, None)[None, :, None]
    return Trajectories(
        ("vcd", "titer", "aggregates"), ("titer", "aggregates"), DAYS, mean, mean - half, mean + half, final,
        final - 0.5, final + 0.5, final, final, np.full(n, 0.4), 0.95,
    )  # fmt: skip


def experience(inside=True):
    if inside:
        return Experience(
            (), 0.8, ("B1", "B2", "B3"), (0.8, 1.0, 1.2), (2.5, 2.6, 2.7), 0.4, True, "Inside experience."
        )
    said = "Outside experience: temperature 33 °C is below the 35 to 37.6 °C that were run."
    return Experience(("temperature",), 4.0, ("B4", "B5", "B6"), (4.0, 4.1, 4.2), (1.5, 1.6, 1.7), 3.0, False, said)


def scenarios():
    settings = np.array([[36.5, 7.0, 40.0, 13.0], [33.0, 6.9, 40.0, 13.0]])
    return Scenarios(
        ("plan", "=cooler"), LEVERS.names, LEVERS.units, settings, ("cell_line",), np.array([["A"], ["B"]]),
        trajectories(2), UNITS, (experience(), experience(False)), True, (FROM_SIMULATED,),
    )  # fmt: skip


def forecast(n=1):
    planned = trajectories(n)
    said = replace(trajectories(n, 6), final=planned.final * 1.1, mean=planned.mean * 1.1)
    hours = np.tile(24.0 * np.arange(7), (n, 1))
    samples = np.stack([np.full((n, 7), 10.0), hours / 100, np.full((n, 7), np.nan)], axis=2)
    ids = tuple(f"RUN-{i}" for i in range(n))
    return Forecast(
        ids, np.full(n, 144.0), np.full(n, 312.0), np.tile(LEVERS.usual, (n, 1)), hours, samples, said, planned, UNITS,
        tuple(experience() for _ in ids), True, ("Feeds of RUN-0 are as planned.",),
    )  # fmt: skip


def attribution(reliable=True):
    random = np.random.default_rng(8)
    by_lever = np.array([0.6, 0.3, 0.0, 0.1]) * random.choice([-1.0, 1.0], (BATCHES, 4))
    sensors = ("temperature", "ph")
    by_day = np.array([0.5, 0.2])[:, None] * random.choice([-1.0, 1.0], (BATCHES, 2, 14))
    ranking = (
        LeverImportance("temperature", "Temperature", "setpoint", 0.6, 0.6, 0.9, 0.05),
        LeverImportance("ph", "pH", "setpoint", 0.3, 0.3, -0.8, 0.05),
        LeverImportance("harvest_day", "Harvest day", "setpoint", 0.1, 0.1, np.nan, np.nan),
        LeverImportance("temperature", "Temperature", "sensor", 0.5, 0.7, 0.9, 0.6),
        LeverImportance("ph", "pH", "sensor", 0.2, 0.3, 0.9, 0.1),
    )
    trust = (
        TrustTest("completeness", "Completeness", True, 0.002, 0.02, "Contributions add up but for 0.2 %."),
        TrustTest("permuted_target", "Exchanged outcomes", reliable, 0.3, 0.5, "Exchanged outcomes rank otherwise."),
        TrustTest("inert_variables", "Inert setpoints", None, np.nan, np.nan, "None is known."),
    )
    return ProcessAttribution(
        "titer", "g/L", tuple(f"B{n}" for n in range(BATCHES)), LEVERS.names, LEVERS.units,
        np.tile(LEVERS.usual, (BATCHES, 1)), np.array(LEVERS.usual), by_lever, sensors, by_day,
        3.0 + by_lever.sum(axis=1), np.full(BATCHES, 3.0), ranking, 0.002, trust, True, (FROM_SIMULATED,),
    )  # fmt: skip
