"""Random forest on window summaries. scikit-learn grows the trees; they are kept, and walked, as plain arrays.

On four simulated campaigns of 50 batches nothing that can be set changed the soft sensor's error by more than 2 %: 50
to 200 trees, leaves of 1 to 6 windows, 0.33 or 0.6 of the inputs tried at each split.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor

from mabdesk.data.batch import Floats, Windows
from mabdesk.models.folding import CALIBRATION_FOLDS
from mabdesk.models.linear import Design, design
from mabdesk.models.model import Arrays
from mabdesk.models.simple import Summary
from mabdesk.models.simple_settings import RandomForestSettings
from mabdesk.models.slopes import Part

_FEW = 20  # trees, below which the mean over them is still restless
_NODES = 2_000_000  # visited in one go: bounds the memory


@dataclass(frozen=True, eq=False)
class Trees:
    """The nodes (m,) of all trees: a row goes left where its feature is at most the threshold.

    A leaf leads to itself on both sides, so that every row can take the same number of steps, `depth`.
    """

    feature: NDArray[np.int32]
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: Floats
    depth: int

    def mean(self, table: Floats, roots: NDArray[np.int32]) -> Floats:
        """Return (n,) the mean over the trees that begin at `roots` (trees,)."""
        # scikit-learn compares float32 inputs with float64 thresholds: so does this, or rows near one go astray.
        inputs = np.asarray(table, dtype=np.float32)
        rows = np.arange(len(inputs))
        nodes = np.repeat(roots[:, None], len(inputs), axis=1)
        for _ in range(self.depth):
            lower = inputs[rows, self.feature[nodes]] <= self.threshold[nodes]
            nodes = np.where(lower, self.left[nodes], self.right[nodes])
        return np.asarray(self.value[nodes].sum(axis=0) / len(roots))


@dataclass(frozen=True, eq=False)
class ForestFit:
    """Trees of rates, and where those of every target begin: roots (targets, trees)."""

    design: Design
    trees: Trees
    roots: NDArray[np.int32]

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) in the targets' units."""
        table = with_a_column(self.design.table(windows))
        pieces = np.array_split(table, 1 + table.shape[0] * self.roots.shape[1] // _NODES)
        columns = [np.concatenate([self.trees.mean(piece, roots) for piece in pieces]) for roots in self.roots]
        return self.design.in_units(windows, np.stack(columns, axis=1))

    def parts(self) -> dict[str, Part]:
        """Give nothing: what trees say moves in steps, so that it has no slopes."""
        return {}

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""
        trees = self.trees
        own: dict[str, NDArray[np.generic]] = {"feature": trees.feature, "threshold": trees.threshold}
        own |= {"left": trees.left, "right": trees.right, "value": trees.value, "depth": np.array(trees.depth)}
        return own | {"roots": self.roots} | self.design.arrays()

    def parameters(self) -> int:
        """Count the values of the leaves and the thresholds of the other nodes: one for a node."""
        return int(self.trees.value.size)


class RandomForest(Summary[RandomForestSettings]):
    """A random forest on the ridge's inputs and in its physical scale."""

    def fitted_to(self, rows: Windows, seed: int) -> ForestFit:
        """Grow a forest for every target, weighted by its scale as the ridge is."""
        fitted, table, rates, scale = design(rows, self.forecast, self.settings.physical)
        table = with_a_column(table)
        grown = []
        for column, weights in zip(rates.T, scale.T, strict=True):
            there = np.isfinite(column)
            forest = self._forest(seed).fit(table[there], column[there], sample_weight=weights[there])
            grown.append(trees_of(forest))
        roots = np.concatenate([[0], np.cumsum([len(tree.value) for trees in grown for tree in trees])[:-1]])
        together = joined([tree for trees in grown for tree in trees], roots)
        return ForestFit(fitted, together, roots.reshape(len(grown), -1).astype(np.int32))

    def fresh(self) -> "RandomForest":
        """Make a smaller forest: all refits then take about as long as the fit, and err a little more."""
        trees = max(self.settings.trees // CALIBRATION_FOLDS, min(self.settings.trees, _FEW))
        return RandomForest(replace(self.settings, trees=trees), self.plan)

    def _forest(self, seed: int) -> RandomForestRegressor:
        chosen = self.settings
        return RandomForestRegressor(
            n_estimators=chosen.trees,
            min_samples_leaf=chosen.least_leaf,
            max_features=chosen.share,
            random_state=seed % 2**32,
            n_jobs=1,
        )

    def restored(self, arrays: Arrays) -> ForestFit:
        """Rebuild the trees."""
        whole = {name: np.asarray(arrays[name], dtype=np.int32) for name in ("feature", "left", "right", "roots")}
        real = {name: np.asarray(arrays[name], dtype=np.float64) for name in ("threshold", "value")}
        trees = Trees(
            whole["feature"], real["threshold"], whole["left"], whole["right"], real["value"], int(arrays["depth"])
        )
        return ForestFit(Design.restored(arrays), trees, whole["roots"])


def with_a_column(table: Floats) -> Floats:
    """Return the table, with a column of zeros where no input varies: a tree of one leaf wants one all the same."""
    return table if table.shape[1] else np.zeros((len(table), 1))


def joined(trees: Sequence[Trees], roots: NDArray[np.intp]) -> Trees:
    """Put the nodes of all trees one after the other; those of each begin at its root."""
    return Trees(
        feature=np.concatenate([tree.feature for tree in trees]),
        threshold=np.concatenate([tree.threshold for tree in trees]),
        left=np.concatenate([tree.left + root for tree, root in zip(trees, roots, strict=True)]).astype(np.int32),
        right=np.concatenate([tree.right + root for tree, root in zip(trees, roots, strict=True)]).astype(np.int32),
        value=np.concatenate([tree.value for tree in trees]),
        depth=max(tree.depth for tree in trees),
    )


def trees_of(forest: RandomForestRegressor) -> list[Trees]:
    """Return what a grown forest consists of, tree by tree; nodes count from 0 in each."""
    found = []
    for estimator in forest.estimators_:
        tree = estimator.tree_
        leaf, own = tree.children_left < 0, np.arange(tree.node_count)
        found.append(
            Trees(
                feature=np.where(leaf, 0, tree.feature).astype(np.int32),
                threshold=np.where(leaf, 0.0, tree.threshold),
                left=np.where(leaf, own, tree.children_left).astype(np.int32),
                right=np.where(leaf, own, tree.children_right).astype(np.int32),
                value=tree.value[:, 0, 0].copy(),
                depth=int(tree.max_depth),
            )
        )
    return found
