"""Random data in random layouts, locales and units: how many values are read wrong, or wrong and silently.

Run: python tests/benchmarks/bench_layouts.py [N=500]
Every wrong value is counted; it is silent when no change and no problem names its cell, column or batch.
"""

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit" / "data" / "reading"))

if __name__ == "__main__":
    # Not in the reader's own process, which imports this script as every spawned process does.
    from corpus_case import silent_changes, wrong_values
    from random_layouts import random_layout

    from mabdesk.data.reading.files import read_bytes
    from mabdesk.errors import ReadingError


def say(text: str) -> None:
    """Write one line at once."""
    print(text, flush=True)


def main(count: int) -> int:
    """Read as many layouts; give the number of silent changes."""
    begun, values = time.perf_counter(), 0
    drawn, refused, wrong, silent = Counter(), Counter(), Counter(), Counter()
    shown: set[str] = set()
    for seed in range(count):
        layout = random_layout(seed)
        drawn[layout.name] += 1
        values += sum(len(points) for batch in layout.truth.values() for points in batch.values())
        fault = ""
        try:
            reading = read_bytes(layout.files)
        except ReadingError as error:
            refused[layout.name] += 1
            fault = f"refused: {' / '.join(str(error).splitlines())[:200]}"
        else:
            faults, unsaid = wrong_values(reading, layout.truth), silent_changes(reading, layout.truth)
            wrong[layout.name] += len(faults)
            silent[layout.name] += len(unsaid)
            fault = f"{len(faults)} wrong, {len(unsaid)} silent: {faults[0]}" if faults else ""
        if fault and layout.name not in shown:
            shown.add(layout.name)
            say(f"  first of {layout.name!r}, seed {seed} ({layout.style}): {fault}")
    say(f"{'layout':32}{'drawn':>8}{'refused':>9}{'wrong':>8}{'silent':>8}")
    for name in sorted(drawn):
        say(f"{name:32}{drawn[name]:8}{refused[name]:9}{wrong[name]:8}{silent[name]:8}")
    say(
        f"{count} layouts, {values} values: {refused.total()} refused, {wrong.total()} wrong values, "
        f"{silent.total()} of them silent; {time.perf_counter() - begun:.0f} s"
    )
    return silent.total()


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if len(sys.argv) > 1 else 500) else 0)
