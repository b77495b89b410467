"""A search in words and tables: its trials, which were measured again, and what can be done with the best settings."""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mabdesk.analysis.searched import Search, Trial
from mabdesk.analysis.settings import CompareOptions
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.settings import WindowPlan
from mabdesk.data.windowing import plan_for
from mabdesk.errors import MabdeskError
from mabdesk.gui.forms.fields import written
from mabdesk.gui.numbers import figures
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views import trainable
from mabdesk.models.settings import KINDS, label_of
from mabdesk.options import options_of, pick

NO_SEARCH = "No search yet. Choose a network and press Search."
NO_OUTER = "No outer folds were asked for: the best settings were searched on the batches that they were measured on."
LOSS_NOTE = (
    "Loss: mean squared error of the held-out batches' samples, in units of the target's variance; 0 is perfect, 1 no "
    "better than the mean."
)


def trial_of(partial: Mapping[str, Any]) -> Trial:
    """Return the trial that a running search tells of, or that was kept of an earlier one."""
    loss = partial.get("loss")
    known = loss is not None and math.isfinite(float(loss))
    return Trial(
        int(partial["number"]), dict(partial.get("settings", {})), float(loss) if known and loss is not None else None,
        str(partial.get("fault", "")),
    )  # fmt: skip


def is_of_search(partial: Mapping[str, Any]) -> bool:
    """Tell whether a trial is one of the search itself, and not of a search inside an outer fold."""
    return not partial.get("outer")


def with_trial(trials: Sequence[Trial], new: Trial) -> tuple[Trial, ...]:
    """Return trials with one more, in the order of their numbers; a trial that is told of again stands there once."""
    return tuple(sorted((*(t for t in trials if t.number != new.number), new), key=_number))


def ranks(trials: Sequence[Trial]) -> dict[int, int]:
    """Return the rank of every trial that gave a loss, by number: 1 is the least loss."""
    good = sorted((t.loss, t.number) for t in trials if t.loss is not None and math.isfinite(t.loss))
    return {number: rank for rank, (_, number) in enumerate(good, start=1)}


def trials_sheet(kind: str, trials: Sequence[Trial], found: Search | None = None, unit: str = "") -> Sheet:
    """Return one row a trial, the best first: rank, loss, settings, and what the best gave when measured again."""
    said, order = setting_labels(kind), ranks(trials)
    names = _in_order(kind, [name for trial in trials for name in trial.settings])
    again = {one.number: one for one in found.rescored} if found is not None else {}
    of = f" ({unit})" if unit not in {"", "-"} else ""
    measured = ("Loss again", f"RMSE again{of}") if again else ()
    headers = ("Trial", "Rank", "Loss", *measured, *(said.get(name, name) for name in names), "Failed because")
    rows = []
    for trial in sorted(trials, key=lambda trial: (order.get(trial.number, len(trials) + 1), trial.number)):
        one = again.get(trial.number)
        values = ((one.loss, one.rmse) if one else (None, None)) if again else ()
        settings = (trial.settings.get(name) for name in names)
        rows.append((trial.number, order.get(trial.number), trial.loss, *values, *settings, trial.fault))
    notes = (LOSS_NOTE, *(("Again: the best trials in full on all folds.",) if again else ()))
    return Sheet("Trials", headers, tuple(rows), notes)


def setting_labels(kind: str) -> dict[str, str]:
    """Return what people read for every setting of a kind."""
    return {option.name: option.label for option in options_of(KINDS[kind].settings)} if kind in KINDS else {}


def settings_words(kind: str, settings: Mapping[str, Any]) -> str:
    """Say settings in one line: "Filters 64, Dropout 0.3"."""
    said = setting_labels(kind)
    return ", ".join(f"{said.get(name, name)} {_short(settings[name])}" for name in _in_order(kind, settings))


def so_far(trials: Sequence[Trial], asked: int) -> str:
    """Say how far a running search is, and its best trial."""
    order = ranks(trials)
    failed = len(trials) - len(order)
    best = next((t for t in trials if order.get(t.number) == 1), None)
    said = [f"{len(trials)} of {max(asked, len(trials))} trials"]
    said += [f"best loss {figures(best.loss)} in trial {best.number}"] if best and best.loss is not None else []
    said += [f"{failed} failed"] if failed else []
    return ", ".join(said)


def left_words(trials: Sequence[Trial], asked: int) -> str:
    """Say what is left of a search that was stopped, or failed."""
    return f"Ended before its time: {so_far(trials, asked)}. They are kept: searching again goes on from there."


def kept_words(count: int, asked: int) -> str:
    """Say that trials of these settings are kept, and that searching goes on from them; "" where there are none."""
    if not count:
        return ""
    kept = f"{count} {'trial' if count == 1 else 'trials'} of this search {'is' if count == 1 else 'are'} kept"
    return f"{kept}: searching goes on from there." if count < asked else f"{kept}: ask for more trials to go on."


def summary(found: Search) -> str:
    """Say how it was searched: kind, preset, trials, failures, batches, budget."""
    preset = found.preset.replace("_", " ")
    failed = sum(trial.loss is None for trial in found.trials)
    said = [f"{label_of(found.kind, '')}, {preset}", f"{len(found.trials)} trials on {len(found.batch_ids)} batches"]
    said += [f"{failed} failed"] if failed else []
    said += [f"{found.duplicates} duplicates"]
    said += ["every point of the space was tried"] if found.exhausted else []
    return "; ".join(said) + "."


def notes(found: Search, unit: str) -> tuple[str, ...]:
    """Return what is to be known of a search: its best settings, the others measured beside, budget, space."""
    of = f" {unit}" if unit not in {"", "-"} else ""
    again = [f"{_named(one.number)} RMSE {figures(one.rmse)}{of}, loss {figures(one.loss)}" for one in found.rescored]
    space = "; ".join(
        f"{setting_labels(found.kind).get(name, name)}: {', '.join(map(_short, found.space[name]))}"
        for name in _in_order(found.kind, found.space)
    )
    return (
        f"Best settings: {settings_words(found.kind, found.best)}.",
        *([f"Measured again on all folds: {'; '.join(again)}."] if again else []),
        *([f"Budget: {found.budget.rstrip('.')}."] if found.budget else []),
        f"Searched among: {space}.",
        LOSS_NOTE,
        *found.notes,
    )


def why_no_folds(split: Split, values: Mapping[str, Any]) -> str:
    """Say why the folds cannot be made: of training batches; the outer ones of the test batches as well."""
    known, outer = len(split.train) + len(split.validation), int(values["outer_folds"])
    why = trainable.why_no_folds(known, int(values["folds"]))
    return why or (trainable.why_no_folds(known + len(split.test), outer) if outer else "")


def for_training(result_id: str, found: Search, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with which the Train page trains a model with the best settings of this search."""
    return {**_task(options), "model": found.kind, "settings_from": result_id}


def for_comparing(result_id: str, found: Search, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with which the Compare page measures the model with the best settings beside the others."""
    models = tuple(dict.fromkeys((*CompareOptions().models, found.kind)))
    return {**_task(options), "models": models, "settings_from": result_id}


def unit_of(dataset: Dataset | None, options: Mapping[str, Any]) -> str:
    """Return the unit of the first target, "" while it is not known."""
    if dataset is None:
        return ""
    try:
        target = plan_for(dataset, pick(WindowPlan, options)).targets[0]
    except MabdeskError:
        return ""
    return dataset.variable(target).unit


def _task(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the models of a search were to predict, and from what."""
    wanted = {"label_stride_h", *(field.name for field in dataclasses.fields(WindowPlan))}
    return {name: value for name, value in options.items() if name in wanted}


def _named(number: int) -> str:
    return f"trial {number}" if number > 0 else "the default settings"


def _number(trial: Trial) -> int:
    return trial.number


def _in_order(kind: str, names: Iterable[str]) -> list[str]:
    """Put names of settings into the order in which they are declared; a kept result has lost it."""
    declared, there = list(setting_labels(kind)), dict.fromkeys(names)
    return [*(name for name in declared if name in there), *(name for name in there if name not in declared)]


def _short(value: object) -> str:
    return written(value) if isinstance(value, float) else str(value)
