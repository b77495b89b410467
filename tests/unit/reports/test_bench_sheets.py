"""The sheets of the model bench: parts, phases, bands, scenarios, searches, transfers; old results go without."""

import io
import re
import zipfile
from dataclasses import replace

import made_results as made
import numpy as np
import openpyxl
import pytest

from mabdesk.analysis.results import Difference
from mabdesk.commands.reporting import newest
from mabdesk.reports.report import write_report


def books(*results, **more):
    data = write_report(made.plan(*results, **more))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    return openpyxl.load_workbook(io.BytesIO(data)), charts


@pytest.fixture(scope="module")
def written():
    found = made.evaluation()
    return books(
        made.result("evaluation", "compare", found),
        made.result("search", "search", made.search(found), trials=12),
        made.result("transfer", "transfer-learning", made.transfer(), quick=True),
    )


@pytest.fixture(scope="module")
def book(written):
    return written[0]


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


def headers_of_titer(book):
    return [cell.value for cell in book["Evaluation-1 titer"][4] if cell.value is not None]


def chart_with(charts, text):
    return next(chart for chart in charts if text in chart)


def test_that_every_result_of_the_bench_has_its_sheets(book):
    details = ["scores", "titer", "charts", "parts", "phases", "bands", "scenarios"]
    expected = [f"Evaluation-1 {name}" for name in details] + ["Search-1"]
    expected += [f"Search-1 {name}" for name in details] + ["Transfer-1"]
    assert [name for name in book.sheetnames if name.endswith(("-1", *details))] == expected


def test_that_a_result_of_an_earlier_version_keeps_its_old_sheets():
    full = made.evaluation()
    samples = replace(full.samples, low=None, high=None, raw_low=None, raw_high=None, phase=None)
    courses = replace(full.courses, low=None, high=None)
    old = replace(
        full, samples=samples, courses=courses, folds_by="batch", fold_names=(), parts=(), differences=(), claims=(),
        coverage=(), phase_rule="",
    )  # fmt: skip
    result = made.result("evaluation", "compare", old, parents=("dataset-0",))
    book, charts = books(result)
    assert [name for name in book.sheetnames if name.startswith("Eval")] == [
        "Evaluation-1 scores", "Evaluation-1 titer", "Evaluation-1 charts",
    ]  # fmt: skip
    assert "Random windows would claim" not in texts(book["Evaluation-1 scores"])
    assert headers_of_titer(book)[-1] == "=CNN-LSTM, paper (g/L)"
    assert not any("band" in chart for chart in charts)


def test_that_scores_show_the_difference_to_the_best_simple_model_and_the_claims_beside_the_truth(book):
    sheet, found = book["Evaluation-1 scores"], made.evaluation()
    difference = below(sheet, "Model", "Target", "Best simple model")[0]
    assert (difference["Model"], difference["Best simple model"], difference["Verdict"]) == (
        "CNN-LSTM", "Linear (ridge)", "better",
    )  # fmt: skip
    assert (difference["Difference to best simple"], difference["95 %, low"], difference["95 %, high"]) == (
        0.1, 0.05, 0.15,
    )  # fmt: skip
    claims = below(sheet, "Model", "Target", "RMSE, random windows would claim")
    assert [claim["RMSE, random windows would claim"] for claim in claims] == [0.01] * 3
    assert claims[1]["RMSE, whole batches"] == pytest.approx(found.score("cnn_lstm").rmse)


def test_that_a_difference_of_too_few_batches_is_no_verdict():
    unsaid = Difference("cnn_lstm", "ridge", "titer", 0.1, np.nan, np.nan)
    found = replace(made.evaluation(), differences=(unsaid,))
    sheet = books(made.result("evaluation", "compare", found))[0]["Evaluation-1 scores"]
    (row,) = below(sheet, "Model", "Target", "Best simple model")
    assert (row["95 %, low"], row["Verdict"]) == (None, "too few batches to say")


def test_that_bands_which_could_not_be_made_say_why_and_leave_no_empty_columns():
    full, why = made.evaluation(), "No 90 % band: it needs 9 batches."
    nothing = np.full(full.samples.low.shape, np.nan)
    samples = replace(full.samples, low=nothing, high=nothing)
    courses = replace(full.courses, low=nothing, high=nothing)
    raw = tuple(row for row in full.coverage if row.band == "dropout")
    found = replace(full, samples=samples, courses=courses, coverage=raw, notes=(why,))
    book, _ = books(made.result("evaluation", "compare", found))
    assert headers_of_titer(book)[-2:] == ["=CNN-LSTM, paper (g/L)", "Phase"]
    assert why in texts(book["Evaluation-1 bands"])


def test_that_settings_which_saw_the_batches_are_told():
    found = replace(made.evaluation(), searched_on="search-1")
    sheet = books(made.result("evaluation", "compare", found))[0]["Evaluation-1 scores"]
    assert any("search-1, which saw these batches" in text for text in texts(sheet))


def test_that_parts_are_told_by_phase_day_line_and_scale_with_the_rule(book):
    sheet, found = book["Evaluation-1 parts"], made.evaluation()
    assert f"Phases: {made.RULE}" in texts(sheet)
    table = below(sheet, "By", "Part", "Model")
    assert len(table) == len(found.parts)
    assert {row["By"] for row in table} == {"Phase", "Culture day", "Cell line", "Scale"}
    assert {row["Part"] for row in table if row["By"] == "Culture day"} == set(range(15))
    assert [row["RMSE"] for row in table] == pytest.approx([part.rmse for part in found.parts])


def test_that_quantiles_of_the_errors_stand_by_phase(book):
    table = below(book["Evaluation-1 phases"], "Target", "Unit", "Model", "Phase")
    assert len(table) == len(made.KINDS) * len(made.PHASES)
    samples = made.evaluation().samples
    errors = (samples.predicted[1, :, 0] - samples.measured[:, 0])[samples.phase == "growth"]
    row = next(row for row in table if (row["Model"], row["Phase"]) == ("CNN-LSTM", "growth"))
    quantiles = [row[name] for name in ("5 %", "25 %", "Median", "75 %", "95 %")]
    assert quantiles == pytest.approx(np.quantile(errors, [0.05, 0.25, 0.5, 0.75, 0.95]))
    assert (row["Samples"], row["Batches"]) == (len(errors), made.BATCHES)


def test_that_violins_are_outlines_around_the_errors_of_each_phase(written):
    book, charts = written
    chart = chart_with(charts, "Error of titer by phase")
    for name in (*made.PHASES, "quartiles", "5 to 95 %", "median", *made.LABELS):
        assert f"<v>{name}</v>" in chart
    outlined = [row for row in rows(book["Evaluation-1 phases"]) if row[0] == "Place"]
    assert len(outlined) == len(made.PHASES) + 3
    assert book["Evaluation-1 phases"].print_area


def test_that_bands_tell_the_asked_level_and_what_was_covered(book):
    sheet = book["Evaluation-1 bands"]
    assert "Level asked for: 90 %." in texts(sheet)
    table = below(sheet, "Model", "Target", "Unit", "Band")
    assert len(table) == len(made.coverage())
    whole = [row for row in table if row["By"] == "All"]
    assert [(row["Band"], row["Asked (%)"], row["Covered (%)"]) for row in whole] == [
        ("calibrated", 90, 91), ("dropout, as in the paper", 90, 25),
    ]  # fmt: skip
    days = below(sheet, "Culture day", "Asked (%)")
    assert [day["Culture day"] for day in days] == list(range(15))
    assert days[3]["CNN-LSTM, calibrated (%)"] == 91


def test_that_coverage_by_day_is_drawn_with_the_asked_level(written):
    chart = chart_with(written[1], "Coverage of titer by culture day")
    assert "scatterChart" in chart
    assert "asked: 90 %" in chart


def test_that_predicted_courses_are_drawn_with_their_band(written):
    book, charts = written
    assert "90 % band" in chart_with(charts, "Batch B0")
    assert headers_of_titer(book)[-3:] == ["CNN-LSTM, 90 % band, low (g/L)", "high (g/L)", "Phase"]
    row = [cell.value for cell in book["Evaluation-1 titer"][5]]
    assert row[7] < row[5] < row[8]
    assert row[1] == "line A"


def test_that_lines_scales_and_models_stand_side_by_side_with_error_bars(written):
    book, charts = written
    sheet = book["Evaluation-1 scenarios"]
    lines = below(sheet, "Cell line", "RMSE", "RMSE, low")
    assert [line["Cell line"] for line in lines] == ["A", "B"]
    assert all(line["RMSE, low"] <= line["RMSE"] <= line["RMSE, high"] for line in lines)
    models = below(sheet, "Model", "RMSE", "RMSE, low")
    truth = [made.evaluation().score(kind) for kind in made.KINDS]
    for name, values in {"RMSE": [s.rmse for s in truth], "DTS*": [s.dts_centered for s in truth]}.items():
        assert [model[name] for model in models] == pytest.approx(values)
    heights = below(sheet, "Model", "RMSE", "MAE", "R2")
    assert all(0 <= row[name] <= 1 for row in heights for name in ("RMSE", "MAE", "R2", "DTS", "DTS*"))
    assert heights[1]["RMSE"] == max(row["RMSE"] for row in heights)  # the least error stands highest
    chart = chart_with(charts, "Cell line: up is better")
    assert "lineChart" in chart
    assert chart.count("<errBars>") == 2
    assert chart.index("<noEndCap") < chart.index("<plus>") < chart.index("<minus>")  # Excel wants them in this order


def test_that_data_without_lines_and_scales_have_no_scenarios():
    result = made.result("evaluation", "compare", made.evaluation(), parents=())
    assert "Evaluation-1 scenarios" not in books(result)[0].sheetnames


def test_that_a_search_shows_every_trial_and_what_won(book):
    sheet, search = book["Search-1"], made.search()
    trials = below(sheet, "Trial", "Loss", "Best so far")
    losses = [trial.loss for trial in search.trials]
    assert [trial["Loss"] for trial in trials] == [loss and pytest.approx(loss) for loss in losses]
    assert trials[2]["Failed because"] == "=the loss was NaN"
    best = [trial["Best so far"] for trial in trials]
    assert best == sorted(best, reverse=True)
    assert best[-1] == pytest.approx(min(loss for loss in losses if loss))
    space = {row["Setting"]: row for row in below(sheet, "Setting", "Choices", "Best")}
    assert [row["Best"] for row in space.values()] == [search.best[name] for name in search.space]
    again = below(sheet, "Trial", "Loss again")
    assert [row["RMSE again"] for row in again] == [0.08, 0.09]
    for text in (search.verdict, search.budget, "Searched anew inside each outer fold: CNN-LSTM is better."):
        assert text in texts(sheet)


def test_that_convergence_is_a_native_chart_of_dots_by_loss_and_a_line(written):
    chart = chart_with(written[1], "Search convergence")
    assert "scatterChart" in chart
    assert "best so far" in chart
    assert len(set(re.findall(r"<c:?dPt>|<dPt>", chart))) == 1
    assert chart.count("<dPt>") == 12


def test_that_a_search_without_outer_folds_says_so():
    book, _ = books(made.result("search", "search", made.search()))
    assert any("come from the batches that were searched on" in text for text in texts(book["Search-1"]))
    assert "Search-1 scores" not in book.sheetnames


def test_that_a_search_in_which_all_failed_has_its_sheet():
    failed = tuple(replace(trial, loss=None, fault="no loss") for trial in made.search().trials)
    book, charts = books(made.result("search", "search", replace(made.search(), trials=failed, rescored=(), best={})))
    assert "No trial gave a loss." in texts(book["Search-1"])
    assert charts == []


def test_that_a_transfer_shows_scores_gains_and_advice(book):
    sheet, study = book["Transfer-1"], made.transfer()
    assert set(study.advice) <= set(texts(sheet))
    assert [gain["Recommended"] for gain in below(sheet, "Local batches", "Method", "Best local")] == [
        "yes", "no: it hurts",
    ]  # fmt: skip
    assert len(below(sheet, "Local batches", "Method", "Target")) == len(study.scores)
    assert any(text.startswith("QUICK RUN") for text in texts(sheet))


def test_that_learning_curves_are_native_and_keep_the_source_as_it_is(written):
    book, charts = written
    chart = chart_with(charts, "Learning curves of titer")
    assert "errBars" in chart
    curves = below(book["Transfer-1"], "Local batches", "Source as it is")
    assert [row["Local batches"] for row in curves] == [0, 2, 4]
    assert (curves[0]["Source as it is"], curves[1]["Source as it is"]) == (0.4, None)


def test_that_the_summary_gives_verdicts_coverage_and_claims(book):
    said = texts(book["Summary"])
    headings = [text for text in said if re.match(r"(evaluation|search|transfer)-1: ", text)]
    assert headings == [
        "evaluation-1: soft sensor, 2 folds, each with one cell line left out of all fitting",
        "search-1: soft sensor, 12 trials of CNN-LSTM",
        "transfer-1: soft sensor, transfer to cell line B",
    ]
    assert {"Best of 12 trials.", "Fine-tune with 2.", *made.transfer().advice} <= set(said)
    assert "90 % band of CNN-LSTM: 91.0 % of 120 samples, from 8 batches." in said
    assert any("would have claimed RMSE 0.010 g/L of CNN-LSTM" in text for text in said)


def test_that_the_glossary_knows_the_words(book):
    terms = {row[0] for row in rows(book["Glossary"])}
    assert {"Conformal band", "Coverage", "Nested folds", "Claim", "Phase", "Trial", "Transfer"} <= terms


@pytest.mark.parametrize("simulated", [True, False])
def test_that_every_chart_of_simulated_data_says_so(simulated):
    result = made.result("evaluation", "compare", made.evaluation())
    _, charts = books(result, simulated=simulated)
    assert charts
    assert {"SIMULATED DATA" in chart for chart in charts} == {simulated}


def test_that_text_which_looks_like_a_formula_stays_text(book):
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert len(cells) > 10
    assert {cell.data_type for cell in cells} == {"s"}


def test_that_the_newest_search_and_transfer_of_each_sort_are_chosen():
    def info(name, kind, **options):
        return replace(made.result(kind, "step", None, **options), id=name)

    infos = [
        info("evaluation-1", "evaluation", preset="soft_sensor"),
        info("search-1", "search", preset="soft_sensor", model="cnn_lstm"),
        info("search-2", "search", preset="soft_sensor", model="cnn_lstm"),
        info("search-3", "search", preset="soft_sensor", model="cnn_lstm_paper"),
        info("transfer-1", "transfer", preset="soft_sensor", by="cell_line", group="D"),
        info("transfer-2", "transfer", preset="soft_sensor", by="scale", group="2000 L"),
    ]
    assert newest(infos) == ("evaluation-1", "search-2", "search-3", "transfer-1", "transfer-2")
