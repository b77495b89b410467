"""The sheets of a process model, of plans, of running batches and of what moves titer at harvest."""

import io
import zipfile

import made_process
import made_results as made
import openpyxl
import pytest

from mabdesk.analysis.process.planned import FROM_SIMULATED, NOT_PROVEN
from mabdesk.commands.reporting import newest
from mabdesk.reports.report import preview_report, write_report

MODEL, PLANS, RUNNING = "Process-model-1", "Scenarios-1", "Forecast-1"
MOVED, BATCHES = "Process-attribution-1", "Process-attribution-1 batches"
SETTINGS = {"prior": "shipped", "members": 3}


def results(reliable=True, quick=False):
    model = ("process-model-1",)
    trained = ("dataset-1", "split-1", "cleaned-1")
    return (
        made.result("process-model", "train-process", made_process.training(), trained, quick=quick, **SETTINGS),
        made.result("scenarios", "what-if", made_process.scenarios(), model),
        made.result("forecast", "forecast", made_process.forecast(), ("new-data-1", *model)),
        made.result(
            "process-attribution", "explain-process", made_process.attribution(reliable), ("dataset-1", *model),
            output="titer",
        ),
    )  # fmt: skip


def book(*found):
    data = write_report(made.plan(*found))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    return openpyxl.load_workbook(io.BytesIO(data)), charts


@pytest.fixture(scope="module")
def written():
    return book(*results())


@pytest.fixture(scope="module")
def doubtful():
    return book(*results(reliable=False, quick=True))


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


def test_that_every_kind_has_its_sheet_and_the_cover_lists_them(written):
    there = written[0].sheetnames
    assert {MODEL, PLANS, RUNNING, MOVED, BATCHES} <= set(there)
    assert {MODEL, PLANS, RUNNING, MOVED, BATCHES} <= set(texts(written[0]["Cover"]))


def test_that_the_summary_has_each_verdict(written):
    said = texts(written[0]["Summary"])
    assert made_process.VERDICT in said
    assert made_process.attribution().verdict in said
    assert "plan: titer at harvest 3 g/L (2.5 to 3.5)." in said
    assert any(text.startswith("RUN-0: titer at harvest 3.3 g/L") for text in said)


def test_that_the_model_says_its_prior_with_hash_and_that_it_is_simulated(written):
    sheet = written[0][MODEL]
    assert FROM_SIMULATED in texts(sheet)
    known = {row[0]: row[1] for row in rows(sheet)}
    assert known["Prior"] == made_process.PRIOR
    assert known["prior"] == "shipped"  # among the settings


def test_that_errors_at_harvest_stand_beside_rivals_with_gains(written):
    scores = below(written[0][MODEL], "Model", "Output", "Unit", "On")
    assert len(scores) == 12
    assert scores[2]["Model"] == "=Mean of the batches"
    assert [row["RMSE"] for row in scores[:3]] == pytest.approx([0.1, 0.2, 0.3])
    gains = below(written[0][MODEL], "Rival", "Output")
    assert [row["The process model is"] for row in gains] == [
        "better", "not shown to be better", "too few batches to say",
    ]  # fmt: skip


def test_that_a_setpoint_that_never_varied_is_named(written):
    setpoints = {row["Setpoint"]: row["Varied"] for row in below(written[0][MODEL], "Setpoint", "Unit")}
    assert setpoints["Temperature"] == "yes"
    assert setpoints["Dissolved oxygen"].startswith("no")


def test_that_days_courses_and_bands_are_tabled(written):
    days = below(written[0][MODEL], "Day")
    assert [row["Day"] for row in days] == [5, 7, 9]
    assert days[0]["Forecast, RMSE (g/L)"] == pytest.approx(0.2)
    assert days[0]["In the band"] == "94.4 %"
    courses = below(written[0][MODEL], "Variable", "Unit", "RMSE")
    assert [row["RMSE / spread"] for row in courses] == pytest.approx([0.25] * 3)
    assert [row["When"] for row in below(written[0][MODEL], "Variable", "When")] == ["at harvest", "daily"]


def test_that_measured_and_predicted_at_harvest_are_drawn_from_their_columns(written):
    found, sheet = made_process.training().model.known, written[0][MODEL]
    table = below(sheet, "Batch", "Fold", "Harvest day")
    assert [row["Measured titer (g/L)"] for row in table] == pytest.approx(found.measured[:, 0].tolist())
    assert [row["Process model (g/L)"] for row in table] == pytest.approx(found.said[:, 0].tolist())
    assert [row["Gaussian process (g/L)"] for row in table] == pytest.approx(found.surface[:, 0].tolist())
    assert table[0]["Predicted Aggregates"] == pytest.approx(found.said[0, 1])
    first = next(i for i, row in enumerate(rows(sheet), start=1) if row[0] == "B0")
    chart = next(one for one in written[1] if "Titer at harvest" in one)
    assert f"'{MODEL}'!$D${first}:$D${first + 8}" in chart
    assert f"'{MODEL}'!$E${first}:$E${first + 8}" in chart


def test_that_every_chart_says_simulated(written):
    assert len(written[1]) == 6  # parity, days, plans, fan, two rankings
    assert all("SIMULATED DATA" in chart for chart in written[1])


def test_that_plans_stand_with_ends_bands_experience_and_neighbors(written):
    sheet = written[0][PLANS]
    plans = {row["Scenario"]: row for row in below(sheet, "Scenario", "Temperature (°C)")}
    assert plans["=cooler"]["Temperature (°C)"] == 33
    assert plans["=cooler"]["cell_line"] == "B"
    ends = below(sheet, "Scenario", "Titer (g/L)")
    assert [row["Titer (g/L)"] for row in ends] == [3.0, 4.0]
    assert [row["Inside experience"] for row in ends] == ["yes", "NO"]
    assert ends[1]["In words"].startswith("Outside experience: temperature")
    near = below(sheet, "Plan", "Nearest batch")
    assert [row["Nearest batch"] for row in near] == ["B1", "B2", "B3", "B4", "B5", "B6"]
    assert near[3]["Setpoints outside"] == "temperature"
    assert sheet.cell(1, 1).value == "What if: scenarios-1"


def test_that_courses_of_plans_end_with_the_culture(written):
    courses = below(written[0][PLANS], "Culture day", "plan")
    assert [row["Culture day"] for row in courses] == list(range(15))
    assert courses[13]["plan"] == pytest.approx(3.0)
    assert courses[14]["plan"] is None


def test_that_a_running_batch_is_drawn_with_fan_plan_and_samples(written):
    sheet = written[0][RUNNING]
    (end,) = below(sheet, "Batch", "Known until day")
    assert (end["Known until day"], end["Harvest day"]) == (6, 13)
    assert (end["Titer (g/L)"], end["Plan alone (g/L)"]) == (pytest.approx(3.3), 3)
    measured = below(sheet, "Culture day", "Measured (g/L)")
    assert [row["Measured (g/L)"] for row in measured] == pytest.approx([0.24 * day for day in range(7)])
    fan = next(one for one in written[1] if "Forecast of RUN-0" in one)
    assert all(f"<v>{name}</v>" in fan for name in ("forecast", "95 % band", "plan alone", "measured"))


def test_that_not_more_running_batches_are_drawn_than_one_can_look_at():
    many = made.result("forecast", "forecast", made_process.forecast(11), ("new-data-1", "process-model-1"))
    found, charts = book(many)
    assert len(charts) == 8
    assert any(text.startswith("8 of 11 batches are drawn") for text in texts(found[RUNNING]))


def test_that_setpoints_and_sensors_are_ranked_apart_with_trust_tests(written):
    sheet = written[0][MOVED]
    found = rows(sheet)
    ranked = {
        kind: [row[0] for row in found[start + 4 : start + 4 + count]]
        for kind, count in (("setpoints", 3), ("sensors", 2))
        if (start := next(i for i, row in enumerate(found) if row[0] == f"Ranking: {kind}"))
    }
    assert ranked == {"setpoints": ["Temperature", "pH", "Harvest day"], "sensors": ["Temperature", "pH"]}
    tests = below(sheet, "Test", "Passed")
    assert [row["Passed"] for row in tests] == ["yes", "yes", "could not be said"]
    assert f"Verdict: {made_process.attribution().verdict}" in texts(sheet)
    assert texts(sheet).count(NOT_PROVEN) >= 5  # on top, below two charts, above two maps


def test_that_sensors_by_day_are_means_on_colors(written):
    found, sheet = made_process.attribution(), written[0][MOVED]
    table = below(sheet, "Sensor \\ day", "1")
    assert table[0]["3"] == pytest.approx(found.by_day[:, 0, 2].mean())
    scales = [[c.rgb[-6:] for c in rule.colorScale.color] for one in sheet.conditional_formatting for rule in one.rules]
    assert scales == [["E69F00", "FFFFFF", "56B4E9"], ["FFFFFF", "F2CF80", "E69F00"]]


def test_that_contributions_of_setpoints_add_up_in_every_row(written):
    table = below(written[0][BATCHES], "Batch", "Predicted", "Typical")
    assert len(table) == made_process.BATCHES
    for row in table:
        parts = sum(row[name] for name in ("Temperature", "pH", "Dissolved oxygen", "Harvest day"))
        assert row["Predicted"] - row["Typical"] == pytest.approx(parts)
    assert table[0]["Temperature, set (°C)"] == 36.6


def test_that_what_is_not_reliable_is_grey_and_named_on_the_cover(doubtful):
    sheet = doubtful[0][MOVED]
    assert any(text.startswith("Not reliable: ") for text in texts(sheet))
    assert any("NOT RELIABLE" in text and "process-attribution-1" in text for text in texts(doubtful[0]["Cover"]))
    colors = {c.rgb[-6:] for one in sheet.conditional_formatting for rule in one.rules for c in rule.colorScale.color}
    assert not colors & {"E69F00", "56B4E9"}
    charts = [one for one in doubtful[1] if "not reliable" in one]
    assert len(charts) == 2
    assert not any("0072B2" in one for one in charts)


def test_that_a_quick_model_is_called_so_on_its_sheet_and_the_cover(doubtful, written):
    for name in (MODEL, "Cover"):
        assert any(text.startswith("QUICK RUN") and "process-model-1" in text for text in texts(doubtful[0][name]))
        assert not any(text.startswith("QUICK RUN") for text in texts(written[0][name]))


def test_that_a_model_without_prior_says_so():
    bare = made.result("process-model", "train-process", made_process.training(prior=""), ("dataset-1",), prior="off")
    sheet = book(bare)[0][MODEL]
    assert {row[0]: row[1] for row in rows(sheet)}["Prior"].startswith("off")
    assert FROM_SIMULATED not in texts(sheet)


def test_that_the_preview_shows_the_sheets():
    names = [preview.title for preview in preview_report(made.plan(*results()))]
    assert {MODEL, PLANS, RUNNING, MOVED} <= set(names)


def test_that_a_report_takes_the_newest_process_model_with_what_was_asked_of_it():
    def named(kind, number, *parents, **options):
        base = made.result(kind, kind, None, parents, **options)
        return type(base)(**{**vars(base), "id": f"{kind}-{number}"})

    infos = [
        named("process-model", 1), named("scenarios", 1, "process-model-1"),
        named("process-model", 2), named("scenarios", 2, "process-model-2"), named("scenarios", 3, "process-model-2"),
        named("forecast", 1, "new-data-1", "process-model-2"), named("forecast", 2, "new-data-2", "process-model-2"),
        named("process-attribution", 1, "process-model-2", output="titer"),
        named("process-attribution", 2, "process-model-2", output="aggregates"),
    ]  # fmt: skip
    assert set(newest(infos)) == {
        "process-model-2", "scenarios-3", "forecast-2", "process-attribution-1", "process-attribution-2",
    }  # fmt: skip
