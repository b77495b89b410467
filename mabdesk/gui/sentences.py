"""What the session says of what happened to the project and to its work."""

from collections.abc import Mapping
from typing import Any

from mabdesk.gui.errands import Opened
from mabdesk.gui.messages import Action, Message
from mabdesk.models.settings import KINDS, label_of
from mabdesk.steps import STEPS

WORKER_LOST = Message(
    "warning",
    "The process that does the long work ended unexpectedly, and another one was started.",
    "Nothing was running; nothing is lost.",
)
_SEARCHING = "Searching settings of"
READ_ONLY = "You can look at everything and write reports. To change it, save a copy elsewhere."


def of_opening(opened: Opened, save_copy: Action) -> Message | None:
    """Say what opening a project found; None where there is nothing to say."""
    notes = list(opened.project.notes)
    if opened.cut_off:
        notes.append(f"mabdesk was ended while this ran: {opened.cut_off}. {_left_of(opened.cut_off)}")
    if opened.project.read_only:
        said = " ".join(notes) or opened.project.refusal
        return Message("warning", f"Read-only: {said}", READ_ONLY, actions=(save_copy,))
    return Message("note", " ".join(notes)) if notes else None


def _left_of(title: str) -> str:
    """Say what became of work that was cut off."""
    if title.startswith(_SEARCHING):
        return "Its finished trials are kept, nothing is lost. Search again with the same settings: it goes on."
    return "Nothing of it was kept, nothing else is lost. Run it again: the same seed gives the same numbers."


def title_of(step: str, options: Mapping[str, Any]) -> str:
    """Say what a step does, for the job bar."""
    preset = str(options.get("preset", "")).replace("_", " ")
    if step == "train":
        kind = str(options.get("model", ""))
        return f"Training {label_of(kind, '') if kind in KINDS else 'a model'}, {preset}" if preset else "Training"
    said = f"{_SEARCHING} {label_of(str(options.get('model', 'cnn_lstm')), '')}" if step == "search" else ""
    if step == "transfer-learning":
        group, what = str(options.get("group", "")), str(options.get("by", "cell_line")).replace("_", " ")
        said = f"Studying transfer to {what} {group}" if group else f"Studying transfer to a new {what}"
    if step == "explain":
        said = f"Explaining {str(options.get('target') or 'the model').replace('_', ' ')}"
    return ", ".join(filter(None, (said or STEPS[step].label, preset)))
