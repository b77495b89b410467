"""Project commands, one function each, shared by the command line and the window: they alone write to a project."""

from mabdesk.commands.files import check_output, new_project, read_sources, write_whole
from mabdesk.commands.openings import openings
from mabdesk.commands.reporting import verify, write_report
from mabdesk.commands.running import Rerun, predict_file, prepare, rerun, run_step

__all__ = [
    "Rerun",
    "check_output",
    "new_project",
    "openings",
    "predict_file",
    "prepare",
    "read_sources",
    "rerun",
    "run_step",
    "verify",
    "write_report",
    "write_whole",
]
