"""An evaluation with everything in it, made by hand: several models, lines, scales, phases, bands, parts, claims."""

from dataclasses import replace

import numpy as np

from mabdesk.analysis.results import Claim, Courses, Coverage, Difference, Evaluation, PartScore, Samples
from mabdesk.analysis.scoring import score_batches, score_models
from mabdesk.data.batch import EMPTY, Batch, Dataset, Event
from mabdesk.models.settings import label_of

KINDS = ("mean_trajectory", "pls", "ridge_svr", "cnn_lstm", "cnn_lstm_paper")
MISSES = (0.5, 0.18, 0.12, 0.13, 0.3)  # g/L
TARGETS, UNITS = ("titer", "aggregates"), ("g/L", "%")
LINES, SCALES = ("A", "B", "C"), ("50 L", "200 L", "2000 L")
DAYS = np.arange(0, 15)
PHASES = ("inoculation", "growth", "stationary", "decline")
PHASE_RULE = "growth from 0.15 1/day on; decline below 80 % viability or at a death rate of 0.1 1/day"


def dataset_of(batches: int = 24) -> Dataset:
    """Return simulated batches with their line, scale and events."""
    events = (Event(0, "inoculation"), Event(72, "feed"), Event(120, "feed"), Event(130, "temperature_shift"))
    made = [
        Batch(f"B{n:02d}", EMPTY, EMPTY, events, {},
              {"origin": "simulated", "cell_line": LINES[n % 3], "scale": SCALES[n // 3 % 3]})
        for n in range(batches)
    ]  # fmt: skip
    return Dataset((), tuple(made))


def full_evaluation(batches: int = 24, seed: int = 1) -> Evaluation:
    """Return an evaluation in which every new field is filled; the networks have bands, one from dropout too."""
    random = np.random.default_rng(seed)
    ids = [f"B{n:02d}" for n in range(batches)]
    scale = 1 + 0.2 * random.standard_normal(batches)
    names, hours = np.repeat(ids, len(DAYS)), np.tile(DAYS * 24.0, batches)
    measured = _true(hours, np.repeat(scale, len(DAYS)))
    errors = np.stack([miss * random.standard_normal(measured.shape) for miss in MISSES])
    guess = np.maximum(measured[None] + errors * (0.3 + hours / 240)[None, :, None], 0)
    points = np.arange(0, 15 * 24 - 23, 6.0)
    courses = _courses(ids, points, scale)
    half = np.array([np.nan, 2.0, 2.0, 2.0, 2.0])[:, None, None] * np.array(MISSES)[:, None, None]
    wide = half * (0.3 + hours / 240)[None, :, None] + np.zeros(guess.shape)
    raw = np.where(np.arange(len(KINDS))[:, None, None] >= 3, 0.15 * wide, np.nan)
    samples = Samples(
        names, hours, hours, measured, _true(hours, np.ones(len(hours))), guess,
        np.repeat(np.arange(batches) % 5, len(DAYS)), np.maximum(guess - wide, 0), guess + wide, guess - raw,
        guess + raw, np.array(PHASES)[np.searchsorted([24, 168, 240], hours, side="right")],
    )  # fmt: skip
    drawn = half * (0.3 + courses.hours / 240)[None, :, None]
    courses = replace(courses, low=np.maximum(courses.predicted - drawn, 0), high=courses.predicted + drawn)
    labels = tuple(label_of(kind, "soft_sensor") for kind in KINDS)
    found = Evaluation(
        "soft_sensor", 5, KINDS, labels, TARGETS, UNITS, samples, courses,
        score_models(KINDS, labels, TARGETS, samples, courses), score_batches(KINDS, TARGETS, samples),
        "CNN-LSTM is not better than Mean of ridge and SVR here: use Mean of ridge and SVR.",
        ("Mean trajectory: No 95 % band: it needs 19 batches.",),
    )  # fmt: skip
    return replace(
        found, parts=_parts(found), differences=_differences(found), claims=_claims(found), coverage=_coverage(found),
        phase_rule=PHASE_RULE,
    )  # fmt: skip


def old_evaluation() -> Evaluation:
    """Return the same as an earlier version kept it: no bands, no parts, no phases, no claims."""
    found = full_evaluation()
    samples = replace(found.samples, low=None, high=None, raw_low=None, raw_high=None, phase=None)
    courses = replace(found.courses, low=None, high=None)
    return replace(
        found, samples=samples, courses=courses, parts=(), differences=(), claims=(), coverage=(), phase_rule="",
        notes=(),
    )  # fmt: skip


def _true(hours, scale):
    titer = 4.5 * scale / (1 + np.exp(-(hours - 190) / 45))
    return np.stack([titer, 1 + 0.3 * titer], axis=1)


def _courses(ids, points, scale):
    names, hours = np.repeat(ids, len(points)), np.tile(points, len(ids))
    true = _true(hours, np.repeat(scale, len(points)))
    wave = np.sin(hours / 60)[None, :, None] * np.array(MISSES)[:, None, None] * 0.5
    return Courses(names, hours, np.maximum(true[None] + wave, 0))


def _parts(found):
    groups = {batch.id: batch.tags for batch in dataset_of(200).batches}
    parted = {"phase": found.samples.phase, "day": (found.samples.hours / 24).astype(int).astype(str)}
    for tag in ("cell_line", "scale"):
        parted[tag] = np.array([groups[name][tag] for name in found.samples.batch_ids.tolist()])
    rows = []
    for by, names in parted.items():
        for part in dict.fromkeys(names.tolist()):
            here = names == part
            for m, model in enumerate(found.models):
                for t, target in enumerate(found.targets):
                    wrong = (found.samples.predicted[m, :, t] - found.samples.measured[:, t])[here]
                    batches = len(set(found.samples.batch_ids[here].tolist()))
                    size = float(np.sqrt(np.mean(wrong**2))), float(np.abs(wrong).mean()), float(wrong.mean())
                    rows.append(PartScore(by, part, model, target, int(here.sum()), batches, *size))
    return tuple(rows)


def _differences(found):
    best = found.score("ridge_svr").rmse
    gains = [(model, best - found.score(model).rmse) for model in found.models]
    return tuple(
        Difference(model, "ridge_svr" if model != "ridge_svr" else "pls", "titer", gain, gain - 0.03, gain + 0.03)
        for model, gain in gains
    )


def _claims(found):
    return tuple(Claim(model, "titer", 0.6 * found.score(model).rmse, 0.99, 70) for model in found.models)


def _coverage(found):
    rows = []
    for model in found.models[1:]:
        for target in found.targets:
            for by, parts in (("all", ("",)), ("day", ("2", "10")), ("cell_line", LINES), ("scale", SCALES)):
                rows += [Coverage(model, target, "calibrated", by, part, 0.95, 0.946, 0.61, 360, 24) for part in parts]
            if model.startswith("cnn"):
                rows.append(Coverage(model, target, "dropout", "all", "", 0.95, 0.231, 0.09, 360, 24))
    return tuple(rows)
