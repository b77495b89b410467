"""Which of Keras's backends computes networks: what was chosen, and where the choice is kept. Imports no Keras.

The environment's KERAS_BACKEND wins, then the user's choice, then TensorFlow. Keras reads the choice once, when it is
imported: another choice holds from the next start of a worker on.
"""

import contextlib
import importlib.metadata
import importlib.util
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mabdesk.errors import OptionsError
from mabdesk.paths import preferences_file

VARIABLE = "KERAS_BACKEND"
DEFAULT = "tensorflow"
_ENTRY = "backend"  # of the preferences
_GIVEN = os.environ.get(VARIABLE, "")  # before anything here sets it


@dataclass(frozen=True)
class Backend:
    """A backend's name for people, its package, the extra that installs it, and what must stand in the environment."""

    label: str
    package: str
    extra: str
    environment: Mapping[str, str]


BACKENDS: Mapping[str, Backend] = {
    "tensorflow": Backend("TensorFlow", "tensorflow", "gpu", {"TF_CPP_MIN_LOG_LEVEL": "3"}),
    # Without this workspace cuBLAS may sum in another order each time.
    "torch": Backend("PyTorch", "torch", "gpu-windows", {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}),
    "jax": Backend(
        "JAX",
        "jax",
        "jax",
        {
            "PJRT_NPROC": "2",  # threads: fixed, as for the other backends
            "XLA_FLAGS": "--xla_gpu_deterministic_ops=true",
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",  # a card's memory is taken as it is needed
        },
    ),
}


def chosen() -> str:
    """Return the backend's name; one that the environment names is returned even where it is unknown."""
    return _GIVEN or _kept() or DEFAULT


def given_by_environment() -> bool:
    """Tell whether the environment names a backend, so that the user's own choice does not count."""
    return bool(_GIVEN)


def apply() -> None:
    """Set the environment of this process, and of those that it starts, for the chosen backend."""
    name = chosen()
    os.environ[VARIABLE] = name
    for variable, value in (BACKENDS[name].environment if name in BACKENDS else {}).items():
        os.environ.setdefault(variable, value)
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # oneDNN picks kernels by machine load: same seed, other numbers


def label_of(name: str) -> str:
    """Return the name that people read."""
    return BACKENDS[name].label if name in BACKENDS else name


def problem(name: str) -> str:
    """Return why a backend cannot be used here, "" where its package is there."""
    if name not in BACKENDS:
        return f"There is no backend {name!r} ({VARIABLE}); choose from {', '.join(BACKENDS)}."
    known = BACKENDS[name]
    if importlib.util.find_spec(known.package) is None:
        return f"{known.label} is not installed; mabdesk's extra [{known.extra}] installs it."
    return ""


def keep(name: str) -> None:
    """Remember the user's choice, for this process' next worker too.

    Raises:
        OptionsError: there is no such backend, its package is not installed, or the choice cannot be written.
    """
    fault = problem(name)
    if fault:
        raise OptionsError(fault, f"Install it, or stay with {label_of(chosen())}: nothing was changed.")
    path = preferences_file()
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        part.write_text(json.dumps({**_preferences(), _ENTRY: name}, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise OptionsError(f"The choice cannot be kept ({error}).", f"Set the variable {VARIABLE} instead.") from error
    apply()


def version(name: str) -> str:
    """Return a backend with the version of its package: "torch 2.13.0"."""
    try:
        return f"{name} {importlib.metadata.version(BACKENDS[name].package)}"
    except (KeyError, importlib.metadata.PackageNotFoundError):
        return name


def _kept() -> str:
    found = _preferences().get(_ENTRY)
    return found if isinstance(found, str) and found in BACKENDS else ""


def _preferences() -> dict[str, Any]:
    try:
        plain = json.loads(preferences_file(make=False).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return plain if isinstance(plain, dict) else {}
