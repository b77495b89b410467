"""Canonical JSON: the same value gives the same bytes in every process, so that its hash can be trusted."""

import hashlib
import json
from typing import Any

from mabdesk.errors import ProjectError


def canonical(plain: Any) -> bytes:
    """Return UTF-8 JSON with sorted keys and no spaces; non-ASCII is escaped, so that odd file names survive.

    Raises:
        TypeError: something in it is no JSON value (NaN and infinity included).
    """
    try:
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise TypeError(f"this cannot be written as JSON: {error}") from error
    return text.encode("utf-8")


def parse(data: bytes | str, what: str) -> Any:
    """Return what `canonical` wrote.

    Raises:
        ProjectError: it is no JSON; `what` names the part of the project in the message.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ProjectError(f"{what} cannot be read: {error}.", "Open a backup copy of the project.") from error


def sha256(data: bytes) -> str:
    """Return the SHA-256 of bytes as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest(plain: Any) -> str:
    """Return the SHA-256 of a JSON-able value's canonical form."""
    return sha256(canonical(plain))
