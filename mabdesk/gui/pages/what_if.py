"""The What if page: sliders for every setpoint, and what a batch becomes at once; plans are pinned and compared."""

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox

from mabdesk.analysis.process.applicability import experience
from mabdesk.analysis.process.planned import FROM_SIMULATED, Experience, Scenarios
from mabdesk.gui.look import Theme
from mabdesk.gui.middle import one_over_the_other
from mabdesk.gui.pages.entries import WHAT_IF
from mabdesk.gui.pages.page import Page
from mabdesk.gui.pinned_list import PinnedList
from mabdesk.gui.plan_desk import Plan, PlanDesk, arrays_of, tag_texts, text_of
from mabdesk.gui.plan_summary import PlanSummary
from mabdesk.gui.plots.course_fan import CourseFan
from mabdesk.gui.plots.series import SIMULATED, Figure
from mabdesk.gui.saving import Exporter
from mabdesk.gui.setpoint_sliders import SetpointSliders
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views import planned
from mabdesk.models.process.trained import ProcessModel, Trajectories

_SOON_MS = 15  # moves of a slider that come within are planned once
NOT_PINNED = "Pin a plan first: pinned plans are kept."


class WhatIfPage(Page):
    """Plans at once whatever the sliders say."""

    entry = WHAT_IF
    step = "what-if"

    def build(self) -> None:
        """Make the widgets."""
        self.desk = PlanDesk.of(self.session)
        self.exporter = Exporter(self.session, self)
        self.summary = PlanSummary()
        self.fan = CourseFan("Courses of the plans", planned.NOW)
        self.table = DataTable("Plans")
        self.body.addWidget(self.summary)
        self.body.addWidget(one_over_the_other(self.fan, self.table, 120), 1)
        self.sliders = SetpointSliders()
        self.pinned = PinnedList(self.desk)
        self.nearest = QCheckBox("Draw the nearest batches")
        self.nearest.setAccessibleName("Draw the nearest batches")
        self.nearest.setToolTip("Draw what was measured of the three real batches that are most alike")
        for widget in (self.pinned, self.nearest, self.sliders):
            self.side.addWidget(widget)
        self._shown_model = self._taken = ""
        self.flags = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SOON_MS)
        self.set_primary("Keep as result", "Keep the pinned plans, and what becomes of them, in the project")
        self._connect()

    def refresh(self) -> None:
        """Take the selected model, and the plans of a kept result that was chosen."""
        self.desk.refresh()
        self.show_used(self.session.selected("process-model"))
        model = self.desk.model
        if self.desk.model_id != self._shown_model:
            self._shown_model = self.desk.model_id
            self.sliders.show_levers(model.levers if model is not None else None)
        self._take_kept()
        self._show_sliders()
        self.plan_now()
        self._refresh_primary()

    def run(self) -> None:
        """Keep the pinned plans: one result for each set of tags."""
        model = self.desk.model
        if model is None:
            return
        for tags in dict.fromkeys(plan.tags for plan in self.desk.pinned):
            plans = [plan for plan in self.desk.pinned if plan.tags == tags]
            options = {
                "scenarios": tuple(text_of(plan, model.levers.names) for plan in plans),
                "tags": tag_texts(plans[0], model.levers.tag_names),
                "level": self.desk.level,
            }
            self.session.run_step("what-if", options)

    def can_run(self) -> str:
        """Say why nothing can be kept now."""
        waiting = planned.READING if self.session.selected("process-model") else planned.NO_MODEL
        why = super().can_run() or ("" if self.desk.model is not None else waiting)
        return why or ("" if self.desk.pinned else NOT_PINNED)

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        for widget in (self.fan, self.sliders, self.pinned):
            widget.apply_theme(theme)

    def plan_now(self) -> None:
        """Plan what the sliders say, and the pinned plans, and show it."""
        self._timer.stop()
        planner = self.desk.planner
        if planner is None:
            self._show_nothing()
            return
        plans = (Plan(planned.NOW, self.desk.plan.settings, self.desk.plan.tags), *self.desk.pinned)
        settings, tags = arrays_of(plans)
        said = planner.plan(settings, tags, self.desk.level)
        found = experience(planner.model, settings, tags, said)
        self._show(planner.model, plans, said, found)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(
        self, model: ProcessModel, plans: tuple[Plan, ...], said: Trajectories, found: tuple[Experience, ...]
    ) -> None:
        names = tuple(plan.name for plan in plans)
        settings, tags = arrays_of(plans)
        self.flags = "   ".join([*([SIMULATED] if model.simulated else ()), *([FROM_SIMULATED] if model.prior else ())])
        self.summary.show_plan(model, said, found[0], self.flags)
        dots = found[0].nearest if self.nearest.isChecked() else ()
        self.fan.show_plans(planned.fan(model, names, said, dots, names))
        self.table.show_sheet(planned.plans_sheet(model, names, settings, tags, said, found))

    def _show_nothing(self) -> None:
        reading = self.session.selected("process-model") is not None
        text = planned.READING if reading else planned.NO_MODEL
        self.flags = ""
        self.summary.show_waiting(text)
        self.fan.show_plans(Figure((), empty_text=text))
        self.table.show_sheet(Sheet("", (), ()))

    def _show_sliders(self) -> None:
        plan = self.desk.plan
        if self.sliders.rows and (self.sliders.values(), self.sliders.tags()) != (plan.settings, plan.tags):
            self.sliders.show_values(plan.settings, plan.tags)

    def _take_kept(self) -> None:
        """Pin the plans of a kept result that is looked at."""
        info = self.session.info(self.session.looked_at)
        if info is None or info.kind != "scenarios" or info.id == self._taken or self.desk.model is None:
            return
        found = self.session.value(info.id)
        if isinstance(found, Scenarios):
            self._taken = info.id
            kept = zip(found.names, found.settings.tolist(), found.tags.tolist(), strict=True)
            self.desk.add(tuple(Plan(name, tuple(values), tuple(tags)) for name, values, tags in kept))

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.sliders.changed.connect(self._moved)
        self.desk.changed.connect(self._plan_changed)
        self.desk.pinned_changed.connect(self._plan_changed)
        self.nearest.toggled.connect(self._plan_changed)
        self._timer.timeout.connect(self.plan_now)
        self.fan.batch_clicked.connect(self._clicked)
        self.fan.export_requested.connect(self._export_fan)
        self.table.export_requested.connect(self._export_table)

    def _moved(self) -> None:
        self.desk.set_plan(self.sliders.values(), self.sliders.tags())

    def _plan_changed(self) -> None:
        """Plan soon, once for all moves that come meanwhile."""
        self._refresh_primary()
        if self.isVisible() and len(self.sliders.rows) == len(self.desk.plan.settings):
            self._show_sliders()
            if not self._timer.isActive():
                self._timer.start()

    def _clicked(self, batch: str) -> None:
        model = self.desk.model
        if model is not None and (not batch or batch in model.known.ids):
            self.session.highlight(batch)
            self.fan.highlight(batch)

    def _export_fan(self, kind: str) -> None:
        self.exporter.export(kind, "what-if", self._courses, self.fan.picture, self.flags or None)

    def _courses(self) -> Sheet:
        return self.fan.table("Courses of the plans")

    def _export_table(self, kind: str) -> None:
        self.exporter.export(kind, "plans", self._sheet, words=self.flags or None)

    def _sheet(self) -> Sheet:
        return self.table.sheet
