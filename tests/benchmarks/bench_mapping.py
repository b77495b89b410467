"""How many columns of the import corpus became the right thing without a correction by the user.

Run: python tests/benchmarks/bench_mapping.py
Wanted: 90 % or more. A column counts as missed, too, where its file is refused though it should be read.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "data" / "reading"))
WANTED = 0.9

if __name__ == "__main__":
    # Not in the reader's own process, which imports this script as every spawned process does.
    from corpus_case import is_right, right_columns
    from test_corpus import CASES

    from mabdesk.data.reading.files import read_bytes
    from mabdesk.errors import ReadingError


def main() -> float:
    """Print the misses and the share of right columns; give that share."""
    total = right = 0
    for case in CASES:
        if not case.columns:
            continue
        total += len(case.columns)
        try:
            became = right_columns(read_bytes(case.files, case.options), case.columns)
        except ReadingError as error:
            print(f"  {case.name}: all {len(case.columns)} columns, refused: {str(error).splitlines()[0]}")
            continue
        for header, got in became.items():
            if is_right(got, case.columns[header]):
                right += 1
            else:
                print(f"  {case.name}: {header!r} became {got}, not {case.columns[header]}")
    print(f"{right} of {total} columns right: {right / total:.1%} (wanted: {WANTED:.0%})")
    return right / total


if __name__ == "__main__":
    sys.exit(0 if main() >= WANTED else 1)
