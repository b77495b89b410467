"""The verb `search`: every finished trial is told as it is kept."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from mabdesk import commands
from mabdesk.cli import answers, words
from mabdesk.cli.parser import given as given_options
from mabdesk.cli.terminal import Answer, ProgressLine, opened, say
from mabdesk.progress import Progress
from mabdesk.steps import STEPS
from mabdesk.wording import significant
from mabdesk.worker import Worker


def search(given: argparse.Namespace) -> Answer:
    """Search settings; a search that was cut off goes on from its kept trials."""
    options = given_options(given, STEPS["search"].settings)
    with opened(given) as project, Worker() as worker, _progress(given.quiet) as progress:
        made = commands.prepare(project, worker, "search", progress=progress)
        result = commands.run_step(project, worker, "search", options, seed=given.seed, progress=progress)
    lines = [f"Made first, with default settings: {', '.join(r.id for r in made)}."] if made else []
    again = f"Train with these settings: mabdesk train PROJECT --settings-from {result.id}"
    return say(given, answers.of(result), "\n".join([*lines, words.of(result), f"Kept as {result.id}.", again]))


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Draw progress on a terminal; in a log, one line a finished trial."""
    line = ProgressLine(quiet)
    told = quiet or sys.stderr.isatty()  # a terminal's own line says the same
    with line as progress:
        try:
            yield progress if told else replace(progress, listen_partial=_tell)
        except KeyboardInterrupt as stopped:
            print(*getattr(stopped, "__notes__", ()), file=sys.stderr)
            raise


def _tell(kind: str, trial: Any) -> None:
    if kind != "trial":
        return
    where = f"outer fold {trial['outer']}, " if trial["outer"] else ""
    loss = trial["fault"] if trial["loss"] is None else f"loss {significant(trial['loss'])}"
    best = "" if trial["best"] is None else f", best so far {significant(trial['best'])}"
    kept = " (kept from before)" if trial["kept"] else ""
    print(f"{where}trial {trial['number']} of {trial['of']}: {loss}{best}{kept}", file=sys.stderr, flush=True)
