"""Explain a trained model: which variables moved its predictions, when, and whether to believe it.

Sees only the protocols. The model's own fitted cleaning cuts the windows; locked batches are never looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mabdesk.analysis.assembly import units_of
from mabdesk.analysis.attributed import Attribution, CrossCheck
from mabdesk.analysis.cross_checks import BY_TREES, Explainers, cross_check
from mabdesk.analysis.explainable import constant_notes, require_movement, require_own_data, target_of
from mabdesk.analysis.explained import Contributions, Explained, mean_abs
from mabdesk.analysis.fitting import MakeModel
from mabdesk.analysis.grouping import grouping_of, own_values, units_by_name
from mabdesk.analysis.integrated import FIRST_STEPS, ByTrees, aligned, contribute
from mabdesk.analysis.ranking import mean_departure, rank
from mabdesk.analysis.refits import Learning
from mabdesk.analysis.rescaling import rescale
from mabdesk.analysis.settings import ExplainOptions
from mabdesk.analysis.training import LABEL_STRIDE_H
from mabdesk.analysis.trusting import Trusted, trust, without_floors
from mabdesk.analysis.typical_windows import MEAN_TRAJECTORY, Typical, typical_windows
from mabdesk.data.batch import Dataset, Split, Windows
from mabdesk.data.features import VCD
from mabdesk.data.splitting import listed
from mabdesk.data.windowing import FORECAST, regular_windows, training_windows
from mabdesk.errors import DataError
from mabdesk.models.model import TrainedModel, WindowModel
from mabdesk.models.physical import TITER
from mabdesk.models.settings import label_of
from mabdesk.progress import SILENT, Progress

REFITTED_NETWORKS = 2
"""Most networks of a model that is trained again: nine such models are, and maps of two networks compare as well."""

_CONTRIBUTIONS, _CHECKS = 0.15, 0.3  # where these parts of the progress bar end
_BEFORE_RESCALING = 0.1  # of the contributions' part: some forty maps are computed to rescale one


@dataclass(frozen=True, eq=False)
class _Question:
    """What is asked of which model; `learned` names the batches that it learned from."""

    trained: TrainedModel
    model: WindowModel
    dataset: Dataset
    split: Split
    learned: tuple[str, ...]
    target: int
    options: ExplainOptions
    seed: int
    make_model: MakeModel
    explainers: Explainers
    by_trees: ByTrees | None

    def contribute(
        self, windows: Windows, baseline: Windows, tolerance: float, steps: int, progress: Progress
    ) -> Contributions:
        """Share the predictions of these windows out."""
        return contribute(self.model, windows, baseline, self.target, tolerance, progress, self.by_trees, steps)


def explain(
    trained: TrainedModel,
    model: WindowModel,
    dataset: Dataset,
    split: Split,
    options: ExplainOptions,
    seed: int,
    make_model: MakeModel,
    explainers: Explainers,
    by_trees: ByTrees,
    progress: Progress = SILENT,
) -> Attribution:
    """Share the predictions of a trained model out over variables and hours, and test whether to believe it.

    Explained are windows of all batches but the locked ones, on a stride. `make_model` gives an untrained model of a
    kind, for the refits of the trust tests; `by_trees` explains models that consist of trees.

    Raises:
        DataError: the model is of other data, learned from one batch, or sees nothing that varies.
        OptionsError: the model has no such target.
        TrainingError: a prediction or a gradient is not finite.
    """
    # Refits cut short would be tested instead of models like this one: it is done whole, or stopped.
    progress = replace(progress, finish_now=lambda: False)
    learned, target = require_own_data(trained, dataset, split), target_of(trained, options.target)
    trees = by_trees if trained.kind in BY_TREES else None
    question = _Question(trained, model, dataset, split, learned, target, options, seed, make_model, explainers, trees)
    windows, short = _windows(question)
    typical = typical_windows(windows, windows.of(learned), options.baseline)
    found = _contributions(question, typical, windows.of(learned), progress.part(0.0, _CONTRIBUTIONS))
    moving = require_movement(found, trained)
    checks = _checks(question, found, progress.part(_CONTRIBUTIONS, _CHECKS, "cross-checks"))
    trusted = trust(found, _learning(question), options, seed, progress.part(_CHECKS, 1.0, "trust tests"))
    trusted = without_floors(trusted) if options.rescaling else trusted
    said = (*_count_notes(question, found), *short, *typical.notes, *_variable_notes(found, moving, trained))
    said = (*said, *_physics_note(found, trained, trusted))
    return _told(question, found, typical, checks, trusted, (*said, *trusted.notes))


def _windows(question: _Question) -> tuple[Windows, tuple[str, ...]]:
    """Cut the windows that are explained; say which batches are too short for one."""
    plan = question.trained.window_plan
    dataset = question.dataset.only(set(question.dataset.ids) - set(question.split.locked))
    windows = regular_windows(dataset, plan, question.trained.cleaning, question.options.stride_h)
    short = [name for name in dataset.ids if name not in set(windows.batch_ids.tolist())]
    if not np.isin(question.learned, windows.batch_ids).any():
        raise DataError(
            f"No training batch is {plan.length_h:g} h long: there is no full window to compare with.",
            "Train with shorter windows, or import longer batches.",
        )
    return windows, (f"Left out, shorter than one window ({plan.length_h:g} h): {listed(short)}.",) if short else ()


def _contributions(question: _Question, typical: Typical, known: Windows, progress: Progress) -> Explained:
    """Explain the predictions, with temporal rescaling where it is asked for."""
    options, windows, baseline = question.options, typical.windows, aligned(typical.windows, typical.baseline)
    share = _BEFORE_RESCALING if options.rescaling else 1.0
    given = question.contribute(windows, baseline, options.tolerance, FIRST_STEPS, progress.part(0.0, share))
    grouping = grouping_of(windows, question.trained.window_plan.inputs, given.last)
    if options.rescaling:
        # As many steps each time: what is left out should change the map, not the error of its sums.
        steps = given.interpolation_steps or FIRST_STEPS

        def again(mine: Windows, usual: Windows) -> Contributions:
            return question.contribute(mine, usual, float("inf"), steps, SILENT)

        given = rescale(again, windows, baseline, grouping, given, progress.part(share, 1.0))
    return Explained(question.model, windows, baseline, known, question.target, grouping, given)


def _checks(question: _Question, found: Explained, progress: Progress) -> tuple[CrossCheck, ...]:
    options = question.options
    if not options.checks:
        return ()
    same_hour = options.baseline == MEAN_TRAJECTORY
    return cross_check(found, question.trained.kind, question.explainers, question.seed, progress, same_hour)


def _learning(question: _Question) -> Learning:
    """Return what models like this one are trained on again: the windows that this one learned from."""
    trained, plan = question.trained, question.trained.window_plan
    windows = training_windows(question.dataset.only(question.learned), plan, trained.cleaning, LABEL_STRIDE_H)
    validation = tuple(name for name in question.split.validation if name in question.learned)

    settings = dict(trained.settings)
    if settings.get("members", 0) > REFITTED_NETWORKS:
        settings["members"] = REFITTED_NETWORKS

    def make(more: tuple[str, ...]) -> WindowModel:
        return question.make_model(trained.kind, settings, replace(plan, inputs=(*plan.inputs, *more)))

    return Learning(windows, validation, make, question.by_trees)


def _count_notes(question: _Question, found: Explained) -> tuple[str, ...]:
    """Say what was explained, how finely, and what was not looked at."""
    explained, locked = set(found.windows.batch_ids.tolist()), len(question.split.locked)
    text = (
        f"{len(found.windows)} windows of {_batches(len(explained))} are explained, one every "
        f"{question.options.stride_h:g} h; the model learned from {len(explained & set(question.learned))} of them."
    )
    given = found.contributions
    how = (
        f"Integrated gradients with {given.interpolation_steps} steps miss {100 * given.error:.2g} % of the departures."
    )
    apart = f"Locked away and not looked at: {_batches(locked)}."
    return (text, *([how] if given.interpolation_steps else []), *([apart] if locked else []))


def _batches(count: int) -> str:
    return f"{count} batch" if count == 1 else f"{count} batches"


def _variable_notes(found: Explained, moving: Sequence[str], trained: TrainedModel) -> tuple[str, ...]:
    alone = f"One variable alone varies ({moving[0]}): there is no ranking to test."
    return (*([alone] if len(moving) == 1 else []), *constant_notes(found, trained))


def _physics_note(found: Explained, trained: TrainedModel, trusted: Trusted) -> tuple[str, ...]:
    """Say why viable cells need not stand out where the target itself is made of them."""
    names = found.grouping.variables
    if trained.targets[found.target] != TITER or not trained.settings.get("physical") or VCD not in names:
        return ()
    if not mean_abs(found.by_variable)[names.index(VCD)] <= trusted.floor[names.index(VCD)]:
        return ()
    form = "titer gained per viable cells" if trained.window_plan.preset == FORECAST else "titer per integrated cells"
    note = f"Viable cells are in every model of titer, one of shuffled targets too: it is learned as {form}."
    return (f"{note} They need not stand out to matter.",)


def _told(
    question: _Question,
    found: Explained,
    typical: Typical,
    checks: tuple[CrossCheck, ...],
    trusted: Trusted,
    notes: tuple[str, ...],
) -> Attribution:
    grouping, windows, contributions = found.grouping, found.windows, found.contributions
    shown, usual = own_values(windows, grouping), own_values(typical.baseline, grouping)
    units = units_by_name(question.trained.variables, grouping.variables)
    return Attribution(
        **_subject(question, typical),
        **_maps(found),
        units=units,
        batch_ids=windows.batch_ids,
        hours=windows.hours,
        target_hours=windows.target_hours,
        learned=np.isin(windows.batch_ids, np.array(question.learned, dtype=np.str_)),
        predicted=contributions.predicted,
        typical=contributions.typical,
        shown=shown,
        usual=usual,
        parts=contributions.parts,
        ranking=rank(found, units, mean_departure(shown, usual), question.seed, trusted),
        interpolation_steps=contributions.interpolation_steps,
        completeness_error=contributions.error,
        checks=checks,
        trust=trusted.tests,
        notes=notes,
    )


def _subject(question: _Question, typical: Typical) -> dict[str, Any]:
    """Return what was explained, and compared with what."""
    trained, options, plan = question.trained, question.options, question.trained.window_plan
    target = trained.targets[question.target]
    return {
        "kind": trained.kind,
        "label": label_of(trained.kind, plan.preset),
        "preset": plan.preset,
        "target": target,
        "unit": units_of(trained.variables, (target,))[0],
        "method": "tree" if trained.kind in BY_TREES else "integrated_gradients",
        "baseline": options.baseline,
        "baseline_sentence": typical.sentence,
        "rescaled": options.rescaling,
        "step_h": plan.step_h,
    }


def _maps(found: Explained) -> dict[str, Any]:
    """Return the contributions by variable, by channel and by step; channels of no variable are left out."""
    grouping, contributions = found.grouping, found.contributions
    told = [place for place, variable in enumerate(grouping.channel_of) if variable >= 0]
    # A last measured target is known at the window's end: that is where its contribution is told.
    last = np.zeros((*contributions.by_step.shape[:2], contributions.last.shape[1]))
    last[:, -1] = contributions.last
    by_step = grouping.by_variable(np.concatenate([contributions.by_step, last], axis=2))
    return {
        "variables": grouping.variables,
        "channels": tuple(grouping.channels[place] for place in told),
        "channel_of": tuple(grouping.channel_of[place] for place in told),
        "contributions": found.by_variable,
        "by_channel": contributions.by_channel[:, told],
        "by_step": by_step.astype(np.float32),
        "disagreement": np.asarray(grouping.by_variable(contributions.part_sums).std(axis=0)),
    }
