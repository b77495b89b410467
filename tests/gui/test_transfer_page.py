"""The Transfer page: learning curves, all scores, what is recommended, and what the data offer for a study."""

import dataclasses

import fabricated
import pytest
from PySide6.QtCore import QPointF
from shown_page import show_page

from mabdesk.data.batch import EMPTY, Batch, Dataset
from mabdesk.gui import saving
from mabdesk.gui.look import DARK
from mabdesk.gui.pages.transfer import TransferPage
from mabdesk.gui.plots.learning_curves import Curve, LearningCurves
from mabdesk.gui.sentences import title_of
from mabdesk.gui.views import results, transfer


@pytest.fixture
def opened(session, qtbot, project_copy):
    fabricated.keep(project_copy, transfer=fabricated.transfer())
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    return session


@pytest.fixture
def page(opened, qtbot):
    made = show_page(TransferPage, opened, qtbot)
    qtbot.waitUntil(lambda: bool(made.curves.curves) and not opened.reading)
    return made


def lines(counts):
    """Return a dataset of so many batches of every line."""
    names = [name for name, count in counts.items() for _ in range(count)]
    batches = [Batch(f"B{n}", EMPTY, EMPTY, (), {}, {"cell_line": name}) for n, name in enumerate(names)]
    return Dataset((), tuple(batches))


def column(page, name):
    at = page.table.sheet.headers.index(name)
    return [row[at] for row in page.table.sheet.rows]


def test_that_the_verdict_the_advice_and_the_warnings_are_shown(page, opened):
    found = opened.value("transfer-1")
    assert page.verdict.sentence.text() == found.verdict
    assert "New cell line D" in page.verdict.how.text()
    assert "31 batches of other cell lines" in page.verdict.how.text()
    assert page.verdict.flags.text().startswith("SIMULATED DATA   QUICK RUN")
    assert all(sentence in page.notes.toPlainText() for sentence in found.advice)


def test_that_a_line_a_method_is_drawn_and_the_best_local_model_ringed_at_every_size(page):
    assert [curve.name for curve in page.curves.curves] == [transfer.SHORT[name] for name in fabricated.METHODS]
    assert all(curve.sizes == fabricated.SIZES for curve in page.curves.curves)
    ringed = {curve.name: curve.ringed for curve in page.curves.curves if curve.ringed}
    assert ringed == {"PLS, local": (2,), "Local": (4, 8)}
    assert page.curves.view.getAxis("left").labelText == "RMSE (g/L)"
    assert "cell line D" in page.curves.view.getAxis("bottom").labelText


def test_that_a_dot_is_read_with_its_range_and_hidden_lines_are_not(page):
    number = 3
    box = page.curves.view.getPlotItem().vb
    curve = page.curves.curves[number]
    place = box.mapViewToScene(QPointF(page.curves._places(number)[0], curve.values[0]))
    assert page.curves.nearest(place) == (number, 0)
    page.curves._moved(place)
    assert page.curves.readout.text().startswith("Fine-tuned, 2 local batches: RMSE (g/L) 0.210 (0.185")
    page.curves.legend.boxes[curve.name].setChecked(False)
    assert page.curves.nearest(place) != (number, 0)


def test_that_the_table_says_what_is_recommended_what_hurts_and_what_is_the_best_local_model(page):
    told = dict(zip(zip(column(page, "Local batches"), column(page, "Method"), strict=True),
                    column(page, "Recommended"), strict=True))  # fmt: skip
    assert told[2, "Network, fine-tuned"] == "yes"
    assert told[2, "PLS, local batches only"] == "best local"
    assert told[4, "Network, pooled"] == "no: it hurts"
    assert told[2, "Network, pooled"] == "no: not shown to help"
    assert column(page, "Local batches") == [2] * 5 + [4] * 5 + [8] * 5
    assert {"MAE (g/L)", "R\u00b2", "DTS", "DTS*", "Final-day RMSE (g/L)"} <= set(page.table.sheet.headers)


def test_that_all_scores_of_the_methods_are_drawn_at_the_largest_size(page):
    assert page.tabs.tabText(1) == "All scores, 8 local batches"
    assert [axis.name for axis in page.parallel.axes][:4] == ["RMSE", "MAE", "R\u00b2", "DTS"]
    assert [line.name for line in page.parallel.lines] == [transfer.SHORT[name] for name in fabricated.METHODS]
    first = page.parallel.lines[0]
    assert first.bar(0)[0] < first.values[0] < first.bar(0)[1]


def test_that_another_target_changes_curves_and_units_and_tells_no_gains_of_the_first(page):
    page.verdict.target.setCurrentIndex(1)
    assert page.curves.view.getAxis("left").labelText == "RMSE (%)"
    assert set(column(page, "Gain (%)")) == {None}
    assert "yes" not in column(page, "Recommended")


def test_that_a_model_of_other_lines_alone_has_its_dot_at_no_local_batches(qtbot):
    found = fabricated.transfer()
    zero = dataclasses.replace(found.scores[0], method="source", label="Source model as it is", batches=0)
    found = dataclasses.replace(found, scores=(*found.scores, zero))
    drawn = transfer.curves(found, "titer")
    assert (drawn[-1].name, drawn[-1].sizes, drawn[-1].ringed) == ("Source as it is", (0,), ())
    assert transfer.scores_sheet(found, "titer").rows[0][:2] == (0, "Source model as it is")


def test_that_curves_without_any_number_say_what_they_wait_for(qtbot):
    plot = LearningCurves("Curves")
    qtbot.addWidget(plot)
    nan = float("nan")
    plot.show_curves((Curve("local", (2,), (nan,), (nan,), (nan,)),), "Batches", "RMSE")
    assert plot.place.text.text()
    plot.show_curves((Curve("local", (2,), (0.1,), (nan,), (nan,), (2,)),), "Batches", "RMSE")
    assert plot.place.text.text() == ""
    assert "nan" not in plot.accessibleDescription()


def test_that_the_form_offers_the_lines_or_the_scales_of_the_data(page, opened):
    dataset = opened.value("dataset").dataset
    group = page.form.fields["group"]
    offered = {group.box.itemData(row) for row in range(group.box.count())}
    assert offered >= {batch.tags["cell_line"] for batch in dataset.batches}
    by = page.form.fields["by"]
    by.box.setCurrentIndex(by.box.findData("scale"))
    offered = {group.box.itemData(row) for row in range(group.box.count())}
    assert offered == {"", *(batch.tags["scale"] for batch in dataset.batches)}
    assert page.form.values()["group"] == ""
    assert page.form.values()["sizes"] == ("2", "4", "8")


@pytest.mark.parametrize(
    ("counts", "group", "sizes", "said"),
    [
        ({"A": 20, "D": 8}, "D", ("2",), ""),
        ({"A": 20, "D": 8}, "", ("2",), ""),
        ({"": 6}, "", ("2",), "The batches name no cell line."),
        ({"A": 20}, "", ("2",), "All batches are of the cell line A"),
        ({"A": 20, "D": 4}, "D", ("2",), "The cell line D has 4 batches; 2 to learn from and 3 to test on"),
        ({"A": 4, "D": 4}, "", ("2",), "No cell line has more than 4 batches"),
        ({"A": 20, "D": 8}, "E", ("2",), "No batch is of the cell line E; there are A, D."),
        ({"A": 20, "D": 8}, "D", (), "Check at least one number of local batches."),
    ],
)
def test_that_the_page_says_why_no_transfer_can_be_studied(counts, group, sizes, said):
    why = transfer.why_not(lines(counts), "cell_line", group, sizes)
    assert why.startswith(said)
    assert bool(why) == bool(said)


def test_that_plots_and_table_are_exported(page, qtbot, tmp_path, monkeypatch):
    for number, (widget, kind) in enumerate(
        [(page.curves, "png"), (page.curves, "csv"), (page.parallel, "svg"), (page.parallel, "csv"),
         (page.table, "csv")]
    ):  # fmt: skip
        path = tmp_path / f"{number}.{kind}"
        monkeypatch.setattr(saving, "ask_where", lambda *_, path=path: path)
        with qtbot.waitSignal(page.session.said):
            widget.export_requested.emit(kind)
        assert path.stat().st_size > 100
    assert "SIMULATED DATA" in (tmp_path / "1.csv").read_text(encoding="utf-8")


def test_that_both_themes_and_a_small_window_are_drawn(page):
    page.apply_theme(DARK)
    page.resize(700, 380)
    picture = page.grab()
    assert (picture.width(), picture.height()) == (700, 380)


def test_that_without_a_study_the_page_says_what_to_do(session, qtbot, project_copy):
    with qtbot.waitSignal(session.opened):
        session.open(project_copy)
    page = show_page(TransferPage, session, qtbot)
    assert page.verdict.sentence.text() == transfer.NO_STUDY
    assert page.tabs.tabText(1) == "All scores"


def test_that_the_list_of_results_and_the_job_bar_name_a_study(page, opened):
    info = opened.info("transfer-1")
    assert results.result_name(info.id) == "Transfer 1"
    assert "new cell line D" in results.settings_words(info)
    assert title_of("transfer-learning", {"by": "scale", "group": "2000 L", "preset": ""}) == (
        "Studying transfer to scale 2000 L"
    )


def test_that_lines_and_scales_are_offered_as_the_study_names_them():
    tags = ({"line": "B", "scale_l": "200"}, {"cell_line": "A", "scale": "50 L"}, {"cell_line": "B", "scale": "200 L"})
    dataset = Dataset((), tuple(Batch(f"B{n}", EMPTY, EMPTY, tags=tag) for n, tag in enumerate(tags)))
    assert transfer.groups(dataset, "cell_line") == {"A": 1, "B": 2}
    assert list(transfer.groups(dataset, "scale")) == ["50 L", "200 L"]
