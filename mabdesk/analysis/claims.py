"""What a random split of windows would have claimed: a leak, shown beside the truth of whole batches."""

from collections.abc import Sequence

import numpy as np

from mabdesk.analysis import metrics
from mabdesk.analysis.fitting import MakeModel, SettingsByKind, parts_of
from mabdesk.analysis.results import Claim
from mabdesk.analysis.tolerant import Tolerant
from mabdesk.data.batch import Dataset, Windows
from mabdesk.data.cleaning import fit_cleaning
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import training_windows
from mabdesk.models.model import FINISHED_EARLY
from mabdesk.models.settings import KINDS
from mabdesk.progress import Progress

LEAK_NOTE = (
    "What a random split of windows would have claimed is a leak: windows of one batch overlap and share its course, "
    "so that models are tested on what they learned from. Trust the scores on whole batches. "
    "Both count real samples, but not the same ones."
)
_VALIDATION = 0.15
Found = tuple[tuple[Claim, ...], tuple[str, ...]]


def window_claims(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    plan: WindowPlan,
    kinds: Sequence[str],
    settings: SettingsByKind,
    seed: int,
    make_model: MakeModel,
    label_stride_h: float,
    share: float,
    progress: Progress,
) -> Found:
    """Fit every model on windows drawn at random from all batches, and score it on the others' real samples.

    `share` of the windows is held out. The second of what is returned are notes; a model that fails there makes one,
    and models that were not reached when the end was asked for have no claim.
    """
    if progress.finish_now():
        return (), (_cut_short(0, len(kinds)),)
    windows = _all_windows(dataset, cleaning_plan, plan, label_stride_h)
    places = np.random.default_rng(seed).permutation(len(windows))
    tested, checked = round(share * len(windows)), round(_VALIDATION * (1 - share) * len(windows))
    held_out = windows.take(np.sort(places[:tested]))
    held_out = held_out.take(held_out.measured)
    checking = windows.take(np.sort(places[tested : tested + checked]))
    training = windows.take(np.sort(places[tested + checked :]))
    claims: list[Claim] = []
    notes: list[str] = []
    for reached, (kind, part) in enumerate(zip(kinds, parts_of(progress, kinds), strict=True)):
        model = Tolerant(make_model, kind, settings.get(kind, {}), plan)
        model.fit(training, checking, seed, part)
        if progress.finish_now():
            notes.append(_cut_short(reached, len(kinds)))
            break  # a network that was cut short would claim too little
        found = _claims(kind, model, held_out)
        claims += found
        if not found:
            why = f": {model.fault.message}" if model.fault else "."
            notes.append(f"{KINDS[kind].label} has no figure for a random split of windows{why}")
    return tuple(claims), (*notes, LEAK_NOTE) if claims else tuple(notes)


def _cut_short(reached: int, asked: int) -> str:
    return f"{FINISHED_EARLY}: a random split of windows was tried with {reached} of {asked} models."


def _all_windows(dataset: Dataset, cleaning_plan: CleaningPlan, plan: WindowPlan, stride_h: float) -> Windows:
    """Cut windows for training from all batches, behind a cleaning that was fitted on all of them: that leaks too."""
    cleaning = fit_cleaning(dataset, cleaning_plan, dataset.ids)
    return training_windows(dataset, plan, cleaning, stride_h)


def _claims(kind: str, model: Tolerant, held_out: Windows) -> list[Claim]:
    predicted, found = model.predict(held_out).mean, []
    for t, target in enumerate(held_out.targets):
        there = np.isfinite(held_out.y[:, t])
        measured, said = held_out.y[there, t], predicted[there, t]
        if there.any() and np.isfinite(said).all():
            found.append(Claim(kind, target, metrics.rmse(measured, said), metrics.r2(measured, said), len(measured)))
    return found
