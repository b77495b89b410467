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
from mabdesk.lineage import ancestors
from mabdesk.progress import SILENT, Progress
from mabdesk.project.canonical import sha256
from mabdesk.project.identity import user_name
from mabdesk.project.project import open_project
from mabdesk.project.results import ResultInfo
from mabdesk.project.store import Project
from mabdesk.project.verify import Verification, verify_report
from mabdesk.project.verify import verify as verify_project
from mabdesk.reports.plan import Preview, ReportPlan
from mabdesk.worker import Worker

_ALIKE = {
    "model": ("preset",),
    "evaluation": ("preset",),
    "search": ("preset", "model"),
    "transfer": ("preset", "by", "group"),
    "process-model": (),
}
"""Kinds of which a report holds the newest, and the options that tell those apart that it holds beside each other."""


def write_report(
    project: Project, worker: Worker, path: Path, chosen: Sequence[str] = (), progress: Progress = SILENT
) -> dict[str, Any]:
    """Write the report of the chosen results (the newest of each kind where none are named) and record its hash.

    A project that is read-only gets its report too, but cannot record it.

    Raises:
        ProjectError: the project holds nothing yet, an id is unknown, or the file cannot be written.
    """
    plan = plan_report(project, chosen)
    data = worker.run(Job("report", options={"plan": plan}), progress)
    written = write_whole(path, data)
    if not project.read_only:
        project.record_report(written, sha256(data), _ids(plan))
    return {
        "path": str(written),
        "report_id": plan.report_id,
        "results": list(_ids(plan)),
        "sha256": sha256(data),
        "recorded": not project.read_only,
    }


def plan_report(project: Project, chosen: Sequence[str] = ()) -> ReportPlan:
    """Collect what goes into a report of the chosen results, of the newest of each kind where none are named.

    Raises:
        ProjectError: the project holds nothing yet, or an id is unknown.
    """
    infos = project.results(archived=True)
    ids = [project.info(result).id for result in chosen] or newest(project.results())
    if not ids:
        raise ProjectError(f"{project.path.name} holds no result yet.", "Run `mabdesk import` first.")
    results = tuple(project.get(result) for result in with_ancestors(infos, ids))
    return ReportPlan(
        project=project.path.name,
        report_id=f"{project.path.stem}-report-{len(project.reports()) + 1}",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        user=user_name(),
        version=__version__,
        head=project.head(),
        results=results,
        openings=openings(project),
        simulated=any(r.value.dataset.simulated for r in results if r.kind in _DATA),
    )


def preview_report(project: Project, worker: Worker, chosen: Sequence[str], progress: Progress) -> tuple[Preview, ...]:
    """Tell what would stand on the sheets of a report; nothing is written or recorded."""
    found: tuple[Preview, ...] = worker.run(
        Job("report-preview", options={"plan": plan_report(project, chosen)}), progress
    )
    return found


def _ids(plan: ReportPlan) -> tuple[str, ...]:
    return tuple(result.id for result in plan.results)


_DATA = ("dataset", "new-data")
_MODELS = ("model", "process-model")
_OF_A_MODEL = ("final-test", "attribution", "scenarios", "forecast", "process-attribution")  # beside their model alone
_FIRST_TARGET = "titer"  # what an attribution explains that names no target: models predict titer first


def newest(infos: Sequence[ResultInfo]) -> tuple[str, ...]:
    """Return the ids that a report holds by default: of each preset the newest model, comparison, search and transfer.

    So the newest process model. Searches of different models, and transfers to different lines or scales, count each.
    Of each model that is held: its newest test, plans and forecast, and the newest attribution of each target. Without
    any, the data.
    """
    models = {info.id for info in infos if info.kind in _MODELS}
    found: dict[tuple[str, ...], str] = {}
    for info in infos:
        if info.kind in _ALIKE:
            found[info.kind, *(str(info.options.get(name, "")) for name in _ALIKE[info.kind])] = info.id
        elif info.kind in _OF_A_MODEL:
            target = info.options.get("target") or info.options.get("output") or _FIRST_TARGET
            found[info.kind, *(models & set(info.parents)), str(target)] = info.id
    there = set(found.values())
    tests = [r.id for r in infos if r.kind in _OF_A_MODEL and r.id in there and there & set(r.parents)]
    kept = [r for key, r in found.items() if key[0] not in _OF_A_MODEL] + tests
    return tuple(kept) or tuple(info.id for info in infos[-1:])


def with_ancestors(infos: Sequence[ResultInfo], ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids and all that they stem from, oldest first."""
    by_id = {info.id: info for info in infos}
    wanted = {above.id for result in ids for above in ancestors(by_id, result)}
    return tuple(info.id for info in infos if info.id in wanted)


def verify(path: Path, report: Path | None = None) -> Verification:
    """Check the project file in full, and a report against what was recorded when it was written."""
    found = verify_project(path)
    if report is None:
        return found
    with open_project(path, "r") as project:
        check = verify_report(project, report)
    return Verification(found.ok and check.passed, (*found.checks, check))
