"""Windows of a little plant, for the tests of this folder."""

import numpy as np

from mabdesk.data.batch import Windows

CHANNELS = ("temperature", "ph", "dead", "vcd", "ivcd", "culture_age")


def fake_windows(batches=8, days=10, steps=12, seed=0, targets=("titer", "aggregates"), channels=CHANNELS):
    """Windows of a little plant: titer is IVCD times a productivity that the temperature sets."""
    rng = np.random.default_rng(seed)
    rows = []
    for b in range(batches):
        temperature = rng.normal(36.5, 0.6)
        ages = 24.0 * np.arange(1, days + 1)
        vcd = 0.5 + 12 / (1 + np.exp(-(ages - 100) / 30)) * rng.normal(1, 0.05)
        ivcd = np.cumsum(vcd)
        titer = ivcd * (0.03 + 0.004 * (36.5 - temperature)) * rng.normal(1, 0.02, len(ages))
        for i, age in enumerate(ages):
            x = np.empty((steps, len(channels)), dtype=np.float32)
            values = {"temperature": temperature + rng.normal(0, 0.05, steps), "ph": rng.normal(7, 0.02, steps)}
            values |= {"dead": 1.0, "vcd": vcd[i], "ivcd": ivcd[i], "culture_age": age}
            for c, name in enumerate(channels):
                x[:, c] = values[name]
            last = (titer[i - 1], np.nan) if i else (np.nan, np.nan)
            row = (
                x,
                (titer[i], 1 + 0.01 * age * temperature / 36),
                f"B{b:02d}",
                age,
                last,
                ages[i - 1] if i else np.nan,
            )
            rows.append(row)
    x, y, ids, ages, last, last_hours = (np.array(column) for column in zip(*rows, strict=True))
    x[0, :3, 1] = np.nan
    t = len(targets)
    return Windows(
        channels,
        targets,
        x.astype(np.float32),
        y[:, :t],
        np.ones(len(x), bool),
        ids.astype(np.str_),
        ages,
        ages,
        last[:, :t],
        np.tile(last_hours[:, None], (1, t)),
    )
