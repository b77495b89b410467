"""The Explain page: which variables moved a model's predictions, when, and whether to believe it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout

from mabdesk.analysis.attributed import Attribution
from mabdesk.analysis.results import Training
from mabdesk.analysis.settings import ExplainOptions
from mabdesk.data.batch import Dataset
from mabdesk.gui.error_spread import chooser, offer
from mabdesk.gui.explained_tabs import ExplainedTabs
from mabdesk.gui.explained_view import NOTHING, Shown
from mabdesk.gui.forms.form import Form
from mabdesk.gui.labels import muted_label
from mabdesk.gui.look import GRID, Theme
from mabdesk.gui.middle import one_over_the_other, selected_dataset
from mabdesk.gui.pages.entries import EXPLAIN
from mabdesk.gui.pages.page import First, Page
from mabdesk.gui.saving import Exporter
from mabdesk.gui.settings_follower import SettingsFollower
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.tables import DataTable
from mabdesk.gui.trust_lights import TrustLights
from mabdesk.gui.verdict import Verdict
from mabdesk.gui.views import attribution, scores
from mabdesk.gui.views.results import result_name
from mabdesk.models.settings import KINDS

_LEAST_HEIGHT = 470  # of views and table: the waterfall and its axis, and a few rows; below it the page scrolls


class ExplainPage(Page):
    """Shows an attribution of the selected model: its verdict and trust tests first, then what was found."""

    entry = EXPLAIN
    step = "explain"

    def build(self) -> None:
        """Make the widgets."""
        self._state: tuple[object, ...] = ()
        self.exporter = Exporter(self.session, self)
        self.verdict = Verdict()
        self.verdict.offer_targets((), ())  # an explanation is of one
        self.lights = TrustLights()
        self.who = chooser("Whose windows are shown", [])
        self.tabs = ExplainedTabs(self.exporter, self._words)
        self.table = DataTable("What stands behind the view")
        self._lay_out_middle()
        self.form = Form((ExplainOptions,), seed=True)
        self.about = muted_label("The model that is explained")
        self.side.addWidget(self.about)
        self.side.addWidget(self.form)
        self.follower = SettingsFollower(self.form, self.step)
        self.set_primary("Explain", "Tell which variables move the selected model's predictions, and test it")
        self._connect()

    def first(self) -> First | None:
        """A project and, as long as there is no explanation, a model."""
        before = super().first()
        return First(attribution.NO_MODEL, before.button, before.page) if before and before.page == "Train" else before

    def refresh(self) -> None:
        """Show the selected explanation."""
        self._offer()
        info = self.session.shown(self.entry.kinds)
        found = self.session.value(info.id) if info is not None else None
        self.show_used(info)
        self.follower.follow(info)
        dataset = selected_dataset(self.session)
        there = isinstance(found, Attribution)
        state = (info.id if info else "", there, dataset is None)
        if state == self._state:
            return
        self._state = state
        if isinstance(found, Attribution):
            self._show(found, dataset)
        else:
            self._show_nothing("The result is being read ..." if info else attribution.NO_EXPLANATION)

    def run(self) -> None:
        """Explain the selected model with the settings of the form."""
        self.session.run_step("explain", self.follower.ran(), seed=self.form.seed)

    def can_run(self) -> str:
        """Say why nothing can be explained now; simple models need no device."""
        info, device = self.session.selected("model"), self.session.device
        why = super().can_run() or ("" if info is not None else attribution.NO_MODEL)
        why = why or next(iter(self.form.problems()), "")
        kind = str(info.options.get("model", "")) if info is not None else ""
        needs = kind in KINDS and not KINDS[kind].simple
        return why or (device.problem if device is not None and needs else "")

    def apply_theme(self, theme: Theme) -> None:
        """Hand the colors on."""
        super().apply_theme(theme)
        self.tabs.apply_theme(theme)
        self.lights.apply_theme(theme)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, found: Attribution, dataset: Dataset | None) -> None:
        flags = scores.flags(found.notes, dataset)
        flags += [attribution.UNRELIABLE] if not found.reliable else []
        sentence = f"{found.verdict[:1].upper()}{found.verdict[1:]}"
        self.verdict.show_verdict(sentence, attribution.summary(found), flags)
        self.lights.show_tests(found.trust)
        offer(self.who, attribution.choices(found, dataset))
        self.who.setEnabled(True)
        self._show_tabs(found, dataset)

    def _show_tabs(self, found: Attribution, dataset: Dataset | None) -> None:
        who = str(self.who.currentData() or "")
        names, rows = attribution.names_of(found, dataset), attribution.rows_of(found, dataset, who)
        ranking = attribution.ranked(found, names, rows)
        self.tabs.show_found(Shown(found, names, rows, self.who.currentText(), ranking, dataset))

    def _show_nothing(self, waiting: str) -> None:
        self.verdict.show_verdict(waiting, "", ())
        self.lights.show_tests(())
        offer(self.who, [])
        self.who.setEnabled(False)
        self.tabs.show_found(None, waiting)

    # -- what the user does --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.session.opened.connect(self._begin_anew)
        self.form.changed.connect(self._refresh_primary)
        self.form.submitted.connect(self.run_if_possible)
        self.who.currentIndexChanged.connect(self._who_changed)
        self.tabs.table_changed.connect(self._show_table)
        self.tabs.batch_clicked.connect(self.session.highlight)
        self.session.highlighted_changed.connect(self.tabs.highlight)
        self.table.export_requested.connect(self._export_table)

    def _begin_anew(self) -> None:
        self._state = ()
        self.follower.forget()

    def _who_changed(self) -> None:
        info = self.session.shown(self.entry.kinds)
        found = self.session.value(info.id) if info is not None else None
        if isinstance(found, Attribution):
            self._show_tabs(found, selected_dataset(self.session))
            kind, _, name = str(self.who.currentData() or "").partition(":")
            if kind == "batch":
                self.session.highlight(name)

    def _show_table(self) -> None:
        """Show the table behind the view; the checks are tables themselves."""
        self.table.setVisible(self.tabs.currentWidget() is not self.tabs.checks)
        self.table.show_sheet(self.tabs.sheet)

    def _export_table(self, kind: str) -> None:
        self.exporter.export(kind, "explanation", self._sheet, words=self._words())

    def _sheet(self) -> Sheet:
        return self.table.sheet

    def _words(self) -> str | None:
        return self.verdict.words

    # -- inside --------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        """Offer the targets of the selected model, and say which model it is."""
        info = self.session.selected("model")
        found = self.session.value(info.id) if info is not None else None
        if info is not None and isinstance(found, Training):
            evaluation = found.evaluation
            told = zip(evaluation.targets, evaluation.units, strict=True)
            self.form.offer("target", tuple((name, _with_unit(name, unit)) for name, unit in told))
            label = next(iter(evaluation.labels), "")
            self.about.setText(f"Explains {info.label or result_name(info.id)}: {label}.")
        elif info is None:
            self.about.setText("")
        self._refresh_primary()

    def _lay_out_middle(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * GRID)
        row.addWidget(self.lights, 1)
        row.addWidget(self.who, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.verdict)
        self.body.addLayout(row)
        both = one_over_the_other(self.tabs, self.table, 170)
        both.setMinimumHeight(_LEAST_HEIGHT)
        self.body.addWidget(both, 1)
        self.table.show_sheet(NOTHING)


def _with_unit(name: str, unit: str) -> str:
    return f"{attribution.titled(name)} ({unit})" if unit not in {"", "-"} else attribution.titled(name)
