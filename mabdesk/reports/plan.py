"""What goes into a report; light, without openpyxl."""

from dataclasses import dataclass

from mabdesk.project.results import Result


@dataclass(frozen=True, eq=False)
class ReportPlan:
    """What goes into a report. `results` are the chosen ones and all that they stem from, oldest first.

    `head` is the newest hash of the audit chain; printed, it anchors the whole trail outside the file.
    """

    project: str
    report_id: str
    created: str
    user: str
    version: str
    head: str
    results: tuple[Result, ...]
    simulated: bool
