"""Project commands, one function each, shared by the command line and the window: they alone write to a project."""

from mabdesk.commands.again import (
    AGAIN,
    Again,
    Choice,
    Imported,
    changed_error,
    compare_with_known,
    import_again,
    look_before_import,
    plan_import,
)
from mabdesk.commands.files import check_output, fresh_folder, new_project, read_sources, write_whole
from mabdesk.commands.openings import openings
from mabdesk.commands.provenance import write_change_list, write_marked_copy
from mabdesk.commands.reporting import newest, preview_report, verify, with_ancestors, write_report
from mabdesk.commands.running import Made, Rerun, complete_options, keep, make, predict_file, prepare, rerun, run_step

__all__ = [
    "AGAIN",
    "Again",
    "Choice",
    "Imported",
    "Made",
    "Rerun",
    "changed_error",
    "check_output",
    "compare_with_known",
    "complete_options",
    "fresh_folder",
    "import_again",
    "keep",
    "look_before_import",
    "make",
    "new_project",
    "newest",
    "openings",
    "plan_import",
    "predict_file",
    "prepare",
    "preview_report",
    "read_sources",
    "rerun",
    "run_step",
    "verify",
    "with_ancestors",
    "write_change_list",
    "write_marked_copy",
    "write_report",
    "write_whole",
]
