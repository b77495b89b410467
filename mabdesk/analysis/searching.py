"""The search for settings: trials on a cheap budget, the best of them measured again in full. Sees only protocols."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from mabdesk.analysis.objective import Fold
from mabdesk.analysis.quest import Found, Quest
from mabdesk.analysis.search_sentences import budget_in_words, notes_of_trials, verdict_of
from mabdesk.analysis.searched import Rescored, Search, Trial, ranked
from mabdesk.errors import MabdeskError, TrainingError
from mabdesk.models.model import FINISHED_EARLY, SettingsSearch
from mabdesk.models.settings import settings_for
from mabdesk.progress import Progress
from mabdesk.wording import significant

ALL_FOLDS = 5  # that the best trials are measured on again
_START = 5.0  # that a network takes to begin, in epochs


def search(quest: Quest, progress: Progress) -> Search:
    """Search the settings of one kind of model on folds of the dataset's whole batches.

    Raises:
        DataError: the batches do not hold what a model needs.
        TrainingError: no trial gave a finite loss.
    """
    found = find(quest, "", progress)
    settings = [tuple(trial.settings.items()) for trial in found.trials]
    return Search(
        kind=quest.options.model,
        preset=quest.plan.preset,
        space={name: tuple(choices) for name, choices in quest.space.items()},
        trials=found.trials,
        rescored=found.rescored,
        best=found.best,
        duplicates=len(settings) - len(set(settings)),
        exhausted=found.exhausted,
        batch_ids=quest.dataset.ids,
        budget=budget_in_words(quest),
        verdict=verdict_of(quest, found),
        notes=found.notes,
    )


def find(quest: Quest, outer: str, progress: Progress) -> Found:
    """Run trials, and measure the best of them again in full, beside the kind's own settings.

    Raises:
        DataError: the batches do not hold what a model needs.
        TrainingError: no trial gave a finite loss.
    """
    edge = _trials_share(quest)
    trials, exhausted, early = _run_trials(quest, outer, progress.part(0.0, edge))
    best_first = ranked(trials)
    if not best_first:
        if not trials:
            raise TrainingError("The search was finished before its first trial was.", "Let one trial finish first.")
        raise TrainingError(
            f"None of {len(trials)} trials gave a finite loss: {trials[0].fault}",
            "Look at the data for values that make no sense, or give trials more epochs.",
        )
    notes = notes_of_trials(trials, exhausted)
    rescored: dict[int, tuple[Rescored, Mapping[str, Any]]] = {}
    if not early:
        rescored, faults = _measure_again(quest, best_first, progress.part(edge, 1.0))
        notes += faults
        early = progress.finish_now()
    if early:
        run = f"{len(trials)} of {quest.options.trials} trials were run"
        notes.insert(0, f"{FINISHED_EARLY}: {run}, and the best of them were not all measured again.")
    order = sorted(rescored.values(), key=lambda one: (one[0].loss, one[0].number))
    best = order[0][1] if order else best_first[0].settings
    return Found(tuple(trials), tuple(r for r, _ in order), dict(best), exhausted, early, tuple(notes))


def _trials_share(quest: Quest) -> float:
    """Return the share of the progress that trials take; measuring again in full takes the rest."""
    options, full = quest.options, settings_for(quest.options.model)

    def cost(settings: Mapping[str, Any], fits: int) -> float:
        return fits * float(settings.get("members", 1)) * (float(settings.get("epochs", 1)) + _START)

    cheap = cost(quest.cheap, options.trials * options.folds)
    return cheap / (cheap + cost(full, (options.top + 1) * ALL_FOLDS))


def _run_trials(quest: Quest, outer: str, progress: Progress) -> tuple[list[Trial], bool, bool]:
    """Return the trials, kept ones first, whether nothing was left to try, and whether the end was asked for."""
    wanted, folds = quest.options.trials, quest.folds(quest.options.folds)
    asked = quest.make_search(quest.space, quest.default, quest.seed)
    trials = _replayed(quest, asked, outer, progress)
    while len(trials) < wanted and not progress.finish_now():
        progress.update(len(trials) / wanted, _standing(trials, wanted, "choosing the next one"))
        settings = asked.suggest()
        if settings is None:
            return trials, True, False
        number = len(trials) + 1
        part = progress.part((number - 1) / wanted, number / wanted, _standing(trials, wanted, ""))
        begun = time.monotonic()
        trial = _tried(quest, folds, number, settings, part)
        if progress.finish_now():
            break  # its networks were cut short: that says nothing of its settings
        asked.tell(trial.loss, trial.fault)
        trials.append(trial)
        _announce(trial, trials, wanted, outer, progress, seconds=round(time.monotonic() - begun, 3))
    return trials, False, len(trials) < wanted


def _replayed(quest: Quest, asked: SettingsSearch, outer: str, progress: Progress) -> list[Trial]:
    """Tell the search of the trials that were finished before, in their order."""
    trials: list[Trial] = []
    for kept in quest.kept:
        if kept.get("outer", "") != outer or len(trials) == quest.options.trials:
            continue
        loss, fault = kept["loss"], str(kept.get("fault", ""))
        if asked.replay(kept["settings"], loss, fault):
            settings = {name: kept["settings"][name] for name in quest.space}
            trials.append(Trial(len(trials) + 1, settings, loss, fault))
            _announce(trials[-1], trials, quest.options.trials, outer, progress, kept=True)
    return trials


def _tried(quest: Quest, folds: Sequence[Fold], number: int, settings: Mapping[str, Any], progress: Progress) -> Trial:
    try:
        found = quest.measured(folds, {**quest.cheap, **settings}, progress)
    except TrainingError as error:
        return Trial(number, settings, None, error.message)
    except MemoryError:
        return Trial(number, settings, None, "The memory of this computer was not enough.")
    return Trial(number, settings, found.loss)


def _announce(trial: Trial, trials: Sequence[Trial], wanted: int, outer: str, progress: Progress, **more: Any) -> None:
    """Pass a finished trial on as plain values; `kept` tells that it was finished before."""
    best = ranked(trials)
    plain = {"number": trial.number, "settings": dict(trial.settings), "loss": trial.loss, "fault": trial.fault}
    where = {"of": wanted, "best": best[0].loss if best else None, "outer": outer}
    progress.partial("trial", {**plain, **where, "seconds": None, "kept": False, **more})


def _standing(trials: Sequence[Trial], wanted: int, doing: str) -> str:
    best = ranked(trials)
    said = [f"trial {len(trials) + 1} of {wanted}"]
    said += [f"best loss so far {significant(best[0].loss or 0.0)}"] if best else []
    return ", ".join([*said, *filter(None, (doing,))])


def _measure_again(
    quest: Quest, best_first: Sequence[Trial], progress: Progress
) -> tuple[dict[int, tuple[Rescored, Mapping[str, Any]]], list[str]]:
    """Measure the best trials and the kind's own settings with full settings on all folds; also say what failed."""
    chosen = list(best_first[: quest.options.top])
    own = next((t for t in best_first if t.settings == quest.default), Trial(0, quest.default, None))
    chosen += [own] if own.number not in {t.number for t in chosen} else []
    folds = quest.folds(min(ALL_FOLDS, len(quest.dataset.ids)))
    found: dict[int, tuple[Rescored, Mapping[str, Any]]] = {}
    faults: list[str] = []
    for place, trial in enumerate(chosen):
        name = f"trial {trial.number}" if trial.number else "the model's own settings"
        part = progress.part(place / len(chosen), (place + 1) / len(chosen), f"measuring {name} again in full")
        try:
            again = quest.measured(folds, {**settings_for(quest.options.model), **trial.settings}, part)
        except (TrainingError, MemoryError) as error:
            why = error.message if isinstance(error, MabdeskError) else "The memory of this computer was not enough."
            faults.append(f"Measured again, {name} failed: {why}")
            continue
        if progress.finish_now():
            break
        found[trial.number] = (Rescored(trial.number, again.loss, again.rmse), trial.settings)
    return found, faults
