"""Values of single cells: percent formats, limits, thousands marks, units in cells, words for missing, names, units."""

import io

import numpy as np
import openpyxl
import pytest

from mabdesk.data.reading.files import read_bytes
from mabdesk.data.reading.headers.headings import heading
from mabdesk.data.settings import ReadingOptions
from mabdesk.data.units import conversion, is_unit
from mabdesk.data.variables import MEASURED, recognize
from mabdesk.data.words import words
from mabdesk.errors import ReadingError


def read(header, *cells, separator=";", **options):
    rows = [f"B1;{24 * day};{cell}" for day, cell in enumerate(cells)]
    text = "\n".join([f"Batch;Time (h);{header}", *rows]).replace(";", separator)
    return read_bytes([("data.csv", text.encode())], ReadingOptions(**options))


def values(reading):
    table = reading.dataset.batches[0].offline
    (name,) = table.names
    return dict(zip(table.hours.tolist(), table.column(name).tolist(), strict=True))


def refusal(header, *cells, **options):
    with pytest.raises(ReadingError) as caught:
        read(header, *cells, **options)
    return str(caught.value)


def percent_book(header, cells):
    """Make a workbook whose cells are (number, whether it has a percent format)."""
    book = openpyxl.Workbook()
    book.active.append(["Batch", "Time (h)", header])
    for day, (value, percent) in enumerate(cells):
        book.active.append(["B1", 24 * day, value])
        if percent:
            book.active.cell(day + 2, 3).number_format = "0.0%"
    stream = io.BytesIO()
    book.save(stream)
    return [("w.xlsx", stream.getvalue())]


@pytest.mark.parametrize("header", ["Viability (%)", "Viability"])
def test_that_percent_cells_are_what_they_show_cell_by_cell_with_one_change(header):
    reading = read_bytes(percent_book(header, [(0.985, True), (97.5, False), (0.29, True)]))
    assert list(values(reading).values()) == [98.5, 97.5, 29.0]
    (change,) = reading.changes
    assert (change.rule, change.variable, change.count) == ("percent format: cells show 98.5 %", "viability", 2)
    assert (change.before, change.after) == ("0.985", "98.5")
    assert change.cell.endswith("cell C2")


def test_that_percent_cells_of_a_fraction_count_as_they_are():
    reading = read_bytes(percent_book("Viability (fraction)", [(0.985, True), (0.97, True)]))
    assert list(values(reading).values()) == [98.5, 97.0]
    assert [change.rule for change in reading.changes] == ["unit converted"]


@pytest.mark.parametrize(
    ("censored", "lower", "upper"), [("not_measured", None, None), ("limit", 0.1, 20.0), ("half_limit", 0.05, 20.0)]
)
def test_that_censored_values_become_what_is_chosen_and_are_listed_each(censored, lower, upper):
    reading = read("Titer (g/L)", "0.5", "<0.1", "> 20", "< LOD", censored=censored)
    found = values(reading)
    assert (found.get(24.0), found.get(48.0), found.get(72.0)) == (lower, upper, None)
    listed = {change.cell: change for change in reading.changes}
    below, above, lod = (listed[f"data.csv, cell C{row}"] for row in (3, 4, 5))
    assert [change.before for change in (below, above, lod)] == ["<0.1", "> 20", "< LOD"]
    assert [change.after for change in (below, above)] == [f"{limit:g}" if limit else "" for limit in (lower, upper)]
    assert lod.rule == "censored, taken as not measured"
    assert (below.batch, below.hour, below.variable) == ("B1", 24.0, "titer")


def test_that_limits_are_read_in_the_unit_and_with_the_decimal_mark_of_their_column():
    reading = read("Titer (mg/L)", "500,5", "<100,5 mg/L", "≤ 1 000", censored="limit")
    np.testing.assert_allclose(list(values(reading).values()), [0.5005, 0.1005, 1.0])
    assert "--decimal comma" in refusal("Titer (mg/L)", "5", "<1,250", censored="limit")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234,5", 1234.5), ("1'234.5", 1234.5), ("1\N{RIGHT SINGLE QUOTATION MARK}234.5", 1234.5),
        ("1\N{NARROW NO-BREAK SPACE}234", 1234), ("1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567,25", 1234567.25),
        ("1\N{THIN SPACE}234", 1234),
    ],
)  # fmt: skip
def test_that_blanks_and_apostrophes_between_groups_of_three_are_thousands_marks(text, value):
    reading = read("Osmolality (mOsm/kg)", text, "300")
    assert values(reading)[0.0] == value
    (change,) = [one for one in reading.changes if one.rule == "thousands mark removed"]
    assert (change.before, float(change.after), change.cell) == (text, value, "data.csv, cell C2")


@pytest.mark.parametrize("text", ["12 34", "1 2345", "1 234'567", "0 123", "12 345 6"])
def test_that_other_groups_of_digits_are_no_number(text):
    assert "cell C3" in refusal("Osmolality (mOsm/kg)", "300", text)


@pytest.mark.parametrize(("text", "value"), [("12.3 g/L", 12.3), ("12.3g/L", 12.3), ("12.3 mg/mL", 12.3)])
def test_that_the_columns_own_unit_in_a_cell_is_taken_off_and_listed(text, value):
    reading = read("Titer (g/L)", text, "1")
    assert values(reading)[0.0] == value
    (change,) = reading.changes
    assert (change.rule, change.before, change.after) == ("unit in the cell removed", text, "12.3")


def test_that_another_unit_in_a_cell_is_refused_by_its_cell_or_listed_and_never_converted():
    text = refusal("Titer (g/L)", "1", "1200 mg/L")
    assert "cell C3: holds '1200 mg/L' in a column in g/L" in text
    reading = read("Titer (g/L)", "1", "1200 mg/L", unreadable="not_measured")
    assert values(reading) == {0.0: 1.0}
    assert [change.before for change in reading.changes] == ["1200 mg/L"]


def test_that_other_minus_signs_and_an_apostrophe_in_front_are_read():
    reading = read("Capacitance (pF/cm)", "\N{MINUS SIGN}1.5", "'2.5", "\N{EN DASH}0.5")
    assert list(values(reading).values()) == [-1.5, 2.5, -0.5]


@pytest.mark.parametrize("text", ["12.3*", "12.3 a)", "12.3 \N{DAGGER}", "(12.3)", "~12", "12.3?", "ca. 12"])
def test_that_a_mark_at_a_number_is_never_dropped_silently(text):
    assert "cell C3" in refusal("Titer (g/L)", "1", text)
    reading = read("Titer (g/L)", "1", text, unreadable="not_measured")
    assert values(reading) == {0.0: 1.0}
    assert [change.before for change in reading.changes] == [text]


@pytest.mark.parametrize("text", ["n.b.", "k.A.", "n.v.", "ND", "<NWG", "u.N.", "n. d.", "nicht bestimmt", "k. A."])
def test_that_german_words_for_missing_are_not_measured_and_listed(text):
    reading = read("Titer (g/L)", "1", text)
    assert values(reading) == {0.0: 1.0}
    assert [change.before for change in reading.changes] == [text]


def test_that_a_remark_with_a_comma_does_not_make_the_decimal_mark_unclear():
    reading = read("Titer (g/L)", "0,5", "lost, repeated", "1,25", unreadable="not_measured")
    assert values(reading) == {0.0: 0.5, 48.0: 1.25}


@pytest.mark.parametrize(
    ("given", "wanted", "factor"),
    [
        ("10^6 cells/mL", "1e6/mL", 1), ("x10E6 VC/mL", "1e6/mL", 1), ("Mio. Zellen/ml", "1e6/mL", 1),
        ("10^6 cells mL^-1", "1e6/mL", 1), ("cells x10^6/mL", "1e6/mL", 1), ("MVC/mL", "1e6/mL", 1),
        ("cells/L", "1e6/mL", 1e-9), ("g·L⁻¹", "g/L", 1), ("mg·mL^-1", "g/L", 1), ("g L-1", "g/L", 1),
        ("mg/100mL", "g/L", 0.01), ("g/dL", "g/L", 10), ("mmol·L-1", "mM", 1), ("µmol/L", "mM", 1e-3),
        ("nmol/mL", "mM", 1e-3), ("mOsmol/kg", "mOsm/kg", 1), ("%DO", "%", 1), ("% a.s.", "%", 1),
        ("L/min (STP)", "L/min", 1), ("sL/h", "L/min", 1 / 60), ("rpm", "1/min", 1), ("ºC", "°C", 1),
        ("pH units", "pH", 1), ("U/mL", "U/L", 1000), ("kU/L", "U/L", 1000), ("mmol L-1 h-1", "mmol/L/h", 1),
        ("pg/cell/day", "pg/cell/d", 1), ("µS/cm", "mS/cm", 1e-3),
    ],
)  # fmt: skip
def test_that_units_are_known_in_the_spellings_of_sites(given, wanted, factor):
    way = conversion(given, wanted)
    assert way is not None
    assert (way.factor, way.offset) == (pytest.approx(factor), 0.0)


def test_that_gas_per_volume_is_a_unit_of_its_own_and_arbitrary_units_are_none():
    assert is_unit("vvm")
    assert conversion("vvm", "L/min") is None
    assert conversion("vvm", "rpm") is None
    assert not is_unit("AU")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Rührerdrehzahl (1/min)", "agitation"), ("Lebendzelldichte (10^6/mL)", "vcd"),
        ("Gesamtzelldichte [Mio. Zellen/ml]", "total_cell_density"), ("Gelöstsauerstoff (%)", "dissolved_oxygen"),
        ("Sauerstoffsättigung", "dissolved_oxygen"), ("Begasung (L/min)", "gas_flow"), ("Vitalität (%)", "viability"),
        ("Glucosekonzentration (g/L)", "glucose"), ("Laktat (mM)", "lactate"), ("Ammonium (mmol/L)", "ammonia"),
        ("Température (°C)", "temperature"), ("Densité cellulaire (10^6/mL)", "vcd"), ("Viabilité (%)", "viability"),
        ("X:VCD (1e6/mL)", "vcd"), ("W:temp (°C)", "temperature"), ("Y:Titer (g/L)", "titer"),
        ("Glu (mM)", "glutamate"), ("HMW SEC (%)", "aggregates"),
    ],
)  # fmt: skip
def test_that_names_of_german_and_french_sites_and_of_model_tables_are_recognized(header, name):
    found = heading(0, header)
    row = recognize(found.name, found.unit, MEASURED)
    assert row is not None
    assert row.name == name


def test_that_a_setpoint_of_a_model_table_is_one_and_what_is_unknown_stays_so():
    assert recognize("Z:FeedStart", "", MEASURED) is None
    assert recognize("Z:FeedStart", "h", ("setpoint",)).name == "feed_start_day"
    assert recognize("Z:phSetpoint", "", ("setpoint",)).name == "ph"
    for name in ("X:TP001", "Glu", "Densité cellulaire", "Total", "Zelldichte"):
        assert recognize(name, "", MEASURED) is None
    assert recognize("Animpfdichte", "1e6/mL", ("setpoint",)).name == "seeding_density"


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("date", "zeitstempel"), ("start", "startzeit"), ("elapsed", "probenzeit"), ("elapsed", "prozesszeit"),
        ("elapsed", "kultivierungszeit"), ("days", "kulturtag"), ("days", "jour"), ("hours", "heure"),
        ("batch", "charge"), ("batch", "versuch"), ("batch", "lot"), ("batch", "essai"), ("end", "ernte"),
    ],
)  # fmt: skip
def test_that_words_of_german_and_french_sites_are_listed(kind, word):
    assert word in words(kind)
