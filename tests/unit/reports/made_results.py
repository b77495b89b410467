"""Results of the bench made up from their types, with everything in them, and the plan of a report of them."""

import numpy as np

from mabdesk.analysis.attributed import Attribution, CrossCheck, Importance, TrustTest
from mabdesk.analysis.parts import groups_of, score_parts
from mabdesk.analysis.results import Claim, Courses, Coverage, Difference, Evaluation, Samples
from mabdesk.analysis.scoring import score_batches, score_models
from mabdesk.analysis.searched import SPACE, Rescored, Search, Trial
from mabdesk.analysis.transferred import Transfer, TransferGain, TransferScore
from mabdesk.data.batch import EMPTY, Batch, Dataset
from mabdesk.data.imported import Reading
from mabdesk.project.results import Result
from mabdesk.reports.plan import ReportPlan

KINDS, LABELS = ("ridge", "cnn_lstm", "cnn_lstm_paper"), ("Linear (ridge)", "CNN-LSTM", "=CNN-LSTM, paper")
PHASES = ("inoculation", "growth", "stationary", "decline")
RULE = "growth from 0.15 1/day on"
BATCHES = 8
DAYS = np.arange(0.0, 15.0)


def dataset():
    tags = [{"cell_line": "AB"[n % 2], "scale": ("50 L", "2000 L")[n // 4]} for n in range(BATCHES)]
    return Dataset((), tuple(Batch(f"B{n}", EMPTY, EMPTY, (), {}, tags[n]) for n in range(BATCHES)))


def evaluation():
    random = np.random.default_rng(1)
    ids, hours = np.repeat([f"B{n}" for n in range(BATCHES)], len(DAYS)), np.tile(DAYS * 24, BATCHES)
    measured = (hours[:, None] / 80) * np.repeat(random.uniform(0.8, 1.2, BATCHES), len(DAYS))[:, None]
    predicted = measured + np.array([0.2, 0.1, 0.3])[:, None, None] * random.standard_normal((3, len(hours), 1))
    half = np.array([0.4, 0.2, 0.6])[:, None, None] + np.zeros(predicted.shape)
    samples = Samples(
        ids, hours, hours, measured, np.broadcast_to(hours[:, None] / 80, measured.shape), predicted,
        np.repeat(np.arange(BATCHES) % 2, len(DAYS)), predicted - half, predicted + half, predicted - half / 5,
        predicted + half / 5, np.array(PHASES)[np.searchsorted([24, 168, 240], hours, side="right")],
    )  # fmt: skip
    courses = Courses(ids, hours, predicted, predicted - half, predicted + half)
    scores = score_models(KINDS, LABELS, ("titer",), samples, courses)
    return Evaluation(
        "soft_sensor", 2, KINDS, LABELS, ("titer",), ("g/L",), samples, courses, scores,
        score_batches(KINDS, ("titer",), samples), "CNN-LSTM is better.", ("A note.",), "cell_line",
        ("line A", "line B"),
        score_parts(KINDS, ("titer",), samples, groups_of(dataset())),
        (Difference("cnn_lstm", "ridge", "titer", 0.1, 0.05, 0.15),
         Difference("ridge", "ridge", "titer", -0.1, -0.2, 0.1)),
        tuple(Claim(kind, "titer", 0.01, 0.999, 70) for kind in KINDS), 0.9, coverage(), RULE,
    )  # fmt: skip


def coverage():
    parts = [("all", ""), *(("day", f"{day:.0f}") for day in DAYS), ("cell_line", "A"), ("scale", "2000 L")]
    shares = {"calibrated": 0.91, "dropout": 0.25}
    return tuple(
        Coverage("cnn_lstm", "titer", band, by, part, 0.9, share, 0.4, 120, BATCHES)
        for band, share in shares.items()
        for by, part in parts
    )


def search(nested=None):
    random = np.random.default_rng(4)
    losses = [None if n == 3 else float(random.uniform(0.05, 0.3)) for n in range(1, 13)]
    trials = tuple(
        Trial(n, {name: choices[n % 3] for name, choices in SPACE.items()}, loss, "" if loss else "=the loss was NaN")
        for n, loss in enumerate(losses, start=1)
    )
    best = min((t for t in trials if t.loss is not None), key=lambda t: t.loss)
    return Search(
        "cnn_lstm", "soft_sensor", SPACE, trials, (Rescored(best.number, 0.04, 0.08), Rescored(0, 0.05, 0.09)),
        best.settings, 0, False, ("B0", "B1"), "4 epochs, 3 folds", "Best of 12 trials.", nested,
        ("One trial failed.",),
    )  # fmt: skip


def transfer():
    methods = {"source": "Source as it is", "local": "Local", "fine_tuned": "Fine-tuned", "pls_local": "PLS, local"}
    sizes = {"source": (0,)}
    scores = tuple(
        TransferScore(
            method, label, size, "titer", rmse := 0.4 / (size + 1) + 0.02 * at, rmse * 0.9, rmse * 1.2, 0.3, 0.9, 0.99,
            0.5, 0.5, 60, 3,
        )
        for at, (method, label) in enumerate(methods.items())
        for size in sizes.get(method, (2, 4))
    )  # fmt: skip
    gains = (
        TransferGain("fine_tuned", 2, "local", 0.1, 0.05, 0.15, True),
        TransferGain("fine_tuned", 4, "local", -0.1, -0.2, -0.05, False),
    )
    return Transfer(
        "cell_line", "B", "cnn_lstm", "soft_sensor", ("titer",), ("g/L",), (2, 4), 4, ("B1", "B3"), scores, gains,
        ("2 local batches: fine-tune.", "4 local batches: stay local; the transfer hurts."), "Fine-tune with 2.",
        ("A first look.",),
    )  # fmt: skip


VARIABLES = {"vcd": "1e6/mL", "glucose": "g/L", "temperature": "°C", "ph": "", "=sum": "mM", "backpressure": "mbar"}
EXPLAINED_DAYS = 12


def attribution(reliable=True):
    """Contributions in fixed proportions of made-up batches: the first variable moves most, the last hardly at all."""
    random, names = np.random.default_rng(7), tuple(VARIABLES)
    n, v, steps = BATCHES * EXPLAINED_DAYS, len(names), 3
    hours = np.tile(24.0 * np.arange(1, EXPLAINED_DAYS + 1), BATCHES)
    sizes = np.array([0.32, 0.16, 0.08, 0.04, 0.02, 0.002])
    contributions = sizes * random.choice([-1.0, 1.0], (n, v)) * (hours / hours.max())[:, None]
    shown = np.broadcast_to(np.arange(1.0, v + 1), (n, steps, v)).astype(np.float32).copy()
    shown[:, -1, 1] = np.nan  # glucose was not measured at the last step of any window
    shown[:, :, 4] = np.nan
    means = np.abs(contributions).mean(axis=0)
    return Attribution(
        "cnn_lstm", "CNN-LSTM", "soft_sensor", "titer", "g/L", "integrated_gradients", "mean_trajectory",
        "The mean of 30 training batches at the same culture hour.", False, 12.0,
        names, tuple(VARIABLES.values()), names, tuple(range(v)),
        np.repeat([f"B{k}" for k in range(BATCHES)], EXPLAINED_DAYS), hours, hours,
        np.repeat(np.arange(BATCHES) < 5, EXPLAINED_DAYS), 2.0 + contributions.sum(axis=1), np.full(n, 2.0),
        contributions, contributions, np.repeat(contributions[:, None], steps, axis=1).astype(np.float32) / steps,
        shown, shown - 0.5, np.full((n, v), 0.01), ("network 1", "network 2"), importances(means), 64, 0.004,
        (CrossCheck("occlusion", "Occlusion", 0.94, tuple(means), 96, "Agrees with occlusion."),
         CrossCheck("permutation", "Permutation", np.nan, (np.nan,) * v, 0, "No ranking to compare with.")),
        trust(reliable), ("2 networks were averaged.",),
    )  # fmt: skip


def importances(means):
    shares = means / means.sum()
    refits = [(0.9 * share, 1.1 * share) for share in shares]
    refits[1] = (np.nan, np.nan)
    return tuple(
        Importance(name, unit, mean, share, 0.95 * share, 1.2 * share, *refit, 0.8, 0.01 if name != "ph" else np.nan)
        for (name, unit), mean, share, refit in zip(VARIABLES.items(), means, shares, refits, strict=True)
    )


def trust(reliable):
    said = "The permuted model shows the same ranking, rank correlation 0.91."
    return (
        TrustTest("completeness", "Completeness", True, 0.004, 0.01, "Contributions add up to 0.4 %."),
        TrustTest("permuted_target", "Permuted target", reliable, 0.1, 0.7, "The map changes." if reliable else said),
        TrustTest("inert_variables", "Inert variables", None, np.nan, np.nan, "No inert variable is known."),
    )


def result(kind, step, value, parents=("dataset-1",), **options):
    base = (f"{kind}-1", kind, step, parents, options, 1, {}, "h", "v", "2026-01-01T00:00:00+00:00", "anna", "", 1.0)
    return Result(*base, value=value)


def plan(*results, simulated=True):
    data = result("dataset", "import", Reading(dataset(), (), (), "", (), ()), ())
    return ReportPlan("p.mabdesk", "r-1", "2026-01-01T00:00:00+00:00", "anna", "0", "h", (data, *results), simulated)
