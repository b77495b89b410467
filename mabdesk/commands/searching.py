"""Keeps the finished trials of a search in the project as they arrive, and lets a search go on from them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mabdesk.analysis.searched import METHOD, SPACE
from mabdesk.errors import MabdeskError, ProjectError, StoppedError, WorkerError
from mabdesk.job import Job
from mabdesk.progress import Progress
from mabdesk.project.canonical import digest
from mabdesk.project.store import Project
from mabdesk.worker import Worker

ACTION = "trial"  # of the audit entry that keeps one
_NOT_IN_KEY = ("trials", "top", "outer_folds")  # how far a search goes changes no trial
_KEPT = ("number", "settings", "loss", "fault", "seconds", "outer")
_BACK_UP = "Save a copy elsewhere and work on that."


def search_key(project: Project, job: Job, parents: Mapping[str, str]) -> str:
    """Return the SHA-256 of all that a trial's loss follows from, beside its own settings.

    Args:
        project: that holds the parents.
        job: the search, with its complete options.
        parents: ids by kind.
    """
    options = {name: value for name, value in job.options.items() if name not in _NOT_IN_KEY}
    contents = {kind: project.info(result).content_hash for kind, result in parents.items()}
    space = {name: list(choices) for name, choices in SPACE.items()}
    return digest({"parents": contents, "options": options, "seed": job.seed, "method": METHOD, "space": space})


def kept_trials(project: Project, key: str) -> tuple[dict[str, Any], ...]:
    """Return the trials of a search that are kept, in the order in which they were finished."""
    found = (entry.details for entry in project.audit_trail(ACTION) if entry.subject == key)
    return tuple({name: plain.get(name) for name in _KEPT} for plain in found if "settings" in plain)


def run_search(project: Project, worker: Worker, job: Job, parents: Mapping[str, str], progress: Progress) -> Any:
    """Run a search from the trials that are kept, and keep every further one as soon as it is finished.

    Raises:
        ProjectError: the project cannot be written; what was finished before stays kept.
        StoppedError: the user stopped it; the finished trials stay kept, and the hint says how many.
    """
    if project.refusal:
        raise ProjectError(project.refusal, _BACK_UP)
    keeper = _Keeper(project, worker, search_key(project, job, parents), int(job.options["trials"]))
    whole = replace(job, options={**job.options, "kept": kept_trials(project, keeper.key)})
    try:
        return worker.run(whole, replace(progress, listen_partial=keeper.listening(progress)))
    except StoppedError as stopped:
        if keeper.refused is not None:
            worker.resume()
            raise keeper.refused from stopped
        raise StoppedError("Stopped.", keeper.sentence) from stopped
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(keeper.sentence)
        raise
    except WorkerError as lost:
        raise WorkerError(lost.message, f"{keeper.sentence} {lost.hint}", lost.problems) from lost


class _Keeper:
    """Writes every finished trial to the project before anyone else hears of it."""

    def __init__(self, project: Project, worker: Worker, key: str, wanted: int) -> None:
        self.project, self.worker, self.key, self.wanted = project, worker, key, wanted
        self.refused: MabdeskError | None = None

    @property
    def sentence(self) -> str:
        """How many trials are kept, and what that is good for."""
        count = sum(not trial["outer"] for trial in kept_trials(self.project, self.key))
        return f"{min(count, self.wanted)} of {self.wanted} trials are kept; searching again goes on."

    def listening(self, progress: Progress) -> Any:
        """Return what listens to the worker."""

        def listen(kind: str, value: Any) -> None:
            if kind == ACTION and not value["kept"] and not self._keep(value):
                return
            progress.listen_partial(kind, value)

        return listen

    def _keep(self, trial: Mapping[str, Any]) -> bool:
        """Keep a trial; where that fails, the worker is stopped, for nothing that follows could be kept."""
        if self.refused is not None:
            return False
        try:
            self.project.record(ACTION, self.key, details={name: trial[name] for name in _KEPT})
        except MabdeskError as error:
            self.refused = error
            self.worker.stop()
            return False
        return True
