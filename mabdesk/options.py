"""Declares a setting once: the form, the command-line option and the stored record all follow from it.

A settings class is a frozen dataclass whose fields are made by `option(...)`. Types that a form and the command line
understand: bool, int, float, str, tuple[str, ...], and each of them `| None`.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from mabdesk.errors import OptionsError, Problem

Settings = TypeVar("Settings")


@dataclass(frozen=True)
class Option:
    """What is known of one setting. `kind` is bool, int, float, str or tuple (of texts); `optional` allows None."""

    name: str
    label: str
    default: Any
    help: str
    unit: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    kind: type
    optional: bool


def option(
    default: Any,
    label: str,
    help: str,  # noqa: A002 - the word that users, argparse and forms all use
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare one field of a settings class. Limits are inclusive."""
    declared = {"label": label, "help": help, "unit": unit, "low": low, "high": high, "choices": choices}
    return dataclasses.field(default=default, metadata={"option": declared})


def options_of(settings_class: type[Any]) -> tuple[Option, ...]:
    """List the options that a settings class declares, in the order of its fields."""
    hints = get_type_hints(settings_class)
    found = []
    for field in dataclasses.fields(settings_class):
        if "option" in field.metadata:
            kind, optional = _kind(hints[field.name])
            found.append(
                Option(name=field.name, default=field.default, kind=kind, optional=optional, **field.metadata["option"])
            )
    return tuple(found)


def check(settings: Settings) -> Settings:
    """Return the settings as they are, or raise OptionsError with every fault at once."""
    problems = []
    for declared in options_of(type(settings)):
        fault = _fault(declared, getattr(settings, declared.name))
        if fault:
            problems.append(Problem(declared.name.replace("_", "-"), fault))
    if problems:
        raise OptionsError("Some settings are outside what they allow.", "Change the settings named above.", problems)
    return settings


def to_plain(settings: Any) -> dict[str, Any]:
    """Give the settings as a JSON-able dictionary (tuples become lists)."""
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def from_plain(settings_class: type[Settings], plain: dict[str, Any]) -> Settings:
    """Rebuild settings from `to_plain`'s dictionary; unknown names are refused, absent ones take their default."""
    hints = get_type_hints(settings_class)
    unknown = sorted(set(plain) - set(hints))
    if unknown:
        raise OptionsError(f"Unknown settings received: {', '.join(unknown)}.", "Use --help to list the settings.")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    return check(settings_class(**values))


def pick(settings_class: type[Settings], plain: Mapping[str, Any]) -> Settings:
    """Build settings from those entries of a larger flat dictionary that this class declares."""
    names = {field.name for field in dataclasses.fields(settings_class)}  # type: ignore[arg-type]
    return from_plain(settings_class, {name: value for name, value in plain.items() if name in names})


def _kind(hint: Any) -> tuple[type, bool]:
    if get_origin(hint) is tuple:
        return tuple, False
    arguments = [argument for argument in get_args(hint) if argument is not type(None)]
    if not arguments:
        return hint, False
    return (tuple if get_origin(arguments[0]) is tuple else arguments[0]), True


def _fault(declared: Option, value: Any) -> str:
    if value is None:
        return "" if declared.optional else "a value is needed, received none"
    allowed: tuple[type[Any], ...] = (int, float) if declared.kind is float else (declared.kind,)
    if not isinstance(value, allowed) or (isinstance(value, bool) and declared.kind is not bool):
        return f"expected {declared.kind.__name__}, received {value!r}"
    if declared.choices:
        if value == ():
            return f"received none; choose at least one from {', '.join(declared.choices)}"
        wrong = [item for item in (value if isinstance(value, tuple) else (value,)) if item not in declared.choices]
        if wrong:
            return f"received {wrong[0]!r}; choose from {', '.join(declared.choices)}"
    return _outside(declared, float(value)) if declared.kind in {int, float} else ""


def _outside(declared: Option, value: float) -> str:
    if not math.isfinite(value):
        return f"received {value}; a finite number is needed"
    if declared.low is not None and value < declared.low:
        return f"received {value:g}; the least allowed is {declared.low:g} {declared.unit}".rstrip()
    if declared.high is not None and value > declared.high:
        return f"received {value:g}; the most allowed is {declared.high:g} {declared.unit}".rstrip()
    return ""
