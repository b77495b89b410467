"""Project commands, one function each, shared by the command line and the window: they alone write to a project."""

from mabdesk.commands.files import check_output, fresh_folder, new_project, read_sources, write_whole
from mabdesk.commands.openings import openings
from mabdesk.commands.reporting import newest, preview_report, verify, with_ancestors, write_report
from mabdesk.commands.running import Made, Rerun, complete_options, keep, make, predict_file, prepare, rerun, run_step

__all__ = [
    "Made",
    "Rerun",
    "check_output",
    "complete_options",
    "fresh_folder",
    "keep",
    "make",
    "new_project",
    "newest",
    "openings",
    "predict_file",
    "prepare",
    "preview_report",
    "read_sources",
    "rerun",
    "run_step",
    "verify",
    "with_ancestors",
    "write_report",
    "write_whole",
]
