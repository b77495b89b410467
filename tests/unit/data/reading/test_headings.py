"""Headers taken apart into name and unit."""

import pytest

from mabdesk.data.reading.headers.headings import heading


@pytest.mark.parametrize(
    ("text", "name", "unit"),
    [
        ("Glucose (mM)", "Glucose", "mM"),
        ("Glucose [g/L]", "Glucose", "g/L"),
        ("Glucose, mM", "Glucose", "mM"),
        ("Glucose / g/L", "Glucose", "g/L"),
        ("Glucose_mM", "Glucose", "mM"),
        ("VCD_1e6/mL", "VCD", "1e6/mL"),
        ("VCD 1e6 cells/mL", "VCD", "1e6 cells/mL"),
        ("Temperature\n(°C)", "Temperature", "°C"),
        ("Temp_C", "Temp", "C"),
        ("% Viability", "Viability", "%"),
        ("Viable (x10^6) cells/mL", "Viable", "x10^6cells/mL"),
        ("Time [h]", "Time", "h"),
        ("Elapsed time in h", "Elapsed time", "h"),
        ("Glucose (Nova)", "Glucose", ""),
        ("Glucose (mM) (Nova)", "Glucose", "mM"),
        ("Total_VCD", "Total_VCD", ""),
        ("Average diameter (microns)", "Average diameter", "microns"),
        ("pH", "pH", ""),
    ],
)
def test_that_name_and_unit_are_told_apart(text, name, unit):
    found = heading(0, text)
    assert (found.name, found.unit, found.odd_unit) == (name, unit, False)


def test_that_a_unit_that_is_on_no_list_is_kept_and_marked():
    found = heading(0, "Glucose (AU)")
    assert (found.name, found.unit, found.odd_unit) == ("Glucose", "AU", True)


def test_that_a_unit_row_counts_where_the_header_has_no_unit():
    assert heading(0, "Glucose", "[mM]").unit == "mM"
    assert heading(0, "Glucose (g/L)", "mg/mL").unit == "g/L"
    assert heading(0, "Glucose (g/L)", "(offline)").unit == "g/L"
    assert "in g/L by the header and in mM" in heading(0, "Glucose (g/L)", "mM").asked
