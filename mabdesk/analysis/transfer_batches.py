"""Which batches a study of transfer takes: the source, and of the new group the local and the test ones of a draw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mabdesk.analysis.transferred import WORDS
from mabdesk.data.batch import Batch, Dataset
from mabdesk.data.settings import WindowPlan
from mabdesk.data.splitting import TAGS, group_in, in_order
from mabdesk.errors import DataError, OptionsError

LEAST_TEST, LEAST_SOURCE = 3, 3


@dataclass(frozen=True)
class TransferDraw:
    """The batches of the new group in one draw: `local` ones to learn from, and all its others, the `test`."""

    local: tuple[str, ...]
    test: tuple[str, ...]


@dataclass(frozen=True)
class TransferBatches:
    """`source`: batches of other groups; `mine`: those of the new one.

    `tag` is what the batches call the property; `sizes` are those that leave enough test batches, ascending.
    """

    by: str
    tag: str
    group: str
    source: tuple[str, ...]
    mine: tuple[str, ...]
    sizes: tuple[int, ...]
    notes: tuple[str, ...]

    def draws(self, size: int, repeats: int, seed: int) -> tuple[TransferDraw, ...]:
        """Draw `size` local batches at most `repeats` times; draws that come again are left out.

        The group stands in a circle in chance order, and the draws start at equal distances: no batch is local more
        often than others as far as can be, and so each is tested in some draw. A smaller draw is part of the larger
        one of the same number, so that learning curves are less restless.
        """
        count, found = len(self.mine), []
        for number in range(repeats):
            circle, place = divmod(number, count)
            starts = min(repeats - circle * count, count)
            order = np.random.default_rng((seed, circle)).permutation(count)
            turned = [self.mine[i] for i in np.roll(order, -(place * count // starts))]
            found.append(TransferDraw(tuple(sorted(turned[:size])), tuple(sorted(turned[size:]))))
        return tuple(dict.fromkeys(found))


def transfer_batches(dataset: Dataset, plan: WindowPlan, by: str, group: str, sizes: Sequence[str]) -> TransferBatches:
    """Tell the batches of the new group from those of others, and find the sizes that leave enough to test on.

    Args:
        dataset: all batches that may take part.
        plan: with its targets filled in; batches without the first one measured take no part.
        by: "cell_line" or "scale".
        group: the new one; "" for the one with the fewest batches that is enough.
        sizes: numbers of local batches, as texts.

    Raises:
        OptionsError: sizes that are no numbers, or a group that is not there.
        DataError: no such property, one group only, or too few batches of it.
    """
    wanted = _numbers(sizes)
    measured = [b for b in dataset.batches if len(b.offline.measured(plan.targets[0])[0])]
    tag, groups = _groups(measured, by)
    named = _named(group, groups, by) if group else ""
    chosen = named or _smallest(groups, by, wanted[0])
    mine = groups[chosen]
    source = sorted(name for other, ids in groups.items() if other != chosen for name in ids)
    _refuse_too_few(groups, by, chosen, wanted[0], plan.targets[0])
    studied = tuple(size for size in wanted if len(mine) - size >= LEAST_TEST)
    notes = [] if named else [f"New {WORDS[by]}: {chosen}, the one with the fewest batches that is enough."]
    notes += [_skipped(size, len(mine)) for size in wanted if size not in studied]
    left_out = len(dataset.batches) - len(mine) - len(source)
    if left_out:
        notes.append(f"Left out, without a measured {plan.targets[0]} or a named {WORDS[by]}: {left_out} batches.")
    return TransferBatches(by, tag, chosen, tuple(source), tuple(mine), studied, tuple(notes))


def _refuse_too_few(groups: dict[str, list[str]], by: str, chosen: str, least: int, target: str) -> None:
    mine, others = len(groups[chosen]), sum(len(ids) for name, ids in groups.items() if name != chosen)
    if mine < least + LEAST_TEST:
        fewer = ", ask for fewer local ones" if mine > LEAST_TEST else ""
        raise DataError(
            f"The {WORDS[by]} {chosen} has {mine} batches with a measured {target}; {least} to learn from and "
            f"{LEAST_TEST} to test on are needed.",
            f"Import more of them{fewer}, or choose another one: {_counted(groups)}.",
        )
    if others < LEAST_SOURCE:
        raise DataError(
            f"{others} batches are not of the {WORDS[by]} {chosen}; {LEAST_SOURCE} are needed as the source.",
            "Import batches of other ones.",
        )


def _numbers(sizes: Sequence[str]) -> tuple[int, ...]:
    texts = [str(text).strip() for text in sizes]
    wrong = [text for text in texts if not (text.isascii() and text.isdigit() and int(text) > 0)]
    if wrong or not texts:
        received = repr(wrong[0]) if wrong else "none"
        raise OptionsError(
            f"Numbers of local batches: received {received}; whole numbers from 1 on are needed.",
            "Write them with commas, for example 2,4,8.",
        )
    return tuple(sorted({int(text) for text in texts}))


def _groups(batches: Sequence[Batch], by: str) -> tuple[str, dict[str, list[str]]]:
    """Return what the property is called, and the ids of the batches of each group."""
    tag = next((name for name in TAGS[by] if any(batch.tags.get(name) for batch in batches)), "")
    groups: dict[str, list[str]] = {}
    for batch in batches:
        if name := group_in(batch, by):
            groups.setdefault(name, []).append(batch.id)
    if not groups:
        raise DataError(
            f"The batches name no {WORDS[by]}.", f"Name the column that holds the {WORDS[by]} when importing."
        )
    if len(groups) < 2:
        raise DataError(
            f"All batches are of the {WORDS[by]} {next(iter(groups))}; a transfer needs at least two {WORDS[by]}s.",
            "Import batches of another one, or train a model on these.",
        )
    return tag, {name: sorted(groups[name]) for name in in_order(groups)}


def _named(group: str, groups: dict[str, list[str]], by: str) -> str:
    """Return the group as the batches name it; 2000 will do for 2000 L, and d for D."""

    def plain(text: str) -> str:
        folded = "".join(text.casefold().split())
        return folded.removesuffix("l") if by == "scale" else folded

    fitting = [name for name in groups if name == group] or [name for name in groups if plain(name) == plain(group)]
    if len(fitting) != 1:
        raise OptionsError(f"No batch is of the {WORDS[by]} {group!r}.", f"There are: {_counted(groups)}.")
    return fitting[0]


def _smallest(groups: dict[str, list[str]], by: str, least: int) -> str:
    """Return the group with the fewest batches that is enough: the most like a new one."""
    enough = [name for name, ids in groups.items() if len(ids) >= least + LEAST_TEST]
    if not enough:
        raise DataError(
            f"No {WORDS[by]} has {least} batches to learn from and {LEAST_TEST} to test on: {_counted(groups)}.",
            "Import more batches, or ask for fewer local ones.",
        )
    return min(enough, key=lambda name: (len(groups[name]), name))


def _skipped(size: int, have: int) -> str:
    return f"{size} local batches were not studied: of {have}, they would leave fewer than {LEAST_TEST} to test on."


def _counted(groups: dict[str, list[str]]) -> str:
    return ", ".join(f"{name} ({len(ids)} batches)" for name, ids in groups.items())
