"""The sub-commands that hand over what was done to the data: `changes` and `mark`."""

import argparse

from mabdesk import commands
from mabdesk.cli.terminal import Answer, ProgressLine, opened, say
from mabdesk.errors import ProjectError
from mabdesk.worker import Worker


def changes(given: argparse.Namespace) -> Answer:
    """Write the list of every change that importing or cleaning made."""
    ending = given.output.suffix.lower()
    if ending not in {".xlsx", ".csv"}:
        raise ProjectError(
            f"Received {given.output.name!r} as the name of the list to write.", "Let it end in .xlsx or .csv."
        )
    commands.check_output(given.output, ending, given.overwrite, (given.project,))
    with opened(given, "auto") as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        written = commands.write_change_list(project, worker, given.id or "", given.output, progress)
        refusal = project.refusal
    text = f"{written['changes']} changes of {written['result']}: {written['path']}"
    return say(given, written, _with_refusal(text, refusal))


def mark(given: argparse.Namespace) -> Answer:
    """Write a copy of a source file with the changed cells marked."""
    commands.check_output(given.output, ".xlsx", given.overwrite, (given.project,))
    with opened(given, "auto") as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        written = commands.write_marked_copy(project, worker, given.id or "", given.output, given.file, progress)
        refusal = project.refusal
    text = f"Marked copy of {written['file']} as {written['result']} read it: {written['path']}"
    return say(given, written, _with_refusal(text, refusal))


def _with_refusal(text: str, refusal: str) -> str:
    return f"{text}\nIt could not be recorded in the audit trail: {refusal}" if refusal else text
