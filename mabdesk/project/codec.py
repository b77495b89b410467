"""Values <-> canonical JSON plus content-addressed blobs.

Nothing here runs code from a file: decoding builds plain values, read-only arrays and dataclasses that this program
registered by name. In JSON, a tuple is a list; objects with the key "~" stand for everything else that JSON lacks.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from mabdesk.errors import MabdeskError, ProjectError
from mabdesk.project.blobs import array_bytes, array_from
from mabdesk.project.canonical import canonical, parse, sha256

Kind = TypeVar("Kind")
Registry = Mapping[str, type[Any]]
Fetch = Callable[[str], bytes]

_REGISTERED: dict[str, type[Any]] = {}
_TAG = "~"
_RESTORE = "Open a backup copy of the project."


@dataclass(frozen=True)
class Encoded:
    """Canonical UTF-8 `json`, and `blobs` as pairs (sha256, raw bytes) that it refers to, each once."""

    json: bytes
    blobs: tuple[tuple[str, bytes], ...]


def register(*classes: type[Any]) -> None:
    """Allow these dataclasses in stored values; their names must be unique."""
    for cls in classes:
        if not dataclasses.is_dataclass(cls):
            raise TypeError(f"{cls!r} is no dataclass")
        if _REGISTERED.setdefault(cls.__name__, cls) is not cls:
            raise TypeError(f"two different types are called {cls.__name__}")


def encode(value: Any, registry: Registry | None = None) -> Encoded:
    """Encode a value of dataclasses, tuples, lists, mappings with text keys, arrays, numbers, texts and None.

    Mappings come back as dictionaries in the order of their keys' names.

    Raises:
        TypeError: something in it is of no storable type; the message says where.
    """
    blobs: dict[str, bytes] = {}
    plain = _plain(value, blobs, _REGISTERED if registry is None else registry, "value")
    return Encoded(canonical(plain), tuple(blobs.items()))


def decode(json: bytes, fetch: Fetch, registry: Registry | None = None) -> Any:
    """Build the value again; `fetch(sha256)` gives a blob's raw bytes.

    Raises:
        ProjectError: unknown types, wrong hashes, or fields and shapes that do not fit.
    """
    try:
        return _value(parse(json, "A stored value"), fetch, _REGISTERED if registry is None else registry)
    except RecursionError as error:
        raise ProjectError("The project holds a value that is nested too deeply.", _RESTORE) from error


def content_hash(value: Any, registry: Registry | None = None) -> str:
    """Return the SHA-256 of the canonical form; arrays count by their own hashes."""
    return sha256(encode(value, registry).json)


def references(json: bytes) -> frozenset[str]:
    """Return the hashes of the blobs that an encoded value refers to, without building it."""
    found: set[str] = set()
    _collect(parse(json, "A stored value"), found)
    return frozenset(found)


def _plain(value: Any, blobs: dict[str, bytes], registry: Registry, where: str) -> Any:
    if isinstance(value, np.generic):
        value = _scalar(value, where)
    # Exact types: a named tuple or an enumeration would come back as something else than it was.
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {_TAG: "float", "text": str(value)}
    if type(value) in (tuple, list):
        items = [_plain(item, blobs, registry, f"{where}[{place}]") for place, item in enumerate(value)]
        return items if type(value) is tuple else {_TAG: "list", "items": items}
    if isinstance(value, np.ndarray):
        return _array(value, blobs, where)
    if isinstance(value, Mapping):
        return _mapping(value, blobs, registry, where)
    return _dataclass(value, blobs, registry, where)


def _scalar(value: np.generic, where: str) -> Any:
    plain = value.item()
    if isinstance(plain, np.generic):
        raise TypeError(f"{where} is a {type(value).__name__}, which is not stored")
    return plain


def _array(value: Any, blobs: dict[str, bytes], where: str) -> dict[str, Any]:
    try:
        described, raw = array_bytes(value)
    except TypeError as error:
        raise TypeError(f"{where}: {error}") from error
    blobs[described["sha256"]] = raw
    return described


def _mapping(value: Mapping[Any, Any], blobs: dict[str, bytes], registry: Registry, where: str) -> dict[str, Any]:
    if not all(isinstance(key, str) for key in value):
        raise TypeError(f"{where} has keys that are no text")
    items = {str(key): _plain(item, blobs, registry, f"{where}[{key!r}]") for key, item in value.items()}
    return {_TAG: "dict", "items": items} if _TAG in items else items


def _dataclass(value: Any, blobs: dict[str, bytes], registry: Registry, where: str) -> dict[str, Any]:
    name = type(value).__name__
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{where} is a {name}, which is not stored")
    if registry.get(name) is not type(value):
        raise TypeError(f"{where} is a {name}, which is not registered with mabdesk.project.codec")
    fields = {
        field.name: _plain(getattr(value, field.name), blobs, registry, f"{where}.{field.name}")
        for field in dataclasses.fields(value)
        if field.init
    }
    return {_TAG: "dataclass", "type": name, "fields": fields}


def _value(plain: Any, fetch: Fetch, registry: Registry) -> Any:
    if isinstance(plain, list):
        return tuple(_value(item, fetch, registry) for item in plain)
    if not isinstance(plain, dict):
        return plain
    if _TAG not in plain:
        return {key: _value(item, fetch, registry) for key, item in plain.items()}
    build = _BUILDERS.get(str(plain[_TAG]))
    if build is None:
        raise ProjectError(f"The project holds a value of the unknown form {plain[_TAG]!r}.", _RESTORE)
    try:
        return build(plain, fetch, registry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProjectError(f"The project holds a malformed value: {error}.", _RESTORE) from error


def _build_float(plain: dict[str, Any], _fetch: Fetch, _registry: Registry) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[plain["text"]]


def _build_list(plain: dict[str, Any], fetch: Fetch, registry: Registry) -> list[Any]:
    return [_value(item, fetch, registry) for item in plain["items"]]


def _build_dict(plain: dict[str, Any], fetch: Fetch, registry: Registry) -> dict[str, Any]:
    return {key: _value(item, fetch, registry) for key, item in plain["items"].items()}


def _build_array(plain: dict[str, Any], fetch: Fetch, _registry: Registry) -> Any:
    raw = fetch(plain["sha256"])
    if sha256(raw) != plain["sha256"]:
        raise ProjectError(f"Stored data {plain['sha256'][:12]} differ from their hash.", _RESTORE)
    return array_from(plain, raw)


def _build_dataclass(plain: dict[str, Any], fetch: Fetch, registry: Registry) -> Any:
    name = plain["type"]
    cls = registry.get(name)
    if cls is None:
        raise ProjectError(
            f"The project holds a value of the type {name!r}, which this mabdesk does not know.",
            "Open the project with the mabdesk that made it.",
        )
    known = {field.name for field in dataclasses.fields(cls) if field.init}
    unknown = sorted(set(plain["fields"]) - known)
    if unknown:
        raise ProjectError(
            f"A stored {name} has fields that this mabdesk does not know: {', '.join(unknown)}.",
            "Open the project with the mabdesk that made it.",
        )
    fields = {field: _value(item, fetch, registry) for field, item in plain["fields"].items()}
    try:
        return cls(**fields)
    except MabdeskError as error:
        raise ProjectError(f"A stored {name} is not valid: {error.message}", _RESTORE) from error


_BUILDERS: dict[str, Callable[[dict[str, Any], Fetch, Registry], Any]] = {
    "float": _build_float,
    "list": _build_list,
    "dict": _build_dict,
    "array": _build_array,
    "dataclass": _build_dataclass,
}


def _collect(plain: Any, found: set[str]) -> None:
    if isinstance(plain, dict) and plain.get(_TAG) == "array":
        found.add(str(plain.get("sha256")))
    elif isinstance(plain, (dict, list)):
        for item in plain.values() if isinstance(plain, dict) else plain:
            _collect(item, found)
