"""Lets a page's form show the settings of an earlier result that the user goes back to."""

from collections.abc import Mapping
from typing import Any

from mabdesk.gui.forms.form import Form
from mabdesk.project.results import ResultInfo


class SettingsFollower:
    """Puts a result's settings into a form, but for results that were just run from it: it may hold the next wish."""

    def __init__(self, form: Form, step: str) -> None:
        self.form, self.step = form, step
        self._ran: list[dict[str, Any]] = []
        self._last = ""

    def ran(self) -> dict[str, Any]:
        """Remember what is run now; return the form's values."""
        values = self.form.values()
        self._ran.append(_plain(values))
        return values

    def forget(self) -> None:
        """Begin anew, with defaults: another project was opened."""
        self._ran, self._last = [], ""
        self.form.set_values({})

    def follow(self, info: ResultInfo | None) -> None:
        """Show the settings of this result, where it is another one than before."""
        if info is None or info.id == self._last or info.step != self.step:
            return
        self._last = info.id
        plain = _plain(info.options)
        if plain in self._ran:
            self._ran.remove(plain)
        else:
            self.form.set_values({**info.options, "seed": info.seed})


def _plain(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}
