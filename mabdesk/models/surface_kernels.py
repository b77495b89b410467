"""Which kernel makes the batches most likely, given what kernels are usual: for batches as few as ten.

The kernel of highest likelihood alone fits ten batches and nine levers far too well: lengths and noise run to their
limits. Log-normal priors hold them. [tuned on the simulated plant of Xing et al.; figures in response_surface.py]
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from mabdesk.data.batch import Floats
from mabdesk.models.surfaces import Kernel

# Center and standard deviation of the logarithm a priori, and its limits: in variances of the target, lengths in
# ranges of the levers.
SIGNAL = (0.0, 1.0, -6.0, 4.0)
NOISE = (-2.0, 1.0, -9.0, 0.7)
LENGTH = (0.5, 0.5, -2.5, 4.0)
QUADRATIC = (-4.0, 1.5, -12.0, 2.0)
OFFSET = (1.0, 1.0, -4.0, 4.0)
STARTS = 3
_STEPS = 200
_JITTER = 1e-8
# For matrices this small, threads of the linear algebra wait for each other: on a busy machine 60 s in place of .1 s
# [measured, 200 batches]. One thread also gives the same bits on any number of cores.
ALONE = ThreadpoolController()
_WORST = 1e10  # said of a kernel that no batches can have


@dataclass(frozen=True, eq=False)
class Task:
    """Inputs (n, d) and standardized target (n,); `groups` (d,) says which inputs share a length, counted from 0."""

    inputs: Floats
    target: Floats
    groups: NDArray[np.intp]
    quadratic: bool

    @property
    def priors(self) -> Floats:
        """Return (parameters, 4): of signal, noise, the lengths, and of quadratic part and offset."""
        lengths = [LENGTH] * (int(self.groups.max(initial=-1)) + 1)
        return np.array([SIGNAL, NOISE, *lengths, *([QUADRATIC, OFFSET] if self.quadratic else [])])

    def kernel(self, logs: Floats) -> Kernel:
        """Return the kernel of these logarithms."""
        found = np.exp(logs)
        lengths = found[2 : len(found) - 2 * self.quadratic][self.groups]
        return Kernel(lengths, *found[:2].tolist(), *(found[-2:].tolist() if self.quadratic else ()))


def most_likely_kernel(task: Task, seed: int) -> Kernel:
    """Return the best of a few climbs: from the center of the priors, and from points drawn from them."""
    center, sd, low, high = task.priors.T
    chance, best, least = np.random.default_rng(seed), center, np.inf
    for start in range(STARTS):
        drawn = center + sd * chance.standard_normal(len(center)) if start else center
        climb = minimize(
            _disbelief,
            np.clip(drawn, low, high),
            args=(task,),
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(low.tolist(), high.tolist(), strict=True)),
            options={"maxiter": _STEPS},
        )
        if climb.fun < least - 1e-9:
            best, least = climb.x, float(climb.fun)
    return task.kernel(best)


def factor(kernel: Kernel, inputs: Floats) -> Floats:
    """Return the lower Cholesky factor (n, n) of the covariance of measured values.

    Raises:
        numpy.linalg.LinAlgError: it is not positive definite in floating point.
    """
    cells = kernel.between(inputs, inputs)
    return np.asarray(np.linalg.cholesky(cells + (kernel.noise + _JITTER) * np.eye(len(inputs))))


def inverse(lower: Floats) -> Floats:
    """Return the inverse of a lower triangular matrix."""
    return np.asarray(solve_triangular(lower, np.eye(len(lower)), lower=True, check_finite=False))


def _disbelief(logs: Floats, task: Task) -> tuple[float, Floats]:
    """Return minus log posterior, up to a constant, and its slopes."""
    center, sd, _, _ = task.priors.T
    off = (logs - center) / sd
    kernel = task.kernel(logs)
    try:
        lower = factor(kernel, task.inputs)
    except np.linalg.LinAlgError:
        return _WORST, np.zeros_like(logs)
    whitener = inverse(lower)
    precision = whitener.T @ whitener
    dual = precision @ task.target
    value = 0.5 * float(task.target @ dual) + float(np.log(np.diag(lower)).sum()) + 0.5 * float(off @ off)
    return value, _slopes(kernel, task, 0.5 * (precision - np.outer(dual, dual))) + off / sd


def _slopes(kernel: Kernel, task: Task, outer: Floats) -> Floats:
    """Return the likelihood's slopes; `outer` (n, n) are those by the entries of the covariance.

    The sum of outer x bumps x squared distances along one input needs matrix products only: no table a lever.
    """
    x, cells = task.inputs, outer * kernel.bumps(task.inputs, task.inputs)
    along = 2.0 * (cells.sum(axis=1) @ x**2 - np.sum(x * (cells @ x), axis=0)) / kernel.lengths**2
    found = [float(cells.sum()), kernel.noise * float(np.trace(outer)), *np.bincount(task.groups, along).tolist()]
    if task.quadratic:
        products = kernel.products(x, x)
        bent = kernel.quadratic * outer * products
        found += [float((bent * products).sum()), 2.0 * kernel.offset * float(bent.sum())]
    return np.array(found)
