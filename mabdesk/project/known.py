"""The types of the rooms below that stored values may hold. Rooms above register their own with `codec.register`."""

import dataclasses
from types import ModuleType

import mabdesk.analysis.attributed
import mabdesk.analysis.process.planned
import mabdesk.analysis.results
import mabdesk.analysis.searched
import mabdesk.analysis.settings
import mabdesk.analysis.transferred
import mabdesk.data.batch
import mabdesk.data.cleaning
import mabdesk.data.cleaning_apply
import mabdesk.data.history.levers
import mabdesk.data.history.settings
import mabdesk.data.imported
import mabdesk.data.settings
import mabdesk.errors
import mabdesk.models.model
import mabdesk.models.process.settings
import mabdesk.models.process.trained
import mabdesk.models.settings
import mabdesk.models.simple_settings
from mabdesk.project.codec import register

_MODULES = (
    mabdesk.data.batch,
    mabdesk.data.settings,
    mabdesk.data.cleaning,
    mabdesk.data.cleaning_apply,
    mabdesk.data.imported,
    mabdesk.errors,
    mabdesk.models.model,
    mabdesk.models.settings,
    mabdesk.models.simple_settings,
    mabdesk.analysis.results,
    mabdesk.analysis.searched,
    mabdesk.analysis.transferred,
    mabdesk.analysis.attributed,
    mabdesk.analysis.settings,
    mabdesk.data.history.levers,
    mabdesk.data.history.settings,
    mabdesk.models.process.trained,
    mabdesk.models.process.settings,
    mabdesk.analysis.process.planned,
)


def register_known() -> None:
    """Let the codec build every dataclass that the light modules of the rooms below declare."""
    for module in _MODULES:
        register(*_dataclasses_of(module))


def _dataclasses_of(module: ModuleType) -> list[type]:
    return [
        member
        for member in vars(module).values()
        if isinstance(member, type) and dataclasses.is_dataclass(member) and member.__module__ == module.__name__
    ]
