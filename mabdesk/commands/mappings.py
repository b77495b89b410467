"""Mappings that the user confirmed: kept by the fingerprint of a table's headers, used again for the next such file."""

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mabdesk.commands.files import write_whole
from mabdesk.data.mapping import FileMapping, from_toml, to_toml
from mabdesk.data.preview import Preview
from mabdesk.errors import MabdeskError, OptionsError
from mabdesk.job import Job
from mabdesk.paths import mappings_folder
from mabdesk.progress import SILENT, Progress
from mabdesk.project.store import Project
from mabdesk.worker import Worker

_LONGEST = 2**20


def read_mapping(path: Path) -> FileMapping:
    """Read a mapping file.

    Raises:
        OptionsError: it is missing, unreadable or no mapping; every fault at once.
    """
    try:
        if path.stat().st_size > _LONGEST:
            raise OptionsError(f"{path} is too large for a mapping.", "Choose a file that mabdesk wrote.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise OptionsError(f"{path} cannot be read: {reason}.", "Choose a file that mabdesk wrote.") from error
    return from_toml(text, path.name)


def save_mapping(mapping: FileMapping, path: Path) -> Path:
    """Write a mapping file, whole or not at all."""
    return write_whole(path, to_toml(mapping).encode())


def remember(mapping: FileMapping) -> None:
    """Keep every table of a mapping for the next file with the same headers, in the user's own folder."""
    for table in mapping.tables:
        own = replace(mapping, tables=(replace(table, file="", batch=""),))
        with contextlib.suppress(OSError):  # an account that may not write there is asked again next time
            path = mappings_folder() / f"{table.fingerprint}.toml"
            part = path.with_name(f"{path.name}.{os.getpid()}")
            part.write_text(to_toml(own), encoding="utf-8")
            part.replace(path)


def forget(fingerprint: str) -> None:
    """Remember a table's mapping no more."""
    with contextlib.suppress(OSError):
        (mappings_folder() / f"{fingerprint}.toml").unlink(missing_ok=True)


def remembered(fingerprints: Iterable[str] | None = None) -> tuple[FileMapping, ...]:
    """Return what is remembered, of these tables alone where they are named; damaged files count as forgotten."""
    folder = mappings_folder()
    wanted = None if fingerprints is None else {f"{one}.toml" for one in fingerprints}
    found = []
    for path in sorted(folder.glob("*.toml")):
        if wanted is None or path.name in wanted:
            with contextlib.suppress(MabdeskError):
                found.append(read_mapping(path))
    return tuple(found)


def confirmed_in(project: Project) -> tuple[FileMapping, ...]:
    """Return the mappings with which this project's files were imported, the newest last."""
    texts = [info.options.get("mapping", "") for info in project.results("dataset")]
    return tuple(from_toml(text) for text in dict.fromkeys(texts) if isinstance(text, str) and text)


def known_for(preview: Preview, confirmed: Sequence[FileMapping] = ()) -> FileMapping:
    """Return what is known of the tables of these files, as one mapping; empty where nothing is.

    What the user's own folder remembers comes before what was `confirmed` for files of this project. Options count
    where all remembered tables agree on them: they hold for the files as a whole.
    """
    prints = dict.fromkeys(table.mapping.fingerprint for table in preview.tables)
    found = list(remembered(prints))
    held = {table.fingerprint for one in found for table in one.tables}
    for older in reversed(confirmed):
        own = older.only(one for one in prints if one not in held and older.table(one) is not None)
        if own.tables:
            found.append(own)
            held |= {table.fingerprint for table in own.tables}
    if not found:
        return FileMapping()
    shared = {
        name: value for name, value in found[0].options.items() if all(one.options.get(name) == value for one in found)
    }
    units = {key: unit for one in found for key, unit in one.units.items() if _holds_here(key, preview)}
    return FileMapping(tuple(table for one in found for table in one.tables), shared, units)


def _holds_here(key: str, preview: Preview) -> bool:
    """Tell whether a unit that was given counts for these files: for a header, or for a batch that they hold."""
    batch, colon, _ = key.rpartition(":")
    return not colon or batch.strip() in preview.batches


def preview_files(
    worker: Worker, files: Sequence[tuple[str, bytes]], options: Mapping[str, Any], progress: Progress = SILENT
) -> Preview:
    """Tell what would be read from files; nothing is kept."""
    found: Preview = worker.run(Job("preview", options=dict(options), files=tuple(files)), progress)
    return found


def with_remembered(
    worker: Worker,
    files: Sequence[tuple[str, bytes]],
    options: Mapping[str, Any],
    confirmed: Sequence[FileMapping] = (),
    progress: Progress = SILENT,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the options with what is known of these files' tables, and the sheets that it was found for.

    Files are looked at only where anything is known at all.
    """
    if options.get("mapping") or not (confirmed or remembered()):
        return dict(options), ()
    preview = preview_files(worker, files, options, progress)
    known = known_for(preview, confirmed)
    if not known.tables:
        return dict(options), ()
    prints = {table.fingerprint for table in known.tables}
    places = [
        ", ".join(filter(None, (table.mapping.file, f"sheet {table.mapping.sheet}" if table.mapping.sheet else "")))
        for table in preview.tables
        if table.mapping.fingerprint in prints
    ]
    return {**known.options, **options, "mapping": to_toml(known)}, tuple(dict.fromkeys(places))
