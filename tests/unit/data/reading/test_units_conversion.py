"""The closed list of units: spellings, conversions, and what is never evaluated."""

import pytest

from mabdesk.data.units import conversion, is_unit
from mabdesk.data.variables import catalog, recognize

MEASURED = ("online", "offline", "target", "quality")


@pytest.mark.parametrize(
    ("given", "wanted", "molar_mass", "value", "expected"),
    [
        ("mM", "g/L", 180.156, 10.0, 1.80156),
        ("mmol/L", "g/L", 90.078, 20.0, 1.80156),
        ("g/L", "mM", 17.031, 0.17031, 10.0),
        ("mg/L", "g/L", None, 1500.0, 1.5),
        ("mg/mL", "g/L", None, 1.5, 1.5),
        ("µg/mL", "g/L", None, 1500.0, 1.5),
        ("cells/mL", "1e6/mL", None, 2.5e6, 2.5),
        ("1e5 cells/mL", "1e6/mL", None, 25.0, 2.5),
        ("x10^6 cells/mL", "1e6/mL", None, 2.5, 2.5),
        ("\u00d710⁶ cells/mL", "1e6/mL", None, 2.5, 2.5),
        ("10E6 cells/mL", "1e6/mL", None, 2.5, 2.5),
        ("1e9 cells/L", "1e6/mL", None, 2.5, 2.5),
        ("cells/L", "1e6/mL", None, 2.5e9, 2.5),
        ("°F", "°C", None, 98.6, 37.0),
        ("K", "°C", None, 310.15, 37.0),
        ("fraction", "%", None, 0.965, 96.5),
        ("mmHg", "mbar", None, 750.0, 999.91779),
        ("psi", "mbar", None, 1.0, 68.947573),
        ("bar", "mbar", None, 0.05, 50.0),
        ("days", "h", None, 2.0, 48.0),
        ("min", "h", None, 90.0, 1.5),
        ("%/day", "1/day", None, 4.0, 0.04),
    ],
)
def test_that_values_are_converted_between_units_of_one_quantity(given, wanted, molar_mass, value, expected):
    way = conversion(given, wanted, molar_mass)
    assert value * way.factor + way.offset == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("given", "wanted"), [("rpm", "g/L"), ("mM", "%"), ("mM", "g/L"), ("°C", "h"), ("furlong", "m"), ("m/l", "1e6/mL")]
)
def test_that_different_quantities_and_unknown_units_have_no_conversion(given, wanted):
    assert conversion(given, wanted) is None


@pytest.mark.parametrize("text", ["__import__('os').getcwd()", "gram*liter**9", "1e6" * 20, "2 * kelvin", "", "(" * 40])
def test_that_free_text_is_no_unit_and_never_evaluated(text):
    assert not is_unit(text)
    assert conversion(text, "g/L", 180.0) is None


def test_that_every_canonical_unit_of_the_catalog_is_on_the_list():
    for row in catalog():
        assert not row.unit or is_unit(row.unit), row.name
        assert row.low < row.high, row.name


def test_that_names_are_unique_within_a_role_and_synonyms_within_the_measured_variables():
    pairs = [(row.name, row.role) for row in catalog()]
    assert len(pairs) == len(set(pairs))
    for row in catalog():
        found = recognize(row.label, row.unit, (row.role,))
        assert found is not None
        assert found.name == row.name


@pytest.mark.parametrize(
    ("header", "unit", "name"),
    [
        ("Temp", "°C", "temperature"),
        ("T_PV", "", "temperature"),
        ("T", "°C", "temperature"),
        ("Bioreactor pH", "", "ph"),
        ("pO2", "%", "dissolved_oxygen"),
        ("pO2", "mmHg", "po2"),
        ("DO2", "%", "dissolved_oxygen"),
        ("Xv", "1e6/mL", "vcd"),
        ("Viable cells", "cells/mL", "vcd"),
        ("Total_VCD", "", "vcd"),
        ("GLC", "mM", "glucose"),
        ("Gluc.", "g/L", "glucose"),
        ("NH4+", "mM", "ammonia"),
        ("mAb conc.", "mg/L", "titer"),
        ("Product", "g/L", "titer"),
        ("IgG", "mg/L", "titer"),
        ("HMW species", "%", "aggregates"),
        ("Average_diameter", "", "diameter"),
        ("Osmo", "mOsm/kg", "osmolality"),
        ("K+", "mM", "potassium"),
    ],
)
def test_that_names_from_instruments_are_recognized(header, unit, name):
    assert recognize(header, unit, MEASURED).name == name


@pytest.mark.parametrize(
    ("header", "unit"), [("T", ""), ("Temp SP", "°C"), ("pH setpoint", ""), ("TP001", ""), ("X", "")]
)
def test_that_what_could_mean_something_else_is_not_recognized(header, unit):
    assert recognize(header, unit, MEASURED) is None
