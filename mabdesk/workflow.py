"""The steps' code, one function each: the program's table of contents. Runs in the worker process.

A step takes a Job (values of its parents by kind, options by name, a seed, files as bytes) and gives one value. It
touches neither the project file nor Qt and keeps no state. The table at the end also names the jobs of `handover`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mabdesk import handover, planning
from mabdesk.analysis import applying, comparison, explaining, nested, training, transferring
from mabdesk.analysis.attributed import Attribution
from mabdesk.analysis.cross_checks import Explainers
from mabdesk.analysis.quest import Quest
from mabdesk.analysis.results import Evaluation, Predictions, Training
from mabdesk.analysis.searched import SPACE, Search
from mabdesk.analysis.settings import CompareOptions, ExplainOptions, SearchOptions, TransferOptions
from mabdesk.analysis.transferred import Transfer
from mabdesk.data.batch import Change, Dataset, Split
from mabdesk.data.cleaning import Cleaned, clean, fit_cleaning
from mabdesk.data.imported import Reading
from mabdesk.data.preview import Preview as ImportPreview
from mabdesk.data.reading.files import read_bytes
from mabdesk.data.reading.previewing import preview as preview_files
from mabdesk.data.settings import CleaningPlan, PhaseRule, ReadingOptions, SplitOptions, WindowPlan
from mabdesk.data.splitting import folds_of, split
from mabdesk.data.windowing import plan_for
from mabdesk.job import Job
from mabdesk.models import devices, factory
from mabdesk.models.device import Device
from mabdesk.models.settings import TrainOptions, settings_for, with_bases
from mabdesk.options import pick
from mabdesk.progress import Progress
from mabdesk.virtual_plant.truth import TrueRun, true_run

QUICK_NOTE = "Quick run: fewer epochs and networks. A first look, not for decisions."


def run(job: Job, progress: Progress) -> Any:
    """Run the step or job of this name.

    Raises:
        MabdeskError: what the user can mend.
    """
    return _CODE[job.step](job, progress)


def read(job: Job, progress: Progress) -> Reading:
    """Read files of batch records into a dataset, with what was noticed on the way."""
    return read_bytes(job.files, pick(ReadingOptions, job.options), progress)


def look_at_files(job: Job, progress: Progress) -> ImportPreview:
    """Tell what would be read from files, and as what; nothing is kept."""
    return preview_files(job.files, pick(ReadingOptions, job.options), progress)


def split_batches(job: Job, _progress: Progress) -> Split:
    """Set whole batches apart."""
    return split(_dataset(job), pick(SplitOptions, job.options), job.seed)


def clean_dataset(job: Job, progress: Progress) -> Cleaned:
    """Clean the batches by rules fitted on the training batches: to look at, and for the list of changes.

    Locked batches stay out of sight.
    """
    chosen: Split = job.parents["split"]
    dataset = _dataset(job).only(set(_dataset(job).ids) - set(chosen.locked))
    progress.update(0.0, "fitting the rules on training batches")
    fitted = fit_cleaning(dataset, pick(CleaningPlan, job.options), [*chosen.train, *chosen.validation])
    progress.update(0.5, "applying them to all batches")
    cleaned = clean(fitted, dataset)
    reading: Reading = job.parents["dataset"]
    return replace(cleaned, changes=tuple(_with_cell(reading, change) for change in cleaned.changes))


def train(job: Job, progress: Progress) -> Training:
    """Train one model on the training batches of the imported data and measure it on the test batches."""
    options = pick(TrainOptions, job.options)
    found = training.train(
        _dataset(job),
        _cleaning_plan(job),
        pick(WindowPlan, job.options),
        job.parents["split"],
        options.model,
        {
            **settings_for(options.model, options.quick, options.epochs, options.members),
            **_searched(job, options.model),
        },
        job.seed,
        factory.create,
        options.label_stride_h,
        progress,
        options.level,
    )
    return replace(found, evaluation=_said_quick(found.evaluation, options.quick))


def compare(job: Job, progress: Progress) -> Evaluation:
    """Measure models on folds of whole batches; the locked ones take no part."""
    options = pick(CompareOptions, job.options)
    chosen: Split = job.parents["split"]
    ids = (*chosen.train, *chosen.validation, *chosen.test)
    dataset = _dataset(job).only(ids)
    folds = folds_of(dataset, options.folds_by, options.folds, job.seed)
    found = comparison.cross_validate(
        dataset,
        _cleaning_plan(job),
        pick(WindowPlan, job.options),
        folds.splits,
        with_bases(options.models),
        {kind: {**settings_for(kind, options.quick), **_searched(job, kind)} for kind in with_bases(options.models)},
        job.seed,
        factory.create,
        options.label_stride_h,
        progress,
        comparison.Extras(
            options.level,
            pick(PhaseRule, job.options),
            options.folds_by,
            folds.names,
            folds.notes,
            options.window_split,
            job.parents.get("search"),
            options.settings_from,
        ),
    )
    return _said_quick(found, options.quick)


def search(job: Job, progress: Progress) -> Search:
    """Search settings on the training batches, test batches stay unseen; outer folds take these as well.

    `kept` among the options are finished trials of the same search; it is no option of the result.
    """
    options, chosen = pick(SearchOptions, job.options), job.parents["split"]
    known = (*chosen.train, *chosen.validation)
    whole = _dataset(job).only([*known, *chosen.test])
    quest = Quest(
        whole.only(known),
        _cleaning_plan(job),
        plan_for(whole, pick(WindowPlan, job.options)),
        options,
        SPACE,
        job.seed,
        factory.create,
        factory.create_search,
        job.options.get("kept", ()),
    )
    return nested.search(quest, whole, progress)


def transfer_learning(job: Job, progress: Progress) -> Transfer:
    """Compare the ways to a model of a new line or scale; the locked batches take no part."""
    options, chosen = pick(TransferOptions, job.options), job.parents["split"]
    found = transferring.study_transfer(
        _dataset(job).only((*chosen.train, *chosen.validation, *chosen.test)),
        _cleaning_plan(job),
        pick(WindowPlan, job.options),
        options,
        job.seed,
        factory.create,
        factory.fine_tune,
        progress,
    )
    return replace(found, notes=(QUICK_NOTE, *found.notes)) if options.quick else found


def explain(job: Job, progress: Progress) -> Attribution:
    """Tell which variables moved a trained model's predictions, and test whether to believe it."""
    known: Training = job.parents["model"]
    return explaining.explain(
        known.model,
        factory.load(known.model),
        _dataset(job),
        job.parents["split"],
        pick(ExplainOptions, job.options),
        job.seed,
        factory.create,
        Explainers(factory.gradient_shap, factory.linear_shap),
        factory.tree_shap,
        progress,
    )


def final_test(job: Job, _progress: Progress) -> Evaluation:
    """Measure one trained model on the locked batches."""
    known: Training = job.parents["model"]
    trained, level = known.model, known.evaluation.level
    return training.final_test(
        trained, factory.load(trained), _dataset(job), job.parents["split"], factory.create, level
    )


def predict(job: Job, _progress: Progress) -> Predictions:
    """Apply a trained model to newly read batches."""
    known: Training = job.parents["model"]
    trained, dataset = known.model, job.parents["new-data"].dataset
    return applying.apply_model(trained, factory.load(trained), dataset, known.evaluation.level)


def simulate_run(job: Job, _progress: Progress) -> TrueRun:
    """Tell what setpoints truly give on the virtual plant."""
    return true_run(job.options["setpoints"], job.options["line"], job.options["scale_l"])


def device(_job: Job, progress: Progress) -> Device:
    """Find out what will train on this computer; loads TensorFlow."""
    progress.update(0.0, "loading TensorFlow")
    return devices.find_device()


def _with_cell(reading: Reading, change: Change) -> Change:
    cell = reading.cell_of(change.batch, change.variable, change.hour)
    if not cell:
        return change
    try:
        given = reading.given_at(cell, change.variable, float(change.before)) if change.before else ""
    except ValueError:
        given = ""
    return replace(change, cell=cell, given=given)


def _said_quick(found: Evaluation, quick: bool) -> Evaluation:
    return replace(found, notes=(QUICK_NOTE, *found.notes)) if quick else found


def _searched(job: Job, kind: str) -> Mapping[str, Any]:
    """Return the best settings of the search that the step was given, where it searched this kind."""
    found: Search | None = job.parents.get("search")
    return found.best if found is not None and found.kind == kind else {}


def _dataset(job: Job) -> Dataset:
    reading: Reading = job.parents["dataset"]
    return reading.dataset


def _cleaning_plan(job: Job) -> CleaningPlan:
    """Take the plan of the cleaned result that was looked at; it is fitted again on each set of training batches."""
    cleaned: Cleaned = job.parents["cleaned"]
    return cleaned.plan


_CODE: Mapping[str, Callable[[Job, Progress], Any]] = {
    "import": read,
    "preview": look_at_files,
    "split": split_batches,
    "clean": clean_dataset,
    "train": train,
    "compare": compare,
    "search": search,
    "transfer-learning": transfer_learning,
    "explain": explain,
    "final-test": final_test,
    "read-new": read,
    "predict": predict,
    "train-process": planning.train_process,
    "what-if": planning.what_if,
    "forecast": planning.forecast,
    "explain-process": planning.explain_process,
    "simulate-campaign": handover.simulate_campaign,
    "simulate-run": simulate_run,
    "template": handover.template,
    "report": handover.report,
    "report-preview": handover.preview,
    "device": device,
    "table": handover.table,
    "marked-copy": handover.mark_copy,
    "change-list": handover.change_list,
    "pretrain": handover.pretrain,
}
