"""The views of an attribution that ask for a choice: map, one prediction, two batches, contribution over value."""

import numpy as np

from mabdesk.gui.error_spread import chooser, offer
from mabdesk.gui.explained_view import NOTHING, ExplainedView, Shown
from mabdesk.gui.forms.fields import CalmComboBox
from mabdesk.gui.plots.bars import BarPlot, Waterfall
from mabdesk.gui.plots.colored_traces import ColoredTraces
from mabdesk.gui.plots.heatmap import HeatMap
from mabdesk.gui.plots.value_scatter import ValueScatter
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views import attribution, attribution_maps

WAITING = "This is drawn here once a model was explained."
TWO_BATCHES = "Two different batches with windows on the same day are needed. Choose others."
NO_VALUES = "This variable has no course: it is the same all through a batch. Choose another."
FLOW_HINT = "Point at a bar to read it."
DIFFERENCE_HINT = "Right of 0: more in {}."


class Ranking(ExplainedView):
    """Table 6 of the paper as bars."""

    def __init__(self) -> None:
        self.plot = BarPlot("Ranking of the variables", WAITING)
        super().__init__("Ranking", (self.plot,), ())

    def draw(self) -> None:
        """Draw a bar a variable."""
        ranking = self.shown.ranking if self.shown is not None else ()
        whole = self.shown is not None and bool(self.shown.rows.all())
        hint = attribution.RANKING_HINT if whole else attribution.PART_HINT
        self.plot.show_bars(attribution.ranking_bars(ranking), "Share of all contributions (%)", hint)

    def sheet(self) -> Sheet:
        """Return the ranking."""
        shown = self.shown
        return NOTHING if shown is None else attribution.ranking_sheet(shown.found, shown.ranking, shown.who)


class MapView(ExplainedView):
    """Figure 5 of the paper."""

    def __init__(self) -> None:
        self.plot = HeatMap("Contributions by variable and culture day", WAITING)
        self.kind = chooser("What the colors tell", attribution_maps.SIZES)
        super().__init__("Heatmap", (self.plot,), (("Colors", self.kind),))

    def draw(self) -> None:
        """Draw the map."""
        made = self._map()
        if self.shown is None or made is None:
            self.plot.show_map((), np.zeros(0), np.zeros((0, 0)), "", True)
            return
        unit = attribution.target_unit(self.shown.found)
        self.plot.show_map(made.names, made.days, made.values, unit, made.signed, made.marks)
        self.say(f"{self.shown.who}. Windows are drawn at the day they end on.")

    def sheet(self) -> Sheet:
        """Return the matrix."""
        made = self._map()
        if self.shown is None or made is None:
            return NOTHING
        return attribution_maps.map_sheet(self.shown.found, made, self.shown.who)

    def _map(self) -> attribution_maps.Map | None:
        shown = self.shown
        if shown is None:
            return None
        signed = self.kind.currentData() == "signed"
        return attribution_maps.heat_map(shown.found, shown.ranking, shown.rows, signed, shown.dataset)


class Prediction(ExplainedView):
    """One window: the way to its prediction, and the courses that led there."""

    def __init__(self) -> None:
        self.flow = Waterfall("From the typical to the predicted value", WAITING)
        self.traces = ColoredTraces("Courses colored by contribution", WAITING)
        self.batch, self.day = chooser("Batch that is explained", []), chooser("Day that is explained", [])
        super().__init__("One prediction", (self.flow, self.traces), (("Batch", self.batch), ("On", self.day)))

    def take(self, shown: Shown | None) -> None:
        """Take what is to be shown, and offer its batches."""
        super().take(shown)
        ids = attribution.batches_of(shown.found) if shown is not None else ()
        offer(self.batch, [(name, name) for name in ids])

    def choose(self, batch: str) -> bool:
        """Choose a batch where there is one of this name; return whether another one was chosen."""
        place = self.batch.findData(batch)
        if place < 0 or place == self.batch.currentIndex():
            return False
        _choose(self.batch, batch)
        return True

    def row(self) -> int | None:
        """Return the window that is chosen: of its batch the last one, where none else is."""
        if self.shown is None:
            return None
        days = attribution_maps.windows_of(self.shown.found, str(self.batch.currentData()))
        named = [(text, text) for text, _ in reversed(days)]
        offer(self.day, named)
        return next((row for text, row in days if text == self.day.currentData()), None)

    def draw(self) -> None:
        """Draw the way and the courses."""
        row, shown = self.row(), self.shown
        if row is None or shown is None:
            self.flow.show_bars((), "")
            self.traces.show_traces((), "")
            return
        found, unit = shown.found, attribution.target_unit(shown.found)
        name = attribution.titled(found.target)
        axis = f"Predicted {name} ({unit})" if unit else f"Predicted {name}"
        self.flow.show_bars(attribution_maps.waterfall(found, shown.names, row), axis, FLOW_HINT)
        day = float(found.hours[row]) / 24
        lines = attribution_maps.traces(found, shown.names, str(self.batch.currentData()), row)
        self.traces.show_traces(lines, unit, day, NO_VALUES)
        ahead = float(found.target_hours[row] - found.hours[row])
        known = "learned from" if found.learned[row] else "not seen in training"
        self.say(f"The batch was {known}." + (f" Predicts {ahead:g} h ahead." if ahead > 0 else ""))

    def sheet(self) -> Sheet:
        """Return values and contributions of the window."""
        row = self.row()
        if row is None or self.shown is None:
            return NOTHING
        return attribution_maps.prediction_sheet(self.shown.found, self.shown.names, row)


class TwoBatches(ExplainedView):
    """Why the predictions of two batches differ."""

    def __init__(self) -> None:
        self.plot = BarPlot("Difference of two batches", WAITING)
        self.first, self.second = chooser("First batch", []), chooser("Second batch", [])
        self.when = chooser("Day that is compared", [])
        boxes = (("Batch", self.first), ("less", self.second), ("On", self.when))
        super().__init__("Difference", (self.plot,), boxes)

    def take(self, shown: Shown | None) -> None:
        """Take what is to be shown, and offer its batches; at first those whose predictions are farthest apart."""
        super().take(shown)
        ids = attribution.batches_of(shown.found) if shown is not None else ()
        if [self.first.itemData(n) for n in range(self.first.count())] == list(ids):
            return
        for box in (self.first, self.second):
            offer(box, [(name, name) for name in ids])
        if shown is not None:
            ends = {name: float(shown.found.predicted[shown.found.batch_ids == name][-1]) for name in ids}
            _choose(self.first, max(ids, key=ends.__getitem__))
            _choose(self.second, min(ids, key=ends.__getitem__))

    def pair(self) -> attribution_maps.Difference | None:
        """Return what is compared."""
        first, second = str(self.first.currentData()), str(self.second.currentData())
        if self.shown is None or first == second:
            return None
        offer(self.when, attribution_maps.common_days(self.shown.found, first, second))
        return attribution_maps.difference(self.shown.found, first, second, str(self.when.currentData() or ""))

    def draw(self) -> None:
        """Draw a bar a variable."""
        pair, shown = self.pair(), self.shown
        if pair is None or shown is None:
            self.plot.show_bars((), "", "", TWO_BATCHES if shown is not None else "")
            return
        unit = attribution.target_unit(shown.found)
        axis = f"Contribution in {pair.first} less that in {pair.second}, {pair.day}{f' ({unit})' if unit else ''}"
        bars = attribution_maps.difference_bars(shown.found, shown.names, pair)
        words = attribution_maps.difference_words(shown.found, pair)
        self.plot.show_bars(bars, axis, f"{words}. {DIFFERENCE_HINT.format(pair.first)}")

    def sheet(self) -> Sheet:
        """Return both contributions and their difference."""
        pair, shown = self.pair(), self.shown
        if pair is None or shown is None:
            return NOTHING
        return attribution_maps.difference_sheet(shown.found, shown.names, pair)


class OverValue(ExplainedView):
    """What a variable contributed over its value."""

    def __init__(self) -> None:
        self.plot = ValueScatter("Contribution over value", WAITING)
        self.variable = chooser("Variable", [])
        super().__init__("Contribution over value", (self.plot,), (("Variable", self.variable),))

    def take(self, shown: Shown | None) -> None:
        """Take what is to be shown, and offer its variables, the most important first."""
        super().take(shown)
        offer(self.variable, [(one.name, str(one.variable)) for one in shown.ranking] if shown is not None else [])

    def draw(self) -> None:
        """Draw a dot a window."""
        shown, number = self.shown, self.variable.currentData()
        nothing = np.zeros(0)
        if shown is None or number is None:
            self.plot.show_points(nothing, nothing, nothing, nothing.astype(str), ("", ""))
            return
        found, unit = shown.found, attribution.target_unit(shown.found)
        of = found.units[int(number)]
        x = shown.names[int(number)] + (f" ({of})" if of not in {"", "-"} else "")
        y = f"Contribution to {attribution.titled(found.target)}" + (f" ({unit})" if unit else "")
        values, told = attribution_maps.points(found, int(number), shown.rows)
        days, ids = found.hours[shown.rows] / 24, found.batch_ids[shown.rows]
        self.plot.show_points(values, told, days, ids, (x, y), NO_VALUES)
        self.say(f"{shown.who}. Value at the end of each window.")

    def sheet(self) -> Sheet:
        """Return the dots."""
        shown, number = self.shown, self.variable.currentData()
        if shown is None or number is None:
            return NOTHING
        return attribution_maps.points_sheet(shown.found, shown.names, int(number), shown.rows)


def _choose(box: CalmComboBox, value: str) -> None:
    """Choose without telling anyone."""
    box.blockSignals(True)
    box.setCurrentIndex(box.findData(value))
    box.blockSignals(False)
