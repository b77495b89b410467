"""Apply a trained model to the batches of a new file."""

from collections.abc import Sequence

from mabdesk.analysis.assembly import units_of
from mabdesk.analysis.results import Predictions
from mabdesk.data.batch import Dataset
from mabdesk.data.windowing import drawing_windows, sample_windows
from mabdesk.errors import DataError
from mabdesk.models.model import TrainedModel, WindowModel
from mabdesk.models.settings import label_of


def apply_model(trained: TrainedModel, model: WindowModel, dataset: Dataset) -> Predictions:
    """Predict the batches of a new file: a course every 6 h, and the samples that it has.

    Raises:
        DataError: no variable that the model learned from is there, or no batch is long enough for a window.
    """
    plan, cleaning = trained.window_plan, trained.cleaning
    present = {*dataset.names(), *(name for batch in dataset.batches for name in batch.setpoints)}
    missing = [name for name in plan.inputs if name not in present]
    if len(missing) == len(plan.inputs):
        raise DataError(
            f"The file has none of the model's inputs: {', '.join(plan.inputs)}.",
            "Import a file with the variables that the model was trained on.",
        )
    drawn, samples = drawing_windows(dataset, plan, cleaning), sample_windows(dataset, plan, cleaning)
    if not len(drawn):
        raise DataError(
            f"No batch is {plan.length_h:g} h long: there is no full window to predict from.",
            "Wait for more of the batch, or train with shorter windows.",
        )
    return Predictions(
        preset=plan.preset,
        kind=trained.kind,
        label=label_of(trained.kind, plan.preset),
        targets=trained.targets,
        units=units_of(trained.variables, trained.targets),
        batch_ids=drawn.batch_ids,
        hours=drawn.target_hours,
        predicted=model.predict(drawn).mean,
        sample_batch_ids=samples.batch_ids,
        sample_hours=samples.target_hours,
        measured=samples.y,
        at_samples=model.predict(samples).mean,
        notes=(*_missing_note(missing), *_learned_note(dataset.ids, cleaning.training_ids)),
    )


def _missing_note(missing: Sequence[str]) -> tuple[str, ...]:
    if not missing:
        return ()
    return (f"The file lacks {', '.join(missing)}: the model took the training mean instead. Expect larger errors.",)


def _learned_note(ids: Sequence[str], learned: Sequence[str]) -> tuple[str, ...]:
    known = sorted(set(ids) & set(learned))
    if not known:
        return ()
    text = f"The model learned from {len(known)} of these {len(ids)} batches (by their ids, the first is {known[0]})"
    return (f"{text}: how well it fits them says nothing about new batches.",)
