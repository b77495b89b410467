"""The demo: the main job from simulated batch records to the report, by the same commands that a user has."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mabdesk import commands
from mabdesk.cli import words
from mabdesk.cli.terminal import ProgressLine
from mabdesk.job import Job
from mabdesk.project.project import open_project
from mabdesk.project.results import Result
from mabdesk.project.store import Project
from mabdesk.worker import Worker

BATCHES, QUICK_BATCHES = 50, 24
PRESETS = ("soft_sensor", "forecast")
EXPLAINED = "soft_sensor"
QUICK_EXPLANATION = {"refits": 2, "permuted": 4}
_JUDGED = ("evaluation", "attribution")


def demo(given: argparse.Namespace) -> Mapping[str, Any]:
    """Simulate a campaign, import, clean, compare, train, test, explain and report; say where everything is."""
    folder = commands.fresh_folder(given.folder)
    campaign, study, report = folder / "campaign.xlsx", folder / "demo.mabdesk", folder / "report.xlsx"
    batches = QUICK_BATCHES if given.quick else BATCHES
    with Worker() as worker:
        worker.warm()
        _tell(given, f"1/7  Simulating {batches} batches on the virtual plant (SIMULATED DATA) -> {campaign}")
        options = {"output": str(campaign), "batches": batches}
        with ProgressLine(given.quiet) as progress:
            worker.run(Job("simulate-campaign", options=options, seed=given.seed), progress)
        commands.new_project(study)
        with open_project(study, "w") as project:
            results = _study(given, project, worker, campaign)
            _tell(given, "7/7  Writing the report")
            with ProgressLine(given.quiet) as progress:
                written = commands.write_report(project, worker, report, (), progress)
    _tell(given, f"\nCampaign (simulated): {campaign}\nProject:  {study}\nReport:   {written['path']}")
    answer = {result.id: result.value.verdict for result in results if result.kind in _JUDGED}
    return {"campaign": str(campaign), "project": str(study), "report": written["path"], "verdicts": answer}


def _study(given: argparse.Namespace, project: Project, worker: Worker, campaign: Path) -> list[Result]:
    def run(name: str, options: Mapping[str, Any], files: tuple[Path, ...] = (), **named: str) -> Result:
        with ProgressLine(given.quiet) as progress:
            return commands.run_step(
                project, worker, name, options, seed=given.seed, named=named, files=files, progress=progress
            )

    _tell(given, "2/7  Reading the workbook")
    done = [run("import", {}, (campaign,))]
    _tell(given, _indented(words.imported(done[-1].value)))
    _tell(given, "3/7  Setting batches apart and cleaning")
    done += [run("split", {}), run("clean", {})]
    _tell(given, _indented(words.of(done[-1])))
    for number, preset in enumerate(PRESETS, start=4):
        _tell(given, f"{number}/7  {preset.replace('_', ' ').capitalize()}: models side by side on the same folds")
        done.append(run("compare", {"preset": preset, "quick": given.quick}))
        _tell(given, _indented(words.of(done[-1])))
        trained = run("train", {"preset": preset, "quick": given.quick})
        done += [trained, run("final-test", {}, model=trained.id)]
        _tell(given, _indented(f"On the locked batches: {words.of(done[-1])}"))
    _tell(given, "6/7  What moved the predictions of the soft sensor, and whether to believe it")
    (model,) = (r.id for r in done if r.kind == "model" and r.options["preset"] == EXPLAINED)
    done.append(run("explain", QUICK_EXPLANATION if given.quick else {}, model=model))
    _tell(given, _indented(words.of(done[-1])))
    return done


def _tell(given: argparse.Namespace, text: str) -> None:
    print(text, file=sys.stderr if given.json else sys.stdout, flush=True)


def _indented(text: str) -> str:
    return "\n".join(f"     {line}" for line in text.splitlines())
