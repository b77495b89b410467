"""Results of a project as a table, and where they come from in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from mabdesk.gui.sheet import Sheet
from mabdesk.lineage import ancestors
from mabdesk.models.settings import KINDS, label_of
from mabdesk.project.identity import local
from mabdesk.project.results import ResultInfo
from mabdesk.steps import STEPS
from mabdesk.wording import time_text

HEADERS = ("Result", "Name", "Step", "Made from", "Settings", "Took", "Created", "By", "State", "Hash")


def result_name(result_id: str) -> str:
    """Say a result's id as people would: "cleaned-3" is "Cleaned 3"."""
    kind, _, number = result_id.rpartition("-")
    return f"{kind.replace('-', ' ').capitalize()} {number}"


def results_sheet(infos: Sequence[ResultInfo]) -> Sheet:
    """List results, oldest first."""
    return Sheet("Results", HEADERS, tuple(_row(info) for info in infos))


def settings_words(info: ResultInfo) -> str:
    """Say the settings that tell results of a kind apart."""
    options = info.options
    said = told(options)
    said += [f"outliers {options['outliers']}"] if "outliers" in options else []
    said += [f"{100 * options['locked']:g} % locked"] if options.get("locked") else []
    seed = [f"seed {info.seed}"] if info.seed not in {None, 1} else []
    return ", ".join([*said, *seed])


def told(options: Mapping[str, Any]) -> list[str]:
    """Say what tells trainings, comparisons, searches, studies of transfer and explanations apart."""
    said = [label_of(options["model"], "")] if options.get("model") in KINDS else []
    said += [str(options["preset"]).replace("_", " ")] if options.get("preset") else []
    said += [f"{options['trials']} trials"] if options.get("trials") else []
    said += [_folds(options)] if options.get("folds") else []
    said += (
        [f"new {str(options['by']).replace('_', ' ')} {options.get('group', '')}".rstrip()] if options.get("by") else []
    )
    if options.get("baseline"):
        said += [str(options.get("target") or "first target").replace("_", " ")]
        said += [f"against the {str(options['baseline']).replace('_', ' ')}"]
        said += ["rescaled"] if options.get("rescaling") else []
    return [*said, *(["quick"] if options.get("quick") else [])]


def _folds(options: Mapping[str, Any]) -> str:
    """Say how many folds, or what each leaves out."""
    by = str(options.get("folds_by", "batch"))
    return f"{options['folds']} folds" if by == "batch" else f"folds by {by.replace('_', ' ')}"


def lineage_words(infos: Sequence[ResultInfo], result_id: str) -> str:
    """Say what a result stems from, back to the files."""
    by_id = {info.id: info for info in infos}
    above = {found.id for found in ancestors(by_id, result_id)}
    chain = [result_name(info.id) for info in reversed(infos) if info.id in above]
    return " \u2190 ".join([*chain, "files"])


def descendants(infos: Sequence[ResultInfo], result_id: str) -> tuple[str, ...]:
    """Return the ids of all results that stem from one."""
    found = {result_id}
    for info in infos:  # oldest first: parents come before their children
        if found & set(info.parents):
            found.add(info.id)
    return tuple(info.id for info in infos if info.id in found and info.id != result_id)


def _row(info: ResultInfo) -> tuple[object, ...]:
    step = STEPS[info.step].label if info.step in STEPS else info.step
    return (
        result_name(info.id),
        info.label,
        step,
        ", ".join(map(result_name, info.parents)) or "files",
        settings_words(info),
        time_text(info.seconds),
        local(info.created),
        info.user,
        "archived" if info.archived else "",
        info.content_hash[:12],
    )
