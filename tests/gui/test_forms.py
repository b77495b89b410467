"""Forms: a field for every declared setting, checked as it is typed, in the user's locale, with the way back."""

import pytest
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel

from mabdesk.analysis.settings import CompareOptions
from mabdesk.data.settings import CleaningPlan, PhaseRule, ReadingOptions, SplitOptions, WindowPlan
from mabdesk.gui.forms.fields import (
    OFFERED,
    CalmComboBox,
    CheckField,
    CheckListField,
    ChoiceField,
    OfferedField,
    TextField,
    parsed,
)
from mabdesk.gui.forms.folding import FoldButton
from mabdesk.gui.forms.form import MATTERS_ONLY, RARE, Form
from mabdesk.models.settings import TrainOptions
from mabdesk.options import options_of

GROUPS = (TrainOptions, WindowPlan, CompareOptions, PhaseRule, CleaningPlan, SplitOptions, ReadingOptions)
OTHERS = {  # no setting has its default here
    TrainOptions: {
        "model": "cnn_lstm_paper", "quick": True, "epochs": 12, "members": 3, "settings_from": "search-2",
        "label_stride_h": 6.5, "level": 0.9,
    },
    WindowPlan: {
        "preset": "forecast", "length_h": 12.0, "stride_h": 3.0, "step_h": 0.25, "horizon_h": 48.0,
        "inputs": ("ph", "glucose"), "tags": ("scale",), "targets": ("titer",),
    },
    CompareOptions: {
        "models": ("ridge", "pls"), "folds_by": "scale", "folds": 3, "quick": True, "settings_from": "search-1",
        "window_split": False, "label_stride_h": 0.0, "level": 0.8,
    },
    PhaseRule: {"growth_rate": 0.2, "decline_rate": 0.15, "decline_viability": 85.0},
    CleaningPlan: {
        "outliers": "plain", "iqr_factor": 1.5, "short_gap_h": 4.0, "long_gaps": "leave", "neighbors": 7,
    },
    SplitOptions: {"locked": 0.25, "test": 0.3, "validation": 0.05},
    ReadingOptions: {
        "duplicates": "mean", "unreadable": "not_measured", "time_unit": "days", "dates": "day_first",
        "decimal": "comma", "time_zone": "Europe/Berlin", "batch_from": "file", "blank_batches": "fill_down",
        "censored": "limit", "odd_scale": "keep", "overlapping": "keep_last", "dates_without_time": "midnight",
    },
}  # fmt: skip


@pytest.fixture
def make(qtbot):
    """Make a form and show it."""

    def made(*groups, seed=False):
        form = Form(groups, seed=seed)
        qtbot.addWidget(form)
        form.show()
        return form

    return made


@pytest.fixture
def locale():
    """Set the user's locale."""
    before = QLocale()
    yield lambda name: QLocale.setDefault(QLocale(name))
    QLocale.setDefault(before)


def type_in(qtbot, form, name, text):
    """Type over what stands in a field."""
    line = form.fields[name].line
    line.clear()
    if text:
        qtbot.keyClicks(line, text)
    else:
        line.textEdited.emit("")
    return line


def told(form, name):
    """Return what stands below a field, "" where nothing does."""
    below = form.rows[name].below
    return "" if below.isHidden() else below.text()


def way_back(form, name):
    """Return the button back to the default, None where it is not offered."""
    return None if form.rows[name].back.isHidden() else form.rows[name].back


def kind_of(option):
    if option.kind is str and option.choices:
        return ChoiceField
    if option.name in OFFERED:
        return OfferedField
    return {bool: CheckField, tuple: CheckListField}.get(option.kind, TextField)


# -- every option --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", GROUPS)
def test_that_every_option_is_a_field_with_unit_name_limits_and_default(group, make):
    form = make(group)
    assert list(form.fields) == [option.name for option in options_of(group)]
    for option in options_of(group):
        field = form.fields[option.name]
        widget = field.focusProxy()
        named = f"{option.label} ({option.unit})" if option.unit else option.label
        labels = [label.text() for label in form.rows[option.name].findChildren(QLabel)]
        labels += [widget.text()] if option.kind is bool else []  # a check box bears its label itself
        assert isinstance(field, kind_of(option))
        assert named in labels
        assert widget.accessibleName() == named
        assert widget.accessibleDescription() == option.help
        assert widget.toolTip().startswith(option.help)
        assert "Default: " in widget.toolTip()
        for limit, word in ((option.low, "from"), (option.high, "to")):
            assert limit is None or f"{word} {limit:g}" in widget.toolTip()


@pytest.mark.parametrize(
    ("group", "name", "words"),
    [
        (CleaningPlan, "iqr_factor", "Allowed: from 1 to 10. Default: 3."),
        (CleaningPlan, "short_gap_h", "Allowed: from 0 to 12 h. Default: 2 h."),
        (TrainOptions, "model", "Default: CNN-LSTM."),
        (TrainOptions, "quick", "Default: off."),
        (TrainOptions, "epochs", "Default: as the model or the data have it."),
        (WindowPlan, "tags", "Default: Cell line, Scale."),
    ],
)
def test_that_a_tooltip_ends_with_limits_and_default_in_words(group, name, words, make):
    form = make(group)
    assert form.fields[name].focusProxy().toolTip().endswith(words)


@pytest.mark.parametrize("group", GROUPS)
def test_that_a_form_begins_with_all_defaults_and_nothing_to_say(group, make):
    form = make(group)
    assert form.values() == {option.name: option.default for option in options_of(group)}
    assert form.problems() == ()
    assert all(way_back(form, option.name) is None for option in options_of(group))


@pytest.mark.parametrize("group", GROUPS)
def test_that_values_come_back_as_they_were_set_and_nothing_is_told_of_it(group, make, qtbot):
    form = make(group)
    with qtbot.assertNotEmitted(form.changed):
        form.set_values(OTHERS[group])
    assert form.values() == OTHERS[group]
    assert form.problems() == ()
    form.set_values({name: list(v) if isinstance(v, tuple) else v for name, v in OTHERS[group].items()})  # from JSON
    assert form.values() == OTHERS[group]
    form.set_values({})
    assert form.values() == {option.name: option.default for option in options_of(group)}


# -- changed, wrong, idle ------------------------------------------------------------------------------------------


def test_that_a_changed_value_shows_its_default_and_the_way_back(make, qtbot):
    form = make(CleaningPlan)
    assert told(form, "iqr_factor") == ""
    with qtbot.waitSignal(form.changed):
        type_in(qtbot, form, "iqr_factor", "4")
    assert form.values()["iqr_factor"] == 4.0
    assert told(form, "iqr_factor") == "Default: 3"
    with qtbot.waitSignal(form.changed):
        qtbot.mouseClick(way_back(form, "iqr_factor"), Qt.MouseButton.LeftButton)
    assert form.values()["iqr_factor"] == 3.0
    assert told(form, "iqr_factor") == ""
    assert way_back(form, "iqr_factor") is None


@pytest.mark.parametrize(
    ("group", "name", "value", "words"),
    [
        (ReadingOptions, "duplicates", "mean", "Default: Refuse"),
        (TrainOptions, "quick", True, "Default: off"),
        (TrainOptions, "epochs", 12, "Default: as the model or the data have it"),
        (CleaningPlan, "short_gap_h", 4.0, "Default: 2 h"),
        (CompareOptions, "models", ("ridge",), "Default: 13 of 17"),
    ],
)
def test_that_every_kind_of_field_goes_back_to_its_default(group, name, value, words, make):
    form = make(group)
    form.set_values({name: value})
    assert told(form, name).startswith(words)
    way_back(form, name).click()
    assert form.values() == {option.name: option.default for option in options_of(group)}
    assert way_back(form, name) is None


@pytest.mark.parametrize(
    ("group", "name", "text", "words"),
    [
        (CleaningPlan, "iqr_factor", "abc", "received 'abc'"),
        (CleaningPlan, "iqr_factor", "", "received ''"),
        (CleaningPlan, "iqr_factor", "0.5", "received 0.5; the least allowed is 1"),
        (CleaningPlan, "short_gap_h", "13", "received 13; the most allowed is 12 h"),
        (CleaningPlan, "neighbors", "2.5", "received 2.5"),
        (SplitOptions, "locked", "50 %", "received '50 %'"),
        (TrainOptions, "epochs", "0", "received 0; the least allowed is 1"),
    ],
)
def test_that_a_wrong_value_is_said_and_stays_as_it_was_typed(group, name, text, words, make, qtbot):
    form = make(group)
    line = type_in(qtbot, form, name, text)
    (problem,) = form.problems()
    assert problem.startswith(f"{form.fields[name].option.label}: ")
    assert words in problem
    assert words in told(form, name)
    assert line.text() == text
    way_back(form, name).click()
    assert form.problems() == ()


def test_that_all_wrong_values_are_said_at_once(make, qtbot):
    form = make(SplitOptions)
    type_in(qtbot, form, "locked", "2")
    type_in(qtbot, form, "test", "x")
    assert len(form.problems()) == 2


@pytest.mark.parametrize(
    ("group", "name"),
    [
        (TrainOptions, "epochs"),
        (TrainOptions, "members"),
        (TrainOptions, "quick"),
        (CompareOptions, "folds"),
        (WindowPlan, "horizon_h"),
        (CleaningPlan, "iqr_factor"),
        (CleaningPlan, "neighbors"),
    ],
)
def test_that_a_setting_that_does_not_matter_is_off_with_its_reason(group, name, make):
    form = make(group)
    other, needed, sentence = MATTERS_ONLY[name]
    choices = form.fields[other].option.choices
    for choice in choices:
        form.fields[other].show_value(choice)
        assert form.fields[name].isEnabled() is (choice in needed)
        assert (told(form, name) == sentence) is (choice not in needed)
    assert set(choices) - set(needed)


def test_that_searches_are_offered_and_one_that_is_gone_stays_as_it_was_said(make, qtbot):
    form = make(TrainOptions)
    form.offer("settings_from", [("search-1", "Search 1: CNN-LSTM")])
    box = form.fields["settings_from"].box
    assert [box.itemText(n) for n in range(box.count())] == ["Model's own", "Search 1: CNN-LSTM"]
    assert form.values()["settings_from"] == ""
    with qtbot.waitSignal(form.changed):
        box.setCurrentIndex(1)
    assert form.values()["settings_from"] == "search-1"
    with qtbot.assertNotEmitted(form.changed):
        form.offer("settings_from", [("search-2", "Search 2"), ("search-1", "Search 1: CNN-LSTM")])
    assert form.values()["settings_from"] == "search-1"
    form.set_values({"settings_from": "search-9"})
    assert box.currentText() == form.values()["settings_from"] == "search-9"


def test_that_a_long_list_shows_more_rows_than_a_short_one(make):
    form = make(CompareOptions, WindowPlan)
    many, few = form.fields["models"].list, form.fields["tags"].list
    assert many.maximumHeight() > few.maximumHeight()
    assert many.minimumHeight() > 6 * 22


def test_that_the_phases_stand_among_the_rare_settings_with_their_heading(make):
    form = make(CompareOptions, WindowPlan, PhaseRule)
    headings = [label for label in form.findChildren(QLabel) if label.text() == "Phases of a culture"]
    assert len(headings) == 1
    assert form.rare.isAncestorOf(headings[0])
    assert form.rare.isAncestorOf(form.fields["growth_rate"])


def test_that_the_seed_is_apart_from_the_values_and_checked_too(make, qtbot):
    form = make(SplitOptions, seed=True)
    assert form.seed == 1
    type_in(qtbot, form, "seed", "7")
    assert form.seed == 7
    assert "seed" not in form.values()
    type_in(qtbot, form, "seed", "-1")
    assert form.problems() == ("Seed: expected a whole number from 0, received -1",)
    assert form.seed == 1


# -- typing --------------------------------------------------------------------------------------------------------


def test_that_enter_in_a_field_submits(make, qtbot):
    form = make(CleaningPlan)
    with qtbot.waitSignal(form.submitted):
        qtbot.keyClick(form.fields["iqr_factor"].line, Qt.Key.Key_Return)


@pytest.mark.parametrize(("name", "text", "value"), [
    ("de_DE", "2,5", 2.5), ("de_DE", "2.5", 2.5), ("de_DE", "3", 3.0), ("en_US", "2.5", 2.5), ("fr_FR", "2,5", 2.5),
])  # fmt: skip
def test_that_a_number_is_read_in_the_users_locale_or_with_a_point(name, text, value, make, qtbot, locale):
    locale(name)
    form = make(CleaningPlan)
    type_in(qtbot, form, "iqr_factor", text)
    assert form.values()["iqr_factor"] == value
    assert form.problems() == ()


@pytest.mark.parametrize(("name", "text"), [
    ("de_DE", "1.000,5"), ("de_DE", "1,000.5"), ("en_US", "1,000"), ("en_US", "2,5"),
])  # fmt: skip
def test_that_thousands_separators_are_not_guessed(name, text, make, qtbot, locale):
    locale(name)
    form = make(TrainOptions)
    type_in(qtbot, form, "epochs", text)
    assert form.values()["epochs"] == text
    assert form.problems() != ()


def test_that_a_number_is_shown_with_the_decimal_mark_of_the_locale(make, locale):
    locale("de_DE")
    form = make(CleaningPlan)
    form.set_values({"iqr_factor": 2.5})
    assert form.fields["iqr_factor"].line.text() == "2,5"
    assert form.values()["iqr_factor"] == 2.5


def test_that_nothing_typed_leaves_an_optional_setting_to_the_model(make, qtbot):
    form = make(TrainOptions)
    type_in(qtbot, form, "epochs", "12")
    assert form.values()["epochs"] == 12
    type_in(qtbot, form, "epochs", "")
    assert form.values()["epochs"] is None
    assert form.problems() == ()


# -- lists ---------------------------------------------------------------------------------------------------------


def test_that_a_list_in_which_nothing_is_checked_says_so(make):
    form = make(WindowPlan)
    form.offer("inputs", [("ph", "pH"), ("glucose", "Glucose (g/L)")])
    assert told(form, "inputs") == "None checked: all that suit."
    form.fields["inputs"].list.item(1).setCheckState(Qt.CheckState.Checked)
    assert form.values()["inputs"] == ("glucose",)
    assert "None checked" not in told(form, "inputs")


def test_that_what_was_wanted_stays_checked_when_the_data_say_what_there_is(make):
    form = make(WindowPlan)
    form.set_values({"inputs": ("ph", "lactate")})
    form.offer("inputs", [("ph", "pH"), ("glucose", "Glucose")])
    assert form.values()["inputs"] == ("ph",)
    form.offer("inputs", [("glucose", "Glucose"), ("ph", "pH"), ("vcd", "Viable cell density")])
    assert form.values()["inputs"] == ("ph",)


# -- wheel and fold ------------------------------------------------------------------------------------------------


def turn_wheel(box):
    """Turn the wheel by one notch over a widget; return whether the widget took it."""
    place = QPointF(box.rect().center())
    event = QWheelEvent(
        place, box.mapToGlobal(place), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, event)
    return event.isAccepted()


def test_that_the_wheel_changes_a_combo_box_only_when_it_has_the_focus(make, qtbot):
    form = make(CleaningPlan)
    box = form.fields["outliers"].box
    assert isinstance(box, CalmComboBox)
    form.activateWindow()
    form.fields["iqr_factor"].setFocus()
    qtbot.waitUntil(form.fields["iqr_factor"].line.hasFocus)
    assert not turn_wheel(box)  # left to what scrolls around it
    assert form.values()["outliers"] == "residual"
    form.fields["outliers"].setFocus()
    qtbot.waitUntil(box.hasFocus)
    turn_wheel(box)
    assert form.values()["outliers"] == "plain"


def test_that_a_fold_button_shows_and_hides_its_content(qtbot):
    content = QLabel("rarely needed")
    qtbot.addWidget(content)
    button = FoldButton("More settings", "Show the settings that are rarely changed", content)
    qtbot.addWidget(button)
    button.show()
    for shown in (False, True, False):
        assert content.isVisible() is shown
        assert button.isChecked() is shown
        assert button.arrowType() is (Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_that_rare_settings_of_a_long_form_are_folded_away(make, qtbot):
    form = make(TrainOptions, WindowPlan, seed=True)
    rare = {name for name in form.fields if not form.fields[name].isVisible()}
    assert rare == set(form.fields) & RARE
    qtbot.mouseClick(form.more, Qt.MouseButton.LeftButton)
    assert all(field.isVisible() for field in form.fields.values())


def test_that_a_wrong_value_that_does_not_matter_gives_way_to_its_default(make, qtbot):
    form = make(CleaningPlan)
    type_in(qtbot, form, "iqr_factor", "abc")
    form.fields["outliers"].show_value("none")
    assert form.problems() == ()
    assert form.values()["iqr_factor"] == CleaningPlan().iqr_factor


@pytest.mark.parametrize("text", ["inf", "nan", "1e400"])
def test_that_no_number_is_no_whole_number(text, make, qtbot):
    form = make(CleaningPlan)
    type_in(qtbot, form, "neighbors", text)
    assert form.problems()


def test_that_a_number_keeps_every_digit(make):
    form = make(CleaningPlan)
    form.set_values({"iqr_factor": 2.123456789})
    assert form.values()["iqr_factor"] == 2.123456789


def test_that_a_grouped_number_is_not_guessed_in_a_locale_that_groups_with_points(locale):
    locale("de_DE")
    assert (parsed("1.000"), parsed("1.5"), parsed("1,5")) == (None, 1.5, 1.5)
