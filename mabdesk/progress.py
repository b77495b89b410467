"""How long work says how far it is, without knowing who listens (window, command line, test)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def _ignore(_fraction: float, _text: str) -> None:
    """Listen to nothing."""


def _ignore_partial(_kind: str, _value: Any) -> None:
    """Listen to nothing."""


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Progress:
    """Handed to every long function. A step may call `update` as often as it likes: the listener thins it out.

    `listen(fraction, text)` gets the fraction done in [0, 1] of the whole work and what is being done;
    `listen_partial(kind, value)` gets intermediate results (loss curves, trials) made of plain picklable values;
    `finish_now()` says that the user wants the best so far instead of the rest.
    """

    listen: Callable[[float, str], None] = _ignore
    listen_partial: Callable[[str, Any], None] = _ignore_partial
    finish_now: Callable[[], bool] = _never
    _start: float = field(default=0.0, repr=False)
    _width: float = field(default=1.0, repr=False)
    _prefix: str = field(default="", repr=False)

    def update(self, fraction: float, text: str = "") -> None:
        """Say that `fraction` (clipped to [0, 1]) of this part is done, and what is going on."""
        inside = min(max(fraction, 0.0), 1.0)
        self.listen(self._start + self._width * inside, ", ".join(filter(None, (self._prefix, text))))

    def partial(self, kind: str, value: Any) -> None:
        """Pass an intermediate result on."""
        self.listen_partial(kind, value)

    @property
    def name(self) -> str:
        """What this part is called: "fold 2 of 5, CNN-LSTM, network 1 of 4"; "" for the whole."""
        return self._prefix

    def part(self, start: float, stop: float, text: str = "") -> "Progress":
        """Give a sub-task its slice [start, stop] of this part's bar, with `text` before all it says."""
        return Progress(
            self.listen,
            self.listen_partial,
            self.finish_now,
            self._start + self._width * start,
            self._width * (stop - start),
            ", ".join(filter(None, (self._prefix, text))),
        )


SILENT = Progress()
