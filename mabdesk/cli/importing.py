"""Importing: what files are read, as what, and what is told of it before anything is kept."""

import argparse
import sys
from dataclasses import replace
from typing import Any

from mabdesk import commands
from mabdesk.cli import again
from mabdesk.cli.parser import given as given_options
from mabdesk.cli.tables import table
from mabdesk.cli.terminal import Answer, ProgressLine, say
from mabdesk.cli.words import shortened
from mabdesk.data.mapping import FileMapping, TableMapping, from_toml, to_toml
from mabdesk.data.preview import Preview
from mabdesk.errors import OptionsError
from mabdesk.project.project import open_project
from mabdesk.steps import STEPS
from mabdesk.worker import Worker

_USES = {"left": "not read", "event": "kind of event", "mark": "marks of an event"}
_SURE = 0.8


def import_files(given: argparse.Namespace) -> Answer:
    """Read batch records into the project, or tell what would be read."""
    given.files = commands.tables_of(given.files)
    if given.save_mapping:
        commands.check_output(given.save_mapping, ".toml", given.overwrite, (given.project, *given.files))
    options = _options(given)
    with Worker() as worker, ProgressLine(given.quiet) as progress:
        if given.remembered and not given.mapping:
            files = commands.read_sources(given.files)
            options, places = commands.with_remembered(worker, files, options, _confirmed(given), progress)
            for place in places:
                print(
                    f"{place}: read as it was confirmed before (--no-remembered: as it is proposed).", file=sys.stderr
                )
        if given.dry_run or given.save_mapping:
            found = commands.preview_files(worker, commands.read_sources(given.files), options, progress)
    if given.save_mapping:
        commands.save_mapping(_saved(found, options), given.save_mapping)
        print(f"Mapping: {given.save_mapping}", file=sys.stderr)
    if given.dry_run:
        return _tell(given, found, options)
    answer = again.import_files(given, options)
    if given.mapping and not getattr(given, "failed", False):
        commands.remember(from_toml(options["mapping"]))
    return answer


def _confirmed(given: argparse.Namespace) -> tuple[FileMapping, ...]:
    """Return what was confirmed in the project; a dry run needs none."""
    if not given.project.exists():
        return ()
    with open_project(given.project, "r") as project:
        return commands.confirmed_in(project)


def _options(given: argparse.Namespace) -> dict[str, Any]:
    """Return the reading options, with the mapping and the units that were given as one mapping."""
    options = given_options(given, STEPS["import"].settings)
    mapping = commands.read_mapping(given.mapping) if given.mapping else FileMapping()
    mapping = replace(mapping, units={**mapping.units, **_units(given.unit)})
    if mapping.tables or mapping.units or mapping.options:
        # What a mapping says of reading is kept with the result like any option; what was typed counts before it.
        options = {**mapping.options, **options, "mapping": to_toml(mapping)}
    return options


def _units(pairs: list[str]) -> dict[str, str]:
    units = {}
    for pair in pairs:
        header, equals, unit = pair.rpartition("=")
        if not equals or not header.strip() or not unit.strip():
            raise OptionsError(
                f"--unit {pair}: no header and unit found.",
                'Write --unit "Titer=mg/L", or --unit "B12: Titer=mg/L" for one batch.',
            )
        units[header.strip()] = unit.strip()
    return units


def _saved(found: Preview, options: dict[str, Any]) -> FileMapping:
    told = from_toml(options["mapping"]) if options.get("mapping") else FileMapping()
    chosen = {name: value for name, value in options.items() if name != "mapping"}
    mapping = replace(found.mapping(), options={**told.options, **chosen}, units=told.units)
    return mapping.only(one.fingerprint for one in mapping.tables)


def _tell(given: argparse.Namespace, found: Preview, options: dict[str, Any]) -> Answer:
    """Tell what would be read; a reading that would be refused ends with its exit code."""
    given.failed = found.refused
    answer = {
        "batches": found.batches,
        "variables": [_variable(found, v.name, v.unit, v.role) for v in found.variables],
        "problems": found.problems,
        "result": "",
        "refused": found.refused,
        "hint": found.hint,
        "tables": [one.mapping for one in found.tables],
        "mapping": to_toml(_saved(found, options)),
    }
    if found.refused:
        errors = [str(problem) for problem in found.problems if problem.severity == "error"]
        answer["error"] = errors[0] if len(errors) == 1 else f"The files cannot be read: {len(errors)} problems."
    return say(given, answer, _described(found))


def _variable(found: Preview, name: str, unit: str, role: str) -> dict[str, str]:
    for one in found.tables:
        for column in one.mapping.columns:
            if column.use == "variable" and column.name == name:
                return {
                    "name": name,
                    "unit": unit,
                    "role": role,
                    "source": f"{_place(one.mapping)}, cell {column.cell}",
                }
    return {"name": name, "unit": unit, "role": role, "source": ""}


def _place(mapping: TableMapping) -> str:
    return f"{mapping.file}, sheet {mapping.sheet}" if mapping.sheet else mapping.file


def _described(found: Preview) -> str:
    places = [(sheet.file, f", sheet {sheet.sheet}" if sheet.sheet else "", sheet.said) for sheet in found.sheets]
    parts = [f"{file}{name}: {said}; not read" for file, name, said in places if said]
    for one in found.tables:
        known = ", as it was confirmed before" if one.remembered else ""
        head = f"{_place(one.mapping)}: {_kind(one.mapping)}, {one.rows:,} rows{known}"
        parts.append(f"{head}\n{_columns(one.mapping)}")
    graded = sorted(found.problems, key=lambda problem: ("error", "warning", "note").index(problem.severity))
    if graded:
        lines = [f"  {problem.severity}: {problem}" for problem in graded]
        parts.append("\n".join(["Noticed:", *shortened(lines, "more; all of them with --json")]))
    names = ", ".join(variable.name for variable in found.variables)
    end = f"Would read {len(found.batches)} batches: {names}." if not found.refused else "Would be refused."
    return "\n\n".join([*parts, f"{end}{f' {found.hint}' if found.hint else ''}\nDry run: nothing was kept."])


def _kind(mapping: TableMapping) -> str:
    words = {"measurements": "measurements", "batches": "a row a batch", "events": "events", "none": "left out"}
    layout = "" if mapping.layout in {"rows", "none"} else f" ({mapping.layout})"
    source = "" if mapping.batch_from == "column" else f", batch id from the {mapping.batch_from}"
    return f"{words[mapping.kind]}{layout}{source}"


def _columns(mapping: TableMapping) -> str:
    rows = [
        (
            column.cell,
            column.header,
            column.role or _USES.get(column.use, column.use),
            column.name,
            column.unit,
            f"{column.confidence:.0%}{'' if column.confidence >= _SURE else ' ?'}",
            column.reason,
        )
        for column in mapping.columns
    ]
    return table(("Cell", "Header", "Becomes", "Name", "Unit", "Sure", "Reason"), rows)
