"""The sheets of an attribution: verdict and trust first, the ranking with its chart, maps by culture day."""

import io
import zipfile
from dataclasses import replace

import made_results as made
import numpy as np
import openpyxl
import pytest

from mabdesk.analysis.attributed import NOT_CAUSE
from mabdesk.commands.reporting import newest
from mabdesk.reports import attribution_sheets
from mabdesk.reports.report import preview_report, write_report

SHEET, WINDOWS = "Attribution-1", "Attribution-1 windows"


def explained(found, **options):
    return made.result("attribution", "explain", found, ("dataset-1", "split-1", "model-1"), **options)


def books(found, *others, **more):
    data = write_report(made.plan(explained(found), *others, **more))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    return openpyxl.load_workbook(io.BytesIO(data)), charts


@pytest.fixture(scope="module")
def written():
    return books(made.attribution())


@pytest.fixture(scope="module")
def unreliable():
    return books(made.attribution(reliable=False))


def rows(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def texts(sheet):
    return [str(value) for row in rows(sheet) for value in row if value is not None]


def below(sheet, *header):
    """Return the rows of the table whose header begins so, as far as its first column is filled."""
    found = rows(sheet)
    start = next(i for i, row in enumerate(found) if tuple(row[: len(header)]) == header)
    names = [name for name in found[start] if name is not None]
    filled = next((i for i, row in enumerate(found[start + 1 :]) if row[0] is None), len(found))
    return [dict(zip(names, row, strict=False)) for row in found[start + 1 : start + 1 + filled]]


def map_under(sheet, name):
    """Return the map below the heading that begins so: {variable: [values by day]}, and the days."""
    found = rows(sheet)
    start = next(i for i, row in enumerate(found) if str(row[0]).startswith(name))
    days = [value for value in found[start + 1][1:] if value is not None]
    end = next(i for i, row in enumerate(found) if i > start and row[0] == "Batches")
    lines = found[start + 2 : end + 1]
    return {row[0]: row[1 : 1 + len(days)] for row in lines}, days


def scales(sheet):
    """Return (range, colors) of every color scale."""
    return [
        (str(ranges.sqref), [color.rgb[-6:] for color in rule.colorScale.color])
        for ranges in sheet.conditional_formatting
        for rule in ranges.rules
    ]


def test_that_verdict_and_what_it_is_not_stand_at_the_top_and_beside_every_picture(written):
    sheet = written[0][SHEET]
    said = texts(sheet)
    top = said[: said.index("How it was computed")]
    assert f"Verdict: {made.attribution().verdict}" in top
    assert NOT_CAUSE in top
    pictures = len(sheet._charts) + len(scales(sheet))
    assert said.count(NOT_CAUSE) == 1 + pictures
    assert not any("not reliable" in text.lower() for text in said)


def test_that_how_it_was_computed_is_told(written):
    sheet = rows(written[0][SHEET])
    start = next(i for i, row in enumerate(sheet) if row[0] == "How it was computed")
    known = {row[0]: row[1] for row in sheet[start + 1 : start + 11]}
    assert known["Model"] == "CNN-LSTM (cnn_lstm), soft sensor"
    assert known["Compared with"] == made.attribution().baseline_sentence
    assert known["Interpolation steps"] == 64
    assert known["Completeness error"].startswith("0.4 %")
    assert known["Windows"] == made.BATCHES * made.EXPLAINED_DAYS
    assert known["Batches"] == "8, of which the model learned from 5"


def test_that_trust_tests_say_passed_failed_and_could_not_be_said(unreliable):
    tests = {row["Test"]: row for row in below(unreliable[0][SHEET], "Test", "Passed", "Measured")}
    assert [row["Passed"] for row in tests.values()] == ["yes", "no", "could not be said"]
    assert tests["Completeness"]["Measured"] == 0.004
    assert tests["Permuted target"]["In words"].startswith("The permuted model shows the same ranking")
    assert tests["Inert variables"]["Measured"] is None


def test_that_the_ranking_has_the_form_of_table_six(written):
    table, found = below(written[0][SHEET], "Variable", "Relative importance"), made.attribution()
    assert [row["Variable"] for row in table] == list(made.VARIABLES)
    assert [row["Relative importance"] for row in table] == pytest.approx([one.relative for one in found.ranking])
    assert all(row["95 %, low"] < row["Relative importance"] < row["95 %, high"] for row in table)
    assert (table[0]["Refits, low"], table[1]["Refits, low"]) == (pytest.approx(0.9 * found.ranking[0].relative), None)
    assert [row["Above floor"] for row in table] == ["yes", "yes", "yes", None, "yes", "no"]
    assert [row["Parts disagree by (g/L)"] for row in table] == pytest.approx([0.01] * 6)


def test_that_the_ranking_is_a_native_bar_chart_with_error_bars(written):
    (chart,) = written[1]
    assert '<barDir val="bar" />' in chart or '<barDir val="bar"/>' in chart
    assert "<errBars>" in chart
    assert "errDir" not in chart  # of bars, Excel's schema knows one direction alone
    assert chart.index("<plus>") < chart.index("<minus>")
    assert "SIMULATED DATA" in chart


def test_that_cross_checks_stand_with_agreement_and_ranks(written):
    sheet = written[0][SHEET]
    checks = below(sheet, "Way", "Spearman", "Windows")
    assert [(row["Way"], row["Spearman"], row["Windows"]) for row in checks] == [
        ("Occlusion", 0.94, 96), ("Permutation", None, 0),
    ]  # fmt: skip
    ranks = below(sheet, "Variable", "Here", "Occlusion")
    assert [row["Occlusion"] for row in ranks] == [1, 2, 3, 4, 5, 6]
    assert {row["Permutation"] for row in ranks} == {None}


def test_that_the_map_holds_means_over_batches_by_variable_and_culture_day(written):
    found = made.attribution()
    signed, days = map_under(written[0][SHEET], "Contributions by culture day")
    assert days == [str(day) for day in range(1, made.EXPLAINED_DAYS + 1)]
    assert list(signed) == [*made.VARIABLES, "Batches"]
    third = found.contributions[found.hours == 72]
    assert [signed[name][2] for name in made.VARIABLES] == pytest.approx(list(third.mean(axis=0)))
    size, _ = map_under(written[0][SHEET], "Mean |contribution|")
    assert [size[name][2] for name in made.VARIABLES] == pytest.approx(list(np.abs(third).mean(axis=0)))
    assert set(signed["Batches"]) == {made.BATCHES}


def test_that_a_batch_with_more_windows_a_day_counts_no_more_than_another():
    found = made.attribution()
    two = np.flatnonzero((found.batch_ids == "B0") & (found.hours == 24))
    other = np.flatnonzero((found.batch_ids == "B1") & (found.hours == 24))
    kept = np.concatenate([two, two, two, other])
    by_row = {name: getattr(found, name)[kept] for name in (
        "batch_ids", "hours", "target_hours", "learned", "predicted", "typical", "contributions", "by_channel",
        "by_step", "shown", "usual", "disagreement",
    )}  # fmt: skip
    book, _ = books(replace(found, **by_row))
    signed, days = map_under(book[SHEET], "Contributions by culture day")
    expected = (found.contributions[two[0]] + found.contributions[other[0]]) / 2
    assert (days, signed["Batches"]) == (["1"], [2])
    assert [signed[name][0] for name in made.VARIABLES] == pytest.approx(list(expected))


def test_that_lines_and_scales_have_maps_of_their_own(written):
    found, sheet = made.attribution(), written[0][SHEET]
    mine = np.isin(found.batch_ids, ["B0", "B2", "B4", "B6"]) & (found.hours == 24)
    line, _ = map_under(sheet, "Contributions of line A")
    assert line["vcd"][0] == pytest.approx(found.contributions[mine, 0].mean())
    headings = [text for text in texts(sheet) if text.startswith("Contributions of ")]
    assert [text.split(" (")[0].removeprefix("Contributions of ") for text in headings] == [
        "line A", "line B", "50 L", "2000 L",
    ]  # fmt: skip


def test_that_many_groups_get_a_sentence_in_place_of_maps(monkeypatch):
    monkeypatch.setattr("mabdesk.reports.attribution_maps.MOST_GROUPS", 1)
    said = texts(books(made.attribution())[0][SHEET])
    assert not any(text.startswith("Contributions of ") for text in said)
    assert sum("too many for maps" in text for text in said) == 2


def test_that_maps_are_colored_around_zero_and_grey_where_they_are_not_to_be_believed(written, unreliable):
    colored, grey = scales(written[0][SHEET]), scales(unreliable[0][SHEET])
    assert len(colored) == len(grey) == 6
    most = np.abs(made.attribution().contributions[-1]).max()  # on the last day all batches show as much of the first
    ends = [
        [float(end.val) for end in rule.colorScale.cfvo]
        for ranges in written[0][SHEET].conditional_formatting
        for rule in ranges.rules
    ]
    assert ends[0] == pytest.approx([-most, 0, most])  # alike in all maps, and on both sides of 0
    assert ends.count(ends[0]) == len(ends) - 1
    assert ends[1] == pytest.approx([0, most / 2, most])
    hues = {color for _, colors in grey for color in colors}
    assert all(color[:2] == color[2:4] == color[4:] for color in hues)
    assert any(color[:2] != color[2:4] for _, colors in colored for color in colors)


def test_that_what_failed_is_warned_of_wherever_it_stands(unreliable):
    book, (chart,) = unreliable
    verdict = made.attribution(reliable=False).verdict
    assert verdict.startswith("not reliable: ")
    said = f"N{verdict[1:]}"
    assert said in texts(book[WINDOWS])
    assert f"{said} Everything drawn is grey." in texts(book[SHEET])
    assert "titer, not reliable" in chart
    assert sum("(g/L), not reliable" in text for text in texts(book[SHEET])) == len(scales(book[SHEET]))
    for name in ("Cover", "Summary"):
        assert any("NOT RELIABLE" in text and "attribution-1" in text for text in texts(book[name]))
    assert verdict in texts(book["Summary"])
    assert not any("Largest shares" in text for text in texts(book["Summary"]))


def test_that_every_contribution_stands_by_batch_and_day(written):
    sheet, found = written[0][WINDOWS], made.attribution()
    table = below(sheet, "Batch", "Culture day", "Learned from")
    assert len(table) == len(found.hours)
    one = table[13]
    assert (one["Batch"], one["Culture day"], one["Learned from"]) == ("B1", 2, "yes")
    assert [one[name] for name in made.VARIABLES] == pytest.approx(list(found.contributions[13]))
    assert one["Predicted"] - one["Typical"] == pytest.approx(sum(one[name] for name in made.VARIABLES))
    assert table[-1]["Learned from"] == "no"


def test_that_long_lists_are_cut_with_a_note(monkeypatch):
    monkeypatch.setattr(attribution_sheets, "MOST_ROWS", 10)
    sheet = books(made.attribution())[0][WINDOWS]
    assert len(below(sheet, "Batch", "Culture day")) == 10
    assert any(text.startswith("10 of 96 rows") for text in texts(sheet))


def test_that_an_attribution_of_a_quick_model_is_called_so():
    model = made.result("model", "train", made.evaluation(), ("dataset-1",), quick=True)
    found = explained(made.attribution())
    assert made.plan(model, found).quick == ("model-1", "attribution-1")
    sheet = openpyxl.Workbook().active
    attribution_sheets.fill_attribution(sheet, found, quick=True)
    assert any(text.startswith("QUICK RUN") for text in texts(sheet))


def test_that_text_which_looks_like_a_formula_stays_text(written):
    cells = [c for sheet in written[0] for row in sheet.iter_rows() for c in row if str(c.value).startswith("=")]
    assert len(cells) > 5
    assert {cell.data_type for cell in cells} == {"s"}


def test_that_an_attribution_without_groups_checks_floors_and_trust_has_its_sheets():
    found = made.attribution()
    bare = replace(
        found, checks=(), trust=(), parts=(), ranking=tuple(replace(one, floor=np.nan) for one in found.ranking)
    )
    result = made.result("attribution", "explain", bare, ())
    sheet = openpyxl.load_workbook(io.BytesIO(write_report(made.plan(result))))[SHEET]
    said = texts(sheet)
    assert {"None was run.", "None was asked for."} <= {*said}
    assert not any(text.startswith("Contributions of ") for text in said)
    assert any(text.startswith("Verdict: not tested in full") for text in said)


def test_that_the_summary_names_the_largest_shares_and_the_glossary_the_words(written):
    said = texts(written[0]["Summary"])
    assert "attribution-1: soft sensor, what moved the titer of CNN-LSTM" in said
    assert any(text.startswith("Largest shares of the contributions to titer: vcd 51 %, glucose 26 %") for text in said)
    assert NOT_CAUSE in said
    terms = {row[0] for row in rows(written[0]["Glossary"])}
    assert {
        "Attribution", "Integrated gradients", "Completeness", "Shapley value, shap", "Occlusion",
        "Permutation importance",
    } <= terms  # fmt: skip


def test_that_the_preview_has_the_sheets():
    assert {SHEET, WINDOWS} <= {page.title for page in preview_report(made.plan(explained(made.attribution())))}


def test_that_a_report_takes_the_newest_attribution_of_each_target_of_the_models_it_holds():
    def info(name, kind, *parents, **options):
        return replace(made.result(kind, "step", None, parents, **options), id=name)

    infos = [
        info("model-1", "model", "dataset-1", preset="soft_sensor"),
        info("attribution-1", "attribution", "dataset-1", "model-1", target=""),
        info("model-2", "model", "dataset-1", preset="soft_sensor"),
        info("attribution-2", "attribution", "dataset-1", "model-2", target=""),
        info("attribution-3", "attribution", "dataset-1", "model-2", target="titer"),
        info("attribution-4", "attribution", "dataset-1", "model-2", target="aggregates"),
    ]
    assert newest(infos) == ("model-2", "attribution-3", "attribution-4")
