"""Models side by side: in every fold all is fitted on its training batches, then its test batches count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mabdesk.analysis.assembly import evaluation_of, notes_of_models, only_models, together
from mabdesk.analysis.claims import window_claims
from mabdesk.analysis.fitting import Fitted, MakeModel, SettingsByKind, band_notes, fit_models, measure
from mabdesk.analysis.noticed import notes_on
from mabdesk.analysis.results import Claim, Courses, Evaluation, Samples
from mabdesk.analysis.searched import Search
from mabdesk.analysis.tolerant import Fault, Tolerant
from mabdesk.data.batch import Dataset, Split
from mabdesk.data.settings import CleaningPlan, PhaseRule, WindowPlan
from mabdesk.data.splitting import listed
from mabdesk.data.windowing import plan_for
from mabdesk.errors import DataError, TrainingError
from mabdesk.models.model import FINISHED_EARLY, WindowModel
from mabdesk.models.settings import KINDS
from mabdesk.progress import SILENT, Progress


@dataclass(frozen=True, eq=False)
class Extras:
    """What a comparison tells beyond scores, and on what folds it stands.

    `fold_names` says what each fold leaves out (empty for folds of batches), `notes` what was noticed in making them;
    `window_split` also asks what a random split of windows would have claimed; `search` is the one whose settings are
    used, `search_name` what it is called.
    """

    level: float = 0.95
    phase_rule: PhaseRule | None = None
    folds_by: str = "batch"
    fold_names: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    window_split: bool = False
    search: Search | None = None
    search_name: str = "a search"


def cross_validate(
    dataset: Dataset,
    cleaning_plan: CleaningPlan,
    window_plan: WindowPlan,
    folds: Sequence[Split],
    kinds: Sequence[str],
    settings: SettingsByKind,
    seed: int,
    make_model: MakeModel,
    label_stride_h: float = 12.0,
    progress: Progress = SILENT,
    extras: Extras | None = None,
) -> Evaluation:
    """Measure models side by side: in every fold all is fitted on its training batches, then its test batches count.

    A model that fails in one fold is dropped, and a fold that cannot be measured is left out; notes say so.

    Raises:
        DataError: the batches do not hold what a model needs.
        TrainingError: no finite model came out of any kind.
    """
    extras = extras or Extras()
    used = dataset.only([name for fold in folds for name in (*fold.train, *fold.validation, *fold.test)])
    plan = plan_for(used, window_plan)
    bench = _Bench(used, cleaning_plan, plan, kinds, settings, seed, make_model, label_stride_h, extras.level)
    share = len(folds) / (len(folds) + extras.window_split)
    reached = bench.measure(folds, extras.fold_names, progress.part(0.0, share))
    claims, said = bench.claims(1 / len(folds), progress.part(share, 1.0)) if extras.window_split else ((), ())
    notes = [*extras.notes, *notes_on(used, plan), *bench.notes, *bench.without_band(), *said]
    if reached < len(folds):
        notes.append(f"{FINISHED_EARLY}: {len(bench.parts)} of {len(folds)} folds were measured.")
    samples, courses = bench.joined()
    notes += _on_others(extras, samples)
    return evaluation_of(
        plan, used, len(bench.parts), bench.kinds, samples, courses, seed, tuple(notes), extras.level,
        phase_rule=extras.phase_rule, folds_by=extras.folds_by, fold_names=tuple(bench.measured) if extras.fold_names
        else (), claims=claims, searched_on=_searched_on(extras, used, bench.kinds),
    )  # fmt: skip


class _Bench:
    """Collects what the folds give; `kinds` are the models that no fold made fail."""

    def __init__(
        self,
        dataset: Dataset,
        cleaning_plan: CleaningPlan,
        plan: WindowPlan,
        kinds: Sequence[str],
        settings: SettingsByKind,
        seed: int,
        make_model: MakeModel,
        label_stride_h: float,
        level: float,
    ) -> None:
        self.dataset, self.cleaning_plan, self.plan = dataset, cleaning_plan, plan
        self.kinds, self.settings, self.seed, self.make_model = tuple(dict.fromkeys(kinds)), settings, seed, make_model
        self.label_stride_h, self.level = label_stride_h, level
        self.parts: list[tuple[tuple[str, ...], Samples, Courses]] = []
        self.measured: list[str] = []  # names of the folds in `parts`
        self.notes: list[str] = []
        self._without_band: dict[str, tuple[str, str]] = {}  # the first fold and why, by model
        self._folds_without: Counter[str] = Counter()  # by model

    def measure(self, folds: Sequence[Split], names: Sequence[str], progress: Progress) -> int:
        """Measure fold after fold; return how many were reached before the end was asked for."""
        first: Fault | None = None
        for number, fold in enumerate(folds):
            if self.parts and progress.finish_now():
                return number
            name = names[number] if names else f"fold {number + 1}"
            told = f"{name} of {len(folds)}" if not names else f"without {name}"
            try:
                whole = self._fold(fold, name, progress.part(number / len(folds), (number + 1) / len(folds), told))
            except (DataError, TrainingError) as error:
                if isinstance(error, TrainingError) and not self.parts:
                    raise
                first = first or error
                self.notes.append(f"{_begun(name)} was not measured. {error.message}")
                continue
            if not whole:
                return number
        if not self.parts and first is not None:
            raise first
        return len(folds)

    def claims(self, share: float, progress: Progress) -> tuple[tuple[Claim, ...], tuple[str, ...]]:
        """Return what a random split of windows, `share` held out, would have claimed, with notes."""
        return window_claims(
            self.dataset, self.cleaning_plan, self.plan, self.kinds, self.settings, self.seed, self.make_model,
            self.label_stride_h, share, progress.part(0.0, 1.0, "random windows"),
        )  # fmt: skip

    def without_band(self) -> list[str]:
        """Say which models lack bands, those with one reason together."""
        left = {KINDS[kind].label for kind in self.kinds}
        reasons = {label: (*why, self._folds_without[label]) for label, why in self._without_band.items()}
        return [
            f"{', '.join(label for label in reasons if reasons[label] == reason and label in left)} {_where(*reason)}"
            for reason in dict.fromkeys(reasons[label] for label in reasons if label in left)
        ]

    def joined(self) -> tuple[Samples, Courses]:
        """Return all folds together, with the models that are left."""
        places = [[kinds.index(kind) for kind in self.kinds] for kinds, _, _ in self.parts]
        samples = [only_models(part[1], kept) for part, kept in zip(self.parts, places, strict=True)]
        courses = [only_models(part[2], kept) for part, kept in zip(self.parts, places, strict=True)]
        return together(samples), together(courses)

    def _fold(self, fold: Split, name: str, progress: Progress) -> bool:
        """Fit and measure one fold; False where it was cut short, which would count against the networks."""
        _refuse_unmeasured(self.dataset.only(fold.test), self.plan)
        fitted = fit_models(
            self.dataset, self.cleaning_plan, self.plan, fold.train, fold.validation, self.kinds, self.settings,
            self.seed, self._tolerant, self.label_stride_h, progress,
        )  # fmt: skip
        if self.parts and progress.finish_now():
            return False
        samples, courses = measure(fitted, self.dataset, fold.test, len(self.parts), level=self.level)
        if not np.isfinite(samples.measured).any():
            raise DataError(f"No sample of {', '.join(self.plan.targets)} in its test batches has a window before it.")
        kinds = self.kinds
        self._drop(fitted.models, samples, name)
        self.parts.append((kinds, samples, courses))
        self.measured.append(name)
        self.notes += notes_of_models(fitted, f"{_begun(name)}, ")
        self._note_bands(fitted, name)
        return True

    def _tolerant(self, kind: str, settings: Mapping[str, Any], plan: WindowPlan) -> WindowModel:
        return Tolerant(self.make_model, kind, settings, plan)

    def _drop(self, models: Sequence[WindowModel], samples: Samples, name: str) -> None:
        """Go on without the models that failed; where all did, the first one's error is the fold's."""
        faults = {}
        for place, model in enumerate(models):
            fault = model.fault if isinstance(model, Tolerant) else None
            if fault is None and not np.isfinite(samples.predicted[place]).all():
                fault = TrainingError("It predicted what is no finite number.", "Look for extreme values in the data.")
            if fault is not None:
                faults[self.kinds[place]] = fault
        if len(faults) == len(self.kinds):
            raise next(iter(faults.values()))
        self.notes += [f"{KINDS[k].label} was dropped: it failed in {name}. {f.message}" for k, f in faults.items()]
        self.kinds = tuple(kind for kind in self.kinds if kind not in faults)

    def _note_bands(self, fitted: Fitted, name: str) -> None:
        """Remember why models have no band in a fold."""
        for note in band_notes(fitted, self.level):
            label, _, sentence = note.partition(": ")
            self._without_band.setdefault(label, (name, sentence))
            self._folds_without[label] += 1


def _where(first: str, sentence: str, folds: int) -> str:
    """Say in which folds there is no band; the sentence is the first one's."""
    more = "" if folds == 1 else f" and {folds - 1} more fold{'s' if folds > 2 else ''}"
    return f"({first}{more}): {sentence}"


def _on_others(extras: Extras, samples: Samples) -> list[str]:
    """Say what bands are worth on a line or scale that none of the batches behind them had."""
    if not extras.fold_names or samples.low is None or not np.isfinite(samples.low).any():
        return []
    word = extras.folds_by.replace("_", " ")
    limits = f"on a {word} left out they may hold less than {100 * extras.level:g} %: what they held is measured."
    return [f"Bands stand on batches of other {word}s, so that {limits}"]


def _refuse_unmeasured(test: Dataset, plan: WindowPlan) -> None:
    if not any(len(batch.offline.measured(name)[0]) for batch in test.batches for name in plan.targets):
        raise DataError(
            f"The test batches ({listed(test.ids)}) have no sample of {', '.join(plan.targets)}.",
            "Import samples of them, or leave these batches out.",
        )


def _searched_on(extras: Extras, dataset: Dataset, kinds: Sequence[str]) -> str:
    search = extras.search
    if search is None or search.kind not in kinds:
        return ""
    return extras.search_name if set(search.batch_ids) & set(dataset.ids) else ""


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
