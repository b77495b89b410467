"""Settings as people read them: words in place of names, "default" in place of None."""

from collections.abc import Mapping
from typing import Any

from mabdesk.options import options_of


def shown(value: Any) -> Any:
    """Return a setting's value for a cell: numbers stay numbers."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == [] or value == ():
        return "default"
    if isinstance(value, str) and "\n" in value:
        return "as confirmed, see Columns"  # a mapping: what came of it is a table of its own
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


def named(options: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return names with spaces, and values."""
    return [(name.replace("_", " "), shown(value)) for name, value in options.items()]


def explained(settings: type[Any], values: Mapping[str, Any]) -> list[tuple[str, Any, str, str]]:
    """Return label, value, unit and help of every setting; what the class does not declare goes by its name."""
    declared = {option.name: option for option in options_of(settings)}
    known = [(o.label, shown(values[o.name]), o.unit, o.help) for o in declared.values() if o.name in values]
    others = [(name, value, "", "") for name, value in named({k: v for k, v in values.items() if k not in declared})]
    return known + others
