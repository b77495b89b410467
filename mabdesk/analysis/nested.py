"""Outer folds with a search inside each: what searched settings are worth on batches that no trial saw."""

from dataclasses import replace

from mabdesk.analysis import searching
from mabdesk.analysis.assembly import evaluation_of, notes_of_models, together
from mabdesk.analysis.fitting import fit_models, measure
from mabdesk.analysis.quest import Quest
from mabdesk.analysis.results import Courses, Evaluation, Samples
from mabdesk.analysis.searched import Search, in_words
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.splitting import grouped_folds, strata_of
from mabdesk.errors import TrainingError
from mabdesk.models.model import FINISHED_EARLY
from mabdesk.models.settings import settings_for
from mabdesk.progress import Progress

RIVALS = ("ridge", "ridge_svr", "gaussian_process", "gp_svr")
_SEARCH_SHARE = 0.9  # of a fold's progress; the fit of its winner takes the rest
Part = tuple[Samples, Courses]


def search(quest: Quest, whole: Dataset, progress: Progress) -> Search:
    """Search on the quest's batches, and where outer folds are asked for, anew inside folds of the `whole` dataset.

    Raises:
        DataError: the batches do not hold what a model needs, or are too few for so many folds.
        TrainingError: no trial gave a finite loss.
    """
    edge = 1 / (1 + quest.options.outer_folds)
    found = searching.search(quest, progress.part(0.0, edge))
    if not quest.options.outer_folds:
        return found
    outer = nested_search(replace(quest, dataset=whole), progress.part(edge, 1.0))
    if outer is None:
        return replace(found, notes=(f"{FINISHED_EARLY}: no outer fold was measured.", *found.notes))
    cut = [note for note in outer.notes if note.startswith(FINISHED_EARLY)]
    return replace(found, nested=outer, verdict=f"{found.verdict} {outer.verdict}", notes=(*cut, *found.notes))


def nested_search(quest: Quest, progress: Progress) -> Evaluation | None:
    """Search anew inside each outer fold's training batches, and measure its winner on the fold's test batches.

    None where the end was asked for before the first fold was done.

    Raises:
        DataError: the batches do not hold what a model needs, or are too few for so many folds.
        TrainingError: no trial gave a finite loss.
    """
    dataset, kind, count = quest.dataset, quest.options.model, quest.options.outer_folds
    splits = grouped_folds(dataset.ids, count, quest.seed, strata=strata_of(dataset))
    parts: list[Part] = []
    notes: list[str] = []
    for number, split in enumerate(splits):
        name = f"outer fold {number + 1} of {count}"
        part = progress.part(number / count, (number + 1) / count, name)
        measured, said = _unless_finished(quest, split, number, part)
        if measured is None:
            notes.append(f"{FINISHED_EARLY}: {len(parts)} of {count} outer folds were measured.")
            break
        parts.append(measured)
        notes += said
    if not parts:
        return None
    kinds = (kind, *RIVALS)
    samples, courses = together([part[0] for part in parts]), together([part[1] for part in parts])
    found = evaluation_of(quest.plan, dataset, len(parts), kinds, samples, courses, quest.seed, tuple(notes))
    return replace(found, verdict=f"Searched anew inside each of {len(parts)} outer folds: {found.verdict}")


def _unless_finished(quest: Quest, split: Split, number: int, progress: Progress) -> tuple[Part | None, list[str]]:
    """Measure one fold; where the end was asked for, a fold that was cut short counts for nothing."""
    if progress.finish_now():
        return None, []
    try:
        part, said = _fold(quest, split, number, progress)
    except TrainingError:
        if not progress.finish_now():
            raise
        return None, []
    return (None, []) if progress.finish_now() else (part, said)


def _fold(quest: Quest, split: Split, number: int, progress: Progress) -> tuple[Part, list[str]]:
    kind, options = quest.options.model, quest.options
    inside = replace(quest, dataset=quest.dataset.only([*split.train, *split.validation]))
    found = searching.find(inside, outer_name(number, options.outer_folds), progress.part(0.0, _SEARCH_SHARE))
    settings = {kind: {**settings_for(kind), **found.best}}
    fitted = fit_models(
        quest.dataset, quest.cleaning_plan, quest.plan, split.train, split.validation, (kind, *RIVALS), settings,
        quest.seed, quest.make_model, options.label_stride_h, progress.part(_SEARCH_SHARE, 1.0),
    )  # fmt: skip
    said = [f"Outer fold {number + 1}: {in_words(kind, found.best)}."]
    said += notes_of_models(fitted, f"Outer fold {number + 1}, ")
    return measure(fitted, quest.dataset, split.test, number), said


def outer_name(number: int, count: int) -> str:
    """Return what the trials of an outer fold are kept under."""
    return f"{number + 1} of {count}"
