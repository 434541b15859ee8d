"""`make bench`, or `python -m bench [NAME …] [--json FILE]`: measure, print a table each, write all figures as JSON.

A new bench is a module with `measure()`, which yields figures, and a line in BENCHES.
"""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import desk, feeds, holds, many, numbers, pages, reading, slots, times
from bench.figure import Figure, table

BENCHES: dict[str, Callable[[], Iterator[Figure]]] = {
    "slots": slots.measure,
    "reading": reading.measure,
    "holds": holds.measure,
    "times": times.measure,
    "feeds": feeds.measure,
    "desk": desk.measure,
    "pages": pages.measure,
    "numbers": numbers.measure,
    "many": many.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure against limits of the same run.")
    parser.add_argument("name", nargs="*", help=f"which benches, of {', '.join(BENCHES)}; all when none is given")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    asked = parser.parse_args()
    if unknown := set(asked.name) - BENCHES.keys():
        parser.error(f"no bench called {', '.join(sorted(unknown))}")

    figures: list[Figure] = []
    for name in asked.name or BENCHES:
        sys.stderr.write(f"measuring {name} …\n")
        found = list(BENCHES[name]())
        if found:
            sys.stdout.write(table(found) + "\n")
            sys.stdout.flush()
        figures += found
    if asked.json:
        machine = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.platform()}
        written = {"machine": machine, "figures": [figure.record() for figure in figures]}
        asked.json.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
