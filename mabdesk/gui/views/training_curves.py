"""Learning curves, live and stored: which points belong to which curve."""

from collections.abc import Mapping
from typing import Any

Curves = dict[str, list[tuple[float, float]]]
_WORDS = {"loss": "Training batches", "validation_loss": "Validation batches"}


def curves_of(history: Mapping[str, tuple[float, ...]]) -> Curves:
    """Return a model's stored curves by the names that people read: points (epoch, loss)."""
    return {
        _stored_name(name): [(float(epoch), value) for epoch, value in enumerate(values, start=1)]
        for name, values in history.items()
    }


def points_of(partial: Mapping[str, Any]) -> tuple[tuple[str, float, float], ...]:
    """Return the points (curve, epoch, loss) of what a training tells after an epoch."""
    network = _network(str(partial.get("part", "")))
    epoch = float(partial["epoch"])
    return tuple((_name(key, network), epoch, float(partial[key])) for key in partial if key.endswith("loss"))


def _stored_name(key: str) -> str:
    name, _, number = key.rpartition("_")
    return _name(name, f"Network {number}") if number.isdigit() else _name(key, "")


def _name(key: str, network: str) -> str:
    said = _WORDS.get(key, key.replace("_", " "))
    if not network:
        return said
    return network if key == "loss" else f"{network}, {said[:1].lower()}{said[1:]}"


def _network(part: str) -> str:
    """Take "Network 2" from "fold 1 of 5, CNN-LSTM, network 2 of 4"."""
    last = part.rsplit(", ", 1)[-1]
    return last.split(" of ")[0].capitalize() if last.startswith("network ") else ""
