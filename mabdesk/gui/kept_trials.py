"""The trials that are kept of a search that did not come to its end: read off the window's thread, and told of."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QObject, Signal

from mabdesk.gui import errands
from mabdesk.gui.selection import parents_of
from mabdesk.gui.session import Session
from mabdesk.gui.views import search
from mabdesk.steps import STEPS


class KeptTrials(QObject):
    """`ask` for the trials that a search with these settings would go on from; `known` tells of them."""

    known = Signal(object)  # tuple of Trial

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._key: tuple[object, ...] = ()

    def forget(self) -> None:
        """Read again when next asked: there may be more now."""
        self._key = ()

    def ask(self, values: Mapping[str, Any], seed: int) -> None:
        """Read them, unless they were read for the same settings and parents."""
        project, parents = self.session.project, parents_of(STEPS["search"], self.session.selection)
        key = (project, tuple(parents.items()), repr(values), seed)
        if project is None or key == self._key:
            return
        self._key = key
        self.session.aside(
            functools.partial(errands.kept_trials, project, values, seed, parents),
            functools.partial(self._tell, key),
        )

    def _tell(self, key: tuple[object, ...], kept: Sequence[Mapping[str, Any]]) -> None:
        if key == self._key:  # nothing else was asked for meanwhile
            self.known.emit(tuple(search.trial_of(one) for one in kept if search.is_of_search(one)))
