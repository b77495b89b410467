"""What is fitted of a site before any network: usual spreads, starting values, how productive its cells are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats
from mabdesk.data.history.plans import INITIAL, STATES, History, Plans
from mabdesk.models.process.rollout import FIXED, Single, sensor_windows

_OBSERVED = len(STATES)
_LEAST_SPREAD = (0.3, 2.0, 0.1, 0.05, 0.1, 0.03, 0.01)  # of STATES: no smaller errors matter
_USUAL_SPREAD = (5.0, 10.0, 1.5, 0.8, 2.0, 0.1, 1.0)  # where a site measures none
_USUAL_START = (0.5, 97.0, 6.0, 0.1, 0.5)  # of INITIAL, where a site measures none
_SOFTPLUS_0 = 0.69
_FEED = ((1.5, 1.2), (0.0, 0.03))  # center and width of glucose and volume fed a day


@dataclass(frozen=True, eq=False)
class Site:
    """Fitted on training batches alone.

    spread        (7,) standard deviations of STATES over all samples; errors are judged in these
    titer_rate    g/L a day by 1e6 cells/mL that the site's cells make, over .69
    start, slope  (5,) usual INITIAL, and its change with the seeding density (centered at `seeding`)
    quality_mean, quality_spread (q,); extra_mean, extra_spread (k,)
    tags          "name=value" of every tag value that training batches share
    """

    spread: Floats
    titer_rate: Floats
    start: Floats
    slope: Floats
    seeding: Floats
    quality_mean: Floats
    quality_spread: Floats
    extra_mean: Floats
    extra_spread: Floats
    tag_names: NDArray[np.str_]
    tag_values: NDArray[np.str_]

    @property
    def tags(self) -> tuple[str, ...]:
        """Return "name=value" for every tag value that was learned."""
        return tuple(self.tag_values.tolist())

    @property
    def state_scale(self) -> Floats:
        """Return (7,) what the states of the rollout are divided by."""
        vcd, _, glucose, lactate, ammonia, _, titer = self.spread
        return np.array([vcd, 0.3 * vcd, glucose, lactate, ammonia, 0.5, titer])

    def tagged(self, tags: NDArray[np.str_]) -> Single:
        """Return (n, number of tags) 1 where a batch has that tag value; all 0 for values never seen."""
        found = np.zeros((len(tags), len(self.tags)), dtype=np.float32)
        for i, name in enumerate(self.tag_names.tolist()[: tags.shape[1]]):
            for j, wanted in enumerate(self.tags):
                if wanted.startswith(f"{name}="):
                    found[:, j] = tags[:, i] == wanted.removeprefix(f"{name}=")
        return found

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}


def restored(arrays: Mapping[str, NDArray[np.generic]]) -> Site:
    """Rebuild what `arrays` gave."""
    found: dict[str, Any] = {field.name: arrays[field.name] for field in fields(Site)}
    return Site(**found)


def fit_site(history: History, tags: tuple[str, ...] | None = None) -> Site:
    """Fit the site on these batches (training batches alone); `tags` as `shared_tags` of all members' batches."""
    samples, recorded = history.samples, history.recorded
    spread = np.array([_spread(samples.column(name), i) for i, name in enumerate(STATES)])
    seeding = history.planned.initial[:, 0]
    start, slope = _starts(recorded.initial, seeding)
    quality = [samples.column(name) for name in history.quality]
    extra = history.planned.extra
    return Site(
        spread=spread,
        titer_rate=np.array(_titer_rate(history)),
        start=start,
        slope=slope,
        seeding=np.array(float(seeding.mean())),
        quality_mean=np.array([np.nanmean(q) for q in quality]),
        quality_spread=np.array([max(float(np.nanstd(q)), 1e-3) for q in quality]),
        extra_mean=extra.mean(axis=0),
        extra_spread=np.maximum(extra.std(axis=0), 1e-9),
        tag_names=np.array(history.tags, dtype=np.str_),
        tag_values=np.array(shared_tags(history) if tags is None else tags, dtype=np.str_),
    )


def _spread(column: Floats, i: int) -> float:
    there = column[np.isfinite(column)]
    return max(float(there.std()), _LEAST_SPREAD[i]) if len(there) > 1 else _USUAL_SPREAD[i]


def _starts(initial: Floats, seeding: Floats) -> tuple[Floats, Floats]:
    """Return usual values at inoculation, and how they move with seeding: dense seeding brings old medium."""
    start, slope = np.array(_USUAL_START), np.zeros(len(INITIAL))
    away = seeding - seeding.mean()
    for j in range(1, len(INITIAL)):
        there = np.isfinite(initial[:, j])
        if there.any():
            start[j] = initial[there, j].mean()
            moved = away[there] - away[there].mean()
            # One more square of the usual spread holds the slope down where batches are few or all seeded alike.
            slope[j] = moved @ (initial[there, j] - start[j]) / (moved @ moved + 0.15**2 + 1e-9)
            start[j] -= slope[j] * away[there].mean()
    return start, slope


def _titer_rate(history: History) -> float:
    """Return mean final titer over mean integrated viable cells, over .69: how productive a site's cells are."""
    titer = history.samples.final("titer")
    rates = []
    for i in np.flatnonzero(np.isfinite(titer)):
        hours, cells = history.samples.hours[i], history.samples.column("vcd")[i]
        there = np.isfinite(hours) & np.isfinite(cells)
        if there.sum() > 1:
            rates.append((titer[i], float(np.trapezoid(cells[there], hours[there] / 24.0))))
    made, cells = np.array(rates).sum(axis=0) if rates else (1.0, 60.0)
    return float(made / max(cells, 1e-6) / _SOFTPLUS_0)


def shared_tags(history: History) -> tuple[str, ...]:
    """Return the tag values that at least two batches have, of tags with more than one value."""
    found = []
    for i, name in enumerate(history.tags):
        values, counts = np.unique(history.planned.tags[:, i], return_counts=True)
        if len(values) > 1:
            found += [f"{name}={value}" for value, count in zip(values, counts, strict=True) if count > 1 and value]
    return tuple(found)


def encode(plans: Plans, sites: Sequence[Site], given: Floats | None = None) -> dict[str, Single]:
    """Return what a rollout takes of n plans (float32), n in front of every array.

    What differs from member to member is (n, members, ...): start, scale, titer_rate, extra. `given` (n, days) is 1
    where the feed was recorded.
    """
    n, days = len(plans), plans.days
    windows3, windows5 = sensor_windows(plans.climate)
    center, width = (np.array(column) for column in zip(*FIXED, strict=True))
    means = np.clip((plans.climate.mean(axis=2) - center) / width, -6, 6)
    feeds = [(fed - c) / w for fed, (c, w) in zip((plans.glucose_feed, plans.volume_feed), _FEED, strict=True)]
    day = np.broadcast_to(np.arange(days) / 14.0, (n, days))
    found = {
        "windows3": windows3[0],
        "windows5": windows5[0],
        "day_means": np.concatenate([means, np.stack([*feeds, day], axis=2)], axis=2),
        "glucose_feed": plans.glucose_feed,
        "volume_feed": plans.volume_feed,
        "given": np.zeros((n, days)) if given is None else given,
        "tagged": sites[0].tagged(plans.tags),
        "start": np.stack([starting(plans.initial, site) for site in sites], axis=1),
        "scale": np.stack([np.broadcast_to(site.state_scale, (n, _OBSERVED)) for site in sites], axis=1),
        "titer_rate": np.stack([np.full(n, float(site.titer_rate)) for site in sites], axis=1),
        "extra": np.stack([(plans.extra - site.extra_mean) / site.extra_spread for site in sites], axis=1),
    }
    return {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in found.items()}


def starting(initial: Floats, site: Site) -> Floats:
    """Return (n, 7) states at inoculation; what is not known is as usual at this seeding density."""
    usual = site.start + site.slope * (initial[:, :1] - float(site.seeding))
    vcd, viability, glucose, lactate, ammonia = np.where(np.isfinite(initial), initial, np.maximum(usual, 0.0)).T
    alive = np.clip(viability, 5.0, 99.9) / 100.0
    nothing = np.zeros(len(vcd))
    return np.stack([vcd, vcd * (1 - alive) / alive, glucose, lactate, ammonia, nothing + 1.0, nothing], axis=1)


def interpolation(hours: Floats, days: int) -> Single:
    """Return (n, k, days + 1) weights that read daily values at hours (n, k); all 0 where hours are NaN."""
    at = np.clip(np.nan_to_num(hours) / 24.0, 0.0, float(days))
    before = np.minimum(np.floor(at).astype(int), days - 1)
    grid = np.arange(days + 1)
    share = (at - before)[:, :, None]
    found = np.where(grid == before[:, :, None], 1 - share, np.where(grid == before[:, :, None] + 1, share, 0.0))
    return np.asarray(np.where(np.isfinite(hours)[:, :, None], found, 0.0), dtype=np.float32)
