import argparse
from dataclasses import dataclass

import pytest

from mabdesk.cli.parser import add_options, given
from mabdesk.errors import OptionsError
from mabdesk.options import check, from_plain, option, options_of, pick, to_plain


@dataclass(frozen=True)
class Oven:
    heat: float = option(180.0, "Heat", "How hot", unit="°C", low=50, high=250)
    mode: str = option("top_heat", "Mode", "Where from", choices=("top_heat", "fan"))
    racks: tuple[str, ...] = option((), "Racks", "Which racks")
    fans: tuple[str, ...] = option(("left",), "Fans", "Which fans", choices=("left", "right"))
    minutes: int | None = option(None, "Minutes", "How long", low=1)
    light: bool = option(True, "Light", "Light on")


def test_that_a_declared_option_tells_all_that_a_form_needs():
    heat, _, _, _, minutes, _ = options_of(Oven)
    assert (heat.name, heat.label, heat.default, heat.unit) == ("heat", "Heat", 180.0, "°C")
    assert (heat.low, heat.high) == (50, 250)
    assert (minutes.kind, minutes.optional) == (int, True)


def test_that_settings_come_back_from_their_plain_form():
    oven = Oven(heat=200, racks=("a", "b"), minutes=5)
    assert from_plain(Oven, to_plain(oven)) == oven


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({"heat": 300.0}, "received 300; the most allowed is 250 °C"),
        ({"heat": 10.0}, "the least allowed is 50 °C"),
        ({"heat": float("nan")}, "finite"),
        ({"heat": None}, "a value is needed"),
        ({"fans": ()}, "received none; choose at least one from left, right"),
        ({"mode": "grill"}, "received 'grill'; choose from top_heat, fan"),
        ({"minutes": 2.5}, "expected int, received 2.5"),
        ({"light": 1}, "expected bool"),
        ({"heat": True}, "expected float"),
        ({"door": 1}, "Unknown settings received: door"),
    ],
)
def test_that_a_wrong_setting_is_refused_with_what_was_received(plain, words):
    with pytest.raises(OptionsError) as caught:
        from_plain(Oven, plain)
    assert words in str(caught.value)


def test_that_all_wrong_settings_are_named_together():
    with pytest.raises(OptionsError) as caught:
        check(Oven(heat=1, mode="grill"))
    assert [problem.where for problem in caught.value.problems] == ["heat", "mode"]


def test_that_pick_takes_only_the_entries_of_its_class():
    assert pick(Oven, {"heat": 60.0, "epochs": 3}) == Oven(heat=60.0)


def test_that_the_command_line_takes_every_declared_option_and_leaves_out_what_was_not_given():
    parser = argparse.ArgumentParser()
    add_options(parser, [Oven])
    arguments = parser.parse_args(["--heat", "99.5", "--mode", "top-heat", "--racks", "a, b", "--no-light"])
    assert given(arguments, [Oven]) == {"heat": 99.5, "mode": "top_heat", "racks": ("a", "b"), "light": False}


def test_that_help_shows_limits_unit_and_default():
    parser = argparse.ArgumentParser()
    add_options(parser, [Oven])
    assert "How hot (°C; 50 to 250; default 180)" in " ".join(parser.format_help().split())
