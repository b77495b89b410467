"""Importing files that may be known already: what is answered, and what is said."""

import argparse
import sys
from typing import Any

from mabdesk import commands
from mabdesk.cli import answers, words
from mabdesk.cli.tables import table
from mabdesk.cli.terminal import Answer, ProgressLine, opened, say
from mabdesk.data.differences import Differences
from mabdesk.wording import significant
from mabdesk.worker import Worker

_SHOWN = 10


def import_files(given: argparse.Namespace, options: dict[str, Any]) -> Answer:
    """Import files; what is known of them decides with `--again`. Changed files are refused until the user chose."""
    with opened(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        done = commands.import_again(project, worker, given.files, options, given.again, progress)
    answer = answer_of(done)
    if done.refusal is None:
        return say(given, answer, _told(done))
    given.failed = True
    print(done.refusal, file=sys.stderr)
    refused = {"error": done.refusal.message, "hint": done.refusal.hint, "problems": done.refusal.problems}
    whole = {**refused, **answer}
    return say(given, whole, listed) if (listed := _listed(done.differences)) else whole


def answer_of(done: commands.Imported) -> dict[str, Any]:
    """Return what `--json` prints: `again`, `differences`, and `result`, the new one or the one that was there."""
    about = {"again": done.again.kind, "differences": done.differences}
    result = done.result or done.existing
    return {**(answers.imported(result.value, result.id) if result else {"result": ""}), **about}


def _told(done: commands.Imported) -> str:
    if done.existing is not None:
        return f"Already imported as {done.existing.id}: nothing was kept. --again new imports it anew."
    if done.result is None:
        names = " and ".join(done.again.names)
        return f"{names} is not what {done.again.known} was made from. Left as it is: nothing was kept."
    return f"{words.imported(done.result.value)}\nKept as {done.result.id}."


def _listed(found: Differences | None) -> str:
    if found is None or not found.values:
        return ""
    rows = [
        (one.batch, one.variable, one.hour, _number(one.before), _number(one.after), one.cell)
        for one in found.values[:_SHOWN]
    ]
    rest = f"\n{found.count - _SHOWN:,} more, with --json." if found.count > _SHOWN else ""
    return table(("Batch", "Variable", "Hour", "Was", "Is", "Cell"), rows) + rest


def _number(value: float | None) -> str:
    return "-" if value is None else significant(value, 6)
