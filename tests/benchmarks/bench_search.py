"""How the search for settings does: duplicates and seconds of suggestions, trials lost to kills, time of real trials.

    python tests/benchmarks/bench_search.py suggestions [--trials 100]
    python tests/benchmarks/bench_search.py kills [--kills 20] [--seed 1]
    python tests/benchmarks/bench_search.py trials [--trials 100] [--batches 50]

`suggestions` tries an instant objective over Table 3 beside KerasTuner as it comes; `kills` ends a command-line search
with SIGKILL at random moments and goes on; `trials` is the wall clock of a real search. Each prints one JSON object.
"""

import argparse
import contextlib
import io
import json
import math
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras_tuner
from keras_tuner.oracles import BayesianOptimizationOracle

from mabdesk import commands
from mabdesk.analysis.searched import SPACE
from mabdesk.cli.main import main as cli
from mabdesk.models.search import BayesianSearch
from mabdesk.models.settings import settings_for
from mabdesk.project.project import open_project
from mabdesk.project.verify import verify

SEARCH = ("--folds", "2", "--top", "1", "--label-stride-h", "0")
# A stand-in for a network that fits in a moment, in the command line's process and in its worker alike.
QUICK_CLI = """
import sys, time
import numpy as np
from mabdesk.models import factory
from mabdesk.models.model import Prediction
class Quick:
    def __init__(self, settings): self.settings = settings
    def fit(self, training, validation, seed, progress): time.sleep(0.1)
    def predict(self, windows):
        level = self.settings["dropout"] + self.settings["filters"] / 1000 + self.settings["lstm_1"] / 1000
        return Prediction(np.full((len(windows), len(windows.targets)), level))
factory.create = lambda kind, settings, plan: Quick(settings)
from mabdesk.cli.main import main
if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
"""


def main() -> None:
    """Run one of the three and print what was counted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("suggestions", "kills", "trials"))
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.what == "suggestions":
            counted = suggestions(given.trials, given.seed, folder)
        elif given.what == "kills":
            counted = kills(Path(folder), given.kills, random.Random(given.seed))
        else:
            counted = trials(Path(folder), given.trials, given.batches)
    sys.stdout.write(json.dumps(counted, indent=2) + "\n")


def instant(settings: dict[str, Any]) -> float:
    """Give a smooth loss with its least at one point of the grid."""
    rate = (math.log10(settings["learning_rate"]) + 2.6) ** 2 * 0.03
    units = abs(settings["filters"] - 128) / 3000 + settings["lstm_1"] / 5000 + abs(settings["lstm_2"] - 64) / 4000
    return 0.05 + rate + (settings["dropout"] - 0.2) ** 2 + units


def suggestions(count: int, seed: int, folder: str) -> dict[str, Any]:
    """Try `count` settings with ours and with KerasTuner's own oracle."""
    default = {name: settings_for("cnn_lstm")[name] for name in SPACE}
    ours = BayesianSearch(SPACE, default, seed)
    plain = plain_oracle(seed, folder)

    def ask_plain() -> dict[str, Any] | None:
        trial = plain.create_trial("tuner")
        return dict(trial.hyperparameters.values) if trial.status == "RUNNING" else None

    def tell_plain(loss: float) -> None:
        trial = next(iter(plain.ongoing_trials.values()))
        plain.update_trial(trial.trial_id, {"loss": loss})
        trial.status = "COMPLETED"
        plain.end_trial(trial)

    return {"trials": count, "ours": run(ours.suggest, ours.tell, count), "plain": run(ask_plain, tell_plain, count)}


def plain_oracle(seed: int, folder: str) -> Any:
    """Make KerasTuner's oracle over the same space."""
    space = keras_tuner.HyperParameters()
    for name, choices in SPACE.items():
        space.Choice(name, list(choices))
    oracle = BayesianOptimizationOracle(
        objective=keras_tuner.Objective("loss", "min"), max_trials=None, hyperparameters=space, seed=seed
    )
    oracle._set_project_dir(folder, "plain")
    oracle.verbose = 0
    return oracle


def run(ask: Callable[[], dict[str, Any] | None], tell: Callable[[float], None], count: int) -> dict[str, Any]:
    """Ask and tell; count distinct settings, seconds of asking alone, and the best found."""
    seen: list[tuple[Any, ...]] = []
    losses, seconds = [], 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(count):
            begun = time.monotonic()
            settings = ask()
            seconds += time.monotonic() - begun
            if settings is None:
                break
            seen.append(tuple(settings[name] for name in SPACE))
            losses.append(instant(settings))
            tell(losses[-1])
    distinct = len(set(seen))
    return {"distinct": distinct, "duplicates": len(seen) - distinct, "seconds": round(seconds, 1), "best": min(losses)}


def kills(folder: Path, count: int, draw: random.Random) -> dict[str, Any]:
    """Kill a search `count` times, go on each time, and at last let it end: is every told trial still there?"""
    path, script = project_of(folder, 8), folder / "quick_cli.py"
    script.write_text(QUICK_CLI, encoding="utf-8")
    counted = {"kills": 0, "finished": 0, "lost": 0, "tried_twice": 0, "damaged": 0}
    begun = time.monotonic()
    told: dict[int, str] = {}
    for _ in range(count):
        told |= one_kill(script, path, draw.uniform(0.0, 1.2))
        counted["kills"] += 1
        look(path, told, counted)
    whole = subprocess.run([*command(script, path), "--quiet", "--json"], capture_output=True, text=True, check=True)
    answer = json.loads(whole.stdout)
    look(path, told, counted)
    counted |= {"finished": len(told), "in_result": len(answer["trials"]), "duplicates": answer["duplicates"]}
    return counted | {"seconds": round(time.monotonic() - begun, 1)}


def command(script: Path, path: Path) -> list[str]:
    """Return the command that searches, or goes on."""
    return [sys.executable, str(script), "search", str(path), "--trials", "200", *SEARCH]


def one_kill(script: Path, path: Path, delay: float) -> dict[int, str]:
    """Start a search, kill it `delay` seconds after it told of its first new trial; return all that it told."""
    child = subprocess.Popen(command(script, path), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    assert child.stderr is not None
    lines = []
    for line in child.stderr:
        lines.append(line)
        if line.startswith("trial ") and "kept from before" not in line:
            break
    time.sleep(delay)
    child.send_signal(signal.SIGKILL)
    lines += child.communicate()[1].splitlines(keepends=True)
    whole = [line for line in lines if line.startswith("trial ") and line.endswith("\n")]
    return {int(line.split()[1]): line.split(": ")[1].split(",")[0] for line in whole}


def look(path: Path, told: dict[int, str], counted: dict[str, int]) -> None:
    """Count what was told and is not kept, what was tried twice, and files that are damaged."""
    with open_project(path, "w") as project:
        details = [entry.details for entry in project.audit_trail("trial")]
    numbers = [one["number"] for one in details]
    settings = [tuple(sorted(one["settings"].items())) for one in details]
    counted["lost"] = len(set(told) - set(numbers))
    counted["tried_twice"] = len(settings) - len(set(settings))
    counted["damaged"] += not verify(path).ok


def project_of(folder: Path, batches: int) -> Path:
    """Make a project with a simulated campaign."""
    path, book = folder / "p.mabdesk", folder / "c.xlsx"
    with contextlib.redirect_stdout(io.StringIO()):
        cli(["simulate", "campaign", "-o", str(book), "--batches", str(batches), "--quiet"])
        commands.new_project(path)
        cli(["import", str(path), str(book), "--quiet"])
    return path


def trials(folder: Path, count: int, batches: int) -> dict[str, Any]:
    """Time a real search with the default budget."""
    path = project_of(folder, batches)
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "mabdesk", "search", str(path), "--trials", str(count), "--json"],
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    with open_project(path, "r") as project:
        seconds = sum(float(entry.details["seconds"]) for entry in project.audit_trail("trial"))
    told = {name: answer[name] for name in ("best", "duplicates", "failures", "exhausted", "rescored", "verdict")}
    return {"wall_s": round(time.monotonic() - begun), "trials_s": round(seconds), **told}


if __name__ == "__main__":
    main()
