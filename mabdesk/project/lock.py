"""One writer a project: a lock file beside it, held through the operating system, readable by all.

The system lets go of the lock when its process ends, however it ends: a lock file that nobody holds is stale. Where
a network share does not pass locks on, the computer's name in the file still keeps others out.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from mabdesk.errors import ProjectError
from mabdesk.project.identity import host_name, local, now, user_name

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_FAR = 2**30  # Windows locks forbid reading: lock a byte that nobody reads


@dataclass(frozen=True)
class Holder:
    """Who has a project open for writing."""

    pid: int
    host: str
    user: str
    since: str

    def __str__(self) -> str:
        return f"{self.user} on {self.host} since {local(self.since)}"


@dataclass(frozen=True)
class Lock:
    """A held lock; `note` tells of a stale one that was cleared."""

    path: Path
    descriptor: int
    note: str = ""

    def release(self) -> None:
        """Let the next one write."""
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(self.descriptor)
            self.path.unlink(missing_ok=True)
        else:
            self.path.unlink(missing_ok=True)
            os.close(self.descriptor)


def lock_path(project: Path) -> Path:
    """Return where the lock of a project lies."""
    return project.with_name(project.name + ".lock")


def acquire(project: Path) -> Lock:
    """Become the one writer.

    Raises:
        ProjectError: someone else is, or the folder cannot be written.
    """
    path = lock_path(project)
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise _no_writing(project, error) from error
        try:
            if _hold(descriptor, path):
                return Lock(path, descriptor, _sign(descriptor, project))
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # the file was removed by its holder just now: begin again


def holder_of(project: Path) -> Holder | None:
    """Return who the lock file names (alive or not), None where there is none or it is unreadable."""
    try:
        return _parse(lock_path(project).read_bytes())
    except OSError:
        return None


def _hold(descriptor: int, path: Path) -> bool:
    try:
        _system_lock(descriptor)
    except OSError as error:
        raise _busy(path, _parse(_read(descriptor))) from error
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sign(descriptor: int, project: Path) -> str:
    before = _parse(_read(descriptor))
    if before is not None and before.host != host_name():
        raise _busy(lock_path(project), before)
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    mine = Holder(os.getpid(), host_name(), user_name(), now()[0])
    os.write(descriptor, json.dumps(asdict(mine)).encode("utf-8"))
    return f"A lock left by {before}, which has ended, was cleared." if before else ""


def _system_lock(descriptor: int) -> None:
    if sys.platform == "win32":
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _read(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return os.read(descriptor, 4096)


def _parse(data: bytes) -> Holder | None:
    try:
        plain = json.loads(data)
        return Holder(int(plain["pid"]), str(plain["host"]), str(plain["user"]), str(plain["since"]))
    except (ValueError, KeyError, TypeError):
        return None


def _busy(path: Path, holder: Holder | None) -> ProjectError:
    project = path.name.removesuffix(".lock")
    who = f"by {holder}" if holder else "in another mabdesk"
    hint = "Close it there, or open it read-only."
    if holder and holder.host != host_name():
        hint += f" If {holder.host} no longer has it open, delete the file {path.name} beside the project."
    return ProjectError(f"{project} is open {who}.", hint)


def _no_writing(project: Path, error: OSError) -> ProjectError:
    return ProjectError(
        f"{project.name} cannot be written in the folder {project.parent.absolute()} ({error.strerror or error}).",
        "Use a folder of your own; a project in a read-only folder can be opened for reading.",
    )
