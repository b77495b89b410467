"""The same data again: files that were imported already are recognised, changed ones compared with what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, Literal, get_args

from mabdesk.commands.files import read_sources
from mabdesk.commands.reading_options import joined, same_options
from mabdesk.commands.running import complete_options, run_step
from mabdesk.data.batch import Source
from mabdesk.data.differences import Differences, differences
from mabdesk.data.imported import Reading
from mabdesk.errors import ProjectError
from mabdesk.job import Job
from mabdesk.progress import SILENT, Progress
from mabdesk.project.canonical import sha256
from mabdesk.project.identity import clean
from mabdesk.project.results import Result
from mabdesk.project.store import Project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

Kind = Literal["new", "identical", "changed"]
Choice = Literal["ask", "leave", "replace", "add", "new"]
Files = tuple[tuple[str, bytes], ...]
AGAIN: tuple[Choice, ...] = get_args(Choice)
_KIND, _STEP = "dataset", STEPS["import"]
_CHOICES = (
    "--again replace takes the changed file in place of the old one, as a new result; --again add takes its new "
    "batches beside those that are there; --again leave keeps nothing; --again new imports it alone."
)


@dataclass(frozen=True, eq=False)
class Again:
    """What a project knows of files before they are imported.

    `identical` is the dataset made from exactly these bytes with the same options; `known` the one that is compared
    with, replaced in, or added to; `names` the files of other bytes that it holds.
    """

    files: Files
    identical: str = ""
    known: str = ""
    names: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """Whether all is new, imported already, or changed."""
        return "identical" if self.identical else "changed" if self.names else "new"


@dataclass(frozen=True, eq=False)
class Imported:
    """What came of importing: a new result, or the one that was there (`existing`), or neither, and why."""

    again: Again
    result: Result | None = None
    existing: Result | None = None
    differences: Differences | None = None
    refusal: ProjectError | None = None


def look_before_import(project: Project, paths: Sequence[Path], options: Mapping[str, Any] | None = None) -> Again:
    """Compare names and hashes of files with the sources of every dataset that is not archived; reads no batch records.

    Raises:
        ReadingError: a file is missing or cannot be read.
    """
    files = read_sources(paths)
    hashes = {sha256(data) for _, data in files}
    infos = project.results(_KIND)
    names = {clean(name) for name, _ in files}  # as the audit trail has them
    kept = project.sources()
    if not any(source.sha256 in hashes or source.name in names for source in kept):
        return Again(files, known=infos[-1].id if infos else "")
    datasets = [project.get(info.id) for info in reversed(infos)]
    identical = next((one.id for one in datasets if _same(one, hashes, options or {})), "")
    if not identical and datasets and hashes < {source.sha256 for source in _sources(datasets[0])}:
        identical = datasets[0].id  # among the files of the newest one, that it was added to
    known, changed = _changed(files, {one.id: _sources(one) for one in datasets})
    return Again(files, identical, known or (infos[-1].id if infos else ""), changed)


def compare_with_known(
    project: Project, worker: Worker, again: Again, options: Mapping[str, Any], progress: Progress = SILENT
) -> Differences:
    """Read the files as replacing would, and tell what differs from the dataset that is known.

    Raises:
        ReadingError: the changed files cannot be read.
    """
    files, whole = plan_import(project, again, "replace", options)
    after: Reading = worker.run(Job(_STEP.name, options=complete_options(_STEP, whole), files=files), progress)
    before: Reading = project.get(again.known).value
    return differences(before, after)


def plan_import(
    project: Project, again: Again, choice: Choice, options: Mapping[str, Any]
) -> tuple[Files, dict[str, Any]]:
    """Return the files as (name, bytes) and the options that an import reads: "add" and "replace" as the known ones.

    "replace" takes a changed file in place of the one of its name; files of other names come after the old ones.
    "add" takes the old ones first; a name that is there gets a number. Where nothing is known, the files stand alone.
    """
    if choice not in {"add", "replace"} or not again.known or (choice == "replace" and not again.names):
        return again.files, dict(options)
    known = project.get(again.known)
    old = tuple((source.name, source.sha256) for source in _sources(known))
    held = {digest for _, digest in old}
    taken = {name: project.source_bytes(digest) for name, digest in old}
    whole = joined(known, options)
    for name, data in again.files:
        if choice == "replace" and name in again.names:
            taken[name] = data
        elif sha256(data) not in held:
            taken[_distinct(name, taken)] = data
            whole |= {"overlapping": "keep_first"} if choice == "add" else {}
    return tuple(taken.items()), whole


def import_again(
    project: Project,
    worker: Worker,
    paths: Sequence[Path],
    options: Mapping[str, Any],
    choice: Choice = "ask",
    progress: Progress = SILENT,
) -> Imported:
    """Import files, with a look at what is known of them first; `choice` tells what to do with what is known.

    Files of which nothing is known are imported alone, but that "add" takes them beside the newest dataset's.

    Raises:
        ReadingError: the files cannot be read.
    """
    again = look_before_import(project, paths, options)
    if choice == "ask" and again.kind == "changed":
        found = compare_with_known(project, worker, again, options, progress)
        return Imported(again, differences=found, refusal=changed_error(again, found))
    if choice == "leave" and again.kind == "changed":
        return Imported(again)
    if choice != "new" and again.identical and (choice in {"ask", "leave"} or not again.names):
        return Imported(again, existing=project.get(again.identical))
    files, whole = plan_import(project, again, choice, options)
    return Imported(again, run_step(project, worker, _STEP.name, whole, sources=files, progress=progress))


def changed_error(again: Again, found: Differences) -> ProjectError:
    """Say that a file of a known name holds something else now, and what can be done."""
    names = " and ".join(again.names)
    verb = "differs" if len(again.names) == 1 else "differ"
    return ProjectError(
        f"{names} {verb} from what {again.known} was made from: {' '.join(found.sentences)}", f"Choose: {_CHOICES}"
    )


def _sources(known: Result) -> tuple[Source, ...]:
    value: Reading = known.value
    return value.dataset.sources


def _same(known: Result, hashes: set[str], options: Mapping[str, Any]) -> bool:
    return {source.sha256 for source in _sources(known)} == hashes and same_options(known, options)


def _changed(files: Files, sources: Mapping[str, tuple[Source, ...]]) -> tuple[str, tuple[str, ...]]:
    """Return the newest dataset in which a file of one of these names has other bytes, and those names."""
    found: dict[str, list[str]] = {}
    for name, data in files:
        holder = next((result for result, kept in sources.items() if name in {source.name for source in kept}), "")
        if holder and sha256(data) not in {source.sha256 for source in sources[holder]}:
            found.setdefault(holder, []).append(name)
    newest = next((result for result in sources if result in found), "")
    return newest, tuple(dict.fromkeys(found.get(newest, ())))


def _distinct(name: str, taken: Mapping[str, bytes]) -> str:
    path = PurePath(name)
    numbered = (f"{path.stem} ({number}){path.suffix}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in numbered if other not in taken)
