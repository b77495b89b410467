"""The types of the rooms below that stored values may hold. Rooms above register their own with `codec.register`."""

from mabdesk.data.batch import (
    Batch,
    Change,
    Dataset,
    Event,
    Measurements,
    Source,
    Split,
    Variable,
    Windows,
)
from mabdesk.data.settings import CleaningPlan, ReadingOptions, SplitOptions, WindowPlan
from mabdesk.project.codec import register


def register_known() -> None:
    """Let the codec build the types of data."""
    register(Variable, Event, Measurements, Batch, Source, Dataset, Change, Split, Windows)
    register(ReadingOptions, SplitOptions, CleaningPlan, WindowPlan)
