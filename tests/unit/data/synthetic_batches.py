"""Small made-up batches for the tests of cleaning and windows."""

from dataclasses import replace

import numpy as np

from mabdesk.data.batch import EMPTY, Batch, Dataset, Measurements, Variable

VARIABLES = (
    Variable("temperature", "°C", "online", 10, 45),
    Variable("ph", "pH", "online", 5, 9),
    Variable("dissolved_oxygen", "%", "online", 0, 250),
    Variable("vcd", "1e6/mL", "offline", 0, 250),
    Variable("glucose", "g/L", "offline", 0, 60),
    Variable("titer", "g/L", "target", 0, 30),
    Variable("aggregates", "%", "quality", 0, 60),
    Variable("temperature", "°C", "setpoint"),
)
ONLINE = ("temperature", "ph", "dissolved_oxygen")
OFFLINE = ("vcd", "glucose", "titer", "aggregates")


def online_values(hours, noise, shift_h=120.0):
    """Temperature shifts by 2.3 °C within about an hour; the rest is noise around a setpoint."""
    temperature = 36.8 - np.where(hours > shift_h, 2.3 * (1 - np.exp(-(hours - shift_h))), 0.0)
    values = np.stack([temperature, np.full(len(hours), 7.0), np.full(len(hours), 40.0)], axis=1)
    return values + noise.normal(0, [0.05, 0.01, 2.0], values.shape)


def batch(name, seed, days=8, gaps=True):
    noise = np.random.default_rng(seed)
    hours = np.arange(0, 24 * days + 0.01, 0.25)
    online = online_values(hours, noise)
    if gaps:
        online[noise.random(online.shape) < 0.02] = np.nan
    sampled = np.arange(0, 24 * days + 1.0, 24) + np.append(0.0, np.round(noise.uniform(-0.6, 0.6, days), 2))
    sampled[-1] = min(sampled[-1], hours[-1])
    growth = noise.uniform(0.9, 1.1)
    vcd = growth * 0.5 * np.exp(0.03 * sampled) / (1 + 0.03 * np.exp(0.03 * sampled))
    vcd *= noise.lognormal(0, 0.05, len(sampled))
    titer = np.cumsum(vcd) * 0.03
    offline = np.stack([vcd, 5 + noise.normal(0, 0.3, len(sampled)), titer, 1 + sampled / 100], axis=1)
    tags = {"cell_line": "AB"[seed % 2]}
    return Batch(
        name, Measurements(ONLINE, hours, online), Measurements(OFFLINE, sampled, offline), (), {"ph": 7.0}, tags
    )


def data(count=12, days=8, gaps=True):
    return Dataset(VARIABLES, tuple(batch(f"B{i:02d}", i, days, gaps) for i in range(count)))


def changed(table, name, rows, values):
    """Return the table with some values of one column replaced."""
    new = table.values.copy()
    new[rows, table.names.index(name)] = values
    return Measurements(table.names, table.hours, new)


def with_online(dataset, name, variable, rows, values):
    return swapped(dataset, name, lambda b: replace(b, online=changed(b.online, variable, rows, values)))


def with_offline(dataset, name, variable, rows, values):
    return swapped(dataset, name, lambda b: replace(b, offline=changed(b.offline, variable, rows, values)))


def swapped(dataset, name, change):
    """Return the data with one batch changed."""
    batches = tuple(change(b) if b.id == name else b for b in dataset.batches)
    return Dataset(dataset.variables, batches, dataset.sources)


def without_online(one):
    return replace(one, online=EMPTY)
