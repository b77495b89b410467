"""Inert variables that are put beside the real ones: copies of sensors from other batches (shadow features).

After the shadow features of Boruta (Kursa and Rudnicki 2010): they look like a real variable in every way but that
they belong to another batch, so a map that gives them much cannot be believed.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mabdesk.analysis.explained import Explained, Grouping, mean_abs
from mabdesk.analysis.refits import Learning, partners
from mabdesk.data.batch import Windows

DECOYS = 3


def with_decoys(found: Explained, learn: Learning, seed: int) -> tuple[Explained, Learning]:
    """Return both with up to three more channels; the variables that are copied are those with most contributions."""
    copied = _copied(found)
    names = tuple(f"decoy_{number + 1}" for number in range(len(copied)))
    known = learn.ids
    partner = partners(known, seed)
    others = sorted(set(found.windows.batch_ids.tolist()) - set(known))
    partner |= {name: known[place % len(known)] for place, name in enumerate(others)}  # of batches not learned from
    windows = _extended(found.windows, found.known, copied, names, partner)
    baseline = _with_channels(found.baseline, found.baseline.x[:, :, copied], names)
    told = _extended(learn.windows, learn.windows, copied, names, partner)
    beside = replace(
        found, windows=windows, baseline=baseline, known=_extended(found.known, found.known, copied, names, partner),
        grouping=_grouping(found.grouping, len(found.windows.channels), names),
    )  # fmt: skip
    return beside, replace(learn, windows=told, more=names)


def _copied(found: Explained) -> list[int]:
    """Choose the channels that bear a variable's own name, vary, and contribute most."""
    sizes = dict(zip(found.grouping.variables, mean_abs(found.by_variable), strict=True))
    own = [place for place, name in enumerate(found.windows.channels) if name in sizes and _varies(found, place)]
    return sorted(own, key=lambda place: -sizes[found.windows.channels[place]])[:DECOYS]


def _varies(found: Explained, channel: int) -> bool:
    ends = found.known.x[:, -1, channel]
    ends = ends[np.isfinite(ends)]
    return bool(len(ends) and np.ptp(ends) > 0)


def _extended(
    windows: Windows, source: Windows, copied: list[int], names: tuple[str, ...], partner: dict[str, str]
) -> Windows:
    """Give every window what the partner's window of the nearest hour shows in the copied channels."""
    values = np.empty((len(windows), windows.x.shape[1], len(copied)), dtype=np.float32)
    for name in np.unique(windows.batch_ids):
        mine = np.flatnonzero(windows.batch_ids == name)
        theirs = np.flatnonzero(source.batch_ids == partner[str(name)])
        if len(theirs):
            place = np.abs(windows.hours[mine, None] - source.hours[theirs]).argmin(axis=1)
            values[mine] = source.x[theirs[place]][:, :, copied]
        else:
            values[mine] = np.nan
    return _with_channels(windows, values, names)


def _with_channels(windows: Windows, values: NDArray[np.float32], names: tuple[str, ...]) -> Windows:
    return replace(windows, channels=(*windows.channels, *names), x=np.concatenate([windows.x, values], axis=2))


def _grouping(before: Grouping, channels: int, names: tuple[str, ...]) -> Grouping:
    """Put the decoys after the real channels, before the last measured targets, each a variable of its own."""
    first = len(before.variables)
    mine = tuple(range(first, first + len(names)))
    return Grouping(
        (*before.variables, *names),
        (*before.channels[:channels], *names, *before.channels[channels:]),
        (*before.channel_of[:channels], *mine, *before.channel_of[channels:]),
    )
