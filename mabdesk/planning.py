"""The code of the steps that use the process model, as `workflow` names them; see there for what a step is."""

from dataclasses import replace

from mabdesk.analysis.process import explaining, training
from mabdesk.analysis.process import forecast as forecasting
from mabdesk.analysis.process import what_if as plans
from mabdesk.analysis.process.planned import Forecast, ProcessAttribution, ProcessTraining, Scenarios
from mabdesk.analysis.settings import ExplainProcessOptions, ForecastOptions, WhatIfOptions
from mabdesk.data.history.plans import History
from mabdesk.data.history.running import running_batch
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.job import Job
from mabdesk.models import factory
from mabdesk.models.process.settings import ProcessOptions
from mabdesk.models.process.trained import Planner, ProcessModel
from mabdesk.options import pick
from mabdesk.progress import Progress


def train_process(job: Job, progress: Progress) -> ProcessTraining:
    """Train a process model on the training batches and measure it on its folds and the test batches."""
    return training.train_process(
        job.parents["dataset"].dataset,
        job.parents["cleaned"].plan,
        job.parents["split"],
        pick(ProcessOptions, job.options),
        pick(HistoryOptions, job.options),
        job.seed,
        training.Makers(factory.make_process, factory.surface_folds),
        progress,
    )


def what_if(job: Job, _progress: Progress) -> Scenarios:
    """Say what becomes of plans."""
    known: ProcessTraining = job.parents["process-model"]
    options = pick(WhatIfOptions, job.options)
    names, settings = plans.parse_scenarios(options.scenarios, known.model)
    tags = plans.tag_rows(options.tags, known.model, len(names))
    return plans.what_if(Planner(known.model), names, settings, tags, options.level)


def forecast(job: Job, _progress: Progress) -> Forecast:
    """Forecast the running batches of a newly read file, without training again."""
    known: ProcessTraining = job.parents["process-model"]
    levers, reading = known.model.levers, job.parents["new-data"]
    running = running_batch(reading.dataset, levers, pick(HistoryOptions, job.options))
    return forecasting.forecast(Planner(known.model), running, pick(ForecastOptions, job.options).level)


def explain_process(job: Job, progress: Progress) -> ProcessAttribution:
    """Tell which setpoints, and which days of which sensors, moved an output at harvest; and whether to believe it."""
    known: ProcessTraining = job.parents["process-model"]
    dataset = job.parents["dataset"].dataset
    quick = replace(pick(ProcessOptions, known.model.settings), quick=True)

    def refit(history: History, seed: int, listener: Progress) -> ProcessModel:
        return factory.make_process(history, dataset.variables, quick, seed, listener)

    return explaining.explain_process(
        known.model,
        explaining.learned_history(known.model, dataset),
        pick(ExplainProcessOptions, job.options),
        job.seed,
        refit,
        progress,
    )
