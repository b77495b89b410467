"""What the pages that plan share: the planner of the selected process model, the plan at hand, and pinned scenarios."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from mabdesk.analysis.process.planned import ProcessTraining
from mabdesk.data.batch import Floats
from mabdesk.gui.session import Session
from mabdesk.models.process.trained import Planner, ProcessModel

MOST_PINNED = 6
_LEVEL = 0.95


@dataclass(frozen=True)
class Plan:
    """A plan with a name: settings in the order of the model's levers, tags in the order of its tag names."""

    name: str
    settings: tuple[float, ...]
    tags: tuple[str, ...]


class PlanDesk(QObject):
    """Belongs to a session; begins anew with another model. `changed`: the plan at hand, `pinned_changed`: the list."""

    changed = Signal()
    pinned_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.model_id = ""
        self.planner: Planner | None = None
        self.simulated = False
        self.plan = Plan("", (), ())
        self.pinned: tuple[Plan, ...] = ()
        session.opened.connect(self._forget)

    @staticmethod
    def of(session: Session) -> "PlanDesk":
        """Return the session's desk."""
        found = session.findChild(PlanDesk)
        return found if isinstance(found, PlanDesk) else PlanDesk(session)

    @property
    def model(self) -> ProcessModel | None:
        """The model that plans, None where none is selected or it is still being read."""
        return self.planner.model if self.planner is not None else None

    @property
    def level(self) -> float:
        """The share of real samples that bands are meant to hold; one that the model has learned."""
        return level_of(self.model) if self.model is not None else _LEVEL

    def refresh(self) -> None:
        """Take the session's selected process model."""
        info = self.session.selected("process-model")
        value = self.session.value(info.id) if info is not None else None
        if info is None or not isinstance(value, ProcessTraining):
            self._forget()
        elif info.id != self.model_id:
            self.model_id, self.planner = info.id, Planner(value.model)
            self.simulated = value.model.simulated
            self.plan, self.pinned = usual_plan(value.model), ()
            self.changed.emit()
            self.pinned_changed.emit()

    def set_plan(self, settings: tuple[float, ...], tags: tuple[str, ...]) -> None:
        """Plan something else."""
        if (settings, tags) != (self.plan.settings, self.plan.tags):
            self.plan = Plan("", settings, tags)
            self.changed.emit()

    def reset(self) -> None:
        """Go back to what was usual."""
        if self.model is not None:
            usual = usual_plan(self.model)
            self.set_plan(usual.settings, usual.tags)

    def pin(self) -> str:
        """Keep the plan at hand under a name that is free, and return it."""
        taken = {plan.name for plan in self.pinned}
        name = next(f"Plan {n}" for n in range(1, len(taken) + 2) if f"Plan {n}" not in taken)
        self.pinned = (*self.pinned, Plan(name, self.plan.settings, self.plan.tags))
        self.pinned_changed.emit()
        return name

    def add(self, plans: tuple[Plan, ...]) -> None:
        """Pin plans that were kept before, but for those whose names are taken, as far as there is room."""
        taken = {plan.name for plan in self.pinned}
        self.pinned = (*self.pinned, *(plan for plan in plans if plan.name not in taken))[:MOST_PINNED]
        self.pinned_changed.emit()

    def rename(self, row: int, name: str) -> str:
        """Rename a pinned plan; return why it cannot be called so, "" when it can."""
        wanted = name.strip()
        why = _why_not(wanted, [plan.name for n, plan in enumerate(self.pinned) if n != row])
        if not why:
            changed = Plan(wanted, self.pinned[row].settings, self.pinned[row].tags)
            self.pinned = (*self.pinned[:row], changed, *self.pinned[row + 1 :])
            self.pinned_changed.emit()
        return why

    def remove(self, row: int) -> None:
        """Let go of a pinned plan."""
        self.pinned = (*self.pinned[:row], *self.pinned[row + 1 :])
        self.pinned_changed.emit()

    def _forget(self) -> None:
        if self.model_id or self.pinned:
            self.model_id, self.planner, self.plan, self.pinned = "", None, Plan("", (), ()), ()
            self.changed.emit()
            self.pinned_changed.emit()


def level_of(model: ProcessModel) -> float:
    """Return the level that the model was asked for, where its bands have learned it, else 0.95."""
    asked = float(model.settings.get("level", _LEVEL))
    return asked if np.isclose(model.widths.levels, asked).any() else _LEVEL


def usual_plan(model: ProcessModel) -> Plan:
    """Return what was usual in the batches that a model learned from."""
    return Plan("", model.levers.usual, tuple(values[0] if values else "" for values in model.levers.tag_values))


def arrays_of(plans: tuple[Plan, ...]) -> tuple[Floats, NDArray[np.str_]]:
    """Return settings (n, levers) and tags (n, t)."""
    settings = np.array([plan.settings for plan in plans], dtype=np.float64)
    tags = np.array([plan.tags for plan in plans], dtype=np.str_).reshape(len(plans), -1)
    return settings, tags


def text_of(plan: Plan, levers: tuple[str, ...]) -> str:
    """Write a plan as the step "what-if" takes it: NAME: setpoint=value, setpoint=value."""
    values = ", ".join(f"{name}={value:.10g}" for name, value in zip(levers, plan.settings, strict=True))
    return f"{plan.name}: {values}"


def tag_texts(plan: Plan, names: tuple[str, ...]) -> tuple[str, ...]:
    """Write a plan's tags as the step "what-if" takes them: NAME=VALUE."""
    told: Mapping[str, str] = dict(zip(names, plan.tags, strict=True))
    return tuple(f"{name}={value}" for name, value in told.items() if value)


def _why_not(name: str, others: list[str]) -> str:
    if not name:
        return "A plan needs a name."
    if any(sign in name for sign in ":,="):
        return f'Received "{name}": a name may hold no colon, comma or equals sign.'
    return f"There is another plan called {name}." if name in others else ""
