"""Turns declared options into arguments and arguments back into options."""

import argparse
import dataclasses
import types
from collections.abc import Iterable, Mapping
from typing import Any

from mabdesk.options import Option, options_of


def add_options(
    parser: argparse.ArgumentParser,
    settings: Iterable[type],
    *,
    without: Iterable[type] = (),
    only: Iterable[str] = (),
    note: str = "",
    further: Mapping[str, tuple[str, ...]] = types.MappingProxyType({}),
) -> None:
    """Add one argument for every option that these settings classes declare, under the name that the form has.

    An option that several classes share (epochs of two networks) is added once. Absent arguments stay absent, so that
    each class keeps its own default.

    Args:
        parser: of the sub-command.
        settings: what declares them.
        without: classes whose options are there already.
        only: names of the options that are wanted; none: all.
        note: what stands before the help of each.
        further: choices that the command takes beyond those declared, by option.
    """
    there, wanted = {option.name for group in without for option in options_of(group)}, set(only)
    for declared in {option.name: option for group in settings for option in options_of(group)}.values():
        if declared.name not in there and (not wanted or declared.name in wanted):
            more = further.get(declared.name, ())
            _add(parser, dataclasses.replace(declared, choices=(*declared.choices, *more)), note)


def given(arguments: argparse.Namespace, settings: Iterable[type]) -> dict[str, Any]:
    """Return the options that the user gave, by name."""
    names = {option.name for group in settings for option in options_of(group)}
    return {name: getattr(arguments, name) for name in sorted(names) if hasattr(arguments, name)}


def flag(name: str) -> str:
    """Return an option's name as it stands on the command line."""
    return "--" + name.replace("_", "-")


def _add(parser: argparse.ArgumentParser, declared: Option, note: str) -> None:
    text = note + _help(declared)
    common: dict[str, Any] = {"dest": declared.name, "default": argparse.SUPPRESS, "help": text}
    if declared.kind is bool:
        parser.add_argument(flag(declared.name), action=argparse.BooleanOptionalAction, **common)
    elif declared.kind is tuple:
        parser.add_argument(flag(declared.name), type=names_in, metavar="A,B,...", **common)
    elif declared.choices:
        # Words with a dash are what a command line expects; the form and the record use the underscore.
        parser.add_argument(flag(declared.name), type=_word, metavar="{" + ",".join(declared.choices) + "}", **common)
    else:
        parser.add_argument(flag(declared.name), type=declared.kind, metavar=declared.unit or "VALUE", **common)


def _help(declared: Option) -> str:
    default = ",".join(declared.default) if isinstance(declared.default, tuple) else declared.default
    known = [declared.unit] if declared.unit else []
    if declared.low is not None and declared.high is not None:
        known.append(f"{declared.low:g} to {declared.high:g}")
    if default not in ("", None):
        known.append(f"default {default:g}" if isinstance(default, float) else f"default {default}")
    shown = f" ({'; '.join(known)})" if known else ""
    return f"{declared.help}{shown}".replace("%", "%%")


def names_in(text: str) -> tuple[str, ...]:
    """Return the names in a list with commas, with underscores as the record has them."""
    return tuple(_word(part) for part in text.split(",") if part.strip())


def _word(text: str) -> str:
    return text.strip().replace("-", "_")
