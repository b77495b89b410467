"""The Search page: trials as they end, the best settings and where they lead, and what stays of a stopped search."""

import functools
import threading

import fabricated
import pytest
from PySide6.QtCore import QPointF
from shown_page import show_page

from mabdesk import commands
from mabdesk.errors import StoppedError, TrainingError
from mabdesk.gui import saving
from mabdesk.gui.look import DARK
from mabdesk.gui.main_window import MainWindow
from mabdesk.gui.pages.search import SearchPage
from mabdesk.gui.plots.convergence import ALL_FAILED, ConvergencePlot
from mabdesk.gui.sentences import title_of
from mabdesk.gui.views import results, search
from mabdesk.job import Job
from mabdesk.project.project import open_project
from mabdesk.steps import STEPS

COUNT = 30
FAILED = (7, 19)
NUMBER, RANK, LOSS = 0, 1, 2


@pytest.fixture
def opened(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return session


@pytest.fixture
def page(session, qtbot, project_copy):
    fabricated.keep(project_copy, search=fabricated.search(COUNT, nested=True))
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    made = show_page(SearchPage, session, qtbot)
    qtbot.waitUntil(lambda: len(made.chart.trials) == COUNT and not session.reading)
    return made


@pytest.fixture
def plot(qtbot):
    made = ConvergencePlot("Convergence")
    qtbot.addWidget(made)
    made.resize(700, 400)
    made.show()
    made.show_trials(fabricated.trials(COUNT, FAILED))
    return made


def numbers(page):
    return [row[NUMBER] for row in page.table.sheet.rows]


def best_number(found):
    return min((trial.loss, trial.number) for trial in found.trials if trial.loss is not None)[1]


class Running:
    """A search that sends trials when asked, and ends as asked: nothing is trained."""

    def __init__(self, ending):
        self.ending = ending
        self.more, self.enough = threading.Event(), threading.Event()

    def __call__(self, _worker, progress):
        tried = fabricated.trials(COUNT, FAILED)
        for trial in tried[:12]:
            progress.partial("trial", vars(trial))
        self.more.set()
        self.enough.wait(10)
        raise self.ending


@pytest.fixture
def running(opened, qtbot):
    """A page while a search runs; `end` lets it end by an error."""
    made = show_page(SearchPage, opened, qtbot)
    work = []

    def start(ending):
        work.append(Running(ending))
        opened.run("search", "Searching", work[-1])
        assert work[-1].more.wait(10)
        return work[-1]

    made.start = start
    yield made
    for one in work:
        one.enough.set()
    qtbot.waitUntil(lambda: not opened.jobs.busy)


def test_that_every_trial_is_a_dot_and_the_best_loss_so_far_never_rises(plot):
    at, best = plot.best_so_far()
    losses = [trial.loss for trial in plot.trials if trial.loss is not None]
    assert len(at) == COUNT - len(FAILED)
    assert best[-1] == min(losses)
    assert (best[1:] <= best[:-1]).all()
    assert set(plot.legend.boxes) == {"Trials", "Best so far", "Failed"}
    assert "2 failed" in plot.accessibleDescription()


def test_that_dots_are_colored_by_loss_and_the_color_bar_covers_all_of_them(plot):
    losses = [trial.loss for trial in plot.trials if trial.loss is not None]
    assert plot.bar.values == pytest.approx((min(losses), max(losses)))
    plot.log.setChecked(True)
    assert plot.bar.values[1] < 0  # of a loss below 1, the logarithm


def test_that_a_dot_is_read_and_clicked_and_a_failed_trial_stands_at_the_bottom(plot, qtbot):
    box = plot.view.getPlotItem().vb
    trial = plot.trials[4]
    place = box.mapViewToScene(QPointF(trial.number, trial.loss))
    assert plot.nearest(place) is trial
    plot._moved(place)
    assert plot.readout.text().startswith("Trial 5, loss 0.")
    bottom = plot._ends()[2]
    assert bottom < min(t.loss for t in plot.trials if t.loss is not None)
    found = plot.nearest(box.mapViewToScene(QPointF(FAILED[0], bottom)))
    assert found.number == FAILED[0]
    plot._moved(box.mapViewToScene(QPointF(FAILED[0], bottom)))
    assert "not a number" in plot.readout.text()


def test_that_hidden_dots_are_not_found(plot):
    trial = plot.trials[4]
    place = plot.view.getPlotItem().vb.mapViewToScene(QPointF(trial.number, trial.loss))
    plot.legend.boxes["Trials"].setChecked(False)
    assert plot.nearest(place) is None


def test_that_a_view_zoomed_by_hand_stays_while_trials_arrive_and_another_search_shows_all(plot):
    box = plot.view.getPlotItem().vb
    box.setRange(xRange=(3, 8), yRange=(0.1, 0.2), padding=0)
    box.sigRangeChangedManually.emit(box.state["mouseEnabled"])
    plot.show_trials(fabricated.trials(COUNT + 1, FAILED))
    assert box.viewRange()[0] == pytest.approx([3, 8])
    plot.show_trials(fabricated.trials(5, ()))
    assert box.viewRange()[0] == pytest.approx([0.5, 5.5])


def test_that_a_plot_of_failures_or_of_one_trial_says_so(plot):
    plot.show_trials(fabricated.trials(2, (1, 2)))
    assert plot.place.text.text() == ALL_FAILED
    plot.show_trials(fabricated.trials(1, ()))
    assert plot.place.text.text() == ""
    plot.show_trials(())
    assert "as soon as it ends" in plot.place.text.text()


def test_that_the_verdict_the_trials_and_the_outer_folds_are_shown(page, session):
    found = session.value("search-1")
    assert page.verdict.sentence.text() == found.verdict
    assert "2 failed" in page.verdict.how.text()
    assert "0 duplicates" in page.verdict.how.text()
    assert page.verdict.flags.text() == "SIMULATED DATA"
    assert page.verdict.target.isHidden()
    assert [row[0] for row in page.outer.sheet.rows] == ["Linear (ridge)", "CNN-LSTM"]
    notes = page.notes.toPlainText()
    assert "the default settings RMSE 0.083" in notes
    assert "Learning rate: 0.0001, 0.001, 0.01" in notes


def test_that_trials_are_listed_best_first_with_what_they_gave_again_and_why_they_failed(page, session):
    found, rows = session.value("search-1"), page.table.sheet.rows
    assert numbers(page)[0] == best_number(found)
    assert [row[RANK] for row in rows[:3]] == [1, 2, 3]
    assert numbers(page)[-2:] == list(FAILED)
    assert rows[-1][-1] == fabricated.FAULT
    headers = page.table.sheet.headers
    again = headers.index("RMSE again (g/L)")
    assert [row[again] is not None for row in rows] == [True] * 5 + [False] * (COUNT - 5)
    assert headers.index("Filters") < headers.index("First LSTM") < headers.index("Learning rate")


def test_that_a_trial_chosen_in_plot_or_table_is_marked_in_both(page):
    page.chart.trial_clicked.emit(12)
    assert numbers(page)[page.table.current()] == 12
    page.table.row_selected.emit(0)
    assert page.chart.highlighted == numbers(page)[0]
    page.chart.trial_clicked.emit(0)
    assert page.table.current() is None


def test_that_the_best_settings_lead_to_train_and_compare(page, session, qtbot):
    with qtbot.waitSignal(page.go_with) as went:
        page.actions_box.train.click()
    name, settings = went.args
    assert name == "Train"
    assert settings["settings_from"] == "search-1"
    assert settings["model"] == "cnn_lstm"
    assert settings["preset"] == "soft_sensor"
    with qtbot.waitSignal(page.go_with) as went:
        page.actions_box.compare.click()
    assert went.args[0] == "Compare"
    assert {"ridge", "cnn_lstm"} <= set(went.args[1]["models"])


def test_that_the_window_goes_there_with_the_settings_in_the_form(qtbot, project_copy):
    fabricated.keep(project_copy, search=fabricated.search(COUNT))
    window = MainWindow()
    qtbot.addWidget(window)
    try:
        with qtbot.waitSignal(window.session.opened):
            window.session.open(project_copy)
        window.show()
        window.show_page("Search")
        qtbot.waitUntil(lambda: len(window.page.chart.trials) == COUNT and not window.session.reading)
        page = window.page
        for name, button in (("Train", page.actions_box.train), ("Compare", page.actions_box.compare)):
            button.click()
            qtbot.waitUntil(lambda: not window.session.reading)
            assert window.page.entry.name == name
            values = window.page.form.values()
            assert (values["settings_from"], values["preset"]) == ("search-1", "soft_sensor")
            window.update_page()
            assert window.page.form.values()["settings_from"] == "search-1"
    finally:
        window.close_surely()


def test_that_trials_are_drawn_and_counted_while_the_search_runs(running, qtbot):
    running.start(StoppedError("stopped"))
    qtbot.waitUntil(lambda: len(running.chart.trials) == 12)
    assert running.verdict.sentence.text().startswith("Searching: 12 of ")
    assert "1 failed" in running.verdict.sentence.text()
    assert len(running.table.sheet.rows) == 12
    assert running.actions_box.isHidden()
    running.update_page()
    assert len(running.chart.trials) == 12


@pytest.mark.parametrize("ending", [StoppedError("stopped"), TrainingError("no loss")])
def test_that_the_trials_of_a_search_that_was_cut_off_stay_in_sight(ending, running, qtbot):
    running.start(ending).enough.set()
    qtbot.waitUntil(lambda: not running.session.jobs.busy)
    qtbot.waitUntil(lambda: "searching again goes on" in running.verdict.sentence.text())
    running.update_page()
    assert len(running.chart.trials) == 12
    assert "best loss" in running.verdict.sentence.text()


def test_that_a_trial_that_is_told_of_again_stands_there_once():
    first, *others = fabricated.trials(3, ())
    listed = functools.reduce(search.with_trial, [*others, first, first], ())
    assert [trial.number for trial in listed] == [1, 2, 3]
    assert search.trial_of({"number": 4, "settings": {}, "loss": float("nan")}).loss is None


def test_that_the_page_says_why_nothing_can_be_searched(opened, qtbot):
    page = show_page(SearchPage, opened, qtbot)
    qtbot.waitUntil(lambda: not opened.reading)
    assert page.can_run() == ""
    page.form.set_values({"folds": 10})
    assert page.can_run().startswith("10 folds need at least 10 batches; have")
    page.form.set_values({"outer_folds": 9})
    assert page.can_run().startswith("9 folds need at least 9 batches")
    page.form.set_values({"trials": 0})
    assert page.can_run().startswith("Trials:")
    assert page.verdict.sentence.text() == search.NO_SEARCH


def test_that_the_plot_and_the_tables_are_exported(page, qtbot, tmp_path, monkeypatch):
    for number, (widget, kind) in enumerate(
        [(page.chart, "png"), (page.chart, "svg"), (page.chart, "csv"), (page.table, "csv"), (page.outer, "csv")]
    ):
        path = tmp_path / f"{number}.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(page.session.said):
            widget.export_requested.emit(kind)
        assert path.stat().st_size > 100
    assert "SIMULATED DATA" in (tmp_path / "3.csv").read_text(encoding="utf-8")


def test_that_both_themes_and_a_small_window_are_drawn(page):
    page.apply_theme(DARK)
    page.resize(700, 380)
    picture = page.grab()
    assert (picture.width(), picture.height()) == (700, 380)


def test_that_the_list_of_results_and_the_job_bar_name_a_search(page, session):
    info = session.info("search-1")
    assert results.result_name(info.id) == "Search 1"
    assert "30 trials" in results.settings_words(info)
    title = title_of("search", {"model": "cnn_lstm", "preset": "forecast"})
    assert title == "Searching settings of CNN-LSTM, forecast"


def kept_in(path, settings, count=5):
    """Keep trials of a search that was cut off, as running it would."""
    with open_project(path, "w") as project:
        parents = {kind: project.results(kind)[-1].id for kind in ("dataset", "split", "cleaned")}
        options = commands.complete_options(STEPS["search"], settings)
        key = commands.search_key(project, Job("search", options=options, seed=1), parents)
        for trial in fabricated.trials(count, ()):
            project.record("trial", key, details={**vars(trial), "seconds": 1.0, "outer": ""})
        project.record("trial", key, details={**vars(trial), "seconds": 1.0, "outer": "outer fold 1 of 2"})


def test_that_the_trials_of_a_search_that_a_power_cut_ended_are_shown_and_counted(session, qtbot, project_copy):
    kept_in(project_copy, {})
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    page = show_page(SearchPage, session, qtbot)
    qtbot.waitUntil(lambda: len(page.chart.trials) == 5)
    assert page.kept.text() == "5 trials of this search are kept: searching goes on from there."
    page.form.fields["trials"].show_value(5)
    page.form.changed.emit()
    qtbot.waitUntil(lambda: page.kept.text().endswith("ask for more trials to go on."))
    page.form.fields["folds"].show_value(2)  # another search: nothing of it is kept
    page.form.changed.emit()
    qtbot.waitUntil(page.kept.isHidden)


def test_that_trials_inside_outer_folds_are_not_drawn_among_those_of_the_search(running, qtbot):
    running.start(StoppedError("stopped"))
    qtbot.waitUntil(lambda: len(running.chart.trials) == 12)
    inner = {**vars(fabricated.trials(1, ())[0]), "number": 13, "outer": "outer fold 1 of 3", "of": 30}
    running._partial(running._live, "trial", inner)
    running._draw_live()
    assert len(running.chart.trials) == 12
