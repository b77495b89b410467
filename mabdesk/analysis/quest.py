"""What is searched, how, and on which batches; and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mabdesk.analysis.fitting import MakeModel
from mabdesk.analysis.objective import Fold, Measured, cut_folds, measure
from mabdesk.analysis.searched import Rescored, Trial
from mabdesk.analysis.settings import SearchOptions
from mabdesk.data.batch import Dataset
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.splitting import grouped_folds, strata_of
from mabdesk.models.model import SettingsSearch, WindowModel
from mabdesk.models.settings import settings_for
from mabdesk.progress import Progress

Space = Mapping[str, Sequence[Any]]
MakeSearch = Callable[[Space, Mapping[str, Any], int], SettingsSearch]
_MOST_PATIENCE = 1000


@dataclass(frozen=True, eq=False)
class Quest:
    """What is searched, how, and on which data. `kept` are trials of the same search that were finished before.

    A kept trial is a mapping with settings, loss, fault and `outer`: "" or the outer fold that it belongs to.
    """

    dataset: Dataset
    cleaning_plan: CleaningPlan
    plan: WindowPlan
    options: SearchOptions
    space: Space
    seed: int
    make_model: MakeModel
    make_search: MakeSearch
    kept: Sequence[Mapping[str, Any]] = ()

    @property
    def default(self) -> dict[str, Any]:
        """The kind's own settings, as far as they are searched."""
        own = settings_for(self.options.model)
        return {name: own[name] for name in self.space}

    def folds(self, count: int) -> tuple[Fold, ...]:
        """Cut folds of whole batches, once for all trials."""
        ids, strata = self.dataset.ids, strata_of(self.dataset)
        splits = grouped_folds(ids, count, self.seed, strata=strata)
        return cut_folds(self.dataset, self.cleaning_plan, self.plan, splits, self.options.label_stride_h)

    def measured(self, folds: Sequence[Fold], settings: Mapping[str, Any], progress: Progress) -> Measured:
        """Measure settings; learning curves of trials go to nobody."""
        silent = replace(progress, listen_partial=lambda _kind, _value: None)
        return measure(folds, lambda: self._model(settings), self.seed, silent)

    @property
    def cheap(self) -> dict[str, Any]:
        """The settings that every trial has beside those that are searched: one fixed, cheap budget."""
        epochs = self.options.epochs
        whole = settings_for(self.options.model, epochs=epochs)
        fewer = {"members": 2, "mixing": 1, "warm_up": min(1, epochs - 1)}
        fewer |= {"patience": min(epochs, _MOST_PATIENCE)}  # as many as epochs: nothing stops early
        return whole | {name: value for name, value in fewer.items() if name in whole}

    def _model(self, settings: Mapping[str, Any]) -> WindowModel:
        return self.make_model(self.options.model, settings, self.plan)


@dataclass(frozen=True, eq=False)
class Found:
    """What trials gave, and the best of them measured again: `best` are the settings that won."""

    trials: tuple[Trial, ...]
    rescored: tuple[Rescored, ...]
    best: Mapping[str, Any]
    exhausted: bool
    early: bool
    notes: tuple[str, ...]
