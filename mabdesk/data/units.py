"""The closed list of units that a header may carry, and what turns one into another.

A unit is looked up by its spelling; text that is not on the list is never evaluated. Pint holds the definitions.
"""

import functools
import itertools
import re
import unicodedata
from dataclasses import dataclass

import pint

LONGEST = 32
_DEFINITIONS = (
    "gram = [mass]", "liter = [volume]", "mole = [substance]", "kelvin = [temperature]; offset: 0",
    "degree_Celsius = kelvin; offset: 273.15", "degree_Fahrenheit = 5 / 9 * kelvin; offset: 255.37222222222222",
    "pascal = [pressure]", "absolute_pascal = [absolute_pressure]", "second = [time]", "cell = [cell]",
    "meter = [length]", "osmole = [osmole]", "revolution = [revolution]",
    "ph_unit = [acidity]", "enzyme_unit = [enzyme]", "farad = [capacitance]",
    "siemens = [conductance]", "percent = 0.01", "newton = [force]",
)  # fmt: skip
_SPELLINGS: dict[str, tuple[str, ...]] = {
    "degree_Celsius": ("°c", "degc", "c", "deg.c", "celsius", "grdc", "degreec", "degreesc", "degreecelsius"),
    "degree_Fahrenheit": ("°f", "degf", "f", "deg.f", "fahrenheit", "degreef"),
    "kelvin": ("k", "kelvin"),
    "ph_unit": ("ph", "phunit", "phunits", "[ph]"),
    "percent": (
        "%", "percent", "pct", "%sat", "%sat.", "%airsat", "%airsat.", "%a.s.", "%as", "%airsaturation", "%do", "%area",
        "%saturation", "%ofsaturation", "%(v/v)", "%v/v", "vol%", "vol.%", "%vol", "area%", "rel.%", "%rel", "%viable",
        "mol%", "%o2", "%co2", "%(a.s.)", "%as.", "%luftsättigung", "%sättigung", "%sätt.", "vol.-%", "vol-%",
        "pourcent", "prozent", "%(airsat.)", "%(airsat)", "%area(sec)", "%w/w",
    ),
    "1": ("1", "-", "fraction", "frac", "ratio", "dimensionless", "unitless"),
    "1e-6": ("ppm", "ng/mg"),
    "revolution / (60 * second)": ("rpm", "1/min", "min-1", "u/min", "rev/min", "r/min", "upm", "tr/min", "umdr./min"),
    "1 / (60 * second)": ("vvm",),
    "1 / (86400 * second)": ("1/d", "1/day", "d-1", "day-1", "/d", "/day", "vvd", "l/l/d", "l/l/day"),
    "0.01 / (86400 * second)": ("%/d", "%/day", "%vol/d", "%/d(v/v)"),
    "1 / (3600 * second)": ("1/h", "h-1", "/h", "hr-1"),
    "100 * pascal": ("mbar", "mbarg", "mbar(g)", "hpa"),
    "100000 * pascal": ("bar", "barg", "bar(g)"),
    "pascal": ("pa",),
    "1000 * pascal": ("kpa",),
    "6894.757293168 * pascal": ("psi", "psig", "psi(g)"),
    # Absolute pressures are another thing: the pressure of the air, which nothing tells, lies between.
    "100 * absolute_pascal": ("mbara", "mbar(a)", "mbarabs", "mbar(abs)"),
    "100000 * absolute_pascal": ("bara", "bar(a)", "barabs", "bar(abs)"),
    "6894.757293168 * absolute_pascal": ("psia", "psi(a)"),
    "133.322387415 * pascal": ("mmhg", "torr"),
    "second": ("s", "sec", "secs", "second", "seconds"),
    "60 * second": ("min", "mins", "minute", "minutes", "m", "minuten"),
    "3600 * second": ("h", "hr", "hrs", "hour", "hours", "std", "std.", "stunde", "stunden", "heure", "heures"),
    "86400 * second": ("d", "day", "days", "dd", "tag", "tage", "jour", "jours"),
    "gram / liter": ("g/l", "gl-1", "gperl", "mg/ml", "mgml-1", "kg/m3", "g/liter", "g/litre", "ug/ul"),
    "0.001 * gram / liter": ("mg/l", "mgl-1", "ug/ml", "ugml-1", "mcg/ml", "g/m3"),
    "0.01 * gram / liter": ("mg/dl", "mg/100ml", "mg%"),
    "10 * gram / liter": ("g/dl", "g/100ml"),
    "1e-6 * gram / liter": ("ug/l", "ng/ml"),
    "0.001 * mole / liter": (
        "mm", "mmol/l", "mmoll-1", "mmol", "mmol/liter", "mmol/litre", "meq/l", "umol/ml", "mol/m3",
    ),
    "1e-6 * mole / liter": ("um", "umol/l", "umol/liter", "nmol/ml"),
    "1e-9 * mole / liter": ("nmol/l", "pmol/ml"),
    "mole / liter": ("mol/l",),
    "0.001 * mole / liter / (3600 * second)": ("mmol/l/h", "mm/h", "mmol/(l*h)", "mmol/(lh)"),
    "gram / liter / (86400 * second)": ("g/l/d", "g/l/day", "g/(ld)", "g/(l*d)", "g/(l*day)", "g/(lday)", "gl-1d-1"),
    "gram / liter / (3600 * second)": ("g/l/h", "g/(lh)", "g/(l*h)"),
    "0.001 * osmole / gram / 1000": (
        "mosm/kg", "mosmol/kg", "mosm/kgh2o", "mosmol/kgh2o", "mosmkg-1", "mosm", "mosmol",
    ),
    "osmole / gram / 1000": ("osm/kg", "osmol/kg"),
    "liter": ("l", "liter", "litre", "liters", "litres", "dm3"),
    "0.001 * liter": ("ml", "milliliter", "cm3"),
    "1000 * liter": ("m3",),
    "liter / (60 * second)": ("l/min", "slpm", "lpm", "sl/min", "nl/min", "slm", "l/min(stp)", "l/min(n)", "ln/min"),
    "0.001 * liter / (60 * second)": ("ml/min", "sccm", "ccm", "mlpm", "sccpm", "mln/min", "nml/min"),
    "liter / (3600 * second)": ("l/h", "sl/h", "nl/h", "slph", "ln/h", "l/hr", "lph"),
    "0.001 * liter / (3600 * second)": ("ml/h",),
    "liter / (86400 * second)": ("l/d", "l/day"),
    "0.001 * liter / (86400 * second)": ("ml/d", "ml/day"),
    "1000 * gram": ("kg",),
    "gram": ("g",),
    "0.001 * gram": ("mg",),
    "1e-6 * meter": ("microns", "micron", "micrometer"),
    "enzyme_unit / liter": ("u/l", "iu/l"),
    "1000 * enzyme_unit / liter": ("u/ml", "iu/ml", "ku/l"),
    "1e-12 * gram / cell / (86400 * second)": (
        "pg/cell/day", "pg/cell/d", "pg/c/d", "pg/c/day", "pcd", "pg/(cell*d)", "pg/(cell*day)", "pg/zelle/d",
    ),
    "1e-12 * farad / (0.01 * meter)": ("pf/cm",),
    "0.1 * siemens / meter": ("ms/cm",),
    "0.0001 * siemens / meter": ("us/cm",),
}  # fmt: skip
# "um" means µM in a concentration and µm in a length: both stand on the list and the variable decides.
_LENGTHS = {"um": "1e-6 * meter", "mm": "0.001 * meter"}


_VOLUMES = {"ml": "0.001", "l": "1", "ul": "1e-6", "cm3": "0.001"}
# "10E6 cells/mL" means 1e6 to the people who write it, not 1e7.
_CELL_DENSITY = re.compile(
    r"(?:[x*]?(?:1(?:\.0)?e\+?0?|10\^|10\*\*|10e\+?0?|10|e\+?0?)(?P<power>[3-9])\*?|(?P<million>mio\.?|million|mill?\.?|mv?(?=c|v)))?"
    r"\(?(?P<cells>viablecells|cells?|vc|c|zellen)?(?:/\(?(?P<volume>ml|l|ul|cm3)\)?|\*?(?P<inverse>ml|l)-1)\)?"
)
_ALIKE = str.maketrans({"\N{MULTIPLICATION SIGN}": "x", "·": "*", "⋅": "*", "\N{MINUS SIGN}": "-"})
# "g·L⁻¹" and "mmol L-1 h-1" are written with a slash on the list; "min-1" alone has nothing before it.
_INVERSE = re.compile(r"(?<=[a-z0-9%)])\s*[*\s]\s*([a-z]+)\s*\^?\s*\(?-1\)?(?![\d.])")
_CELLS_FIRST = re.compile(r"(cells|zellen|vc)[x*]([^/]+)/(.+)")


@dataclass(frozen=True)
class Conversion:
    """value in the wanted unit = value * factor + offset."""

    factor: float
    offset: float = 0.0


SAME = Conversion(1.0)


def conversion(given: str, wanted: str, molar_mass: float | None = None) -> Conversion | None:
    """Tell how a unit's values become another's; None when a spelling is unknown or the two are different things.

    `molar_mass` in g/mol opens the way between substance and mass concentrations.
    """
    if tidy(given) == tidy(wanted):
        return SAME
    for left, right in itertools.product(_expressions(given), _expressions(wanted)):
        found = _between(left, right, molar_mass)
        if found is not None:
            return found
    return None


def is_unit(text: str) -> bool:
    """Tell whether the text is a spelling on the list."""
    return bool(_expressions(text))


def is_absolute(text: str) -> bool:
    """Tell whether this is a pressure above vacuum and not above that of the air."""
    return conversion(text, "bara") is not None


def tidy(text: str) -> str:
    """Bring a spelling into the form of the list: lower case, no spaces, one kind of micro, times and minus sign."""
    return re.sub(r"\s+", "", _spelled(text))


def _spelled(text: str) -> str:
    """Do all that `tidy` does but leave the spaces."""
    # An ordinal sign in "ºC" stands for degrees; it would become the letter o.
    plain = unicodedata.normalize("NFKC", text.replace("º", "°")).replace("μ", "u").replace("µ", "u").casefold()
    return plain.translate(_ALIKE)


def _expressions(text: str) -> tuple[str, ...]:
    if len(text) > LONGEST:
        return ()
    plain = tidy(text)
    divided = re.sub(r"\s+", "", _INVERSE.sub(r"/\1", _spelled(text)))
    for spelling in dict.fromkeys((plain, divided)):
        found = tuple(table[spelling] for table in (_by_spelling(), _LENGTHS) if spelling in table)
        found = found or _cell_density(_CELLS_FIRST.sub(r"\2\1/\3", spelling))
        if found:
            return found
    return ()


@functools.cache
def _by_spelling() -> dict[str, str]:
    return {spelling: expression for expression, spellings in _SPELLINGS.items() for spelling in spellings}


def _cell_density(plain: str) -> tuple[str, ...]:
    """Read 10^n cells a volume in the ways in which counters and people write it."""
    found = _CELL_DENSITY.fullmatch(plain)
    if found is None or not (found["power"] or found["million"] or found["cells"]):
        return ()
    exponent = found["power"] or ("6" if found["million"] else "0")
    return (f"1e{exponent} * cell / ({_VOLUMES[found['volume'] or found['inverse']]} * liter)",)


@functools.cache
def _registry() -> "pint.UnitRegistry":
    registry = pint.UnitRegistry(None, autoconvert_offset_to_baseunit=True)
    for definition in _DEFINITIONS:
        registry.define(definition)
    return registry


@functools.cache
def _between(left: str, right: str, molar_mass: float | None) -> Conversion | None:
    registry = _registry()
    try:
        return _temperature(left, right) or _scale(registry.Quantity(left), registry.Quantity(right))
    except pint.DimensionalityError:
        return None if molar_mass is None else _by_mass(left, right, molar_mass)


def _temperature(left: str, right: str) -> Conversion | None:
    if not left.startswith(("degree", "kelvin")) or not right.startswith(("degree", "kelvin")):
        return None
    zero, one = (_registry().Quantity(value, left).to(right).magnitude for value in (0.0, 1.0))
    return Conversion(float(f"{one - zero:.12g}"), _short(zero))


def _scale(left: "pint.Quantity[float]", right: "pint.Quantity[float]") -> Conversion:
    return Conversion(_short((left / right).to("dimensionless").magnitude))


def _short(value: float) -> float:
    """Undo the last digit's noise: 1e6 / 1e6 through 0.001 is to be 1 and not 1.0000000000000002."""
    short = float(f"{value:.12g}")
    return short if abs(short - value) <= 1e-14 * abs(value) else value


def _by_mass(left: str, right: str, molar_mass: float) -> Conversion | None:
    registry = _registry()
    molar = registry.Quantity(molar_mass, "gram / mole")
    for given in (registry.Quantity(left) * molar, registry.Quantity(left) / molar):
        if given.is_compatible_with(registry.Quantity(right)):
            return _scale(given, registry.Quantity(right))
    return None
