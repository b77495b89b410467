"""A new cell line or scale with few batches of its own: which way leads to a model? Sees only the protocols.

A draw takes some batches of the new group as the local ones; all ways are measured on the same others, which none of
them learned from. Over the draws every batch of the group is tested, as far as they suffice. What a way may see, and
nothing else, its cleaning and scaling are fitted on, anew for every draw.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mabdesk.analysis.assembly import units_of
from mabdesk.analysis.fitting import Fitted, MakeModel, SettingsByKind, fit_models, typical_course
from mabdesk.analysis.results import Courses, Samples
from mabdesk.analysis.settings import TransferOptions
from mabdesk.analysis.transfer_batches import TransferBatches, TransferDraw, transfer_batches
from mabdesk.analysis.transfer_gains import LABELS, SOURCE, Draw, advice_of, gains_of, scores_of, verdict_of
from mabdesk.analysis.transferred import SIMPLE_LOCAL, WORDS, Transfer
from mabdesk.data.batch import Dataset, Floats, Windows, join
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import drawing_windows, plan_for, sample_windows, training_windows
from mabdesk.errors import DataError, TrainingError
from mabdesk.models.model import FINISHED_EARLY, WindowModel
from mabdesk.models.settings import settings_for
from mabdesk.progress import SILENT, Progress

Adapt = Callable[[WindowModel, Windows, int, Progress], WindowModel]
VALIDATION_SHARE, LEAST_VALIDATED = 0.15, 7
"""Share of the source batches, or of so many local ones and more, that early stopping may look at."""

NETWORKS = 2  # averaged in one model: a study trains some twenty models on all batches
_SOURCE_SHARE = 0.1  # of the progress bar
# Of a draw's part of the bar, as these take: next to nothing, all batches twice, a few steps, next to nothing.
_PARTS = {"local": 0.1, "pooled": 0.4, "pooled_static": 0.4, "fine_tuned": 0.07, **dict.fromkeys(SIMPLE_LOCAL, 0.01)}


@dataclass(frozen=True, eq=False)
class _Study:
    """What all ways share. `plan` shows no model which group a batch is of, `told` does."""

    dataset: Dataset
    cleaning: CleaningPlan
    plan: WindowPlan
    told: WindowPlan
    kind: str
    settings: SettingsByKind
    label_stride_h: float
    seed: int
    make_model: MakeModel
    adapt: Adapt
    batches: TransferBatches

    def fitted(
        self, plan: WindowPlan, kind: str, local: Sequence[str], source: Sequence[str], progress: Progress
    ) -> Fitted:
        """Fit cleaning and one model on these batches."""
        apart = validation_of(source or local)
        train = [name for name in (*source, *local) if name not in apart]
        return fit_models(
            self.dataset, self.cleaning, plan, train, apart, (kind,), self.settings, self.seed, self.make_model,
            self.label_stride_h, progress, calibrating=False,
        )  # fmt: skip

    def adapted(self, source: Fitted, local: Sequence[str], progress: Progress) -> Fitted:
        """Adapt the source's model to the local batches; cleaning and scaling stay the source's."""
        model = self.adapt(source.models[0], self.learned_from(source, local), self.seed, progress)
        return replace(source, models=(model,))

    def learned_from(self, fitted: Fitted, ids: Sequence[str]) -> Windows:
        """Return the windows of these batches that a model learns from."""
        return training_windows(self.dataset.only(ids), fitted.plan, fitted.cleaning, self.label_stride_h)


def study_transfer(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    window_plan: WindowPlan,
    options: TransferOptions,
    seed: int,
    make_model: MakeModel,
    adapt: Adapt,
    progress: Progress = SILENT,
) -> Transfer:
    """Measure the ways to a model of a new line or scale, over numbers of local batches and draws of them.

    Of the plan, the tags are changed as the ways ask for it. `make_model` gives an untrained model of a kind, `adapt`
    a trained one fine-tuned to training windows of local batches (cut behind the source's cleaning).

    Raises:
        OptionsError: numbers of local batches that are none, or a group that is not there.
        DataError: one group only, or too few batches.
        TrainingError: the source gave no finite model.
    """
    plan = plan_for(dataset, window_plan)
    batches = transfer_batches(dataset, plan, options.by, options.group, options.sizes)
    others = tuple(name for name in plan.tags if name != batches.tag)
    settings = {options.model: settings_for(options.model, options.quick, members=NETWORKS)}
    study = _Study(
        dataset, cleaning_plan, replace(plan, tags=others), replace(plan, tags=(*others, batches.tag)), options.model,
        settings, options.label_stride_h, seed, make_model, adapt, batches,
    )  # fmt: skip
    source = study.fitted(study.plan, study.kind, (), batches.source, progress.part(0.0, _SOURCE_SHARE, "source"))
    cut = progress.finish_now()
    draws, notes = _all_draws(study, source, options.repeats, progress.part(_SOURCE_SHARE, 1.0))
    if cut:
        notes = (f"{FINISHED_EARLY}: the training on the source was cut short.", *notes)
    return _told(study, draws, (*batches.notes, *notes))


def validation_of(ids: Sequence[str]) -> tuple[str, ...]:
    """Return the batches that early stopping may look at: every seventh or so, none of a few."""
    if len(ids) < LEAST_VALIDATED:
        return ()
    every = round(1 / VALIDATION_SHARE)
    return tuple(ids)[every // 2 :: every]


def _all_draws(
    study: _Study, source: Fitted, repeats: int, progress: Progress
) -> tuple[tuple[Draw, ...], tuple[str, ...]]:
    """Study every draw; finished early, those that were whole by then (one at least)."""
    sizes = study.batches.sizes
    drawn = {size: study.batches.draws(size, repeats, study.seed) for size in sizes}
    # All sizes of one draw before the next draw, so that finishing early leaves whole learning curves.
    asked = [(n, size) for n in range(repeats) for size in sizes if n < len(drawn[size])]
    found = [_as_it_is(study, source)]
    notes: list[str] = [
        f"{size} local batches: {len(drawn[size])} of {repeats} draws, for there are no others."
        for size in sizes
        if len(drawn[size]) < repeats
    ]
    for number, (n, size) in enumerate(asked):
        part = progress.part(number / len(asked), (number + 1) / len(asked), f"{size} local batches, draw {n + 1}")
        draw, said = _one_draw(study, source, drawn[size][n], part)
        if progress.finish_now() and number + 1 < len(asked):
            if number:  # networks cut short in this draw would count against their way
                return tuple(found), (*notes, f"{FINISHED_EARLY}: {number} of {len(asked)} draws were studied.")
            return (*found, draw), (*notes, *said, f"{FINISHED_EARLY}: one of {len(asked)} draws was studied.")
        found.append(draw)
        notes += said
    return tuple(found), tuple(notes)


def _as_it_is(study: _Study, source: Fitted) -> Draw:
    return _measured(study, study.batches.mine, 0, {SOURCE: source}, source.training)


def _one_draw(study: _Study, source: Fitted, drawn: TransferDraw, progress: Progress) -> tuple[Draw, list[str]]:
    """Go every way with these local batches; one that cannot be gone is told, and left out."""
    local, ways = drawn.local, _ways(study, source, drawn.local)
    fitted: dict[str, Fitted] = {}
    notes, start = [], 0.0
    for method, way in ways.items():
        part = progress.part(start, start + _PARTS[method], LABELS[method].lower())
        start += _PARTS[method]
        try:
            fitted[method] = way(part)
        except (DataError, TrainingError) as error:
            notes.append(f"{LABELS[method]}, {len(local)} local batches ({', '.join(local)}): {error.message}")
            if len(notes) == len(ways):
                raise
    known = join(source.training, study.learned_from(source, local))
    return _measured(study, drawn.test, len(local), fitted, known), notes


def _ways(study: _Study, source: Fitted, local: tuple[str, ...]) -> dict[str, Callable[[Progress], Fitted]]:
    pooled = study.batches.source

    def simple(kind: str) -> Callable[[Progress], Fitted]:
        return lambda part: study.fitted(study.plan, kind, local, (), part)

    return {
        "local": lambda part: study.fitted(study.plan, study.kind, local, (), part),
        "pooled": lambda part: study.fitted(study.plan, study.kind, local, pooled, part),
        "pooled_static": lambda part: study.fitted(study.told, study.kind, local, pooled, part),
        "fine_tuned": lambda part: study.adapted(source, local, part),
        **{method: simple(kind) for method, kind in SIMPLE_LOCAL.items()},
    }


def _measured(study: _Study, ids: tuple[str, ...], size: int, fitted: dict[str, Fitted], known: Windows) -> Draw:
    """Predict the test batches by each way; `known` windows tell the typical course, the same for all ways."""
    test = study.dataset.only(ids)
    ways = [(one.models[0], one.plan, one.cleaning) for one in fitted.values()]
    windows = _common([sample_windows(test, plan, cleaning) for _, plan, cleaning in ways])
    drawn = [drawing_windows(test, plan, cleaning) for _, plan, cleaning in ways]
    first = windows[0]
    if not np.isfinite(first.y[:, 0]).any():
        raise DataError(
            f"The test batches ({', '.join(ids)}) have no sample of {first.targets[0]} with a window before it.",
            f"Windows cover {study.plan.length_h:g} h: shorten them, or import longer batches.",
        )
    samples = Samples(
        batch_ids=first.batch_ids,
        hours=first.target_hours,
        known_hours=first.hours,
        measured=first.y,
        typical=typical_course(known, first),
        predicted=_said(ways, windows),
        fold=np.zeros(len(first), dtype=np.int64),
    )
    courses = Courses(drawn[0].batch_ids, drawn[0].target_hours, _said(ways, drawn))
    return Draw(size, tuple(fitted), samples, courses)


def _said(ways: Sequence[tuple[WindowModel, WindowPlan, object]], windows: Sequence[Windows]) -> Floats:
    """Return (ways, n, targets) what each way's model says of its windows."""
    return np.stack([way[0].predict(one).mean for way, one in zip(ways, windows, strict=True)])


def _common(windows: Sequence[Windows]) -> list[Windows]:
    """Keep the samples that every way has a window for: cleaning that excludes a column can move a window's end."""
    keys = [list(zip(one.batch_ids.tolist(), one.target_hours.tolist(), strict=True)) for one in windows]
    shared = set(keys[0]).intersection(*keys[1:])
    masks = [np.array([key in shared for key in mine], dtype=np.bool_) for mine in keys]
    return [one.take(mask) for one, mask in zip(windows, masks, strict=True)]


def _told(study: _Study, draws: Sequence[Draw], notes: tuple[str, ...]) -> Transfer:
    plan, batches = study.plan, study.batches
    units = units_of(study.dataset.variables, plan.targets)
    sizes = tuple(size for size in batches.sizes if any(draw.size == size for draw in draws))
    gains = gains_of(draws, sizes)
    tested = {name for draw in draws if draw.size for name in draw.samples.batch_ids.tolist()}
    scores = scores_of(draws, plan.targets)
    words = f"{WORDS[batches.by]} {batches.group}"
    return Transfer(
        by=batches.by,
        group=batches.group,
        kind=study.kind,
        preset=plan.preset,
        targets=plan.targets,
        units=units,
        sizes=sizes,
        source_batches=len(batches.source),
        test_ids=tuple(sorted(tested)),
        scores=scores,
        gains=gains,
        advice=tuple(advice_of(size, scores, gains, units[0]) for size in sizes),
        verdict=verdict_of(words, sizes, scores, gains),
        notes=notes,
    )
