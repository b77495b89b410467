"""Mean of Gaussian process and support vector regression: alone, and what the CNN-LSTM is mixed with.

On simulated campaigns now the one and now the other erred less, by a few percent. Over four of them the mean of both
was as good as the better one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.models import kernel, support_vectors
from mabdesk.models.kernel import KernelFit
from mabdesk.models.linear import Design
from mabdesk.models.model import Arrays
from mabdesk.models.settings import CnnLstmSettings
from mabdesk.models.simple import Summary
from mabdesk.models.simple_settings import GpSvrSettings, SvrSettings
from mabdesk.models.support_vectors import SvrFit


@dataclass(frozen=True, eq=False)
class Blend:
    """Both fits, of the same windows; `svr` is None in models that older versions trained."""

    process: KernelFit
    svr: SvrFit | None = None

    @property
    def design(self) -> Design:
        """Return the standardization and the targets' scale, which both share."""
        return self.process.design

    @property
    def weight(self) -> float:
        """Return the share of the Gaussian process."""
        return 1.0 if self.svr is None else 0.5

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) in the targets' units."""
        said = self.process.predict(windows)
        return said if self.svr is None else (said + self.svr.predict(windows)) / 2

    def parts(self) -> dict[str, KernelFit | SvrFit]:
        """Give both, or the one there is."""
        return {**self.process.parts(), **({} if self.svr is None else self.svr.parts())}

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Give all numbers as plain arrays by name."""
        found = self.process.arrays()
        return found if self.svr is None else found | {f"svr_{k}": array for k, array in self.svr.arrays().items()}

    def parameters(self) -> int:
        """Count the weights of both."""
        return self.process.parameters() + (0 if self.svr is None else self.svr.parameters())


class GpSvr(Summary[GpSvrSettings]):
    """The mean of what Gaussian process and support vector regression say."""

    def fitted_to(self, rows: Windows, seed: int) -> Blend:  # noqa: ARG002 - nothing here is random
        """Fit both to the same rows."""
        return fit_blend(rows, self.forecast, self.settings)

    def restored(self, arrays: Arrays) -> Blend:
        """Rebuild both."""
        return from_arrays(arrays)


def fit_blend(windows: Windows, forecast: bool, settings: GpSvrSettings | CnnLstmSettings) -> Blend:
    """Fit every target by both; thousands of windows are thinned.

    Raises:
        DataError: a target was never measured.
    """
    rows, asked = kernel.thinned(windows), SvrSettings(physical=settings.physical)
    process = kernel.fit_kernel(rows, forecast, settings.physical, settings.noise)
    return Blend(process, support_vectors.fit_svr(rows, forecast, asked))


def from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> Blend:
    """Rebuild what the fit's `arrays` gave."""
    svr = {name.removeprefix("svr_"): array for name, array in arrays.items() if name.startswith("svr_")}
    return Blend(kernel.from_arrays(arrays), support_vectors.from_arrays(svr) if svr else None)
