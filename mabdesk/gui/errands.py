"""What the session has done for it on other threads: open, read, run a step, keep. No Qt here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mabdesk import commands
from mabdesk.errors import MabdeskError
from mabdesk.gui import preferences
from mabdesk.job import Job
from mabdesk.progress import SILENT, Progress
from mabdesk.project.project import open_project
from mabdesk.project.results import Result, ResultInfo
from mabdesk.project.store import Project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

Infos = tuple[ResultInfo, ...]


@dataclass(frozen=True, eq=False)
class Opened:
    """A project just opened, the list of its results (archived ones too), and what was cut off while it ran."""

    project: Project
    infos: Infos
    cut_off: str


@dataclass(frozen=True, eq=False)
class Kept:
    """Results that were just kept, and what the project holds now."""

    project: Project
    results: tuple[Result, ...]
    infos: Infos
    said: str = ""  # what the user should know of it


class UnkeptError(MabdeskError):
    """What was computed could not be kept; it is held in memory."""

    def __init__(self, error: MabdeskError, made: commands.Made) -> None:
        super().__init__(
            error.message,
            "What was computed is still in memory. Make room and try again, or save a copy of the project elsewhere.",
            error.problems,
        )
        self.made = made


@dataclass(frozen=True)
class Wish:
    """A step to run: its options, seed, files, parents by kind, and whether split and cleaned are made first."""

    step: str
    options: Mapping[str, Any]
    seed: int = 1
    files: tuple[Path, ...] = ()
    named: Mapping[str, str] | None = None
    prepare: bool = True


def open_whole(path: Path) -> Opened:
    """Open a project, to write where that is possible."""
    project = open_project(path, "auto")
    mine = not project.read_only  # what runs in another window that has it is not cut off
    return Opened(project, project.results(archived=True), preferences.cut_off(path) if mine else "")


def new(path: Path) -> Opened:
    """Make an empty project and open it."""
    return open_whole(commands.new_project(path))


def keep_elsewhere(project: Project, path: Path, made: commands.Made | None) -> Opened:
    """Copy a project, keep in the copy what could not be kept before, and open it."""
    project.copy_to(path)
    opened = open_whole(path)
    if made is not None:
        commands.keep(opened.project, made)
    return Opened(opened.project, opened.project.results(archived=True), "")


@dataclass(frozen=True)
class Ready:
    """A project file that was made, to be opened."""

    path: Path


def demo(folder: Path, batches: int, seed: int, worker: Worker, progress: Progress) -> Ready:
    """Simulate a campaign, write its workbook, and import and clean it in a new project; training is the user's.

    Args:
        folder: of the demo; a fresh one beside it where it is taken.
        batches: to simulate.
        seed: of the campaign and of the split.
        worker: does the work.
        progress: who listens.
    """
    place = commands.fresh_folder(folder)
    campaign = place / "campaign.xlsx"
    options = {"output": str(campaign), "batches": batches}
    worker.run(Job("simulate-campaign", options=options, seed=seed), progress.part(0.0, 0.6, "simulating batches"))
    study = commands.new_project(place / "demo.mabdesk")
    with open_project(study, "w") as project:
        reading = progress.part(0.6, 0.8, "reading the workbook")
        commands.run_step(project, worker, "import", {}, files=[campaign], progress=reading)
        commands.prepare(project, worker, "train", progress=progress.part(0.8, 1.0, "cleaning"))
    return Ready(study)


def template(path: Path, worker: Worker, progress: Progress) -> Path:
    """Write the empty workbook to fill in."""
    worker.run(Job("template", options={"output": str(path)}), progress)
    return path


def load(project: Project, result_id: str) -> tuple[Project, Result]:
    """Read one result with its value."""
    return project, project.get(result_id)


def command(project: Project, do: Callable[[Project], Any]) -> tuple[Project, Any, Infos]:
    """Run a project command and read the list of results again."""
    given = do(project)
    return project, given, project.results(archived=True)


def run_step(project: Project, wish: Wish, worker: Worker, progress: Progress) -> Kept:
    """Run a step, after the automatic ones that it lacks, and keep what came of it."""
    first: tuple[Result, ...] = ()
    if wish.prepare:
        first = commands.prepare(project, worker, wish.step, named=wish.named, progress=progress)
    made = commands.make(
        project, worker, wish.step, wish.options, seed=wish.seed, named=wish.named, files=wish.files, progress=progress
    )
    kept = keep(project, made)
    return Kept(project, (*first, *kept.results), kept.infos)


def predict_file(
    project: Project,
    path: Path,
    options: Mapping[str, Any],
    named: Mapping[str, str],
    worker: Worker,
    progress: Progress,
) -> Kept:
    """Read a new file, apply a trained model to it, and keep both results."""
    before = commands.openings(project)
    results = commands.predict_file(project, worker, path, options, named=named, progress=progress)
    looks = commands.openings(project)[len(before) :]
    said = f"The file holds locked batches, and they were looked at: {' '.join(looks)}" if looks else ""
    return Kept(project, results, project.results(archived=True), said)


def kept_trials(
    project: Project, options: Mapping[str, Any], seed: int, parents: Mapping[str, str]
) -> tuple[dict[str, Any], ...]:
    """Return the finished trials that a search with these options would go on from, none where a parent is missing."""
    step = STEPS["search"]
    if set(step.parents) - set(parents):
        return ()
    job = Job(step.name, options=commands.complete_options(step, options), seed=seed)
    return commands.kept_trials(project, commands.search_key(project, job, parents))


def keep(project: Project, made: commands.Made, _worker: Worker | None = None, _progress: Progress = SILENT) -> Kept:
    """Keep what a step gave.

    Raises:
        UnkeptError: it holds what could not be kept.
    """
    try:
        result = commands.keep(project, made)
    except MabdeskError as error:
        raise UnkeptError(error, made) from error
    return Kept(project, (result,), project.results(archived=True))
