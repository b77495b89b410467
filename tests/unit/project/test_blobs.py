import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mabdesk.errors import ProjectError
from mabdesk.project import blobs
from mabdesk.project.blobs import array_bytes, pack, unpack
from mabdesk.project.canonical import sha256


@given(st.binary(max_size=300))
def test_that_bytes_come_back_from_packing(raw):
    packing, data = pack(raw)
    assert unpack(packing, data, len(raw), sha256(raw)) == raw


def test_that_sensor_values_shrink_more_than_by_zlib_alone():
    rng = np.random.default_rng(1)
    raw = (36.5 + np.cumsum(rng.normal(0, 0.01, 20_000))).tobytes()
    assert len(pack(raw)[1]) < 0.9 * len(zlib.compress(raw, 6))


def test_that_what_cannot_shrink_is_kept_as_it_is():
    raw = np.random.default_rng(1).bytes(5000)
    assert pack(raw) == ("raw", raw)


@pytest.mark.parametrize(
    ("packing", "data", "size"),
    [
        ("zlib1", zlib.compress(b"x" * 10**7), 10),
        ("zlib1", zlib.compress(b"x" * 9), 10),
        ("zlib1", zlib.compress(b"x" * 10)[:-2], 10),
        ("zlib1", zlib.compress(b"x" * 10) + b"more", 10),
        ("zlib1", b"no zlib", 10),
        ("lzma", b"x" * 10, 10),
        ("raw", b"x" * 9, 10),
        ("raw", b"y" * 10, 10),
        ("zlib1", zlib.compress(b"x" * 10), -1),
        ("zlib1", zlib.compress(b"x" * 10), 10**12),
    ],
)
def test_that_packed_bytes_which_are_not_what_they_should_be_are_refused(packing, data, size):
    with pytest.raises(ProjectError, match="are damaged"):
        unpack(packing, data, size, sha256(b"x" * 10))


def test_that_an_array_beyond_the_limit_is_refused_with_its_size(monkeypatch):
    monkeypatch.setattr(blobs, "MAX_BLOB", 2**20)
    with pytest.raises(ProjectError, match="2 MB is too large"):
        array_bytes(np.zeros(2**18))
