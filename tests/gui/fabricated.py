"""Results of steps that take minutes, made up from their types, for the pages that show them. No model gave them."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from fabricated_process import fabricated_forecast, fabricated_process_attribution, fabricated_process_training

from mabdesk.analysis.attributed import Attribution, CrossCheck, Importance, TrustTest
from mabdesk.analysis.results import Courses, Evaluation, Samples, Score
from mabdesk.analysis.searched import Rescored, Search, Trial
from mabdesk.analysis.settings import ExplainOptions, SearchOptions, TransferOptions
from mabdesk.analysis.transferred import Transfer, TransferGain, TransferScore
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.data.settings import WindowPlan
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.options import to_plain
from mabdesk.project.project import open_project
from mabdesk.project.results import Draft

__all__ = ["fabricated_forecast", "fabricated_process_attribution", "fabricated_process_training"]  # made there
SPACE = {
    "filters": (32, 64, 128), "lstm_1": (64, 128, 256), "lstm_2": (32, 64, 128), "dropout": (0.1, 0.3, 0.5),
    "learning_rate": (1e-4, 1e-3, 1e-2),
}  # fmt: skip
FAULT = "the loss was not a number in epoch 2"
METHODS = {
    "local": "Network, local batches only", "pooled": "Network, pooled",
    "pooled_static": "Network, pooled, line or scale as input", "fine_tuned": "Network, fine-tuned",
    "pls_local": "PLS, local batches only",
}  # fmt: skip
SIZES = (2, 4, 8)


def trials(count: int, failed: tuple[int, ...] = (7, 19)) -> tuple[Trial, ...]:
    """Return trials whose losses tend to fall."""
    random = np.random.default_rng(4)
    made = []
    for number in range(1, count + 1):
        settings = {name: choices[random.integers(3)] for name, choices in SPACE.items()}
        loss = 0.05 + 0.25 * math.exp(-number / 12) * random.uniform(0.4, 1.6) + random.uniform(0, 0.06)
        bad = number in failed
        made.append(Trial(number, settings, None if bad else float(loss), FAULT if bad else ""))
    return tuple(made)


def search(count: int = 30, nested: bool = False) -> Search:
    """Return a search of so many trials."""
    tried = trials(count)
    ranked = sorted((trial.loss, trial.number) for trial in tried if trial.loss is not None)
    again = (*(Rescored(n, loss * 0.9, math.sqrt(loss) / 4) for loss, n in ranked[:5]), Rescored(0, 0.09, 0.083))
    best = next(trial for trial in tried if trial.number == ranked[0][1])
    return Search(
        "cnn_lstm", "soft_sensor", SPACE, tried, again, best.settings, 0, False, tuple(f"B{n}" for n in range(40)),
        "3 folds, 4 epochs, 2 networks a trial.",
        "The best settings are better than the model's own by 0.02 g/L; searched on these batches.",
        evaluation() if nested else None, ("Two trials failed.",),
    )  # fmt: skip


def evaluation() -> Evaluation:
    """Return what outer folds of a search gave: two models, four samples."""
    scores = tuple(
        Score(kind, label, "titer", rmse, rmse * 0.8, 0.98, 0.99, 0.7, rmse * 1.3, 4, 2)
        for kind, label, rmse in (("ridge", "Linear (ridge)", 0.09), ("cnn_lstm", "CNN-LSTM", 0.08))
    )
    hours, batches = np.array([24.0, 48, 24, 48]), np.array(["B0", "B0", "B1", "B1"])
    predicted = np.ones((2, 4, 1))
    samples = Samples(batches, hours, hours, np.ones((4, 1)), np.ones((4, 1)), predicted, np.array([0, 0, 1, 1]))
    return Evaluation(
        "soft_sensor", 2, ("ridge", "cnn_lstm"), ("Linear (ridge)", "CNN-LSTM"), ("titer",), ("g/L",), samples,
        Courses(batches, hours, predicted), scores, (), "The searched CNN-LSTM is not better than the ridge here.",
    )  # fmt: skip


def transfer() -> Transfer:
    """Return a study of the line D: fine-tuning helps from 2 batches, pooling hurts."""
    scores, gains = [], []
    level = {"local": 0.42, "pooled": 0.33, "pooled_static": 0.26, "fine_tuned": 0.21, "pls_local": 0.36}
    gained = {"local": 0.5, "pooled": 0.97, "pooled_static": 0.85, "fine_tuned": 0.8, "pls_local": 0.6}
    for target, unit in (("titer", 1.0), ("aggregates", 2.5)):
        for at, size in enumerate(SIZES):
            for method, label in METHODS.items():
                rmse = unit * level[method] * gained[method] ** at
                bars = rmse * 0.88, rmse * 1.15
                scores.append(
                    TransferScore(
                        method, label, size, target, rmse, *bars, rmse * 0.8, 1 - rmse**2 / unit, 0.99 - rmse / 9,
                        0.9 - rmse / unit, rmse * 1.4, 66, 3,
                    )
                )  # fmt: skip
    for at, size in enumerate(SIZES):
        best = min(level[m] * gained[m] ** at for m in ("local", "pls_local"))
        for method in ("pooled", "pooled_static", "fine_tuned"):
            gain = best - level[method] * gained[method] ** at
            low, high = gain - 0.03, gain + 0.03
            gains.append(TransferGain(method, size, "local", gain, low, high, low > 0))
    return Transfer(
        "cell_line", "D", "cnn_lstm", "soft_sensor", ("titer", "aggregates"), ("g/L", "%"), SIZES, 31,
        ("B3", "B9", "B14", "B22"), tuple(scores), tuple(gains),
        (
            "2 local batches: fine-tune; it is better than PLS by 0.15 g/L (95 %: 0.12 to 0.18).",
            "4 local batches: fine-tune; it is better than the local network by 0.04 g/L (95 %: 0.01 to 0.07).",
            "8 local batches: no transfer is shown to help; pooling hurts. Use the local network.",
        ),
        "Fine-tuning is recommended for line D up to 4 batches of its own; with 8 no transfer is shown to help.",
        ("Quick run: fewer epochs and networks. A first look, not for decisions.",),
    )  # fmt: skip


EXPLAINED = {
    "vcd": ("1e6/mL", 0.52, 9.0), "glucose": ("mmol/L", -0.18, 22.0), "temperature": ("degC", 0.13, 35.0),
    "lactate": ("mmol/L", -0.1, 14.0), "ph": ("-", 0.07, 7.0), "dissolved_oxygen": ("%", 0.05, 40.0),
    "feed_rate": ("mL/h", 0.04, 5.0), "viability": ("%", 0.03, 95.0), "stirrer": ("rpm", 0.012, 180.0),
    "pressure": ("mbar", 0.008, 120.0),
}  # fmt: skip
"""Variables: unit, weight, usual value. The last two are inert."""
_TESTS = (
    ("completeness", "Completeness", True, 0.004, 0.01, "The contributions add up to the departure but for 0.4 %."),
    ("stability", "Stability", True, 0.95, 0.8, "Models with other seeds rank the variables alike (Spearman 0.95)."),
    ("deletion", "Deletion", True, 0.31, 0.0, "Leaving out the highest first changes predictions 31 % sooner."),
    ("permuted_target", "Shuffled targets", True, 0.12, 0.5, "A model of shuffled targets gives another ranking."),
    ("inert_variables", "Inert variables", None, math.nan, math.nan, "No variable is known to be without effect."),
)
_FAILED = (
    "stability", "Stability", False, 0.31, 0.8, "Models with other seeds rank the variables otherwise (Spearman 0.31).",
)  # fmt: skip


def attribution(
    ids: Sequence[str] = tuple(f"B{n:02}" for n in range(12)),
    days: int = 13,
    variables: int = len(EXPLAINED),
    *,
    reliable: bool = True,
) -> Attribution:
    """Return an attribution of titer: one window of 24 h a day of each batch, steps of 4 h."""
    random = np.random.default_rng(6)
    names = [*EXPLAINED, *(f"probe_{n}" for n in range(variables - len(EXPLAINED)))][:variables]
    told = [EXPLAINED.get(name, ("mV", 0.005, 100.0)) for name in names]
    tests = _TESTS if reliable else (_TESTS[0], _FAILED, *_TESTS[2:])
    n, steps = len(ids) * days, 6
    batch, day = np.repeat(np.arange(len(ids)), days), np.tile(np.arange(1.0, days + 1), len(ids))
    weights, usual_of = np.array([one[1] for one in told]), np.array([one[2] for one in told])
    phase = np.exp(-(((day[:, None] - 3 - 1.1 * np.arange(variables)) / 4) ** 2)) + 0.15
    apart = random.normal(size=(len(ids), variables))[batch] + 0.3 * random.normal(size=(n, variables))
    contributions = weights * phase * apart
    by_step = (contributions[:, None, :] * random.dirichlet(np.full(steps, 8.0), n)[:, :, None]).astype(np.float32)
    hours = day[:, None] - np.arange(steps - 1, -1, -1) / steps
    rise = 1 + 0.25 * np.sin(hours[:, :, None] / 3 + np.arange(variables))
    usual = (usual_of * rise).astype(np.float32)
    shown = (usual * (1 + 0.06 * apart[:, None, :] * np.linspace(0.8, 1.2, steps)[:, None])).astype(np.float32)
    typical = 5 / (1 + np.exp(-(day - 8) / 2))
    return Attribution(
        "ridge", "Linear (ridge)", "soft_sensor", "titer", "g/L", "integrated_gradients", "mean_trajectory",
        "Compared with the training batches' mean at the same culture hour.", False, 4.0, tuple(names),
        tuple(one[0] for one in told), tuple(names), tuple(range(variables)), np.array(ids)[batch], 24 * day, 24 * day,
        batch % 4 != 0, typical + contributions.sum(axis=1) + 0.002, typical, contributions, contributions, by_step,
        shown, usual, np.abs(contributions) * 0.1, ("network 1", "network 2"), _importances(names, told, contributions),
        32, 0.004, _checks(names), tuple(TrustTest(*one) for one in tests),
        ("Made-up values.",),
    )  # fmt: skip


def _importances(
    names: Sequence[str], told: Sequence[tuple[str, float, float]], contributions: np.ndarray
) -> tuple[Importance, ...]:
    sizes = np.abs(contributions).mean(axis=0)
    share = sizes / sizes.sum()
    return tuple(
        Importance(
            names[v], told[v][0], float(sizes[v]), float(share[v]), float(share[v] * 0.85), float(share[v] * 1.15),
            float(share[v] * 0.7), float(share[v] * 1.3), float(np.sign(told[v][1]) * 0.9), 0.012,
        )
        for v in range(len(names))
    )  # fmt: skip


def _checks(names: Sequence[str]) -> tuple[CrossCheck, ...]:
    sizes = tuple(1.0 / (v + 1) for v in range(len(names)))
    return (
        CrossCheck("linear_shap", "Linear SHAP", 0.98, sizes, 156, "Linear SHAP ranks the variables alike (0.98)."),
        CrossCheck("occlusion", "Occlusion", 0.91, sizes, 156, "Leaving a variable out ranks them much alike (0.91)."),
        CrossCheck("permutation", "Permutation", math.nan, sizes, 0, "Not run: too few windows."),
    )


def keep(path: Path, **values: Any) -> None:
    """Add made-up results, by kind, to a project that holds a dataset, a split and a cleaned result."""
    with open_project(path, "w") as project:
        made = {kind: project.results(kind)[-1].id for kind in PARENTS if project.results(kind)}
        for kind, value in values.items():
            wanted = "model" if kind == "attribution" and "model" in made else "cleaned"
            wanted = "process-model" if kind in OF_PROCESS else wanted
            parents = (made["dataset"], made["split"], made[wanted])
            added = project.add(Draft(kind, STEP[kind], value, parents, options_of(kind), 1, seconds=1.0))
            made[kind] = added.id


PARENTS = ("dataset", "split", "cleaned", "model")
OF_PROCESS = ("process-attribution", "forecast")
STEP = {
    "search": "search", "transfer": "transfer-learning", "attribution": "explain", "process-model": "train-process",
    "process-attribution": "explain-process", "forecast": "forecast",
}  # fmt: skip


def options_of(kind: str) -> Mapping[str, Any]:
    """Return the options that a result of this kind was made with."""
    if kind == "attribution":
        return to_plain(ExplainOptions())
    if kind in OF_PROCESS:
        return {}
    if kind == "process-model":
        return {**to_plain(ProcessOptions()), **to_plain(HistoryOptions())}
    group = {"search": SearchOptions(), "transfer": replace(TransferOptions(), group="D")}[kind]
    return {**to_plain(WindowPlan(preset="soft_sensor")), **to_plain(group)}
