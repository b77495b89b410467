"""Python's garbage collection on the window's thread alone.

A collection that starts on another thread may delete Qt's objects there, which ends the program now and then: the
session's threads read and unpack results, and that starts collections.
"""

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500


class Collector(QObject):
    """Switches the automatic collection off and collects from a timer; `stop` switches it on again."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(_EVERY_MS)

    def stop(self) -> None:
        """Leave the collection to Python again."""
        self._timer.stop()
        if self._was_on:
            gc.enable()

    def _collect(self) -> None:
        young, middle, old = gc.get_count()
        if middle > self._thresholds[1] and old > self._thresholds[2]:
            gc.collect(2)
        elif young > self._thresholds[0]:
            gc.collect(1 if middle > self._thresholds[1] else 0)
