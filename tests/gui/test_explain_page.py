"""The Explain page: verdict and trust tests, all views of an attribution, and what must stand beside every picture."""

import dataclasses
import time

import fabricated
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics, QImage
from shown_page import show_page

from mabdesk import commands
from mabdesk.analysis.attributed import NOT_CAUSE
from mabdesk.gui import saving
from mabdesk.gui.explained_view import NOTHING, Shown
from mabdesk.gui.explained_views import MapView, OverValue, Prediction, Ranking, TwoBatches
from mabdesk.gui.look import DARK, LIGHT
from mabdesk.gui.pages.explain import ExplainPage
from mabdesk.gui.plots.heatmap import HeatMap
from mabdesk.gui.sentences import title_of
from mabdesk.gui.trust_lights import TrustLights, sign_of
from mabdesk.gui.views import attribution, results
from mabdesk.project.project import open_project
from mabdesk.worker import Worker

RANKING, MAP, PREDICTION, TWO, VALUE, CHECKS = range(6)


@pytest.fixture(scope="session")
def modelled_project(tmp_path_factory, cleaned_project):
    path = tmp_path_factory.mktemp("modelled") / "small.mabdesk"
    path.write_bytes(cleaned_project.read_bytes())
    with Worker() as worker, open_project(path, "w") as project:
        commands.run_step(project, worker, "train", {"model": "last_value"})
    return path


@pytest.fixture
def model_copy(modelled_project, tmp_path):
    path = tmp_path / "modelled.mabdesk"
    path.write_bytes(modelled_project.read_bytes())
    return path


def ids_of(path):
    with open_project(path) as project:
        return project.latest("dataset").value.dataset.ids


def shown(session, qtbot, path, **known):
    fabricated.keep(path, attribution=fabricated.attribution(ids_of(path), **known))
    with qtbot.waitSignal(session.opened):
        session.open(path)
    page = show_page(ExplainPage, session, qtbot)
    qtbot.waitUntil(lambda: page.tabs.ranking.shown is not None and not session.reading)
    return page


@pytest.fixture
def page(session, qtbot, model_copy):
    return shown(session, qtbot, model_copy)


@pytest.fixture
def unreliable(session, qtbot, model_copy):
    return shown(session, qtbot, model_copy, reliable=False)


def choose(box, value):
    box.setCurrentIndex(box.findData(value))


def test_that_verdict_summary_and_lights_are_shown(page, session):
    found = session.value("attribution-1")
    assert page.verdict.sentence.text() == "Not tested in full: inert variables."
    assert page.verdict.how.text() == attribution.summary(found)
    assert page.verdict.flags.text() == "SIMULATED DATA"
    assert page.verdict.target.isHidden()
    assert [light.text.text() for light in page.lights.lights] == [test.label for test in found.trust]
    for light, test in zip(page.lights.lights, found.trust, strict=True):
        assert test.sentence in light.toolTip()
        assert light.accessibleName() == light.toolTip() == attribution.spoken(test)


def test_that_lights_are_told_by_their_shape_too(qtbot):
    one_color = dataclasses.replace(LIGHT, accent="#000000", danger="#000000", muted="#000000")
    drawn = [sign_of(passed, one_color).toImage() for passed in (True, False, None)]
    assert drawn[0] != drawn[1] != drawn[2] != drawn[0]


def test_that_lights_take_more_rows_where_one_is_too_narrow(qtbot):
    lights = TrustLights()
    qtbot.addWidget(lights)
    lights.show_tests(fabricated.attribution().trust)
    lights.resize(1200, 40)
    lights.show()
    qtbot.waitUntil(lambda: len({light.y() for light in lights.lights}) == 1)
    lights.resize(330, 120)
    qtbot.waitUntil(lambda: len({light.y() for light in lights.lights}) > 1)


def test_that_the_ranking_is_drawn_with_what_is_no_more_than_shuffled_hollow(page):
    bars = page.tabs.ranking.plot.bars
    assert [bar.look for bar in bars].count("hollow") == 2
    assert bars[-1].name.endswith("(as shuffled)")
    assert bars[0].end > bars[1].end
    row = page.table.sheet.rows[0]
    assert page.table.sheet.headers[:3] == ("Variable", "Unit", "Share (%)")
    assert row[2] == pytest.approx(bars[0].end)


def test_that_a_bar_is_read_where_it_is_pointed_at(page, qtbot):
    plot = page.tabs.ranking.plot
    place = plot.view.getPlotItem().vb.mapViewToScene(QPointF(1.0, 1.0))
    plot._moved(place)
    assert plot.readout.text() == plot.bars[1].said
    plot._moved(QPointF(-5, -5))
    assert plot.readout.text().startswith(attribution.RANKING_HINT)


def test_that_the_map_has_rows_by_rank_events_and_two_kinds_of_colors(page):
    page.tabs.setCurrentIndex(MAP)
    drawn = page.tabs.map.plot
    assert drawn.names == tuple(bar.name.removesuffix(" (as shuffled)") for bar in page.tabs.ranking.plot.bars)
    assert drawn.values.shape == (10, 13)
    assert (drawn.values >= 0).all()
    assert drawn.bar.levels()[0] == 0
    choose(page.tabs.map.kind, "signed")
    assert (drawn.values < 0).any()
    assert drawn.bar.levels() == (-np.abs(drawn.values).max(), np.abs(drawn.values).max())
    assert any(mark.text.startswith("feed") for mark in drawn.marks)
    assert page.table.sheet.headers == ("Variable", *(f"Day {day}" for day in range(1, 14)))
    assert page.table.sheet.rows[0][5] == pytest.approx(drawn.values[0, 4])


def test_that_a_field_of_the_map_is_read_as_variable_day_and_value(qtbot):
    plot = HeatMap("Map", "")
    qtbot.addWidget(plot)
    plot.resize(700, 300)
    plot.show()
    values = np.array([[0.5, np.nan, 0.25], [-1.5, 0.0, 2.0]])
    plot.show_map(("Glucose", "pH"), np.array([1.0, 2.0, 3.0]), values, "g/L", True)
    box = plot.view.getPlotItem().vb
    for day, row, said in ((3, 1, "pH, day 3: 2.00 g/L"), (1, 0, "Glucose, day 1: 0.500 g/L"),
                           (2, 0, "Glucose, day 2: no window")):  # fmt: skip
        plot._moved(box.mapViewToScene(QPointF(day + 0.2, -row)))
        assert plot.readout.text() == said
    assert plot.accessibleDescription().endswith("Largest: pH, day 3: 2.00 g/L.")


def test_that_one_window_is_explained_by_batch_and_day(page, session):
    found = session.value("attribution-1")
    page.tabs.setCurrentIndex(PREDICTION)
    view = page.tabs.prediction
    second = attribution.batches_of(found)[1]
    choose(view.batch, second)
    choose(view.day, "Day 4")
    row = int(np.flatnonzero((found.batch_ids == second) & (found.hours == 96))[0])
    assert view.flow.bars[-1].end == found.predicted[row]
    assert len(view.traces.traces) == 4
    assert view.traces.day == 4
    assert page.table.sheet.title.endswith(f"{second}, day 4")
    place = view.traces.view.getPlotItem().vb.mapViewToScene(QPointF(4.0, 3.2))
    assert view.traces.nearest(place)[0] == 0


def test_that_two_batches_are_compared_and_their_predicted_titers_said(page, session):
    found = session.value("attribution-1")
    page.tabs.setCurrentIndex(TWO)
    view = page.tabs.difference
    first, second = attribution.batches_of(found)[:2]
    choose(view.first, first)
    choose(view.second, second)
    assert view.plot.readout.text().startswith(f"Predicted titer on day 13: {first} ")
    assert page.table.sheet.title == f"{first} less {second}, day 13"
    choose(view.when, "")
    assert page.table.sheet.title == f"{first} less {second}, sum of 13 days"
    choose(view.second, first)
    assert view.plot.place.text.text().startswith("Two different batches")
    assert page.table.sheet == NOTHING


def test_that_a_click_on_a_dot_selects_its_batch_everywhere(page, session):
    page.tabs.setCurrentIndex(VALUE)
    plot = page.tabs.over_value.plot
    dot = plot.view.getPlotItem().vb.mapViewToScene(QPointF(plot.values[70], plot.told[70]))
    row = plot.nearest(dot)
    assert (plot.values[row], plot.told[row]) == pytest.approx((plot.values[70], plot.told[70]), abs=0.05)
    plot.batch_clicked.emit(str(plot.batches[70]))
    assert session.highlighted == plot.batches[70] == plot.highlighted
    assert page.tabs.prediction.batch.currentData() == session.highlighted


def test_that_another_variable_is_drawn_over_its_value(page):
    page.tabs.setCurrentIndex(VALUE)
    choose(page.tabs.over_value.variable, "2")
    assert page.tabs.over_value.plot.words == ("Temperature (degC)", "Contribution to titer (g/L)")
    assert len(page.table.sheet.rows) == 13 * 8


def test_that_tests_and_checks_are_listed_with_their_sentences(page, session):
    found = session.value("attribution-1")
    page.tabs.setCurrentIndex(CHECKS)
    assert page.table.isHidden()
    assert [row[-1] for row in page.tabs.checks.tests.sheet.rows] == [test.sentence for test in found.trust]
    assert [row[1] for row in page.tabs.checks.others.sheet.rows] == [0.98, 0.91, None]
    assert NOT_CAUSE in page.tabs.checks.notes.toPlainText()
    page.tabs.setCurrentIndex(RANKING)
    assert not page.table.isHidden()


def test_that_a_group_or_a_batch_is_shown_alone(page, session):
    offered = [page.who.itemData(row) for row in range(page.who.count())]
    whole = page.tabs.ranking.plot.bars
    last = offered[-1]
    choose(page.who, last)
    assert last == f"batch:{session.highlighted}"
    assert page.tabs.ranking.plot.bars != whole
    page.tabs.setCurrentIndex(VALUE)
    assert set(page.tabs.over_value.plot.batches.tolist()) == {session.highlighted}
    page.tabs.setCurrentIndex(MAP)
    assert page.table.sheet.title.endswith(session.highlighted)


def hues(plot):
    """Return how far the channels of every dot of an exported picture lie apart; letters below it are left out."""
    image = QImage.fromData(plot.picture("png", "")).convertToFormat(QImage.Format.Format_RGB32)
    height = 2 * plot.view.viewport().height()
    dots = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:height, :, :3].astype(int)
    return np.ptp(dots, axis=2)


def test_that_an_unreliable_explanation_is_greyed_and_says_why_once(unreliable, session):
    page = unreliable
    assert page.verdict.sentence.text().startswith("Not reliable: Models with other seeds")
    assert "NOT RELIABLE" in page.verdict.flags.text()
    for view in page.tabs.views:
        for plot in view.plots:
            assert plot.doubt.text() == "Not reliable: see the lights"
            assert plot.doubt.toolTip() == session.value("attribution-1").verdict
            assert not plot.doubt.isHidden()
            assert plot.view.getPlotItem().vb.opacity() < 0.5


def test_that_a_reliable_one_is_not_greyed_and_every_plot_says_that_it_is_no_cause(page):
    for view in page.tabs.views:
        for plot in view.plots:
            assert plot.doubt.isHidden()
            assert plot.view.getPlotItem().vb.opacity() == 1.0
            assert plot.caption.text() == NOT_CAUSE


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_that_pictures_of_an_unreliable_one_have_no_hue(unreliable, theme):
    page = unreliable
    page.apply_theme(theme)
    for tab, kind in ((RANKING, ""), (MAP, "size"), (MAP, "signed"), (PREDICTION, ""), (TWO, ""), (VALUE, "")):
        page.tabs.setCurrentIndex(tab)
        if kind:
            choose(page.tabs.map.kind, kind)
        assert all(hues(plot).max() < 12 for plot in page.tabs.views[tab].plots), (tab, kind)


def test_that_a_reliable_one_after_it_has_its_colors_again(unreliable, session):
    view = unreliable.tabs.ranking
    view.take(dataclasses.replace(view.shown, found=fabricated.attribution()))
    assert hues(view.plot).max() > 100


def test_that_a_bar_that_is_no_more_than_shuffled_is_an_outline_of_the_plain_color(page):
    plot = page.tabs.ranking.plot
    assert plot._edge("hollow").color() == plot._fill("plain")
    assert plot._edge("plain").style() == Qt.PenStyle.NoPen
    assert plot._fill("hollow").getRgb()[:3] == plot._fill("plain").getRgb()[:3]
    assert plot._fill("hollow").alpha() < 60 < plot._fill("plain").alpha()


@pytest.mark.parametrize("reliable", [True, False])
def test_that_in_a_small_window_nothing_covers_the_axis_of_the_waterfall(session, qtbot, model_copy, reliable):
    page = shown(session, qtbot, model_copy, reliable=reliable)
    page.resize(1254, 640)
    page.show()
    page.tabs.setCurrentIndex(PREDICTION)
    view = page.tabs.prediction
    qtbot.waitUntil(lambda: view.flow.place.height() >= view.flow.view.minimumHeight())
    for plot in view.plots:
        assert plot.place.height() >= plot.view.minimumHeight()
        assert plot.place.geometry().bottom() < plot.button.y()
    caption = view.flow.caption
    assert caption.mapTo(view, QPoint(0, 0)).y() >= view.flow.mapTo(view, QPoint(0, view.flow.height())).y()
    assert caption.isVisible()
    assert caption.height() >= QFontMetrics(caption.font()).height()


def test_that_the_buttons_of_plot_and_table_are_told_apart(page):
    assert page.tabs.ranking.plot.button.text() == "Export plot"
    assert page.table.button.text() == "Export table"


def test_that_pictures_and_tables_that_leave_the_window_say_what_they_are(unreliable, qtbot, tmp_path, monkeypatch):
    page = unreliable
    wanted = [(plot, kind) for view in page.tabs.views for plot in view.plots for kind in ("svg", "csv")]
    wanted += [(page.table, "csv"), (page.tabs.checks.tests, "csv"), (page.tabs.checks.others, "csv")]
    for tab in range(6):
        page.tabs.setCurrentIndex(tab)
    for number, (widget, kind) in enumerate(wanted):
        path = tmp_path / f"{number}.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(page.session.said):
            widget.export_requested.emit(kind)
        text = path.read_text(encoding="utf-8")
        assert "Association, not cause" in text
        assert "not reliable: " in text.casefold()
        assert "SIMULATED DATA" in text


def test_that_the_form_offers_the_targets_of_the_selected_model(page, qtbot):
    target = page.form.fields["target"]
    assert [target.box.itemData(row) for row in range(target.box.count())] == ["", "titer", "aggregates"]
    assert page.about.text() == "Explains Model 1: Last value (uses measured titer)."
    assert page.primary.isEnabled()


def test_that_a_simple_model_needs_no_device_and_a_network_does(page, session, monkeypatch):
    session.device = _Broken()
    assert page.can_run() == ""
    info = session.selected("model")
    network = dataclasses.replace(info, options={**info.options, "model": "cnn_lstm"})
    monkeypatch.setattr(session, "selected", lambda kind: network if kind == "model" else None)
    assert page.can_run() == _Broken.problem


class _Broken:
    problem = "No network can be trained here."


def test_that_explaining_runs_the_step_with_the_settings_of_the_form(page, session, monkeypatch):
    ran = []
    monkeypatch.setattr(session, "run_step", lambda step, options, *, seed: ran.append((step, options, seed)))
    page.form.set_values({"baseline": "training_mean", "seed": 7})
    page.run_if_possible()
    step, options, seed = ran[0]
    assert (step, options["baseline"], seed) == ("explain", "training_mean", 7)


def test_that_without_a_model_the_page_says_what_to_do(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    page = show_page(ExplainPage, session, qtbot)
    first = page.first()
    assert (first.sentence, first.page) == ("Train a model, then press Explain.", "Train")


def test_that_with_a_model_and_no_explanation_every_view_waits(session, qtbot, model_copy):
    with qtbot.waitSignal(session.opened):
        session.open(model_copy)
    page = show_page(ExplainPage, session, qtbot)
    qtbot.waitUntil(lambda: not session.reading)
    assert page.verdict.sentence.text() == attribution.NO_EXPLANATION
    assert page.primary.isEnabled()
    assert not page.who.isEnabled()
    for tab in range(6):
        page.tabs.setCurrentIndex(tab)
        page.apply_theme(DARK if tab % 2 else LIGHT)
    assert all(plot.place.text.text() for view in page.tabs.views for plot in view.plots)


def test_that_one_batch_and_one_variable_are_shown_without_a_fault(session, qtbot, model_copy):
    one = fabricated.attribution(("B0",), days=1, variables=1)
    fabricated.keep(model_copy, attribution=one)
    with qtbot.waitSignal(session.opened):
        session.open(model_copy)
    page = show_page(ExplainPage, session, qtbot)
    qtbot.waitUntil(lambda: page.tabs.ranking.shown is not None)
    for tab in range(6):
        page.tabs.setCurrentIndex(tab)
        page.grab()
    assert page.tabs.difference.plot.place.text.text().startswith("Two different batches")


def test_that_both_themes_and_a_small_window_are_drawn(page):
    page.apply_theme(DARK)
    page.resize(700, 380)
    for tab in range(6):
        page.tabs.setCurrentIndex(tab)
        picture = page.grab()
        assert (picture.width(), picture.height()) == (700, 380)


@pytest.mark.parametrize("kind", [Ranking, MapView, Prediction, TwoBatches, OverValue])
def test_that_many_windows_are_drawn_quickly(kind, qtbot):
    found = fabricated.attribution([f"B{n}" for n in range(100)], 14, 30)
    names, rows = attribution.names_of(found, None), np.ones(len(found.hours), dtype=bool)
    view = kind()
    qtbot.addWidget(view)
    view.resize(900, 420)
    view.show()
    best = 1.0
    for _ in range(5):
        start = time.perf_counter()
        view.take(Shown(found, names, rows, "All", attribution.ranked(found, names, rows), None))
        view.draw()
        view.sheet()
        view.grab()
        best = min(best, time.perf_counter() - start)
    assert best < 0.1


def test_that_the_list_of_results_and_the_job_bar_name_an_explanation(page, session):
    info = session.info("attribution-1")
    assert results.result_name(info.id) == "Attribution 1"
    assert results.settings_words(info) == "first target, against the mean trajectory"
    assert title_of("explain", {"target": "final_monomer"}) == "Explaining final monomer"
    assert title_of("explain", {"target": ""}) == "Explaining the model"
