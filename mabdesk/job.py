"""One piece of work for the worker process, made of picklable values alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Job:
    """A step's name and what it gets: values of the parents, options, files as (name, bytes); all picklable."""

    step: str
    parents: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    files: tuple[tuple[str, bytes], ...] = ()
