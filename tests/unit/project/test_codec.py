import contextlib
import dataclasses
import enum
import math
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mabdesk.data.batch import Change, Dataset, Variable
from mabdesk.errors import ProjectError
from mabdesk.project import codec
from mabdesk.project.canonical import canonical
from mabdesk.project.codec import content_hash, decode, encode, references, register


@dataclasses.dataclass(frozen=True)
class Inner:
    number: float
    text: str = "µ"


@dataclasses.dataclass(frozen=True, eq=False)
class Outer:
    inner: Inner
    table: Any
    more: Any = None


@dataclasses.dataclass(frozen=True)
class Stranger:
    number: float


class Named(NamedTuple):
    number: int


REGISTRY = {"Inner": Inner, "Outer": Outer}


def round_trip(value):
    encoded = encode(value, REGISTRY)
    return decode(encoded.json, dict(encoded.blobs).__getitem__, REGISTRY)


def same(left, right):
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if dataclasses.is_dataclass(left):
        names = [field.name for field in dataclasses.fields(left)]
        return type(left) is type(right) and all(same(getattr(left, n), getattr(right, n)) for n in names)
    if isinstance(left, dict):
        return type(right) is dict and left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, (tuple, list)):
        return type(left) is type(right) and len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and left == right and repr(left) == repr(right)


dtypes = st.sampled_from(["?", "i1", "<i4", "<i8", "u1", "<u8", "<f2", "<f4", "<f8", "<U1", "<U7"])
arrays = dtypes.flatmap(lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
texts = st.text(max_size=8) | st.sampled_from(["~", "\ud800", "\0", "=cmd|' /C calc'!A0"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars | arrays,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(texts, inner, max_size=3),
        st.builds(Outer, st.builds(Inner, st.floats(), texts), inner, inner),
    ),
    max_leaves=12,
)


@given(values)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_that_every_value_comes_back_as_it_was_and_hashes_the_same_again(value):
    back = round_trip(value)
    assert same(value, back)
    assert content_hash(back, REGISTRY) == content_hash(value, REGISTRY)


@given(st.binary(max_size=60) | values.map(lambda value: encode(value, REGISTRY).json[:-1]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_that_broken_bytes_give_a_value_or_a_project_error_and_nothing_else(data):
    with contextlib.suppress(ProjectError):
        decode(data, lambda digest: b"", REGISTRY)


def test_that_a_dataset_comes_back_with_the_same_numbers(project_path):
    from_file = round_trip_known(Dataset((Variable("ph", "", "online", -math.inf, math.inf),), ()))
    assert from_file.variables == (Variable("ph", "", "online", -math.inf, math.inf),)
    change = round_trip_known(Change("plausible", "ph"))
    assert math.isnan(change.hour)
    assert (change.rule, change.count) == ("plausible", 1)


def round_trip_known(value):
    encoded = encode(value)
    return decode(encoded.json, dict(encoded.blobs).__getitem__)


def test_that_hashes_are_the_same_in_another_process_with_another_hash_seed():
    code = (
        "import numpy as np; from mabdesk.project.codec import content_hash;"
        "print(content_hash({'b': (1, 2.5, np.arange(6.0).reshape(2, 3)), 'a': [float('nan'), None, 'µ']}))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    here = content_hash({"a": [float("nan"), None, "µ"], "b": (1, 2.5, np.arange(6.0).reshape(2, 3))})
    assert seen == {here}


def test_that_the_json_is_canonical_and_holds_arrays_by_hash_alone():
    encoded = encode({"b": np.zeros(1000), "a": np.zeros(1000)})
    assert len(encoded.blobs) == 1
    assert encoded.json.index(b'"a"') < encoded.json.index(b'"b"')
    assert references(encoded.json) == {encoded.blobs[0][0]}
    assert len(encoded.json) < 400


def test_that_memory_layout_and_byte_order_do_not_change_the_hash():
    table = np.arange(12.0).reshape(3, 4)
    hashes = {content_hash(form) for form in (table, np.asfortranarray(table), table.astype(">f8"), table[:, ::1])}
    assert len(hashes) == 1
    assert content_hash(table.astype(np.float32)) not in hashes


def test_that_decoded_arrays_are_read_only():
    back = round_trip({"x": np.arange(3.0)})["x"]
    with pytest.raises(ValueError, match="read-only"):
        back[0] = 1.0


def test_that_numpy_scalars_come_back_as_plain_numbers():
    assert round_trip((np.float64(1.5), np.int32(3), np.bool_(True), np.str_("x"))) == (1.5, 3, True, "x")


class Color(enum.IntEnum):
    RED = 1


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        b"bytes",
        {1: "number as key"},
        np.array([object()]),
        np.datetime64("2026-01-01"),
        np.array(["2026-01-01"], dtype="M8[D]"),
        np.longdouble(1.5),
        np.zeros(2, dtype=[("a", "f8")]),
        Stranger(1.0),
        Stranger,
        Named(3),
        Color.RED,
        1 + 2j,
    ],
    ids=str,
)
def test_that_what_would_not_come_back_the_same_is_refused_with_its_place(value):
    with pytest.raises(TypeError, match=r"value\['deep'\]\[1\]"):
        encode({"deep": (0, value)}, REGISTRY)


def test_that_a_namesake_of_a_registered_type_is_refused():
    impostor = dataclasses.make_dataclass("Inner", ["number"])
    with pytest.raises(TypeError, match="not registered"):
        encode(impostor(1.0), REGISTRY)
    with pytest.raises(TypeError, match="two different types"):
        register(dataclasses.make_dataclass("Dataset", ["number"]))


def test_that_registered_types_need_no_registry(monkeypatch):
    monkeypatch.setattr(codec, "_REGISTERED", {})
    register(Inner)
    encoded = encode(Inner(2.0))
    assert decode(encoded.json, dict) == Inner(2.0)


ARRAY = {"~": "array", "dtype": "<f8", "shape": [2], "sha256": ""}


@pytest.mark.parametrize(
    ("plain", "sentence"),
    [
        ({"~": "dataclass", "type": "Popen", "fields": {"args": "ls"}}, "'Popen', which this mabdesk does not know"),
        ({"~": "dataclass", "type": "Inner", "fields": {"number": 1.0, "color": 2}}, "does not know: color"),
        ({"~": "dataclass", "type": "Inner", "fields": {}}, "malformed"),
        ({"~": "dataclass", "type": ["Inner"], "fields": {}}, "malformed"),
        ({"~": "pickle", "data": "gASV"}, "unknown form 'pickle'"),
        ({"~": "float", "text": "1e5"}, "malformed"),
        ({"~": "list"}, "malformed"),
        ({**ARRAY, "shape": [3]}, "16 bytes for it"),
        ({**ARRAY, "shape": [-1, -2]}, "impossible shape"),
        ({**ARRAY, "shape": [2**40, 2**40]}, "16 bytes for it"),
        ({**ARRAY, "shape": "2"}, "impossible shape"),
        ({**ARRAY, "dtype": "|O"}, "unknown type '|O'"),
        ({**ARRAY, "dtype": "<U2", "shape": [2]}, "impossible values"),
    ],
)
def test_that_decoding_refuses_what_does_not_fit_with_a_sentence(plain, sentence):
    raw = np.array([1.5, 2.5]).tobytes()
    digest = encode(np.array([1.5, 2.5])).blobs[0][0]
    data = canonical(plain | ({"sha256": digest} if "sha256" in plain else {}))
    with pytest.raises(ProjectError) as caught:
        decode(data, lambda _digest: raw, REGISTRY)
    assert sentence in caught.value.message


def test_that_a_blob_which_differs_from_its_hash_is_refused():
    encoded = encode(np.arange(3.0))
    with pytest.raises(ProjectError, match="differ from their hash"):
        decode(encoded.json, lambda _digest: np.arange(1.0, 4.0).tobytes())


def test_that_a_field_added_later_takes_its_default_in_older_values():
    old = canonical({"~": "dataclass", "type": "Inner", "fields": {"number": 1.0}})
    assert decode(old, dict, REGISTRY) == Inner(1.0, "µ")


def test_that_endless_nesting_is_refused_with_a_sentence():
    with pytest.raises(ProjectError):
        decode(b"[" * 100_000 + b"]" * 100_000, dict, REGISTRY)
    with pytest.raises(ProjectError):
        decode(b"[" * 900 + b"]" * 899, dict, REGISTRY)
