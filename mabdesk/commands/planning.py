"""Forecasts of running batches, and which kind of trained model a command speaks of."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mabdesk.commands.files import read_sources
from mabdesk.commands.mappings import confirmed_in, with_remembered
from mabdesk.commands.running import run_step
from mabdesk.data.history.settings import HistoryOptions
from mabdesk.errors import ProjectError
from mabdesk.lineage import find_parents, what_first
from mabdesk.options import options_of
from mabdesk.progress import SILENT, Progress
from mabdesk.project.results import Result
from mabdesk.project.store import Project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

WINDOW, PROCESS = "model", "process-model"
_OF_TRAINING = tuple(option.name for option in options_of(HistoryOptions))


def trained_kind(project: Project, wanted: str | None) -> str:
    """Tell what kind of trained model is meant: the one named, else a window model, else a process model.

    Raises:
        ProjectError: what was named is no trained model.
    """
    if not wanted:
        kinds = {info.kind for info in project.results()}
        return PROCESS if PROCESS in kinds and WINDOW not in kinds else WINDOW
    kind = project.info(wanted).kind
    if kind not in {WINDOW, PROCESS}:
        raise ProjectError(
            f"{wanted} is no trained model.", "Name a result of `mabdesk train`, such as model-1 or process-model-1."
        )
    return kind


def forecast_file(
    project: Project,
    worker: Worker,
    path: Path,
    reading: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    named: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> tuple[Result, Result]:
    """Read a file of running batches and forecast them; return both results.

    What the records do not say of feeds is taken as in the training of the model, unless `options` say it.

    Raises:
        ProjectError: the project has no process model.
        ReadingError: the file cannot be read.
        DataError: no batch in it can be forecast.
    """
    lineage = find_parents(STEPS["forecast"], project.results(), {**(named or {}), "new-data": ""})
    if lineage.missing:
        raise what_first(STEPS["forecast"], lineage.missing, project.results())
    model = lineage.found[PROCESS]
    files = read_sources([path])
    told, _ = with_remembered(worker, files, reading, confirmed_in(project), progress.part(0.0, 0.2))
    read = run_step(project, worker, "read-new", told, sources=files, progress=progress.part(0.2, 0.5))
    trained = project.info(model).options
    whole = {**{name: trained[name] for name in _OF_TRAINING if name in trained}, **options}
    chosen = {PROCESS: model, "new-data": read.id}
    return read, run_step(project, worker, "forecast", whole, named=chosen, progress=progress.part(0.5, 1.0))
