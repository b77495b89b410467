"""Runs steps on a project: the worker does the work; what it gives is committed here, whole or not at all."""

import importlib.metadata
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mabdesk import __version__, backends
from mabdesk.analysis.results import finished_early, notes_of
from mabdesk.commands.files import read_sources
from mabdesk.commands.mappings import confirmed_in, with_remembered
from mabdesk.commands.openings import opening
from mabdesk.commands.searching import run_search
from mabdesk.errors import ProjectError
from mabdesk.job import Job
from mabdesk.lineage import MADE_BY, Lineage, find_parents, what_first
from mabdesk.models.settings import KINDS
from mabdesk.options import pick, to_plain
from mabdesk.progress import SILENT, Progress
from mabdesk.project.codec import content_hash
from mabdesk.project.results import Draft, Result
from mabdesk.project.store import Project
from mabdesk.steps import STEPS, Step
from mabdesk.worker import Worker

AUTOMATIC = ("split", "cleaned")  # results that a later step may make by itself, with default settings
_PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "tensorflow",
    "keras",
    "keras-tuner",
    "shap",
    "python-calamine",
    "openpyxl",
)


@dataclass(frozen=True)
class Rerun:
    """What came of doing a result again: the same numbers, or not."""

    id: str
    same: bool
    sentence: str


def environment() -> dict[str, str]:
    """Tell with what a result was made: versions, platform, processors."""
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    machine = {
        "mabdesk": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
    }
    used = os.environ.get(backends.VARIABLE) or backends.chosen()
    return {**machine, **versions, "keras backend": backends.version(used)}


def complete_options(step: Step, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return every option of a step: the given ones checked, the others with their defaults.

    Raises:
        OptionsError: a value is outside its limits.
    """
    complete: dict[str, Any] = {}
    for settings in step.settings:
        complete |= to_plain(pick(settings, options))
    return complete


@dataclass(frozen=True, eq=False)
class Made:
    """What a step gave, not kept yet: where keeping fails (a full disk), nothing that was computed is lost."""

    draft: Draft
    reason: str
    sources: tuple[tuple[str, bytes], ...] = ()


def run_step(
    project: Project,
    worker: Worker,
    name: str,
    options: Mapping[str, Any],
    *,
    seed: int = 1,
    named: Mapping[str, str] | None = None,
    files: Sequence[Path] = (),
    sources: Sequence[tuple[str, bytes]] = (),
    progress: Progress = SILENT,
) -> Result:
    """Run one step on its parents and commit what it gives: `make`, then `keep`."""
    made = make(project, worker, name, options, seed=seed, named=named, files=files, sources=sources, progress=progress)
    return keep(project, made)


def make(
    project: Project,
    worker: Worker,
    name: str,
    options: Mapping[str, Any],
    *,
    seed: int = 1,
    named: Mapping[str, str] | None = None,
    files: Sequence[Path] = (),
    sources: Sequence[tuple[str, bytes]] = (),
    progress: Progress = SILENT,
) -> Made:
    """Run one step on its parents; the project stays as it is.

    Args:
        project: open for writing.
        worker: where the work is done.
        name: of the step.
        options: the settings that differ from their defaults.
        seed: for everything random in the step.
        named: parents that the user chose, ids by kind; the others are the newest that fit.
        files: what a reading step reads.
        sources: the same as (name, raw bytes), before the files.
        progress: who listens.

    Raises:
        ProjectError: a parent is missing; the message says which step comes first.
        StoppedError: the user stopped it.
        MabdeskError: what the step says.
    """
    step = STEPS[name]
    whole = complete_options(step, options)
    lineage = _lineage(project, step, {**_settings_from(project, whole), **(named or {})})
    parents = {kind: project.get(parent).value for kind, parent in lineage.found.items()}
    job = Job(name, parents, whole, seed, (*sources, *read_sources(files)))
    started = time.monotonic()
    value = run_search(project, worker, job, lineage.found, progress) if name == "search" else worker.run(job, progress)
    draft = _draft(job, tuple(lineage.found.values()), value, time.monotonic() - started)
    worker.check()
    return Made(draft, opening(project, name, lineage.found, parents), job.files)


def _lineage(project: Project, step: Step, named: Mapping[str, str]) -> Lineage:
    lineage = find_parents(step, project.results(), named)
    if lineage.missing:
        raise what_first(step, lineage.missing, project.results())
    return lineage


def _settings_from(project: Project, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the search that a step takes its settings from, as a parent.

    Raises:
        ProjectError: there is no such search, or it searched another model's settings.
    """
    wanted = options.get("settings_from", "")
    if not wanted:
        return {}
    info = project.info(wanted)
    if info.kind != "search":
        raise ProjectError(f"{wanted} is no search.", "Name a result of `mabdesk search`, such as search-1.")
    models, searched = options.get("models") or [options["model"]], info.options["model"]
    if searched not in models:
        raise ProjectError(
            f"{wanted} searched the settings of {KINDS[searched].label}, which is not among the models asked for: "
            f"{', '.join(KINDS[kind].label for kind in models)}.",
            f"Ask for {searched.replace('_', '-')}, or leave out where the settings come from.",
        )
    return {"search": wanted}


def keep(project: Project, made: Made) -> Result:
    """Commit what a step gave, whole or not at all.

    Raises:
        ProjectError: no room, or read-only; `made` is still the caller's to keep elsewhere.
    """
    return project.add(made.draft, made.reason, made.sources)


def _draft(job: Job, parents: tuple[str, ...], value: Any, seconds: float) -> Draft:
    return Draft(
        kind=STEPS[job.step].result,
        step=job.step,
        value=value,
        parents=parents,
        options=job.options,
        seed=job.seed,
        environment=environment(),
        seconds=seconds,
    )


def prepare(
    project: Project, worker: Worker, name: str, *, named: Mapping[str, str] | None = None, progress: Progress = SILENT
) -> tuple[Result, ...]:
    """Make the automatic parents that a step still lacks (split, cleaned), with default settings; return them.

    Where another parent is missing nothing is made: the step will be refused.
    """
    made: list[Result] = []
    others = tuple(kind for kind in STEPS[name].parents if kind not in AUTOMATIC)
    if find_parents(replace(STEPS[name], parents=others), project.results(), named or {}).missing:
        return ()
    while True:
        missing = find_parents(STEPS[name], project.results(), named or {}).missing
        if missing not in AUTOMATIC:
            return tuple(made)
        made.append(run_step(project, worker, MADE_BY[missing].name, {}, named=named, progress=progress))


def predict_file(
    project: Project,
    worker: Worker,
    path: Path,
    options: Mapping[str, Any],
    *,
    named: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> tuple[Result, Result]:
    """Read a file and apply a trained model to its batches; return both results.

    Raises:
        ProjectError: the project has no trained model.
        ReadingError: the file cannot be read.
    """
    missing = find_parents(STEPS["predict"], project.results(), {**(named or {}), "new-data": ""}).missing
    if missing:
        raise what_first(STEPS["predict"], missing, project.results())
    files = read_sources([path])
    looked = progress.part(0.0, 0.2)
    told, _ = with_remembered(worker, files, options, confirmed_in(project), looked)
    read = run_step(project, worker, "read-new", told, sources=files, progress=progress.part(0.2, 0.5))
    chosen = {**(named or {}), "new-data": read.id}
    return read, run_step(project, worker, "predict", {}, named=chosen, progress=progress.part(0.5, 1.0))


def rerun(project: Project, worker: Worker, result_id: str, progress: Progress = SILENT) -> Rerun:
    """Do a result again from its parents, settings and seed, and compare every number.

    Nothing is added to the project but a line in the audit trail.

    Raises:
        ProjectError: the result was finished early on request.
    """
    before = project.get(result_id)
    if finished_early(notes_of(before.value)):
        raise ProjectError(
            f"{result_id} was finished early on request, at a moment that cannot be repeated: doing it again would "
            "do it whole, and the numbers would differ.",
            "Run the step anew where a result is needed that can be repeated.",
        )
    parents = [project.get(parent) for parent in before.parents]
    job = Job(
        before.step,
        {parent.kind: parent.value for parent in parents},
        before.options,
        before.seed or 0,
        _kept_sources(project, before),
    )
    same = content_hash(worker.run(job, progress)) == before.value_hash
    sentence = f"{result_id} done again: " + ("the same numbers, bit for bit." if same else "the numbers differ.")
    if not same:
        sentence += " " + _what_changed(before)
    project.record("rerun", result_id, details={"same": same, "sentence": sentence})
    return Rerun(result_id, same, sentence)


def _kept_sources(project: Project, result: Result) -> tuple[tuple[str, bytes], ...]:
    if not STEPS[result.step].reads_files:
        return ()
    return tuple((source.name, project.source_bytes(source.sha256)) for source in result.value.dataset.sources)


def _what_changed(before: Result) -> str:
    now = environment()
    changed = [
        f"{name} {was} -> {now.get(name, 'absent')}" for name, was in before.environment.items() if now.get(name) != was
    ]
    return f"Changed since then: {', '.join(changed)}." if changed else "Nothing known has changed since then."
