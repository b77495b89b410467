"""Who looked at locked batches, and when: every look is a line of the audit trail, and stands on every report."""

from collections.abc import Mapping
from typing import Any

from mabdesk.data.batch import Split
from mabdesk.project.store import Project

_WORDS = "Locked batches of"


def openings(project: Project, split: str = "") -> tuple[str, ...]:
    """Return one sentence for every time that locked batches were looked at (of one split, where it is named)."""
    return tuple(
        f"{entry.utc[:19]} by {entry.user}, {entry.subject}: {entry.reason}"
        for entry in project.audit_trail("add")
        if entry.reason.startswith(f"{_WORDS} {split} opened" if split else _WORDS)  # split-1 is not split-10
    )


def opening(project: Project, step: str, found: Mapping[str, str], parents: Mapping[str, Any]) -> str:
    """Return the reason to write into the audit trail when a step looks at locked batches, else ""."""
    if step not in {"final-test", "predict", "forecast"}:
        return ""
    model = found.get("model") or found.get("process-model", "")
    ids = (found["split"],) if "split" in found else project.info(model).parents
    split = next((name for name in ids if project.info(name).kind == "split"), "")
    if not split:
        return ""
    chosen: Split = parents["split"] if "split" in parents else project.get(split).value
    seen = chosen.locked if step == "final-test" else sorted(set(chosen.locked) & set(parents["new-data"].dataset.ids))
    if not seen:
        return ""
    return f"{_WORDS} {split} opened, time {len(openings(project, split)) + 1}: {', '.join(seen)}"
