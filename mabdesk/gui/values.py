"""Values of results that were read: held for the selected ones and a few others."""

from collections.abc import Iterable

from mabdesk.project.results import Result

_MOST = 12  # of results that are not selected


class Values:
    """Results with their values by id; those not selected are let go, the oldest first."""

    def __init__(self) -> None:
        self._held: dict[str, Result] = {}

    def get(self, result_id: str) -> Result | None:
        """Return a result that is held."""
        return self._held.get(result_id)

    def hold(self, result: Result, selected: Iterable[str]) -> None:
        """Hold a result, and let others go where there are many."""
        self._held[result.id] = result
        kept = set(selected) | {result.id}
        for other in [name for name in self._held if name not in kept][:-_MOST]:
            del self._held[other]
