"""Partial least squares, with the number of components chosen on whole batches inside training."""

import numpy as np
from numpy.typing import NDArray
from sklearn.cross_decomposition import PLSRegression

from mabdesk.data.batch import Floats, Windows
from mabdesk.models.folding import batch_folds
from mabdesk.models.linear import LinearFit, Solver, fit_linear, from_arrays
from mabdesk.models.model import Arrays
from mabdesk.models.simple import Summary
from mabdesk.models.simple_settings import PlsSettings


class Pls(Summary[PlsSettings]):
    """Partial least squares on the ridge's inputs and in its physical scale, the better form for it."""

    def fitted_to(self, rows: Windows, seed: int) -> LinearFit:
        """Choose the number of components, then project."""
        solver = pls_solver(self.settings.max_components, self.settings.folds, seed)
        return fit_linear(rows, self.forecast, self.settings.physical, solver)

    def restored(self, arrays: Arrays) -> LinearFit:
        """Rebuild the coefficients."""
        return from_arrays(arrays)


def pls_solver(max_components: int, folds: int, seed: int) -> Solver:
    """Return a solver that picks the number of components with the least grouped out-of-fold error."""

    def solve(table: Floats, rates: Floats, weights: Floats, batch_ids: NDArray[np.str_]) -> Floats:
        most = _most_components(table, max_components)
        fold_of = batch_folds(batch_ids, folds, seed)
        errors = np.zeros(most)
        for fold in np.unique(fold_of):
            inside, outside = fold_of != fold, fold_of == fold
            if inside.sum() > 1:
                path = _path(table[inside], rates[inside], weights[inside], most)
                errors += _squared_errors(path, table[outside], rates[outside], weights[outside])
        best = int(np.argmin(errors)) + 1
        return np.asarray(_path(table, rates, weights, best)[-1])

    return solve


def _most_components(table: Floats, wanted: int) -> int:
    return int(max(1, min(wanted, table.shape[1], len(table) // 2)))


def _path(table: Floats, rates: Floats, weights: Floats, wanted: int) -> Floats:
    """Return (wanted, 1 + k): the coefficients with 1, 2, ... components of the weighted problem."""
    center, level = (weights @ table) / weights.sum(), (weights @ rates) / weights.sum()
    root = np.sqrt(weights)
    if not table.shape[1] or np.allclose(rates, level):
        return np.tile(np.concatenate([[level], np.zeros(table.shape[1])]), (wanted, 1))
    components = min(wanted, max(1, len(table) - 1))
    fitted = PLSRegression(n_components=components, scale=False)
    fitted.fit((table - center) * root[:, None], (rates - level) * root)
    rows = []
    for count in range(1, components + 1):
        slopes = fitted.x_rotations_[:, :count] @ fitted.y_loadings_[0, :count]
        rows.append(np.concatenate([[level - center @ slopes], slopes]))
    return np.stack(rows + rows[-1:] * (wanted - components))


def _squared_errors(path: Floats, table: Floats, rates: Floats, weights: Floats) -> Floats:
    """Return (components,) the weighted squared errors of every number of components."""
    predicted = path[:, :1] + path[:, 1:] @ table.T
    return np.asarray(((predicted - rates) ** 2) @ weights)
