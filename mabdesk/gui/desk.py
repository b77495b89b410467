"""One thread beside the window's for what touches the disk but is short: open, read a result, rename, write a table."""

import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Signal


class Desk(QObject):
    """Does one thing after the other; the answers come back on the window's thread."""

    refused = Signal(object)  # the exception that something ended with
    _back = Signal(object, object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mabdesk-project")
        self._back.connect(self._receive)

    def ask(self, do: Callable[[], Any], then: Callable[[Any], None]) -> None:
        """Do something on the thread; `then` gets what it gave, on the window's thread."""
        self._thread.submit(do).add_done_callback(functools.partial(self._answer, then))

    def wait(self, do: Callable[[], Any]) -> Any:
        """Do something on the thread and wait for it."""
        return self._thread.submit(do).result()

    def close(self) -> None:
        """Finish what was asked for and end the thread."""
        self._thread.shutdown(wait=True)

    def _answer(self, then: Callable[[Any], None], future: "Future[Any]") -> None:
        error = future.exception()
        self._back.emit(then, None if error else future.result(), error)

    def _receive(self, then: Callable[[Any], None], value: Any, error: BaseException | None) -> None:
        if error is None:
            then(value)
        else:
            self.refused.emit(error)
