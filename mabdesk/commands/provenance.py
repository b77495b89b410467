"""What was done to the data, handed over: the list of changes, and copies of the source files with marked cells."""

from pathlib import Path
from typing import Any

from mabdesk.commands.files import write_whole
from mabdesk.data.batch import Change, Source
from mabdesk.data.cleaning import Cleaned
from mabdesk.data.imported import Reading
from mabdesk.errors import ProjectError
from mabdesk.job import Job
from mabdesk.progress import SILENT, Progress
from mabdesk.project.canonical import sha256
from mabdesk.project.identity import clean
from mabdesk.project.results import Result
from mabdesk.project.store import Project
from mabdesk.reports.marking import Marking
from mabdesk.worker import Worker

SIMULATED = "SIMULATED DATA"


def write_marked_copy(
    project: Project,
    worker: Worker,
    result_id: str,
    path: Path,
    file_name: str = "",
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Write a copy of a source file as .xlsx with the changed cells marked, and record it in the audit trail.

    Args:
        project: one that is read-only gives its copy too, but cannot record it.
        worker: where the work is done.
        result_id: of imported, newly read or cleaned data; "" takes the newest imported ones.
        path: of the copy.
        file_name: which of the source files, where there are several.
        progress: who listens.

    Raises:
        ProjectError: there is no such result or file, or the copy cannot be written.
        ReadingError: the file cannot be copied.
    """
    result = _with_changes(project, result_id)
    reading = _reading(project, result)
    source = _source(result, file_name)
    marking = Marking(
        file=source.name,
        sha256=source.sha256,
        result=result.id,
        changes=reading.changes if result.value is reading else (*reading.changes, *result.value.changes),
        columns=reading.columns,
        files=tuple(source.name for source in reading.dataset.sources),
        simulated=reading.dataset.simulated,
    )
    files = ((source.name, project.source_bytes(source.sha256)),)
    data = worker.run(Job("marked-copy", options={"marking": marking}, files=files), progress)
    return {**_written(project, worker, result, path, data), "file": source.name, "changes": len(marking.changes)}


def write_change_list(
    project: Project, worker: Worker, result_id: str, path: Path, progress: Progress = SILENT
) -> dict[str, Any]:
    """Write every change of a result as .xlsx, or as .csv where the path ends so, and record it in the audit trail.

    Args:
        project: one that is read-only gives its list too, but cannot record it.
        worker: where the work is done.
        result_id: of imported, newly read or cleaned data; "" takes the newest imported ones.
        path: of the list.
        progress: who listens.

    Raises:
        ProjectError: there is no such result, or the list cannot be written.
    """
    result = _with_changes(project, result_id)
    changes: tuple[Change, ...] = result.value.changes
    options = {
        "ending": path.suffix.lower(),
        "changes": changes,
        "files": tuple(source.name for source in result.value.dataset.sources),
        "notes": (f"Changes of {result.id}", *((SIMULATED,) if result.value.dataset.simulated else ())),
    }
    data = worker.run(Job("change-list", options=options), progress)
    return {**_written(project, worker, result, path, data), "changes": len(changes)}


def _written(project: Project, worker: Worker, result: Result, path: Path, data: bytes) -> dict[str, Any]:
    worker.check()
    written = write_whole(path, data)
    digest = sha256(data)
    if not project.read_only:
        project.record("export", result.id, details={"name": clean(written.name), "sha256": digest})
    return {"path": str(written), "result": result.id, "sha256": digest, "recorded": not project.read_only}


def _with_changes(project: Project, result_id: str) -> Result:
    """Return a result that lists changes: the newest imported data where none is named."""
    result = project.get(result_id) if result_id else project.latest("dataset")
    if result is None:
        raise ProjectError(f"{project.path.name} holds no batches yet.", "Run `mabdesk import` first.")
    if not isinstance(result.value, Reading | Cleaned):
        raise ProjectError(
            f"{result.id} lists no changes of data.", "Name imported or cleaned data, for example dataset-1."
        )
    return result


def _reading(project: Project, result: Result) -> Reading:
    """Return what was read: the result itself, or what a cleaned one was made of."""
    value: Any = result.value
    if isinstance(value, Reading):
        return value
    parent = next(name for name in result.parents if project.info(name).kind == "dataset")
    reading: Reading = project.get(parent).value
    return reading


def _source(result: Result, file_name: str) -> Source:
    sources: tuple[Source, ...] = result.value.dataset.sources
    names = ", ".join(source.name for source in sources)
    found = [source for source in sources if source.name == file_name or not file_name]
    if file_name and not found:
        raise ProjectError(f"{result.id} was not read from a file {file_name}.", f"It was read from: {names}.")
    if len(found) > 1:
        raise ProjectError(
            f"{result.id} was read from {len(found)} files.", f"Say which with --file. They are: {names}."
        )
    if not found:
        raise ProjectError(f"{result.id} names no file that it was read from.", "Import the files again.")
    return found[0]
