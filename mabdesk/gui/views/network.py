"""The layers of a network to draw: of a trained model, or of one that the form's settings would train."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mabdesk.data.batch import Dataset
from mabdesk.data.cleaning_apply import FittedCleaning
from mabdesk.data.features import layout
from mabdesk.data.settings import CleaningPlan, WindowPlan
from mabdesk.data.windowing import plan_for
from mabdesk.errors import MabdeskError
from mabdesk.models.layers import Layer, architecture, layers_of, seen
from mabdesk.models.model import TrainedModel
from mabdesk.models.settings import KINDS, settings_for
from mabdesk.options import pick


@dataclass(frozen=True)
class Network:
    """Layers with the names of inputs and outputs, and a sentence; no layers for a model that is no network."""

    layers: tuple[Layer, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    note: str


def of_model(model: TrainedModel) -> Network:
    """Return the network of a trained model."""
    numbers = {key.rpartition("_")[2] for key in model.history}
    trained = [number for number in numbers if number.isdigit()]  # fewer than asked for where it was finished early
    members = {"members": len(trained)} if trained else {}
    return _network(model.kind, {**model.settings, **members}, model.window_plan, model.channels, model.targets, "")


def of_form(dataset: Dataset, values: Mapping[str, Any]) -> Network:
    """Return the network that these settings would train on these data.

    Channels that do not vary are left out in training; what is drawn here still counts them.
    """
    try:
        plan = plan_for(dataset, pick(WindowPlan, values))
        settings = settings_for(values["model"], values["quick"], values["epochs"], values["members"])
    except MabdeskError as error:
        return Network((), (), (), error.message)
    channels = layout(plan, _all_of(dataset, plan)).channels
    note = "Before training: variables that do not vary are left out then."
    return _network(values["model"], settings, plan, channels, plan.targets, note)


def why_not(dataset: Dataset, values: Mapping[str, Any]) -> str:
    """Return why windows cannot be cut as these settings ask, "" when they can."""
    try:
        plan_for(dataset, pick(WindowPlan, values))
    except MabdeskError as error:
        return f"{error.message} {error.hint}".strip()
    return ""


def _network(
    kind: str,
    settings: Mapping[str, Any],
    plan: WindowPlan,
    channels: tuple[str, ...],
    targets: tuple[str, ...],
    note: str,
) -> Network:
    if KINDS[kind].simple:
        return Network((), channels, targets, f"{KINDS[kind].label} is no network: there are no layers to draw.")
    channels = seen(channels, plan.inputs, bool(settings.get("knowledge", True)))
    steps = max(round(plan.length_h / plan.step_h), 1)
    layers = layers_of(architecture(settings, steps, len(channels), len(targets)))
    members = int(settings.get("members", 1))
    said = f"{members} such networks are averaged." if members > 1 else ""
    return Network(layers, channels, targets, " ".join(filter(None, (said, note))))


def _all_of(dataset: Dataset, plan: WindowPlan) -> FittedCleaning:
    """Stand in for the cleaning that training fits: every measured variable is used."""
    offline = tuple(n for n in dataset.names("offline", "target", "quality") if n in plan.inputs)
    online = tuple(name for name in dataset.names("online") if name in plan.inputs)
    levels = {tag: _shared(dataset, tag) for tag in plan.tags}
    tags = {tag: found for tag, found in levels.items() if found}
    return FittedCleaning(
        CleaningPlan(), online, offline, (), {}, (offline,) if offline else (), (), 1.0, 0.0, {}, tags
    )


def _shared(dataset: Dataset, tag: str) -> tuple[str, ...]:
    values = [batch.tags[tag] for batch in dataset.batches if tag in batch.tags]
    return tuple(sorted({value for value in values if values.count(value) > 1}))
