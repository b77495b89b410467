"""Who is at work, where and when, as the operating system says: for the audit trail and for the lock."""

import getpass
import os
import platform
from datetime import UTC, datetime


def user_name() -> str:
    """Return the account's name; a number where the account has no name (containers), else "unknown"."""
    try:
        return clean(getpass.getuser())
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def host_name() -> str:
    """Return the computer's name, "unknown" where it has none."""
    return clean(platform.node()) or "unknown"


def now() -> tuple[str, str]:
    """Return UTC in ISO 8601 with milliseconds, and the local offset from it ("+01:00")."""
    moment = datetime.now(UTC)
    offset = moment.astimezone().strftime("%z")
    return moment.isoformat(timespec="milliseconds"), f"{offset[:3]}:{offset[3:5]}"


def local(utc: str) -> str:
    """Show an ISO time on the local clock: "09:14" today, "2026-11-22 09:14" on another day."""
    try:
        moment = datetime.fromisoformat(utc).astimezone()
    except ValueError:
        return utc
    today = moment.date() == datetime.now(UTC).astimezone().date()
    return moment.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")


def clean(text: str) -> str:
    """Return the text with what UTF-8 cannot hold replaced (a name from a file system may hold anything)."""
    return text.encode("utf-8", "replace").decode("utf-8")
