"""What the network is mixed with: the mean of the ridge and the Gaussian process, better than either on most data."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mabdesk.data.batch import Floats, Windows
from mabdesk.models import kernel, linear
from mabdesk.models.kernel import KernelFit
from mabdesk.models.linear import Design, LinearFit

Arrays = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Base:
    """Both fits; they share nothing but their training rows."""

    line: LinearFit
    bends: KernelFit

    @property
    def design(self) -> Design:
        """Return the scale and offset that the network learns in, too."""
        return self.line.design

    def predict(self, windows: Windows) -> Floats:
        """Return (n, targets) in the targets' units."""
        return (self.line.predict(windows) + self.bends.predict(windows)) / 2

    def arrays(self) -> Arrays:
        """Give all numbers as plain arrays by name."""
        line = {f"line_{name}": array for name, array in linear.to_arrays(self.line).items()}
        return line | {f"bends_{name}": array for name, array in kernel.to_arrays(self.bends).items()}

    @staticmethod
    def restored(arrays: Mapping[str, NDArray[np.generic]]) -> "Base":
        """Rebuild what `arrays` gave."""
        return Base(
            linear.from_arrays(
                {name.removeprefix("line_"): a for name, a in arrays.items() if name.startswith("line_")}
            ),
            kernel.from_arrays(
                {name.removeprefix("bends_"): a for name, a in arrays.items() if name.startswith("bends_")}
            ),
        )


def fit_base(windows: Windows, forecast: bool, physical: bool, alpha: float, noise: float) -> Base:
    """Fit both.

    Raises:
        DataError: a target was never measured.
    """
    line = linear.fit_linear(windows, forecast, physical, linear.ridge_solver(alpha))
    return Base(line, kernel.fit_kernel(windows, forecast, physical, noise))
