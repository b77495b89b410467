"""What each sub-command does: one function a verb. Each returns what `--json` prints, or says it in words."""

import argparse
import dataclasses
import shlex
from pathlib import Path
from typing import Any

from mabdesk import backends, commands
from mabdesk.cli import answers, explaining, words
from mabdesk.cli.parser import given as given_options
from mabdesk.cli.terminal import Answer, ProgressLine
from mabdesk.cli.terminal import opened as _open
from mabdesk.cli.terminal import say as _say
from mabdesk.errors import OptionsError, ProjectError
from mabdesk.job import Job
from mabdesk.models.device import Device, Extent, about, details, estimate_seconds, extent_of
from mabdesk.project.project import open_project
from mabdesk.project.store import Project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker


def campaign(given: argparse.Namespace) -> Answer:
    """Write the workbook of a simulated campaign."""
    commands.check_output(given.output, ".xlsx", given.overwrite)
    job = Job("simulate-campaign", options={"output": str(given.output), "batches": given.batches}, seed=given.seed)
    answer = _work(given, job)
    return _say(given, answer, f"Simulated: {answer['batches']} batches written to {given.output}")


def true_run(given: argparse.Namespace) -> Answer:
    """Tell the truth of one run's setpoints."""
    options = {"setpoints": setpoints_of(given.setpoints), "line": given.cell_line, "scale_l": given.scale}
    run = _work(given, Job("simulate-run", options=options))
    return _say(given, answers.true_run(run), words.true_run(run))


def template(given: argparse.Namespace) -> Answer:
    """Write the empty workbook."""
    commands.check_output(given.output, ".xlsx", given.overwrite)
    _work(given, Job("template", options={"output": str(given.output)}))
    return _say(given, {"path": str(given.output)}, f"Empty workbook to fill in: {given.output}")


def new(given: argparse.Namespace) -> Answer:
    """Make an empty project."""
    path = commands.new_project(given.project)
    following = f"mabdesk import {shlex.quote(str(path))} WORKBOOK.xlsx"
    return _say(given, {"path": str(path)}, f"New project: {path}\nNext: {following}")


def step(given: argparse.Namespace) -> Answer:
    """Run a step on what the project holds."""
    options = given_options(given, STEPS[given.step].settings)
    seed = getattr(given, "seed", 1)
    with _open(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        named = _model(project, getattr(given, "of", None))
        made = commands.prepare(project, worker, given.step, named=named, progress=progress)
        result = commands.run_step(project, worker, given.step, options, seed=seed, named=named, progress=progress)
    lines = [f"Made first, with default settings: {', '.join(r.id for r in made)}."] if made else []
    return _say(given, answers.of(result), "\n".join([*lines, words.of(result), f"Kept as {result.id}."]))


def explain(given: argparse.Namespace) -> Answer:
    """Tell what moved a model's predictions, and whether to believe it."""
    if given.output:
        commands.check_output(given.output, ".csv", given.overwrite, (given.project,))
    options = given_options(given, STEPS["explain"].settings)
    with _open(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        named = _model(project, given.model)
        made = commands.prepare(project, worker, "explain", named=named, progress=progress)
        result = commands.run_step(project, worker, "explain", options, seed=given.seed, named=named, progress=progress)
    parts = [f"Made first, with default settings: {', '.join(r.id for r in made)}."] if made else []
    parts.append(words.of(result))
    if given.output:
        answers.write_csv(given.output, explaining.contributions(result.value))
        parts.append(f"Every contribution: {given.output}")
    return _say(given, answers.of(result), "\n".join([*parts, f"Kept as {result.id}."]))


def predict(given: argparse.Namespace) -> Answer:
    """Apply a model to a new file."""
    if given.output:
        commands.check_output(given.output, ".csv", given.overwrite, (given.file, given.project))
    options = given_options(given, STEPS["read-new"].settings)
    with _open(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        named = _model(project, given.model)
        read, result = commands.predict_file(project, worker, given.file, options, named=named, progress=progress)
    parts = [*words.noticed(read.value), words.of(result)]
    if given.output:
        answers.write_csv(given.output, answers.predictions(result.value))
        parts.append(f"Every value: {given.output}")
    answer = {**answers.of(result), "problems": read.value.problems}
    return _say(given, answer, "\n".join([*parts, f"Kept as {result.id}."]))


def _model(project: Project, wanted: str | None) -> dict[str, str]:
    """Return the trained model that the user named, as a parent."""
    if not wanted:
        return {}
    if project.info(wanted).kind != "model":
        raise ProjectError(f"{wanted} is no trained model.", "Name a result of `mabdesk train`, such as model-1.")
    return {"model": wanted}


def report(given: argparse.Namespace) -> Answer:
    """Write the report."""
    commands.check_output(given.output, ".xlsx", given.overwrite, (given.project,))
    chosen = tuple(filter(None, (part.strip() for part in given.results.split(","))))
    with _open(given, "auto") as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        written = commands.write_report(project, worker, given.output, chosen, progress)
        refusal = project.refusal
    text = f"Report: {written['path']} ({', '.join(written['results'])})"
    if refusal:
        text += f"\nIt could not be recorded in the project, so verify will not know it: {refusal}"
    return _say(given, written, text)


def show(given: argparse.Namespace) -> Answer:
    """List the results, or show one."""
    with open_project(given.project, "r") as project:
        if not given.id:
            results = project.results()
            return _say(given, answers.listing(results), words.listing(results))
        result = project.get(given.id)
    changes = given.changes and result.kind in {"dataset", "new-data", "cleaned"}
    return _say(given, answers.whole(result), words.whole(result, changes))


def rerun(given: argparse.Namespace) -> Answer:
    """Do a result again."""
    with _open(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        done = commands.rerun(project, worker, given.id, progress)
    given.failed = not done.same
    return _say(given, {"id": done.id, "same": done.same, "sentence": done.sentence}, done.sentence)


def verify(given: argparse.Namespace) -> Answer:
    """Check the project, and a report against it."""
    verification = commands.verify(given.project, given.report)
    given.failed = not verification.ok
    answer = {"ok": verification.ok, "checks": [check._asdict() for check in verification.checks]}
    return _say(given, answer, words.verification(verification))


def device(given: argparse.Namespace) -> Answer:
    """Tell what will train, why, and how long training on a project's data would take; keep another backend."""
    if given.backend:
        backends.keep(given.backend)
    extent = None if given.project is None else _extent(given.project)
    with Worker() as worker, ProgressLine(given.quiet) as progress:
        found: Device = worker.run(Job("device"), progress)
    expected = {} if extent is None else _expected(extent, found)
    lines = [f"{step} with default settings: {about(seconds)}" for step, seconds in expected.items()]
    answer = {**dataclasses.asdict(found), "tf32": False, "memory_growth": found.kind == "GPU", "seconds": expected}
    return _say(given, answer, "\n".join([details(found), *_kept(given.backend), *lines]))


def _kept(backend: str | None) -> list[str]:
    """Say that a chosen backend is kept, and where the environment's stands before it."""
    if not backend:
        return []
    if backends.given_by_environment() and backends.chosen() != backend:
        said = f"The variable {backends.VARIABLE} asks for {backends.chosen()}, and wins until it is unset."
        return [f"Kept: {backends.label_of(backend)}. {said}"]
    return [f"Kept: {backends.label_of(backend)} computes networks from now on; a window that is open, once restarted."]


def _extent(path: Path) -> Extent:
    with open_project(path, "r") as project:
        newest = project.latest("dataset")
    if newest is None:
        raise ProjectError(f"{path.name} holds no batches yet.", "Run `mabdesk import` first.")
    return extent_of(newest.value.dataset)


def _expected(extent: Extent, found: Device) -> dict[str, float]:
    options = {name: commands.complete_options(STEPS[name], {}) for name in ("train", "compare")}
    seconds = {name: estimate_seconds(chosen, extent, found) for name, chosen in options.items()}
    return {name: round(value) for name, value in seconds.items() if value is not None}


def audit(given: argparse.Namespace) -> Answer:
    """Show the audit trail."""
    with open_project(given.project, "r") as project:
        entries = project.audit_trail()
    shown = entries[-given.last :]
    return _say(given, {"entries": shown, "of": len(entries)}, words.audit(shown, len(entries)))


def _work(given: argparse.Namespace, job: Job) -> Any:
    with Worker() as worker, ProgressLine(given.quiet) as progress:
        return worker.run(job, progress)


def setpoints_of(pairs: list[str]) -> dict[str, float]:
    """Read NAME=VALUE pairs.

    Raises:
        OptionsError: one of them is something else.
    """
    setpoints = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        try:
            setpoints[name.strip().replace("-", "_")] = float(value)
        except ValueError as error:
            raise OptionsError(
                f"--set {pair}: {'no number after =' if equals else 'no = found'}.",
                "Write NAME=VALUE, for example --set temperature=36.5",
            ) from error
    return setpoints
