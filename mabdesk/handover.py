"""The code of the jobs that make files: workbooks, reports, lists, priors. They leave no result in a project."""

from pathlib import Path
from typing import Any

from mabdesk.errors import OptionsError
from mabdesk.job import Job
from mabdesk.pretraining import pretrained
from mabdesk.progress import Progress
from mabdesk.reports.change_list import change_csv, change_workbook
from mabdesk.reports.marked_copy import marked_copy
from mabdesk.reports.plan import Preview, ReportPlan
from mabdesk.reports.report import preview_report, write_report
from mabdesk.reports.table import write_table
from mabdesk.reports.workbooks import write_campaign, write_template
from mabdesk.virtual_plant.campaign import campaign
from mabdesk.virtual_plant.families import FAMILIES


def simulate_campaign(job: Job, progress: Progress) -> dict[str, Any]:
    """Simulate a campaign and write its workbook, whole or not at all."""
    progress.update(0.0, "simulating batches")
    made = campaign(job.options["batches"], job.seed)
    path = Path(job.options["output"])
    write_campaign(made.dataset, path, progress.part(0.2, 1.0, "writing the workbook"))
    return {"path": str(path), "batches": len(made.dataset.batches), "seed": job.seed, "simulated": True}


def template(job: Job, _progress: Progress) -> None:
    """Write the empty workbook."""
    write_template(Path(job.options["output"]))


def report(job: Job, progress: Progress) -> bytes:
    """Give the bytes of the Excel report."""
    plan: ReportPlan = job.options["plan"]
    return write_report(plan, progress)


def preview(job: Job, progress: Progress) -> tuple[Preview, ...]:
    """Tell what would stand on the sheets of a report."""
    return preview_report(job.options["plan"], progress)


def table(job: Job, _progress: Progress) -> bytes:
    """Give the bytes of a workbook with one table."""
    given = job.options
    return write_table(given["title"], given["headers"], given["rows"], given["notes"])


def mark_copy(job: Job, progress: Progress) -> bytes:
    """Give the bytes of a copy of a source file with the changed cells marked."""
    ((_, data),) = job.files
    return marked_copy(job.options["marking"], data, progress)


def change_list(job: Job, progress: Progress) -> bytes:
    """Give the bytes of the list of changes, as a workbook or as CSV."""
    progress.update(0.0, "listing the changes")
    write = change_csv if job.options["ending"] == ".csv" else change_workbook
    return write(job.options["changes"], job.options["files"], job.options["notes"])


def pretrain(job: Job, progress: Progress) -> bytes:
    """Give the bytes of a prior learned from simulated plants, and from a site's own earlier products.

    Raises:
        OptionsError: an unknown family, no plant, or no step of learning.
    """
    given = job.options
    if given["leave_out"] and given["leave_out"] not in FAMILIES:
        raise OptionsError(f"There is no family {given['leave_out']}.", f"Choose from {', '.join(FAMILIES)}.")
    for name in ("plants", "steps"):
        if given[name] < 1:
            raise OptionsError(f"Received {given[name]} {name}.", "At least 1 is needed.")
    families = [name for name in given["families"] or FAMILIES if name != given["leave_out"]]
    return pretrained(families, given["plants"], given["steps"], job.seed, given["own"], progress)
