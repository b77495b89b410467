"""Train one titer model and measure it on test batches; open the locked ones. Sees only the protocols."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mabdesk.analysis.assembly import evaluation_of, notes_of_models
from mabdesk.analysis.fitting import Fitted, MakeModel, band_note, fit_models, measure
from mabdesk.analysis.results import Evaluation, Training
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import plan_for
from mabdesk.errors import DataError
from mabdesk.models.model import TrainedModel, WindowModel
from mabdesk.progress import SILENT, Progress

BESIDE = ("last_value", "mean_trajectory", "ridge", "gaussian_process", "gp_svr")
"""Always shown beside a trained model: what costs next to nothing must be beaten."""
LABEL_STRIDE_H = 12.0


def train(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    window_plan: WindowPlan,
    split: Split,
    kind: str,
    settings: Mapping[str, Any],
    seed: int,
    make_model: MakeModel,
    label_stride_h: float = 12.0,
    progress: Progress = SILENT,
    level: float = 0.95,
) -> Training:
    """Fit cleaning and one model on the training batches, and measure it on the test batches, bands included.

    Raises:
        DataError: the batches do not hold what the model needs.
        TrainingError: no finite model came out.
    """
    plan = plan_for(dataset.only([*split.train, *split.validation]), window_plan)
    kinds = (kind, *(name for name in BESIDE if name != kind))
    fitted = fit_models(
        dataset, cleaning_plan, plan, split.train, split.validation, kinds, {kind: settings}, seed, make_model,
        label_stride_h, progress,
    )  # fmt: skip
    samples, courses = measure(fitted, dataset, split.test, level=level)
    trained = _trained(fitted, dataset, kind, settings, seed, level)
    evaluation = evaluation_of(plan, dataset, 1, kinds, samples, courses, seed, trained.notes, level=level)
    epochs = max((len(curve) for curve in trained.history.values()), default=0)
    return Training(trained, evaluation, epochs)


def final_test(
    trained: TrainedModel,
    model: WindowModel,
    dataset: Dataset,
    split: Split,
    make_model: MakeModel,
    level: float = 0.95,
) -> Evaluation:
    """Open the locked batches and measure one trained model on them, beside what costs nothing.

    Raises:
        DataError: no batch is locked.
    """
    if not split.locked:
        raise DataError("No batch was locked away for a final test.", "Split again with a share that is locked away.")
    beside = tuple(name for name in BESIDE if name != trained.kind)
    simple = fit_models(
        dataset, trained.cleaning.plan, trained.window_plan, split.train, split.validation, beside, {}, trained.seed,
        make_model, LABEL_STRIDE_H, SILENT,
    )  # fmt: skip
    kinds = (trained.kind, *beside)
    fitted = replace(
        simple,
        cleaning=trained.cleaning,
        kinds=kinds,
        models=(model, *simple.models),
        calibrations=(trained.calibration, *simple.calibrations),
    )
    samples, courses = measure(fitted, dataset, split.locked, level=level)
    return evaluation_of(
        trained.window_plan, dataset, 1, kinds, samples, courses, trained.seed, trained.notes, level=level
    )


def _trained(
    fitted: Fitted, dataset: Dataset, kind: str, settings: Mapping[str, Any], seed: int, level: float
) -> TrainedModel:
    model = fitted.models[0]
    return TrainedModel(
        kind=kind,
        settings=dict(settings),
        seed=seed,
        window_plan=fitted.plan,
        cleaning=fitted.cleaning,
        variables=dataset.variables,
        channels=fitted.training.channels,
        targets=fitted.training.targets,
        arrays=model.arrays(),
        history=model.history(),
        parameters=model.parameters(),
        notes=(*notes_of_models(fitted, ""), *band_note(fitted, 0, level)),
        calibration=fitted.calibrations[0],
    )
