"""From imported batches to a process model, trained on training batches and judged on its folds and on test batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.analysis.process.forecast import day_scores
from mabdesk.analysis.process.planned import ProcessEvaluation, ProcessTraining
from mabdesk.analysis.process.scores import (
    Judged,
    MakeSurfaces,
    band_scores,
    course_scores,
    judged_on_folds,
    judged_on_test,
    output_gains,
    output_scores,
)
from mabdesk.analysis.process.verdict import verdict
from mabdesk.analysis.process.what_if import learned_level, level_notes
from mabdesk.data.batch import Dataset, Split, Variable
from mabdesk.data.cleaning import clean, fit_cleaning
from mabdesk.data.history.histories import check_enough, read_history
from mabdesk.data.history.plans import History
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.data.settings import CleaningPlan
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.trained import Planner, ProcessModel, Trajectories
from mabdesk.options import to_plain
from mabdesk.progress import Progress

MakeProcess = Callable[[History, tuple[Variable, ...], ProcessOptions, int, Progress], ProcessModel]
"""`models.factory.make_process`: fits everything on the batches of a history, from the prior that the options name."""

HISTORY, CLEANING = "history", "cleaning"
"""Among a model's settings: how the records that it learned from were read and cleaned."""

QUICK_PROCESS = "Quick run: a third of the training steps. A first look, not for decisions."
NO_TEST = "No test batch was set apart: the figures are those of the folds."


@dataclass(frozen=True)
class Makers:
    """What fits: process models, and the response surfaces that stand beside them."""

    process: MakeProcess
    surfaces: MakeSurfaces


def train_process(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    split: Split,
    options: ProcessOptions,
    history_options: HistoryOptions,
    seed: int,
    make: Makers,
    progress: Progress,
) -> ProcessTraining:
    """Train a process model on the training and validation batches, and measure it on its folds and on test batches.

    Locked batches are never looked at. The networks choose nothing on validation batches, so that those train too.

    Args:
        dataset: as imported.
        cleaning_plan: fitted here, on the batches that train.
        split: of whole batches.
        options: of the process model.
        history_options: how the records are read.
        seed: of everything that is drawn.
        make: what fits.
        progress: who listens.

    Raises:
        DataError: too few batches, no titer, no cells, or no setpoint that varied.
        TrainingError: the loss was not finite.
    """
    known_ids = (*split.train, *split.validation)
    progress.update(0.0, "reading the batches")
    history = read_cleaned(dataset, cleaning_plan, history_options, known_ids, known_ids)
    check_enough(history, np.arange(len(history)))
    model = make.process(history, dataset.variables, options, seed, progress.part(0.02, 0.85))
    # Who reads other batches for this model must read them alike.
    read_as = {HISTORY: to_plain(history_options), CLEANING: to_plain(cleaning_plan)}
    model = replace(model, settings={**model.settings, **read_as})
    test = read_cleaned(dataset, cleaning_plan, history_options, known_ids, split.test) if split.test else None
    return ProcessTraining(model, _evaluation(model, test, options, make.surfaces, progress.part(0.85, 1.0)))


def read_cleaned(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    options: HistoryOptions,
    training_ids: Sequence[str],
    ids: Sequence[str],
) -> History:
    """Read batches as a history, behind cleaning and usual values of the training batches alone.

    Samples lose what breaks with their batch and gain nothing: no sample is ever made up. Gaps of sensors that are
    longer than a short one stay: there the plan stands in.
    """
    fitted = fit_cleaning(dataset, replace(cleaning_plan, long_gaps="leave"), training_ids)
    needed = dataset.only({*training_ids, *ids})
    history = read_history(clean(fitted, needed).dataset, options, training_ids)
    row_of = {name: row for row, name in enumerate(history.ids)}
    return history.take(np.array([row_of[name] for name in needed.ids if name in set(ids)], dtype=np.intp))


def _evaluation(
    model: ProcessModel, test: History | None, options: ProcessOptions, surfaces: MakeSurfaces, progress: Progress
) -> ProcessEvaluation:
    level = learned_level(model, options.level)
    folds = judged_on_folds(model, surfaces, progress.part(0.0, 0.5, "rivals on the folds"))
    said = None if test is None else Planner(model).run(test.planned, test.settings, level)
    scores = output_scores(model, folds)
    if test is not None and said is not None:
        on_test = judged_on_test(model, test, said, surfaces, progress.part(0.5, 0.7, "rivals on the test batches"))
        scores += output_scores(model, on_test)
    progress.update(0.7, "forecasts by day")
    units = {variable.name: variable.unit for variable in model.variables}
    return ProcessEvaluation(
        outputs=model.outputs,
        units=tuple(units[name] for name in model.outputs),
        batches=len(model.known.ids),
        test_batches=0 if test is None else len(test),
        scores=tuple(scores),
        gains=tuple(output_gains(model, folds, model.seed)),
        courses=course_scores(model),
        days=day_scores(model),
        bands=band_scores(model, test, said) if test is not None and said is not None else (),
        verdict=verdict(folds, _label(model, "titer"), units["titer"], model.seed),
        notes=_notes(model, folds, said, options),
    )


def _label(model: ProcessModel, name: str) -> str:
    return next((variable.label or variable.name for variable in model.variables if variable.name == name), name)


def _notes(model: ProcessModel, folds: Judged, said: Trajectories | None, options: ProcessOptions) -> tuple[str, ...]:
    """Say what must be known of the figures."""
    notes = [QUICK_PROCESS] if options.quick else []
    notes += [] if said is not None else [NO_TEST]
    notes += level_notes(model, said, options.level) if said is not None else []
    lacking = [name for j, name in enumerate(model.outputs) if not np.isfinite(folds.measured[:, j]).all()]
    if lacking:
        notes.append(f"Not every batch has a measured {' and '.join(lacking)}: those without are left out there.")
    return tuple(notes)
