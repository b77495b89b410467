"""Places in words, taken apart again, whatever files and sheets are called."""

import pytest

from mabdesk.data.places import Place, split_places

FILES = ("a.xlsx", 'odd, sheet 1, cell A1 and "b".xlsx', "t.csv")

TEXT = Place("t.csv", "", "C2")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a.xlsx, sheet Offline, cell D7", [Place("a.xlsx", "Offline", "D7")]),
        ("t.csv, cell AB12", [Place("t.csv", "", "AB12")]),
        ("a.xlsx, sheet S, row 7", [Place("a.xlsx", "S", "row 7")]),
        ("a.xlsx, sheet S", [Place("a.xlsx", "S")]),
        ("a.xlsx", [Place("a.xlsx")]),
        ("", []),
        ("a.xlsx, sheet cell D7, cell E8, cell F9", [Place("a.xlsx", "cell D7, cell E8", "F9")]),
        ("a.xlsx, sheet A and B, row 9 and t.csv, cell C2", [Place("a.xlsx", "A and B", "row 9"), TEXT]),
        (f"{FILES[1]}, sheet it's, \"so\", cell D7", [Place(FILES[1], 'it\'s, "so"', "D7")]),
        (
            f"{FILES[1]}, sheet S, cell A1 and {FILES[1]}, sheet S, cell A2",
            [Place(FILES[1], "S", "A1"), Place(FILES[1], "S", "A2")],
        ),
    ],
)  # fmt: skip
def test_that_places_are_told_apart_by_the_names_of_the_files(text, places):
    assert list(split_places(text, FILES)) == places


def test_that_one_place_in_an_unknown_file_is_found_too():
    assert split_places("other.xlsx, sheet S, cell D7") == (Place("other.xlsx", "S", "D7"),)
    assert split_places("no place at all") == ()
