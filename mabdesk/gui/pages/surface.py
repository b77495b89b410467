"""The Surface page: titer or quality over any two setpoints, with the batches that were run; Figure 6 of the paper."""

import functools
from collections.abc import Iterator

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel

from mabdesk.analysis.process.planned import FROM_SIMULATED
from mabdesk.gui.error_spread import chooser, offer, one_line
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import Theme
from mabdesk.gui.middle import one_over_the_other
from mabdesk.gui.pages.entries import SURFACE
from mabdesk.gui.pages.page import First, Page
from mabdesk.gui.plan_desk import PlanDesk, usual_plan
from mabdesk.gui.plots.opengl import probe_3d
from mabdesk.gui.plots.series import SIMULATED
from mabdesk.gui.saving import Exporter
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.surface_views import SurfaceViews
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views import planned, surface
from mabdesk.gui.views.surface import Piece, Wish

_SOON_MS = 60
AT_HAND, USUAL = "This plan (page What if)", "Usual plan"
NO_MODEL = "The surface needs a process model first: it says what becomes of any plan."
COMPUTING = "Being computed ..."


class SurfacePage(Page):
    """A grid of plans, computed off the window's thread: coarse first, then fine."""

    entry = SURFACE

    def build(self) -> None:
        """Make the widgets."""
        self.desk = PlanDesk.of(self.session)
        self.exporter = Exporter(self.session, self)
        self.across = chooser("Setpoint across", [])
        self.up = chooser("Setpoint up", [])
        self.output = chooser("Value at harvest", [])
        self.others = chooser("The other setpoints as in", [])
        self.said = muted_label("The other setpoints")
        self.no_3d = muted_label("Whether 3D is available")
        self.note = one_line("Warning")
        self.note.setProperty("kind", "warning")
        self.views = SurfaceViews(planned.NO_MODEL)
        self.table = DataTable("What stands behind the map")
        self.flags = ""
        self._probed = False
        self._wish: Wish | None = None
        self._round = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SOON_MS)
        self._lay_out_page()
        self._connect()

    def first(self) -> First | None:
        """A project, and a process model."""
        before = super().first()
        if before is not None or self.session.selected("process-model") is not None:
            return before
        return First(NO_MODEL, "Go to Process model", "Process model")

    def refresh(self) -> None:
        """Show the surface of the selected model."""
        self.desk.refresh()
        self.show_used(self.session.selected("process-model"))
        self._offer()
        self._begin_soon()
        if not self._probed:
            self._probed = True
            self.session.aside(probe_3d, self._probe_told)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.views.apply_theme(theme)

    # -- computing -----------------------------------------------------------------------------------------------

    def wish(self) -> Wish | None:
        """Return what is chosen; None where there is nothing to compute."""
        model = self.desk.model
        across, up, output = (box.currentData() for box in (self.across, self.up, self.output))
        if model is None or across is None or up is None or output is None or across == up:
            return None
        which = self.others.currentData()
        plan = self.desk.plan
        if which == "usual":
            plan = usual_plan(model)
        elif isinstance(which, str) and which.startswith("pinned:"):
            plan = next((one for one in self.desk.pinned if one.name == which.removeprefix("pinned:")), plan)
        return Wish(int(across), int(up), int(output), plan.settings, plan.tags)

    def _begin(self) -> None:
        """Compute what is chosen now, unless it is there or on its way."""
        wish, model = self.wish(), self.desk.model
        if wish == self._wish and wish is not None:
            return
        self._wish = wish
        self._round += 1
        if wish is None or model is None:
            self.views.show_map(None, self._waiting())
            self.table.show_sheet(Sheet("", (), ()))
            self.said.setText("")
            return
        flags = [*([SIMULATED] if model.simulated else ()), *([FROM_SIMULATED] if model.prior else ())]
        self.flags = "   ".join(flags)
        self.note.setText(self.flags)
        self.note.setToolTip(self.flags)
        self.note.setVisible(bool(self.flags))
        self.said.setText(surface.others_sentence(model, wish))
        if self.views.map is None:
            self.views.show_map(None, COMPUTING)
        self._go_on(self._round, wish, surface.COARSE, surface.pieces(surface.COARSE), [])

    def _go_on(self, number: int, wish: Wish, count: int, rest: Iterator[slice], found: list[Piece]) -> None:
        """Compute the next piece of a grid; when it is whole, show it and go on with the fine one."""
        planner = self.desk.planner
        if number != self._round or planner is None or not self.isVisible():
            if number == self._round:
                self._wish = None  # to be computed when the page is seen again
            return
        rows = next(rest, None)
        if rows is not None:
            do = functools.partial(surface.compute, planner, wish, count, rows, self.desk.level)
            self.session.aside(do, functools.partial(self._come, number, wish, count, rest, found))
            return
        self._show(wish, count, found)
        if count == surface.COARSE:
            self._go_on(number, wish, surface.FINE, surface.pieces(surface.FINE), [])

    def _come(
        self, number: int, wish: Wish, count: int, rest: Iterator[slice], found: list[Piece], piece: Piece
    ) -> None:
        found.append(piece)
        self._go_on(number, wish, count, rest, found)

    def _show(self, wish: Wish, count: int, found: list[Piece]) -> None:
        model = self.desk.model
        if model is not None:
            self.views.show_map(surface.map_of(model, wish, count, found))
            self.views.contour.highlight(self.session.highlighted)
            self.table.show_sheet(self.views.contour.table(self._title()))

    def _waiting(self) -> str:
        model = self.desk.model
        if model is None:
            return planned.READING if self.session.selected("process-model") else planned.NO_MODEL
        return surface.TOO_FEW if surface.usual_pair(model) is None else "Choose two different setpoints."

    def _title(self) -> str:
        return f"{self.output.currentText()} over {self.across.currentText()} and {self.up.currentText()}"

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        for box in (self.across, self.up, self.output, self.others):
            box.currentIndexChanged.connect(self._begin_soon)
        self._timer.timeout.connect(self._begin)
        self.desk.changed.connect(self._desk_changed)
        self.desk.pinned_changed.connect(self._desk_changed)
        self.views.contour.batch_clicked.connect(self.session.highlight)
        self.session.highlighted_changed.connect(self.views.contour.highlight)
        self.views.contour.export_requested.connect(self._export_map)
        self.views.export_3d_requested.connect(self._export_3d)
        self.table.export_requested.connect(self._export_table)

    def _desk_changed(self) -> None:
        if self.isVisible():
            self._offer()
            self._begin_soon()

    def _begin_soon(self) -> None:
        self._timer.start()

    def _probe_told(self, why_not: str) -> None:
        self.no_3d.setText(why_not)
        self.no_3d.setVisible(bool(why_not))
        if not why_not:
            self.views.open_3d()

    def _export_map(self, kind: str) -> None:
        self.exporter.export(kind, "contour-map", self._sheet, self.views.contour.picture, self.flags or None)

    def _export_3d(self, kind: str) -> None:
        self.exporter.export(kind, "surface", self._sheet, self.views.picture_3d, self.flags or None)

    def _export_table(self, kind: str) -> None:
        self.exporter.export(kind, "surface", self._sheet, words=self.flags or None)

    def _sheet(self) -> Sheet:
        return self.table.sheet

    # -- inside --------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Offer the model's setpoints and outputs, and the plans at hand."""
        model = self.desk.model
        pair = surface.usual_pair(model) if model is not None else None
        anew = self.across.count() == 0
        levers = [] if model is None else [(planned.lever_name(model, i), str(i)) for i in surface.choosable(model)]
        outputs = (
            [] if model is None else [(planned.output_name(model, n), str(j)) for j, n in enumerate(model.outputs)]
        )
        offer(self.across, levers)
        offer(self.up, levers)
        offer(self.output, outputs)
        pinned = [(plan.name, f"pinned:{plan.name}") for plan in self.desk.pinned]
        offer(self.others, [(AT_HAND, "now"), (USUAL, "usual"), *pinned] if model is not None else [])
        if anew and pair is not None:
            self.across.setCurrentIndex(self.across.findData(str(pair[0])))
            self.up.setCurrentIndex(self.up.findData(str(pair[1])))

    def _lay_out_page(self) -> None:
        self.body.addWidget(self.note)
        self.body.addWidget(one_over_the_other(self.views, self.table, 150), 1)
        boxes = {"Across": self.across, "Up": self.up, "Value at harvest": self.output, "The others as in": self.others}
        for word, box in boxes.items():
            label = QLabel(word)
            label.setBuddy(box)
            self.side.addWidget(label)
            self.side.addWidget(box)
        self.side.addWidget(self.said)
        self.side.addWidget(self.no_3d)
