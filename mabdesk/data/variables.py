"""The catalog of process variables: names, synonyms, canonical units, plausible limits (resources/variables.csv)."""

import csv
import functools
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from mabdesk.data.batch import Role, Variable
from mabdesk.data.units import conversion
from mabdesk.data.words import words as words_of
from mabdesk.paths import resource

ROLES: tuple[Role, ...] = ("online", "offline", "target", "quality", "setpoint")
MEASURED: tuple[Role, ...] = ("online", "offline", "target", "quality")

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_PREFIX = re.compile(r"\s*([XWZFYxwzfy])\s*:\s*(?=\S)")


@dataclass(frozen=True)
class Known:
    """One row of the catalog. `molar_mass` in g/mol where there is one; `strict` synonyms count only with a unit."""

    name: str
    label: str
    unit: str
    role: Role
    low: float
    high: float
    molar_mass: float | None
    synonyms: tuple[str, ...]
    strict: tuple[str, ...]

    def variable(self) -> Variable:
        """Return it as a dataset's variable."""
        return Variable(self.name, self.unit, self.role, self.low, self.high, self.label)


@functools.cache
def catalog() -> tuple[Known, ...]:
    """Return the table of variables, in its order."""
    with resource("variables.csv").open(encoding="utf-8", newline="") as file:
        return tuple(_known(row) for row in csv.DictReader(file))


def known(name: str, roles: Collection[Role] = ROLES) -> Known | None:
    """Return the catalog's row of this very name and one of these roles."""
    return next((row for row in catalog() if row.name == name and row.role in roles), None)


def shown_name(name: str) -> str:
    """Return what people call a variable; of one that the catalog lacks, its own name in words."""
    row = known(name)
    return row.label if row is not None and row.label else name.replace("_", " ")


def recognize(text: str, unit: str = "", roles: Collection[Role] = ROLES) -> Known | None:
    """Find what a header names; its unit, when given, decides between variables of one name.

    A setpoint's header may say so ("Temp SP", "Z:Temp"); with the other roles such a column is no measurement. The
    letters of data tables for models ("X:VCD", "W:temp", "F:Feed", "Y:Titer") say nothing else.
    """
    prefix = _PREFIX.match(text)
    words = _words(_HUMP.sub(" ", text[prefix.end() :]) if prefix else text)
    says_setpoint = bool(set(words) & set(words_of("setpoint"))) or (prefix is not None and prefix[1] in "zZ")
    if says_setpoint and "setpoint" not in roles:
        return None
    for key in _keys(words, says_setpoint):
        for row, strict in _by_key().get(key, ()):
            if row.role in roles and (not strict if not unit else fits(row, unit)):
                return row
    return None


def says(text: str, *asked: str) -> bool:
    """Tell whether a header contains one of these words."""
    return bool(set(asked) & set(_words(text)))


def fits(row: Known, unit: str) -> bool:
    """Tell whether values in this unit can become the variable's own."""
    return unit in {"", "-"} or conversion(unit, row.unit, row.molar_mass) is not None


def slug(text: str) -> str:
    """Make a variable's name from a header: lower case, digits, underscores."""
    return "_".join(_words(text)) or "column"


def _known(row: Mapping[str, str]) -> Known:
    synonyms = [part for part in row["synonyms"].split("|") if part]
    return Known(
        row["name"],
        row["label"],
        row["unit"],
        next(role for role in ROLES if role == row["role"]),
        float(row["low"] or -np.inf),
        float(row["high"] or np.inf),
        float(row["molar_mass"]) if row["molar_mass"] else None,
        tuple(part for part in synonyms if not part.endswith("!")),
        tuple(part[:-1] for part in synonyms if part.endswith("!")),
    )


@functools.cache
def _by_key() -> dict[str, list[tuple[Known, bool]]]:
    found: dict[str, list[tuple[Known, bool]]] = {}
    for row in catalog():
        for text in dict.fromkeys((row.name, row.label, *row.synonyms)):
            found.setdefault("".join(_words(text)), []).append((row, False))
        for text in row.strict:
            found.setdefault("".join(_words(text)), []).append((row, True))
    return found


def _keys(words: list[str], says_setpoint: bool) -> dict[str, None]:
    """List the keys to try: the whole name, then without the words around it."""
    plain = [word for word in words if word not in words_of("setpoint")] if says_setpoint else words
    bare = [word for word in plain if word not in words_of("qualifier")]
    keys = ["".join(words), "".join(plain), "".join(bare)]
    if len(bare) > 1 and bare[-1].isdigit() and len(bare[-1]) == 1:  # the number of a channel: TEMP_1, "pO2 (1)"
        keys.append("".join(bare[:-1]))
    return dict.fromkeys(keys)


@functools.lru_cache(maxsize=4096)
def _split(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text.replace("µ", "u").replace("μ", "u"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(re.findall(r"[a-z0-9]+", plain.casefold().replace("ß", "ss")))


def _words(text: str) -> list[str]:
    return list(_split(text))
