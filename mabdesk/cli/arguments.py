"""The sub-commands and their arguments; what they do stands in `verbs`."""

import argparse
from pathlib import Path
from typing import Any, NoReturn

from mabdesk import __version__
from mabdesk import commands as commands_of
from mabdesk.backends import BACKENDS
from mabdesk.cli import demo, importing, planning, provenance, searching, verbs
from mabdesk.cli.parser import add_options, names_in
from mabdesk.errors import OptionsError
from mabdesk.steps import STEPS

_SEED = 1
_PLANTS, _STEPS = 300, 9000  # that `pretrain` draws and takes: half an hour on two cores
_NEWEST_MODEL = "the trained model (default: the newest)"
_FORMULAS = "text that looks like a formula gets an apostrophe before it"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command as everything else is said: in a sentence with a hint, also as JSON."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise OptionsError(f"{self.prog}: {message}.", f"{self.prog} --help lists what there is.")


def build() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _Parser(
        prog="mabdesk",
        description="From CHO fed-batch records to models, evidence and reports. Without a command: the window.",
        epilog="mabdesk COMMAND --help tells all about one command.",
    )
    parser.add_argument("--version", action="version", version=f"mabdesk {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", title="commands")
    _demo(commands)
    _simulate(commands)
    _files(commands)
    _steps(commands)
    _pretrain(commands)
    _provenance(commands)
    _project(commands)
    return parser


def _command(commands: Any, name: str, sentence: str, verb: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=sentence, description=sentence)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--quiet", action="store_true", help="show no progress")
    parser.set_defaults(verb=verb)
    return parser


def _on_project(commands: Any, name: str, sentence: str, verb: Any) -> argparse.ArgumentParser:
    parser = _command(commands, name, sentence, verb)
    parser.add_argument("project", type=Path, metavar="PROJECT", help="the project file (name.mabdesk)")
    return parser


def _seeded(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=_SEED, metavar="N", help=f"for everything random (default {_SEED})")


def _writes(parser: argparse.ArgumentParser, name: str, what: str, required: bool = True) -> None:
    parser.add_argument("-o", "--output", type=Path, required=required, metavar=name, help=what)
    parser.add_argument("--overwrite", action="store_true", help="write over a file of this name")


def _demo(commands: Any) -> None:
    parser = _command(
        commands,
        "demo",
        "Run the main job on the embedded virtual plant (simulated data) and write a report.",
        demo.demo,
    )
    parser.add_argument("folder", nargs="?", type=Path, default=Path("mabdesk-demo"), help="where to write it")
    parser.add_argument("--quick", action="store_true", help="fewer batches, epochs and networks: a few minutes")
    _seeded(parser)


def _simulate(commands: Any) -> None:
    sentence = "Simulate on the virtual plant: a campaign of batch records, or the truth of one run's setpoints."
    parser = commands.add_parser("simulate", help=sentence, description=sentence)
    kinds = parser.add_subparsers(metavar="WHAT", required=True)
    campaign = _command(kinds, "campaign", "Write the workbook that a site would send (simulated).", verbs.campaign)
    _writes(campaign, "W.xlsx", "the workbook to write")
    campaign.add_argument("--batches", type=int, default=50, metavar="N", help="how many batches (default 50)")
    _seeded(campaign)
    one = _command(kinds, "run", "Tell what setpoints truly give on the virtual plant, without noise.", verbs.true_run)
    one.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="setpoints",
        help="a setpoint, for example temperature=36.5; the others are the platform's; may be repeated",
    )  # fmt: skip
    one.add_argument("--cell-line", default="A", metavar="LINE", help="A, B, C or D (default A)")
    one.add_argument("--scale", type=float, default=200.0, metavar="L", help="50, 200 or 2000 L (default 200)")


def _files(commands: Any) -> None:
    template = _command(commands, "template", "Write an empty workbook to fill in.", verbs.template)
    _writes(template, "T.xlsx", "the workbook to write")
    _on_project(commands, "new", "Make an empty project.", verbs.new)


def _steps(commands: Any) -> None:
    _import(commands)
    _seeded(_step(commands, "split", verbs.step))
    _step(commands, "clean", verbs.step)
    _train(commands)
    _seeded(_step(commands, "compare", verbs.step))
    _seeded(_step(commands, "search", searching.search))
    _seeded(_step(commands, "transfer-learning", verbs.step))
    _explain(commands)
    final = _step(commands, "final-test", verbs.step)
    final.add_argument("--of", metavar="ID", help=_NEWEST_MODEL)
    _predict(commands)


def _train(commands: Any) -> None:
    """Add `train`: the titer models' options, and those of the process model that have no namesake among them."""
    step, process = STEPS["train"], STEPS["train-process"]
    sentence = f"{step.sentence} With --model process: {process.sentence}"
    train = _on_project(commands, "train", sentence, planning.train)
    add_options(train, step.settings, further={"model": (planning.PROCESS_NAME,)})
    add_options(train, process.settings, without=step.settings, note="process model: ")
    train.set_defaults(step="train")
    _seeded(train)


def _explain(commands: Any) -> None:
    step, process = STEPS["explain"], STEPS["explain-process"]
    explain = _on_project(
        commands, "explain", f"{step.sentence} Of a process model: {process.sentence}", planning.explain
    )
    add_options(explain, step.settings)
    explain.add_argument(
        "--output-of", default=argparse.SUPPRESS, metavar="NAME",
        help="process model: titer, or a quality attribute, at harvest (default titer)",
    )  # fmt: skip
    explain.add_argument(
        "--batches", type=int, default=argparse.SUPPRESS, metavar="N",
        help="process model: how many batches are explained, evenly chosen (default 24)",
    )  # fmt: skip
    explain.add_argument("--model", metavar="ID", help=_NEWEST_MODEL)
    _writes(explain, "A.csv", f"write every contribution as CSV; {_FORMULAS}", required=False)
    explain.set_defaults(step="explain")
    _seeded(explain)


def _predict(commands: Any) -> None:
    sentence = (
        "Apply a trained model to a new file; with a process model, forecast its running batches until harvest, or "
        "tell what becomes of setpoints (--set, without a file)."
    )
    predict = _on_project(commands, "predict", sentence, planning.predict)
    predict.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="a workbook or CSV file with the new batches"
    )
    predict.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", dest="setpoints",
        help="a setpoint of a plan, for example temperature=36.5; the others are as usual; may be repeated",
    )  # fmt: skip
    predict.add_argument(
        "--scenario", action="append", default=[], metavar='"NAME: SETPOINT=VALUE, ..."',
        help="a plan of its own beside that of --set; may be repeated",
    )  # fmt: skip
    predict.add_argument(
        "--tag", action="append", default=[], metavar="NAME=VALUE",
        help="a property of the planned batch, for example cell_line=A (default: the most frequent); may be repeated",
    )  # fmt: skip
    predict.add_argument(
        "--model", metavar="ID", help="the trained model (default: the newest titer model, else process model)"
    )
    add_options(predict, STEPS["read-new"].settings)
    add_options(predict, STEPS["forecast"].settings, only=("level", *planning.FEED_OPTIONS), note="process model: ")
    _writes(predict, "P.csv", f"write every predicted value as CSV; {_FORMULAS}", required=False)
    predict.set_defaults(step="predict")


def _pretrain(commands: Any) -> None:
    sentence = "Learn a prior for process models from simulated plants, in an hour at most."
    pretrain = _command(commands, "pretrain", sentence, planning.pretrain)
    _writes(pretrain, "PRIOR.npz", "the prior to write")
    pretrain.add_argument(
        "--families", type=names_in, default=(), metavar="A,B,...", help="families of plants (default: all)"
    )
    pretrain.add_argument("--leave-out", default="", metavar="FAMILY", help="a family that takes no part")
    pretrain.add_argument(
        "--plants", type=int, default=_PLANTS, metavar="N", help=f"of each family (default {_PLANTS})"
    )
    pretrain.add_argument("--steps", type=int, default=_STEPS, metavar="N", help=f"of learning (default {_STEPS})")
    pretrain.add_argument(
        "--add", action="append", type=Path, default=[], metavar="P.mabdesk",
        help="a project with an earlier product of yours, as a further plant; may be repeated",
    )  # fmt: skip
    _seeded(pretrain)


def _import(commands: Any) -> None:
    reading = _step(commands, "import", importing.import_files)
    reading.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="workbooks (.xlsx), CSV files, or folders of them"
    )
    reading.add_argument("--dry-run", action="store_true", help="tell what each column would become, keep nothing")
    reading.add_argument(
        "--mapping", type=Path, metavar="M.toml", help="a mapping: what each column of each table becomes"
    )
    reading.add_argument("--save-mapping", type=Path, metavar="M.toml", help="write the mapping, to correct and reuse")
    reading.add_argument("--overwrite", action="store_true", help="write over a mapping of this name")
    reading.add_argument(
        "--remembered", action=argparse.BooleanOptionalAction, default=True,
        help="read tables as they were confirmed before, by mapping or in the window (default)",
    )  # fmt: skip
    reading.add_argument(
        "--unit", action="append", default=[], metavar="HEADER=UNIT",
        help='a unit that the file does not say: "Titer=mg/L", or for one batch "B12: Titer=mg/L"; may be repeated',
    )  # fmt: skip
    reading.add_argument(
        "--again", choices=commands_of.AGAIN, default="ask",
        help="what to do with files that were imported already or changed since: ask refuses changed ones and tells "
        "what differs (default)",
    )  # fmt: skip


def _step(commands: Any, name: str, verb: Any) -> argparse.ArgumentParser:
    step = STEPS[name]
    parser = _on_project(commands, name, step.sentence, verb)
    add_options(parser, step.settings)
    parser.set_defaults(step=name)
    return parser


def _provenance(commands: Any) -> None:
    sentence = "Write every change that importing or cleaning made: file, cell, before, after, rule."
    changes = _on_project(commands, "changes", sentence, provenance.changes)
    sentence = "Write a copy of a source workbook with the changed cells marked and explained."
    mark = _on_project(commands, "mark", sentence, provenance.mark)
    for parser, name, what in (
        (changes, "CHANGES.xlsx|.csv", "the list to write"),
        (mark, "MARKED.xlsx", "the copy to write"),
    ):
        parser.add_argument("id", nargs="?", metavar="ID", help="imported or cleaned data (default: the newest import)")
        _writes(parser, name, what)
    mark.add_argument("--file", default="", metavar="NAME", help="which source file, where there are several")


def _project(commands: Any) -> None:
    report = _on_project(commands, "report", "Write the Excel report.", verbs.report)
    _writes(report, "R.xlsx", "the report to write")
    report.add_argument(
        "--results",
        default="",
        metavar="ID,ID",
        help="which results (default: of each preset the newest comparison, search, transfer and model, with what "
        "explains it)",
    )
    show = _on_project(commands, "show", "List what the project holds, or show one result.", verbs.show)
    show.add_argument("id", nargs="?", metavar="ID", help="a result's id")
    show.add_argument("--changes", action="store_true", help="list every change that importing or cleaning made")
    rerun = _on_project(commands, "rerun", "Do a result again and compare every number.", verbs.rerun)
    rerun.add_argument("id", metavar="ID", help="a result's id")
    verify = _on_project(commands, "verify", "Check that nothing was altered since it was written.", verbs.verify)
    verify.add_argument("report", nargs="?", type=Path, metavar="R.xlsx", help="a report written from this project")
    device = _command(commands, "device", "Tell what will train, why, and how long it would take.", verbs.device)
    device.add_argument("project", nargs="?", type=Path, metavar="PROJECT", help="estimate training on its data")
    device.add_argument("--backend", choices=tuple(BACKENDS), help="what computes networks from now on")
    audit = _on_project(commands, "audit", "Show the audit trail.", verbs.audit)
    audit.add_argument("--last", type=int, default=50, metavar="N", help="how many entries (default 50)")
