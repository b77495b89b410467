"""Raw bytes <-> compressed bytes, and arrays <-> raw bytes. Everything read back is checked before it is used."""

import math
import re
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mabdesk.errors import ProjectError
from mabdesk.project.canonical import sha256

MAX_BLOB = 512 * 2**20
_STRIDES = (1, 4, 8)
_SAMPLE = 2**16
_DTYPES = frozenset(np.dtype(kind).str for kind in ("?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8")) | {
    "<f2",
    "<f4",
    "<f8",
}
_TEXT = re.compile(r"<U[1-9][0-9]{0,6}")
_LAST_CODE_POINT = 0x10FFFF
_RESTORE = "Open a backup copy of the project."


def pack(raw: bytes) -> tuple[str, bytes]:
    """Compress: bytes of equal place are put together first where that helps (floats of one array look alike)."""
    stride = min(_STRIDES, key=lambda width: len(zlib.compress(_shuffle(raw[:_SAMPLE], width), 1)))
    data = zlib.compress(_shuffle(raw, stride), 6)
    return (f"zlib{stride}", data) if len(data) < len(raw) else ("raw", raw)


def unpack(packing: str, data: bytes, size: int, digest: str) -> bytes:
    """Give the raw bytes back.

    Raises:
        ProjectError: they are not `size` bytes with the SHA-256 `digest`.
    """
    raw = data if packing == "raw" else _unshuffle(_inflate(packing, data, size, digest), int(packing[4:]))
    if len(raw) != size or sha256(raw) != digest:
        raise _damaged(digest, "its content differs from its hash")
    return raw


def array_bytes(array: NDArray[Any]) -> tuple[dict[str, Any], bytes]:
    """Give the description and the raw little-endian C-ordered bytes of an array.

    Raises:
        TypeError: the array holds something else than numbers, booleans or text.
    """
    plain = np.asarray(array, dtype=_stored(array.dtype), order="C")
    if plain.dtype.str not in _DTYPES and not _TEXT.fullmatch(plain.dtype.str):
        raise TypeError(f"arrays of {array.dtype} are not stored")
    if plain.nbytes > MAX_BLOB:
        raise ProjectError(
            f"An array of {plain.nbytes / 2**20:.0f} MB is too large to keep (the limit is {MAX_BLOB // 2**20} MB).",
            "Use fewer batches or a longer time step.",
        )
    raw = plain.tobytes()
    return {"~": "array", "dtype": plain.dtype.str, "shape": list(plain.shape), "sha256": sha256(raw)}, raw


def array_from(described: dict[str, Any], raw: bytes) -> NDArray[Any]:
    """Build a read-only array of what `array_bytes` described.

    Raises:
        ProjectError: bytes, shape and type do not belong together.
    """
    name, shape = described.get("dtype"), described.get("shape")
    if not isinstance(name, str) or not (name in _DTYPES or _TEXT.fullmatch(name)):
        raise _odd(f"an array of the unknown type {name!r}")
    if not isinstance(shape, list) or len(shape) > 32 or not all(type(n) is int and n >= 0 for n in shape):
        raise _odd(f"an array of the impossible shape {shape!r}")
    dtype = np.dtype(name)
    if math.prod(shape) * dtype.itemsize != len(raw):
        raise _odd(f"an array of shape {shape} and type {name}, but {len(raw)} bytes for it")
    return _sane(np.ndarray(tuple(shape), dtype=dtype, buffer=raw))


def _sane(array: NDArray[Any]) -> NDArray[Any]:
    limit = {"b": 1, "U": _LAST_CODE_POINT}.get(array.dtype.kind)
    if limit is not None and array.size:
        codes = np.frombuffer(array.tobytes(), dtype=np.uint8 if limit == 1 else np.uint32)
        if codes.max(initial=0) > limit:
            raise _odd("an array with impossible values")
    return array


def _stored(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind == "U":
        return np.dtype(f"<U{max(1, dtype.itemsize // 4)}")
    return dtype.newbyteorder("<")


def _shuffle(raw: bytes, width: int) -> bytes:
    whole = len(raw) - len(raw) % width
    if width == 1:
        return raw
    return np.frombuffer(raw[:whole], dtype=np.uint8).reshape(-1, width).T.tobytes() + raw[whole:]


def _unshuffle(mixed: bytes, width: int) -> bytes:
    whole = len(mixed) - len(mixed) % width
    if width == 1:
        return mixed
    return np.frombuffer(mixed[:whole], dtype=np.uint8).reshape(width, -1).T.tobytes() + mixed[whole:]


def _inflate(packing: str, data: bytes, size: int, digest: str) -> bytes:
    if packing not in {f"zlib{width}" for width in _STRIDES} or not 0 <= size <= MAX_BLOB:
        raise _damaged(digest, f"it is said to be {size} bytes packed as {packing!r}")
    stream = zlib.decompressobj()
    try:
        # One byte more than expected is enough to see that there is too much: nothing unpacks without bound.
        raw = stream.decompress(data, size + 1)
    except zlib.error as error:
        raise _damaged(digest, str(error)) from error
    if not stream.eof or stream.unused_data:
        raise _damaged(digest, "it does not unpack to the size it should have")
    return raw


def _damaged(digest: str, why: str) -> ProjectError:
    return ProjectError(f"Stored data {digest[:12]} are damaged: {why}.", _RESTORE)


def _odd(what: str) -> ProjectError:
    return ProjectError(f"The project holds {what}.", _RESTORE)
