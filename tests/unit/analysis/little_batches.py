"""Batches of a little plant, for the tests of this folder."""

import numpy as np

from mabdesk.data.batch import Batch, Measurements, Variable

VARIABLES = (
    Variable("temperature", "°C", "online", 20, 45, "Temperature"),
    Variable("ph", "1", "online", 6, 8, "pH"),
    Variable("vcd", "1e6 cells/mL", "offline", 0, 100, "VCD"),
    Variable("glucose", "g/L", "offline", 0, 50, "Glucose"),
    Variable("titer", "g/L", "target", 0, 50, "Titer"),
    Variable("aggregates", "%", "quality", 0, 100, "Aggregates"),
)


def batch(number: int, days: int = 8, scale: float = 1.0) -> Batch:
    """Titer is the integral of VCD times a productivity that the temperature sets."""
    rng = np.random.default_rng(number)
    level = rng.normal(36.5, 0.6)
    online_hours = np.arange(0, 24.0 * days + 0.5)
    sensors = np.stack([level + rng.normal(0, 0.05, len(online_hours)), rng.normal(7, 0.02, len(online_hours))], axis=1)
    hours = 24.0 * np.arange(days + 1)
    vcd = (0.5 + 12 / (1 + np.exp(-(hours - 90) / 25))) * rng.normal(1, 0.04, days + 1)
    ivcd = np.concatenate([[0], np.cumsum((vcd[1:] + vcd[:-1]) / 2)])
    titer = scale * ivcd * (0.03 + 0.006 * (36.5 - level)) * rng.normal(1, 0.02, days + 1)
    aggregates = 1 + 0.2 * (level - 36.5) + 0.005 * hours + rng.normal(0, 0.02, days + 1)
    offline = np.stack([vcd, 6 - 0.01 * hours, titer, aggregates], axis=1)
    return Batch(
        f"B{number:02d}",
        Measurements(("temperature", "ph"), online_hours, sensors),
        Measurements(("vcd", "glucose", "titer", "aggregates"), hours, offline),
    )
