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
from mabdesk.commands.files import (
    WORKBOOKS,
    check_output,
    fresh_folder,
    new_project,
    read_sources,
    tables_of,
    write_whole,
)
from mabdesk.commands.mappings import (
    confirmed_in,
    forget,
    known_for,
    preview_files,
    read_mapping,
    remember,
    remembered,
    save_mapping,
    with_remembered,
)
from mabdesk.commands.openings import openings
from mabdesk.commands.planning import forecast_file, trained_kind
from mabdesk.commands.provenance import write_change_list, write_marked_copy
from mabdesk.commands.reporting import newest, preview_report, verify, with_ancestors, write_report
from mabdesk.commands.running import Made, Rerun, complete_options, keep, make, predict_file, prepare, rerun, run_step
from mabdesk.commands.searching import kept_trials, search_key

__all__ = [
    "AGAIN",
    "WORKBOOKS",
    "Again",
    "Choice",
    "Imported",
    "Made",
    "Rerun",
    "changed_error",
    "check_output",
    "compare_with_known",
    "complete_options",
    "confirmed_in",
    "forecast_file",
    "forget",
    "fresh_folder",
    "import_again",
    "keep",
    "kept_trials",
    "known_for",
    "look_before_import",
    "make",
    "new_project",
    "newest",
    "openings",
    "plan_import",
    "predict_file",
    "prepare",
    "preview_files",
    "preview_report",
    "read_mapping",
    "read_sources",
    "remember",
    "remembered",
    "rerun",
    "run_step",
    "save_mapping",
    "search_key",
    "tables_of",
    "trained_kind",
    "verify",
    "with_ancestors",
    "with_remembered",
    "write_change_list",
    "write_marked_copy",
    "write_report",
    "write_whole",
]
