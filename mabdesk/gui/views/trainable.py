"""What the data offer to training, and why they cannot be trained on."""

from collections.abc import Iterable

from mabdesk.data.batch import Dataset
from mabdesk.data.splitting import LEAST_BATCHES
from mabdesk.gui.views.results import result_name, settings_words
from mabdesk.project.results import ResultInfo

Choices = tuple[tuple[str, str], ...]


def why_not(dataset: Dataset) -> str:
    """Return why no model can be trained on these batches, "" when one can."""
    have = len(dataset.batches)
    if have < LEAST_BATCHES:
        return f"Training needs at least {LEAST_BATCHES} batches; have {have}. Import more batches."
    titers = dataset.names("target")
    if not titers:
        return "No column was read as titer. Name the titer column when importing; training needs it."
    measured = sum(any(len(batch.offline.measured(name)[0]) for name in titers) for batch in dataset.batches)
    if not measured:
        return f"No titer was measured in {have} batches. Import samples of it; training needs them."
    if measured < LEAST_BATCHES:
        return f"Training needs at least {LEAST_BATCHES} batches with a measured titer; have {measured} of {have}."
    return ""


def why_no_folds(batches: int, folds: int) -> str:
    """Return why so many folds cannot be made of so many batches that are not locked away."""
    least = max(folds, 3)
    return f"{folds} folds need at least {least} batches; have {batches}. Use fewer folds." if batches < least else ""


def searches(infos: Iterable[ResultInfo]) -> Choices:
    """Return the searches whose best settings a model can get, the newest first."""
    found = [info for info in infos if info.kind == "search" and not info.archived]
    return tuple(
        (info.id, f"{info.label or result_name(info.id)}: {settings_words(info)}".removesuffix(": "))
        for info in reversed(found)
    )


def offers(dataset: Dataset) -> dict[str, Choices]:
    """Return what the lists of the form can offer: inputs, targets and tags as (value, label with unit)."""
    said = {variable.name: variable.label or variable.name.replace("_", " ") for variable in dataset.variables}
    units = {variable.name: variable.unit for variable in dataset.variables}
    names = {name: _with_unit(said[name], units[name]) for name in said}
    offline = {name for batch in dataset.batches for name in batch.offline.names}
    inputs = dataset.names("online", "offline", "target", "setpoint")
    tags = dict.fromkeys(tag for batch in dataset.batches for tag in batch.tags if tag != "origin")
    return {
        "inputs": tuple((name, names[name]) for name in dict.fromkeys(inputs)),
        "targets": tuple(
            (n, names[n]) for n in dict.fromkeys(dataset.names("target", "quality", "offline")) if n in offline
        ),
        "tags": tuple((tag, tag.replace("_", " ")) for tag in tags),
    }


def _with_unit(label: str, unit: str) -> str:
    return f"{label} ({unit})" if unit not in {"", "-", label} else label
