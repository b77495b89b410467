"""The prior as a small file: arrays and nothing else, read without running anything, told by its hash."""

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from mabdesk.errors import DataError
from mabdesk.models.process.pretraining import Prior
from mabdesk.models.process.rollout import Sizes
from mabdesk.models.process.settings import OFF, SHIPPED
from mabdesk.paths import resource

SHIPPED_FILE = "process_prior.npz"
_SIZES = ("memory", "dense", "plant", "quality", "extra")
_HINT = "Write one with `mabdesk pretrain -o PRIOR.npz`, or choose shipped or off."
_MOST_BYTES = 20_000_000


def prior_bytes(prior: Prior) -> bytes:
    """Return the file's content; weights as half-precision floats, which halves it and moves no prediction visibly."""
    stream = io.BytesIO()
    arrays: dict[str, Any] = {f"weight/{name}": value.astype(np.float16) for name, value in prior.weights.items()}
    sizes = np.array([getattr(prior.sizes, name) for name in _SIZES], dtype=np.int32)
    arrays |= {"sizes": sizes, "quality": np.array(prior.quality, dtype=np.str_), "losses": np.array(prior.losses)}
    np.savez_compressed(stream, mean=prior.mean, root=prior.root, **arrays)
    return stream.getvalue()


def read_prior(content: bytes, name: str) -> Prior:
    """Read what `prior_bytes` wrote.

    Raises:
        DataError: it is something else; nothing in it was run.
    """
    try:
        if len(content) > _MOST_BYTES:
            raise ValueError("too large")
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        sizes = Sizes(*(int(value) for value in arrays["sizes"]))
        weights = {
            key.removeprefix("weight/"): value.astype(np.float32)
            for key, value in arrays.items()
            if key.startswith("weight/")
        }
        if any(weights[key].shape[1:] != shape for key, shape in sizes.shapes().items() if 0 not in shape):
            raise ValueError("shapes")
        quality = tuple(str(value) for value in arrays["quality"])
        return Prior(sizes, weights, arrays["mean"], arrays["root"], quality, tuple(arrays["losses"].tolist()))
    except (ValueError, KeyError, OSError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"{name} is no prior of a process model.", _HINT) from error


def chosen_prior(choice: str) -> tuple[Prior | None, str]:
    """Return the prior that was chosen, and what it is in words ("" for none).

    Raises:
        DataError: there is no such file, or it is no prior.
    """
    if choice == OFF:
        return None, ""
    path = resource(SHIPPED_FILE) if choice == SHIPPED else Path(choice)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"The prior {choice} cannot be read: {error.strerror}.", _HINT) from error
    digest = hashlib.sha256(content).hexdigest()[:12]
    what = "the prior that comes with mabdesk" if choice == SHIPPED else f"the prior {path.name}"
    return read_prior(content, path.name), f"{what}, learned from simulated plants (SHA-256 {digest})"
