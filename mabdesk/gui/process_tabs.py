"""All views of a process model as tabs: at harvest, daily courses, running batch, bands, what moves it, forecast."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from mabdesk.analysis.process.planned import Forecast, ProcessAttribution, ProcessTraining
from mabdesk.gui.error_spread import offer
from mabdesk.gui.look import Theme
from mabdesk.gui.notes import NotesView
from mabdesk.gui.plots.line_chart import LineChart
from mabdesk.gui.plots.parity import ParityPlot
from mabdesk.gui.plots.series import Figure
from mabdesk.gui.process_views import Courses, Moved, ShareBars
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views import planned, process
from mabdesk.models.process.trained import ProcessModel

NOTHING = Sheet("", (), ())
NO_BANDS = "No test batches took no part: nothing tells how much the bands hold."


class ProcessTabs(QTabWidget):
    """Shows a process model, an attribution of it, and a forecast by it; what is not seen is drawn when looked at."""

    batch_clicked = Signal(str)
    table_changed = Signal()
    exported = Signal(object, str)  # the plot, kind

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setAccessibleName("Views of the process model")
        self.found: ProcessTraining | None = None
        self.attribution: ProcessAttribution | None = None
        self.forecast: Forecast | None = None
        self.output = "titer"
        self.harvest = ParityPlot("Predicted over measured at harvest, out of fold")
        self.courses = Courses("Daily courses", "Batch")
        self.days = LineChart("Error by day of forecast", "Culture day", "RMSE", process.NO_PROCESS)
        self.bands, self.notes = ShareBars("Bands on test batches", NO_BANDS), NotesView("Notes of the process model")
        self.moved = Moved()
        self.running = Courses("Forecast of running batches", "Running batch")
        named = (
            (self.harvest, "At harvest", "Predicted from the plan alone, by models that had not seen the batch"),
            (self.courses, "Daily courses", "Every variable day by day, beside what was measured"),
            (self.days, "Running batch", "How good the forecast of a running batch is, by day"),
            (self.bands, "Bands", "Which share of test batches the bands held"),
            (self.moved, "What moves it", "Which setpoints and sensors moved the value at harvest"),
            (self.running, "Forecast", "Where running batches of a file go"),
            (self.notes, "Notes", "What must be known of the model"),
        )
        for widget, text, tip in named:
            self.setTabToolTip(self.addTab(widget, text), tip)
        self._stale: set[QWidget] = set()
        self._draw: dict[QWidget, Callable[[], None]] = {
            self.harvest: self._draw_harvest, self.courses: self._draw_courses, self.days: self._draw_days,
            self.bands: self._draw_bands, self.moved: self._draw_moved, self.running: self._draw_forecast,
            self.notes: self._draw_notes,
        }  # fmt: skip
        self._connect()

    def show_found(
        self, found: ProcessTraining | None, attribution: ProcessAttribution | None, forecast: Forecast | None
    ) -> None:
        """Show these; None: what is waited for."""
        self.found, self.attribution, self.forecast = found, attribution, forecast
        ids = found.model.known.ids if found is not None else ()
        offer(self.courses.box, [(name, name) for name in ids])
        offer(self.running.box, [(name, name) for name in (forecast.batch_ids if forecast is not None else ())])
        self._stale = set(self._draw)
        self._draw_seen()

    def show_output(self, output: str) -> None:
        """Show titer, or a quality attribute."""
        self.output = output
        self._stale.add(self.harvest)
        self._draw_seen()

    def sheet(self) -> Sheet:
        """Return the table behind the view that is looked at."""
        seen, found = self.currentWidget(), self.found
        if seen is self.running:
            return planned.forecast_sheet(self.forecast) if self.forecast is not None else NOTHING
        if seen is self.moved:
            return process.ranking_sheet(self.attribution) if self.attribution is not None else NOTHING
        if found is None:
            return NOTHING
        if seen is self.courses:
            return process.courses_sheet(found)
        if seen is self.days:
            return process.days_sheet(found)
        return process.bands_sheet(found) if seen is self.bands else process.harvest_sheet(found, self.output)

    def highlight(self, batch: str) -> None:
        """Show a batch above the others in all views."""
        self.harvest.highlight(batch)
        self.moved.highlight(batch)
        place = self.courses.box.findData(batch)
        if batch and place >= 0:
            self.courses.box.setCurrentIndex(place)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        for widget in (self.harvest, self.courses.grid, self.days, self.bands, self.moved, self.running.grid):
            widget.apply_theme(theme)

    # -- inside --------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.currentChanged.connect(self._draw_seen)
        self.courses.box.currentIndexChanged.connect(self._course_chosen)
        self.running.box.currentIndexChanged.connect(self._draw_forecast)
        self.harvest.batch_clicked.connect(self.batch_clicked)
        self.plots = (
            self.harvest, self.courses.grid, self.days, self.bands, self.moved.bars, self.moved.map, self.running.grid,
        )  # fmt: skip
        for plot in self.plots:
            plot.export_requested.connect(self._export)

    def _draw_seen(self) -> None:
        seen = self.currentWidget()
        if seen is not None and seen in self._stale:
            self._stale.discard(seen)
            self._draw[seen]()
        self.table_changed.emit()

    def _draw_harvest(self) -> None:
        if self.found is None:
            self.harvest.show_pairs({}, "", "", ())
            return
        model, e = self.found.model, self.found.evaluation
        number = model.outputs.index(self.output) if self.output in model.outputs else 0
        pairs = process.pairs(model, number)
        what = f"{e.outputs[number].replace('_', ' ')} at harvest"
        self.harvest.show_pairs(pairs, what, e.units[number], (process.MEASURED, process.MODEL, *process.PARTS))

    def _draw_courses(self) -> None:
        model = self._model()
        empty = Figure((), empty_text=process.NO_PROCESS)
        batch = str(self.courses.box.currentData() or "")
        self.courses.grid.show_figure(process.courses_figure(model, batch) if model is not None else empty)
        self.courses.note.setText(
            "Lines: from the plan alone, by networks that had not seen the batch." if model else ""
        )

    def _draw_days(self) -> None:
        unit = planned.unit_of(self.found.model, "titer") if self.found is not None else ""
        self.days.view.setLabel("left", f"RMSE of titer at harvest ({unit})" if unit else "RMSE of titer at harvest")
        self.days.set_curves(process.day_curves(self.found) if self.found is not None else {})

    def _draw_bands(self) -> None:
        shown = process.band_bars(self.found) if self.found is not None else ()
        self.bands.show_bars(shown, "Share inside the band (%)", process.BANDS_HINT)

    def _draw_moved(self) -> None:
        self.moved.show_found(self.attribution)

    def _draw_forecast(self) -> None:
        found, model = self.forecast, self._model()
        batch = str(self.running.box.currentData() or "")
        if found is None or model is None or batch not in found.batch_ids:
            self.running.grid.show_figure(Figure((), empty_text=process.NO_FORECAST))
            self.running.note.setText("")
            return
        row = found.batch_ids.index(batch)
        self.running.grid.show_figure(planned.forecast_figure(found, model, row))
        self.running.note.setText(planned.forecast_sentence(found, row))
        self.running.note.setToolTip(self.running.note.text())

    def _draw_notes(self) -> None:
        notes = (*(self.found.notes if self.found is not None else ()), *(self.forecast.notes if self.forecast else ()))
        self.notes.show_notes(tuple(dict.fromkeys(notes)))

    def _course_chosen(self) -> None:
        self._draw_courses()
        self.batch_clicked.emit(str(self.courses.box.currentData() or ""))

    def _export(self, kind: str) -> None:
        self.exported.emit(self.sender(), kind)

    def _model(self) -> ProcessModel | None:
        return self.found.model if self.found is not None else None
