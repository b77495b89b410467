"""Cleaning: what each rule changed, counted and one by one, with the values before and after at a click."""

import math

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSplitter, QTabWidget

from mabdesk.data.batch import Batch, Change, Dataset, Split, Variable
from mabdesk.data.cleaning import Cleaned
from mabdesk.data.imported import Reading
from mabdesk.data.settings import CleaningPlan
from mabdesk.gui.forms.form import Form
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import Theme
from mabdesk.gui.pages.entries import CLEAN
from mabdesk.gui.pages.page import Page
from mabdesk.gui.plots.series import Course, Figure, Mark, Panel
from mabdesk.gui.plots.trajectories import TrajectoryGrid
from mabdesk.gui.saving import Exporter
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.views.batches import name_of
from mabdesk.gui.views.changes import changes_sheet, counts_sheet, of_rule
from mabdesk.gui.views.courses import course_of, measured_variables

BEFORE, AFTER = "as imported", "cleaned"
_AROUND_H = 36.0


class CleanPage(Page):
    """Counts, the list of changes, and the plot of what is selected."""

    entry = CLEAN
    step = "clean"

    def build(self) -> None:
        """Make the plot above the tables, and the form."""
        self._shown_for: tuple[int, ...] = ()
        self._changes: tuple[Change, ...] = ()
        self._cleaned: Cleaned | None = None
        self._dataset: Dataset | None = None
        self.plot = TrajectoryGrid("Before and after")
        self.plot.batch_clicked.connect(self.session.highlight)
        self.plot.export_requested.connect(self._export_plot)
        self.counts = DataTable("Changes by rule and variable")
        self.counts.row_selected.connect(self._rule_selected)
        self.counts.row_activated.connect(self._rule_selected)
        self.counts.export_requested.connect(self._export_counts)
        self.all = DataTable("All changes", find=True)
        self.all.row_selected.connect(self._change_selected)
        self.all.export_requested.connect(self._export_changes)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Tables")
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.counts, "By rule")
        self.tabs.addTab(self.all, "All changes")
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.plot)
        split.addWidget(self.tabs)
        split.setSizes([420, 280])
        self.body.addWidget(split)
        self.exporter = Exporter(self.session, self)
        self._build_side()
        self.session.highlighted_changed.connect(self._mark)

    def refresh(self) -> None:
        """Show the selected cleaned result."""
        info = self.session.selected("cleaned")
        self.show_used(info)
        self.follower.follow(info)
        reading: Reading | None = self.session.value("dataset")
        cleaned: Cleaned | None = self.session.value("cleaned") if "cleaned" in self.session.selection else None
        split: Split | None = self.session.value("split") if "split" in self.session.selection else None
        if cleaned is None or reading is None:
            text = "Reading ..." if "cleaned" in self.session.selection else "Not cleaned yet: press Clean."
            self.about.setText(text)
            self._empty(text)
            return
        if (id(cleaned), id(reading)) != self._shown_for:
            self._shown_for = (id(cleaned), id(reading))
            self._cleaned, self._dataset = cleaned, reading.dataset
            self._fill(cleaned)
        locked = f" {len(split.locked)} locked batches were left out of sight." if split and split.locked else ""
        values = sum(change.count for change in cleaned.changes)
        self.about.setText(f"{len(cleaned.dataset.batches)} batches, {values} values touched.{locked}")

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.plot.apply_theme(theme)

    def run(self) -> None:
        """Clean what is selected."""
        self.session.run_step("clean", self.follower.ran())

    def _begin_anew(self) -> None:
        self.follower.forget()

    def can_run(self) -> str:
        """The project must be writable and the settings right."""
        return super().can_run() or "; ".join(self.form.problems())

    def _build_side(self) -> None:
        self.about = muted_label("About the cleaning")
        self.form = Form([CleaningPlan])
        self.form.changed.connect(self._refresh_primary)
        self.form.submitted.connect(self.run_if_possible)
        self.follower = SettingsFollower(self.form, self.step)
        self.session.opened.connect(self._begin_anew)
        self.all_rules = QPushButton("List the changes of all rules")
        self.all_rules.setAccessibleName("List the changes of all rules")
        self.all_rules.setToolTip("The list holds the changes of the chosen rule alone: list all of them again")
        self.all_rules.clicked.connect(self._list_all)
        self.side.addWidget(self.about)
        self.side.addWidget(self.all_rules)
        self.side.addWidget(self.form)
        self.set_primary("Clean", "Fit the rules on training batches and apply them to all")

    def _empty(self, text: str) -> None:
        self._shown_for, self._cleaned = (), None
        self.counts.show_sheet(counts_sheet(()))
        self._list(())
        self.plot.show_figure(Figure((), empty_text=text))

    def _fill(self, cleaned: Cleaned) -> None:
        self.counts.show_sheet(counts_sheet(cleaned.changes))
        self._list(cleaned.changes)
        text = "Nothing had to be changed." if not cleaned.changes else "Choose a rule or a change to see it."
        self.plot.show_figure(Figure((), empty_text=text))
        if cleaned.changes:
            self.counts.select(0)
            self._draw_variable(str(self.counts.sheet.rows[0][1]))

    def _list_all(self) -> None:
        self._list(self._cleaned.changes if self._cleaned is not None else ())

    def _list(self, changes: tuple[Change, ...]) -> None:
        whole = len(self._cleaned.changes) if self._cleaned is not None else 0
        some = len(changes) < whole
        self._changes = changes
        self.all.show_sheet(changes_sheet(changes, "Changes of one rule" if some else "All changes"))
        self.tabs.setTabText(1, f"Changes ({len(changes)} of {whole})" if some else f"All changes ({whole})")
        self.all_rules.setVisible(some)

    def _rule_selected(self, row: int) -> None:
        if self._cleaned is None:
            return
        rule, variable, _ = self.counts.sheet.rows[row]
        self._list(of_rule(self._cleaned.changes, str(rule), str(variable)))
        self._draw_variable(str(variable))

    def _draw_variable(self, name: str) -> None:
        known = self._variable(name)
        if known is not None and self._dataset is not None and self._cleaned is not None:
            ids = {batch.id for batch in self._cleaned.dataset.batches}
            batches = tuple(batch for batch in self._dataset.batches if batch.id in ids)
            self._draw(known, batches, ())

    def _change_selected(self, row: int) -> None:
        change = self._changes[row]
        known = self._variable(change.variable)
        if known is None or self._dataset is None:
            return
        batches = tuple(batch for batch in self._dataset.batches if batch.id == change.batch)
        if not batches or not math.isfinite(change.hour):  # it concerns a column as a whole
            self._draw_variable(change.variable)
            return
        self.session.highlight(change.batch)
        self._draw(known, batches, (Mark(change.hour, change.rule),))
        if batches and self.plot.plots:
            day = change.hour / 24
            self.plot.plots[0].setXRange(max(day - _AROUND_H / 24, 0), day + _AROUND_H / 24, padding=0)

    def _variable(self, name: str) -> Variable | None:
        known = measured_variables(self._dataset) if self._dataset is not None else ()
        return next((variable for variable in known if variable.name == name), None)

    def _draw(self, variable: Variable, batches: tuple[Batch, ...], marks: tuple[Mark, ...]) -> None:
        dense = variable.role == "online"
        before = tuple(course_of(batch, variable, None, BEFORE) for batch in batches) if len(batches) == 1 else ()
        after = tuple(course_of(batch, variable, self._cleaned, AFTER) for batch in batches)
        courses: tuple[Course, ...] = (*before, *after)
        panel = Panel(name_of(variable), variable.unit, courses, dense)
        groups = (BEFORE, AFTER) if before else (AFTER,)
        simulated = self._dataset is not None and self._dataset.simulated
        self.plot.show_figure(Figure((panel,), groups, marks, simulated=simulated))
        self._mark(self.session.highlighted)
        self.plot.reset()

    def _mark(self, batch: str) -> None:
        """Draw the highlighted batch above the others, where there are others."""
        panels = self.plot.figure.panels
        several = len({course.batch for panel in panels for course in panel.courses}) > 1
        self.plot.highlight(batch if several else "")

    def _export_plot(self, kind: str) -> None:
        self.exporter.export(kind, "cleaning", self._plotted, self.plot.picture)

    def _plotted(self) -> Sheet:
        return self.plot.table("Before and after")

    def _export_counts(self, kind: str) -> None:
        self.exporter.export(kind, "changes-by-rule", self._counted)

    def _counted(self) -> Sheet:
        return self.counts.sheet

    def _export_changes(self, kind: str) -> None:
        self.exporter.export(kind, "changes", self._listed)

    def _listed(self) -> Sheet:
        return self.all.sheet
