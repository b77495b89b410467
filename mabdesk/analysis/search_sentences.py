"""What a search says of itself: its budget, what went wrong, its verdict."""

from collections.abc import Sequence

from mabdesk.analysis.assembly import units_of
from mabdesk.analysis.quest import Found, Quest
from mabdesk.analysis.searched import Rescored, Trial, in_words
from mabdesk.models.settings import KINDS
from mabdesk.wording import significant

_SHOWN_FAULTS = 3
_COUNTED = (("members", "network"), ("mixing", "mixture"))


def budget_in_words(quest: Quest) -> str:
    """Say how a trial is measured."""
    settings, options = quest.cheap, quest.options
    counts = [(options.epochs, "epoch")]
    counts += [(settings[name], word) for name, word in _COUNTED if name in settings]
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts]
    return (
        f"Every trial: {', '.join(parts)}, {options.folds} folds of {len(quest.dataset.ids)} whole batches. The loss "
        "is the mean squared error of the whole prediction, with all that the network is mixed with, at real samples "
        "of batches held out, in units of each target's variance."
    )


def notes_of_trials(trials: Sequence[Trial], exhausted: bool) -> list[str]:
    """Say what went otherwise than planned: an exhausted space, failed trials and why."""
    notes = []
    if exhausted:
        notes.append(f"All {len(trials)} settings of the space were tried: the search ended there.")
    failed = [trial for trial in trials if trial.loss is None]
    if failed:
        shown = "; ".join(f"trial {t.number}: {t.fault}" for t in failed[:_SHOWN_FAULTS])
        more = f"; and {len(failed) - _SHOWN_FAULTS} more" if len(failed) > _SHOWN_FAULTS else ""
        notes.append(f"{len(failed)} of {len(trials)} trials failed: {shown}{more}")
    return notes


def verdict_of(quest: Quest, found: Found) -> str:
    """Say what the search found, beside the kind's own settings measured in the same way."""
    kind = quest.options.model
    said, count = in_words(kind, found.best), len(found.trials)
    by_number = {one.number: one for one in found.rescored}
    own_number = next((t.number for t in found.trials if t.settings == quest.default), 0)
    own = by_number.get(own_number)
    if not found.rescored or own is None:
        return (
            f"Best of {count} trials: {said}; searched on these batches, and not measured again beside "
            f"{KINDS[kind].label}'s own settings: whether it is better is open."
        )
    unit = units_of(quest.dataset.variables, quest.plan.targets)[0]
    if found.rescored[0].number == own_number:
        return (
            f"{count} trials found nothing better than {KINDS[kind].label}'s own settings: keep those ({said}). "
            f"{_figures(own, unit)}, searched on these batches."
        )
    return (
        f"Best of {count} trials: {said}. {_figures(found.rescored[0], unit)}, where "
        f"{KINDS[kind].label}'s own settings give {_figures(own, unit)}; searched on these batches, so expect less on "
        "new ones."
    )


def _figures(one: Rescored, unit: str) -> str:
    return f"RMSE {significant(one.rmse)} {unit}".rstrip() + f" (loss {significant(one.loss)})"
