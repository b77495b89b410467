"""The verbs of the process model: training, plans, forecasts, explaining, priors; most share their names."""

import argparse
import hashlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mabdesk import commands
from mabdesk.cli import answers, planned_rows, verbs, words
from mabdesk.cli.parser import flag
from mabdesk.cli.parser import given as given_options
from mabdesk.cli.terminal import Answer, ProgressLine, opened, say
from mabdesk.commands.planning import PROCESS, WINDOW
from mabdesk.data.batch import Dataset
from mabdesk.errors import OptionsError, ProjectError
from mabdesk.job import Job
from mabdesk.models.process.settings import OFF, SHIPPED
from mabdesk.models.settings import KINDS
from mabdesk.options import options_of
from mabdesk.project.project import open_project
from mabdesk.project.results import Result
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

PROCESS_NAME = "process"
FEED_OPTIONS = ("feed_glucose", "glucose_feed_glucose", "feed_record")
_PLAN = "plan"


def train(given: argparse.Namespace) -> Answer:
    """Train a titer model or, with --model process, the process model; options of the other are refused."""
    wanted = getattr(given, "model", "")
    if wanted and wanted not in (choices := (*KINDS, PROCESS_NAME)):
        raise OptionsError(f"There is no model {wanted}.", f"Choose from {', '.join(choices)}.")
    process = wanted == PROCESS_NAME
    mine, other = ("train-process", "train") if process else ("train", "train-process")
    _refuse(given, _others(STEPS[other].settings, STEPS[mine].settings) - {"model"}, _whose(process))
    if process:
        given.step = mine
        if getattr(given, "prior", SHIPPED) not in {SHIPPED, OFF}:
            given.prior = str(Path(given.prior).resolve())  # the worker, and who does it again, may be elsewhere
    return verbs.step(given)


def predict(given: argparse.Namespace) -> Answer:
    """Apply a trained model to a file, forecast the running batches in it, or tell what becomes of plans."""
    planned = bool(given.setpoints or given.scenario or given.tag)
    if given.file is None:
        return _what_if(given)
    if planned:
        raise OptionsError(
            f"Received both the file {given.file} and setpoints of a plan.",
            "Give a file to predict or forecast its batches, or --set and --scenario without a file to ask what if.",
        )
    with open_project(given.project, "r") as project:
        kind = commands.trained_kind(project, given.model)
        process = [info.id for info in project.results(PROCESS)]
    if kind == PROCESS:
        return _forecast(given)
    _refuse(given, {"level", *FEED_OPTIONS}, "Only a forecast with a process model takes them.")
    if process and not given.model:
        print(f"To forecast running batches until harvest: --model {process[-1]}", file=sys.stderr)
    return verbs.predict(given)


def explain(given: argparse.Namespace) -> Answer:
    """Tell what moved a titer model's predictions or, of a process model, titer or quality at harvest."""
    with open_project(given.project, "r") as project:
        kind = commands.trained_kind(project, given.model)
    settings, others = STEPS["explain"].settings, STEPS["explain-process"].settings
    if kind == WINDOW:
        _refuse(given, {"output_of", "batches"}, "They are of process models: name one with --model.")
        return verbs.explain(given)
    _refuse(given, _others(settings, others), "They are of titer models; of a process model: --output-of, --batches.")
    return _explain_process(given)


def pretrain(given: argparse.Namespace) -> Answer:
    """Learn a prior from simulated plants, and write it whole or not at all."""
    commands.check_output(given.output, ".npz", given.overwrite, given.add)
    options = {
        "families": given.families,
        "leave_out": given.leave_out,
        "plants": given.plants,
        "steps": given.steps,
        "own": [_own_product(path) for path in given.add],
    }
    if not given.quiet:
        print("Learning a prior takes an hour at most with the usual settings; Ctrl-C stops it.", file=sys.stderr)
    with Worker() as worker, ProgressLine(given.quiet) as progress:
        content: bytes = worker.run(Job("pretrain", options=options, seed=given.seed), progress)
    written = commands.write_whole(given.output, content)
    digest = hashlib.sha256(content).hexdigest()
    own = f", and from {len(given.add)} earlier products" if given.add else ""
    text = (
        f"Prior: {written}, {len(content) / 1000:.0f} kB, SHA-256 {digest}\n"
        f"It was learned from simulated plants{own}.\nUse it: mabdesk train PROJECT --model process --prior {written}"
    )
    answer = {"path": str(written), "bytes": len(content), "sha256": digest, "seed": given.seed, "simulated": True}
    return say(given, answer, text)


def _what_if(given: argparse.Namespace) -> Answer:
    """Run the plans that were given, on the newest process model or the one named."""
    if not (given.setpoints or given.scenario):
        raise OptionsError(
            "Received neither a file nor setpoints.",
            "Name a file with batches, or ask what if: --set temperature=36.5, or --scenario "
            '"cooler: temperature=36, ph=7".',
        )
    names = {option.name for group in STEPS["read-new"].settings for option in options_of(group)}
    _refuse(given, {*names, *FEED_OPTIONS}, "They say how a file is read, and there is none.")
    _check_csv(given)
    options = {"scenarios": _scenarios(given), "tags": tuple(given.tag)}
    options |= {"level": given.level} if hasattr(given, "level") else {}
    with opened(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        named = _process_model(commands.trained_kind(project, given.model), given.model)
        result = commands.run_step(project, worker, "what-if", options, named=named, progress=progress)
    return _told(given, result, planned_rows.scenario_rows(result.value) if given.output else ())


def _forecast(given: argparse.Namespace) -> Answer:
    """Forecast the running batches of a file until harvest."""
    _check_csv(given, given.file)
    reading = given_options(given, STEPS["read-new"].settings)
    options = {name: getattr(given, name) for name in ("level", *FEED_OPTIONS) if hasattr(given, name)}
    named = {PROCESS: given.model} if given.model else {}
    with opened(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        read, result = commands.forecast_file(
            project, worker, given.file, reading, options, named=named, progress=progress
        )
    rows = planned_rows.forecast_rows(result.value) if given.output else ()
    answer = _told(given, result, rows, words.noticed(read.value))
    return {**answer, "problems": read.value.problems}


def _explain_process(given: argparse.Namespace) -> Answer:
    _check_csv(given)
    options = {name: getattr(given, name) for name in ("batches", "permuted") if hasattr(given, name)}
    options |= {"output": given.output_of} if hasattr(given, "output_of") else {}
    named = {PROCESS: given.model} if given.model else {}
    with opened(given) as project, Worker() as worker, ProgressLine(given.quiet) as progress:
        result = commands.run_step(
            project, worker, "explain-process", options, seed=given.seed, named=named, progress=progress
        )
    return _told(given, result, planned_rows.attribution_rows(result.value) if given.output else ())


def _told(given: argparse.Namespace, result: Result, rows: Iterable[Any], before: Sequence[str] = ()) -> Answer:
    """Write the rows where a file was named, and say the result."""
    parts = [*before, words.of(result)]
    if given.output:
        answers.write_csv(given.output, rows)
        parts.append(f"Every value: {given.output}")
    return say(given, answers.of(result), "\n".join([*parts, f"Kept as {result.id}."]))


def _scenarios(given: argparse.Namespace) -> tuple[str, ...]:
    """Return the plans as NAME: setpoint=value, ...; those of --set are one plan."""
    single = ", ".join(f"{name}={value:.12g}" for name, value in verbs.setpoints_of(given.setpoints).items())
    return (*([f"{_PLAN}: {single}"] if single else []), *given.scenario)


def _process_model(kind: str, wanted: str | None) -> dict[str, str]:
    if not wanted:
        return {}
    if kind != PROCESS:
        raise ProjectError(
            f"{wanted} predicts titer from what was measured, and cannot tell what becomes of a plan.",
            "Name a process model, such as process-model-1: mabdesk train PROJECT --model process makes one.",
        )
    return {PROCESS: wanted}


def _own_product(path: Path) -> Dataset:
    """Return the newest imported data of a project.

    Raises:
        ProjectError: there are none.
    """
    with open_project(path, "r") as project:
        newest = project.latest("dataset")
    if newest is None:
        raise ProjectError(f"{path.name} holds no batches yet.", "Run `mabdesk import` first, or leave it out.")
    dataset: Dataset = newest.value.dataset
    return dataset


def _check_csv(given: argparse.Namespace, *inputs: Path) -> None:
    if given.output:
        commands.check_output(given.output, ".csv", given.overwrite, (*inputs, given.project))


def _others(settings: Iterable[type], kept: Iterable[type]) -> set[str]:
    """Return the names of options that only the first declare."""
    mine = {option.name for group in kept for option in options_of(group)}
    return {option.name for group in settings for option in options_of(group)} - mine


def _whose(process: bool) -> str:
    mine = "titer models" if process else "the process model"
    return f"They are of {mine}: " + ("leave them out." if process else "add --model process, or leave them out.")


def _refuse(given: argparse.Namespace, names: Iterable[str], hint: str) -> None:
    """Refuse options that were given and mean nothing here."""
    wrong = sorted(flag(name) for name in names if hasattr(given, name))
    if wrong:
        raise OptionsError(f"Received {', '.join(wrong)}, which mean nothing here.", hint)
