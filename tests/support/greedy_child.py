"""A child that reads nothing and wants everything: proof that the guard of practice/calendars/reading ends it.

The calendar's bytes name what it does: `compute` or `sleep` without end, `eat` memory, `talk` without end, `crash`, or
`look` at what it was given.
"""

from __future__ import annotations

import os
import runpy
import sys
import time
from pathlib import Path

CHILD = Path(__file__).parents[2] / "practice" / "calendars" / "reading" / "child.py"


def misbehave(content: bytes, _asked: list[str]) -> dict[str, object]:
    what = content.decode()
    while what == "compute":
        pass
    if what == "sleep":
        time.sleep(3_600)
    if what == "eat":
        return {"unreadable": f"it had {len(bytearray(1 << 30))} bytes"}
    while what == "talk":
        os.write(sys.stdout.fileno(), b" " * 65_536)
    if what == "look":
        files = sorted(os.listdir("/proc/self/fd"), key=int)
        return {"unreadable": f"{sorted(os.environ)} {files} {os.getcwd()} {'flask' in sys.modules}"}
    raise ValueError(what)


if __name__ == "__main__":
    runpy.run_path(str(CHILD))["main"](misbehave)
