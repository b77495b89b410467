"""An axis of what is counted: epochs, trials."""

import pyqtgraph as pg


class WholeNumbers(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """Has no ticks between whole numbers: nothing is there."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802 - pyqtgraph's
        """Return (spacing, offset) of each level of ticks."""
        levels = super().tickSpacing(low, high, size)
        return [level for level in levels if level[0] >= 1] or [(1.0, 0.0)]
