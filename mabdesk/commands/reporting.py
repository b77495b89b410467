"""Reports and their verification: project commands, since they add to the audit trail."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mabdesk import __version__
from mabdesk.commands.files import write_whole
from mabdesk.commands.openings import openings
from mabdesk.errors import ProjectError
from mabdesk.job import Job
from mabdesk.progress import SILENT, Progress
from mabdesk.project.canonical import sha256
from mabdesk.project.identity import user_name
from mabdesk.project.project import open_project
from mabdesk.project.store import Project
from mabdesk.project.verify import Verification, verify_report
from mabdesk.project.verify import verify as verify_project
from mabdesk.reports.plan import ReportPlan
from mabdesk.worker import Worker


def write_report(
    project: Project, worker: Worker, path: Path, chosen: Sequence[str] = (), progress: Progress = SILENT
) -> dict[str, Any]:
    """Write the report of the chosen results (the newest of each kind where none are named) and record its hash.

    A project that is read-only gets its report too, but cannot record it.

    Raises:
        ProjectError: the project holds nothing yet, an id is unknown, or the file cannot be written.
    """
    ids = chosen or newest(project)
    if not ids:
        raise ProjectError(f"{project.path.name} holds no result yet.", "Run `mabdesk import` first.")
    whole = with_ancestors(project, ids)
    results = tuple(project.get(result) for result in whole)
    plan = ReportPlan(
        project=project.path.name,
        report_id=f"{project.path.stem}-report-{len(project.reports()) + 1}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        user=user_name(),
        version=__version__,
        head=project.head(),
        results=results,
        openings=openings(project),
        simulated=any(r.value.dataset.simulated for r in results if r.kind == "dataset"),
    )
    data = worker.run(Job("report", options={"plan": plan}), progress)
    written = write_whole(path, data)
    if not project.read_only:
        project.record_report(written, sha256(data), tuple(whole))
    return {
        "path": str(written),
        "report_id": plan.report_id,
        "results": list(whole),
        "sha256": sha256(data),
        "recorded": not project.read_only,
    }


def newest(project: Project) -> tuple[str, ...]:
    """Return the ids that a report holds by default: of each preset the newest model and comparison, else the data."""
    found: dict[tuple[str, ...], str] = {}
    for info in project.results():
        if info.kind in {"model", "evaluation"}:
            found[info.kind, str(info.options.get("preset", ""))] = info.id
        elif info.kind == "final-test":
            found[info.kind, *info.parents] = info.id
    models = set(found.values())
    tests = [r.id for r in project.results("final-test") if r.id in models and models & set(r.parents)]
    kept = [r for key, r in found.items() if key[0] != "final-test"] + tests
    return tuple(kept) or tuple(info.id for info in project.results()[-1:])


def with_ancestors(project: Project, ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids and all that they stem from, oldest first."""
    wanted: set[str] = set()
    waiting = [project.info(result).id for result in ids]
    while waiting:
        wanted.add(waiting[-1])
        waiting += [parent for parent in project.info(waiting.pop()).parents if parent not in wanted]
    return tuple(info.id for info in project.results(archived=True) if info.id in wanted)


def verify(path: Path, report: Path | None = None) -> Verification:
    """Check the project file in full, and a report against what was recorded when it was written."""
    found = verify_project(path)
    if report is None:
        return found
    with open_project(path, "r") as project:
        check = verify_report(project, report)
    return Verification(found.ok and check.passed, (*found.checks, check))
