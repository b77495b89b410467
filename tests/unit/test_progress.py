import pickle

from mabdesk.cli.terminal import describe, time_text
from mabdesk.errors import DataError, Problem
from mabdesk.progress import Progress


def test_that_a_part_fills_its_slice_of_the_bar():
    heard = []
    whole = Progress(lambda fraction, text: heard.append((round(fraction, 3), text)))
    whole.part(0.5, 1.0, "fold 2 of 2").part(0.0, 0.5).update(0.5, "epoch 3")
    assert heard == [(0.625, "fold 2 of 2, epoch 3")]


def test_that_a_part_can_say_what_it_is():
    part = Progress().part(0.5, 1.0, "fold 2 of 2").part(0.0, 0.5).part(0.0, 1.0, "network 1 of 4")
    assert (Progress().name, part.name) == ("", "fold 2 of 2, network 1 of 4")


def test_that_fractions_outside_the_bar_are_clipped():
    heard = []
    Progress(lambda fraction, _: heard.append(fraction)).update(7)
    assert heard == [1.0]


def test_that_the_wish_to_finish_reaches_the_parts():
    assert Progress(finish_now=lambda: True).part(0, 1).finish_now()


def test_that_the_line_tells_percent_time_left_and_work():
    assert "25%, 3 min left  fold 1" in describe(0.25, "fold 1", 60.0)
    assert "left" not in describe(0.01, "starting", 0.5)
    assert describe(0.25, "epoch 1 of 4, at most 9 s left", 60.0).endswith("3 min left  epoch 1 of 4")


def test_that_durations_read_as_people_say_them():
    assert [time_text(s) for s in (40, 185, 6000)] == ["40 s", "3 min", "1 h 40 min"]


def test_that_an_error_survives_the_way_from_the_worker_with_all_it_says():
    error = DataError("Too few.", "Add some.", [Problem("a.xlsx, sheet S, cell B2", "is text")])
    back = pickle.loads(pickle.dumps(error))
    assert (str(back), back.problems) == (str(error), error.problems)
    assert "a.xlsx, sheet S, cell B2: is text" in str(back)
    assert "Hint: Add some." in str(back)
