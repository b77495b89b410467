"""The Train page: live curves from the real worker, what came of a training, and the question before locked batches."""

import shutil
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMessageBox
from shown_page import show_page

from mabdesk.analysis.results import Coverage
from mabdesk.gui.pages.compare import ComparePage
from mabdesk.gui.pages.train import TrainPage
from mabdesk.models.device import Device

TINY = {"model": "cnn_lstm", "quick": True, "epochs": 2, "members": 2}


def shown(session, qtbot, kind=TrainPage):
    page = show_page(kind, session, qtbot)
    qtbot.waitUntil(lambda: session.value("dataset") is not None and session.value("split") is not None)
    return page


@pytest.fixture
def small(session, qtbot, project_copy):
    """The page on eight cleaned batches; no model yet."""
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return shown(session, qtbot)


@pytest.fixture
def trained(session, qtbot, study, tmp_path):
    """The page on a study with a trained CNN-LSTM."""
    with qtbot.waitSignal(session.opened):
        session.open(shutil.copyfile(study.project, tmp_path / "study.mabdesk"))
    page = shown(session, qtbot)
    qtbot.waitUntil(lambda: session.value("model") is not None and page.table.sheet.rows != ())
    return page


def test_that_a_training_is_drawn_live_applied_to_a_file_and_stopped_mid_epoch(small, qtbot, small_campaign):
    session = small.session
    small.form.set_values(TINY)
    counts = []
    session.jobs.partial.connect(lambda *_: counts.append(sum(map(len, small.chart.curves.values()))))
    with qtbot.waitSignal(session.added, timeout=120_000):
        small.run()
    assert counts == [1, 2, 3, 4]  # two networks, two epochs each
    live = {name: len(points) for name, points in small.chart.curves.items()}
    assert live == {"Network 1": 2, "Network 2": 2}
    assert small.verdict.sentence.text() == session.value("model").evaluation.verdict
    assert small.form.values()["epochs"] == 2

    with qtbot.waitSignal(small.go, timeout=120_000) as went:
        small.model_actions.predict(small_campaign)
    assert went.args == ["Compare"]
    compare = shown(session, qtbot, ComparePage)
    assert compare.verdict.sentence.text() == "CNN-LSTM applied to a new file: 8 batches."
    assert "learned from" in compare.verdict.flags.text()  # the same batches: their fit says nothing
    assert len(compare.tabs.courses.grid.figure.panels) == 2

    before = [info.id for info in session.infos]
    small.form.set_values({**TINY, "epochs": 5000})
    with qtbot.waitSignal(session.jobs.partial, timeout=120_000):
        small.run()
    with qtbot.waitSignal(session.jobs.stopped, timeout=10_000):
        session.jobs.stop()
    assert [info.id for info in session.infos] == before
    assert {name: len(points) for name, points in small.chart.curves.items()} == live  # the kept model's again


def test_that_an_earlier_model_shows_its_history_scores_notes_and_network(trained):
    assert {name: len(points) for name, points in trained.chart.curves.items()} == {"Network 1": 2, "Network 2": 2}
    assert [row[0] for row in trained.table.sheet.rows][:2] == ["CNN-LSTM", "Last value (uses measured titer)"]
    assert "Quick run" in trained.notes.toPlainText()
    found = trained.session.value("model")
    assert sum(layer.parameters for layer in trained.diagram.layers) == found.model.parameters
    assert trained.verdict.flags.text().startswith("SIMULATED DATA")
    assert trained.form.values()["epochs"] == 2  # one continues from its settings


def test_that_what_the_band_holds_on_the_test_batches_stands_on_top(trained, session):
    result = session._values.get("model-1")
    row = Coverage("cnn_lstm", "titer", "calibrated", "all", "", 0.95, 0.925, 0.6, 40, 4)
    evaluation = replace(result.value.evaluation, coverage=(row,), notes=())
    session._values.hold(replace(result, value=replace(result.value, evaluation=evaluation)), ())
    trained._target_changed()
    held = "95 % band of CNN-LSTM: 92.5 % of 40 samples of batches that took no part."
    assert trained.verdict.how.text().endswith(held)


def test_that_a_network_of_any_kind_needs_a_processor_that_can_train_it(small, session):
    session.device = Device("CPU", "test", "", problem="This processor lacks AVX.")
    for kind, why in (
        ("feed_forward", "This processor lacks AVX."),
        ("lstm", "This processor lacks AVX."),
        ("pls", ""),
    ):
        small.form.set_values({"model": kind})
        assert small.can_run() == why


def test_that_the_network_of_the_form_is_drawn_before_training(small):
    assert small.diagram.layers
    small.form.fields["model"].show_value("ridge")
    small.form.changed.emit()
    assert not small.diagram.layers
    assert "is no network" in small.diagram.note


def test_fault_37_and_38_that_what_cannot_be_trained_is_said_and_the_button_is_off(small, session):
    result = session._values.get("dataset-1")
    dataset = result.value.dataset
    one = replace(result.value, dataset=dataset.only(dataset.ids[:1]))
    session._values.hold(replace(result, value=one), ())
    small._dataset_id = ""
    small.update_page()
    assert small.can_run() == "Training needs at least 5 batches; have 1. Import more batches."
    assert not small.primary.isEnabled()
    untold = replace(dataset, variables=tuple(v for v in dataset.variables if v.role != "target"))
    session._values.hold(replace(result, value=replace(result.value, dataset=untold)), ())
    small._dataset_id = ""
    small.update_page()
    assert small.can_run().startswith("No column was read as titer")


def test_that_locked_batches_are_opened_only_after_a_question_that_tells_of_earlier_looks(trained, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(trained.session, "run_step", lambda *given, **named: asked.append((given, named)))
    trained.model_actions.final.click()
    qtbot.waitUntil(lambda: trained.model_actions.question is not None)
    question = trained.model_actions.question
    assert "They were looked at once before." in question.text()
    assert "final-test-1" in question.detailedText()
    question.button(QMessageBox.StandardButton.Cancel).click()
    assert asked == []
    trained.model_actions.final.click()
    qtbot.waitUntil(lambda: trained.model_actions.question is not None)
    trained.model_actions._open.click()
    assert asked == [(("final-test", {}), {"named": {"model": "model-1"}})]


def test_that_without_a_model_its_actions_say_what_they_need(small):
    assert not small.model_actions.final.isEnabled()
    assert small.model_actions.why.text() == "These need a trained model."


def test_that_the_time_is_estimated_once_the_device_is_known(small, session):
    assert small.estimate.isHidden()
    session.device = Device("CPU", "test", "", cores=2, speed=5e10)
    small.update_page()
    assert small.estimate.text().startswith("Training will take about")
    session.device = Device("CPU", "test", "", problem="This processor lacks AVX.")
    assert small.can_run() == "This processor lacks AVX."


def test_that_a_read_only_project_shows_all_and_trains_nothing(session, qtbot, study, tmp_path, monkeypatch):
    with qtbot.waitSignal(session.opened):
        session.open(shutil.copyfile(study.project, tmp_path / "study.mabdesk"))
    monkeypatch.setattr(type(session), "writable", property(lambda _: False))
    page = shown(session, qtbot)
    assert "read-only" in page.can_run()
    assert not page.model_actions.final.isEnabled()
    assert not page.model_actions.apply.isEnabled()
