"""Readers of calendars that are Python's: icalendar, vobject and ics, each in a process of its own.

Their warnings are theirs to mend, and none of ours to fail by; what they refuse, they refuse with an error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime

from tests.support.calendar_readers import PATIENCE, ReadEvent

ICALENDAR = """
calendar = icalendar.Calendar.from_ical(content)
assert not calendar.errors, calendar.errors
for event in calendar.walk("VEVENT"):
    assert not event.errors, event.errors
    say(str(event["UID"]), event.decoded("DTSTART"), event.decoded("DTEND"), str(event["SUMMARY"]), event.get("STATUS"))
"""
VOBJECT = """
[calendar] = vobject.readComponents(content.decode())
calendar.validate(raiseException=True)
for event in getattr(calendar, "vevent_list", []):
    event.validate(raiseException=True)
    status = event.status.value if hasattr(event, "status") else None
    say(event.uid.value, event.dtstart.value, event.dtend.value, event.summary.value, status)
"""
ICS = """
calendar = ics.Calendar(content.decode())
for event in calendar.events:
    say(event.uid, event.begin.datetime, event.end.datetime, event.name, event.status)
"""
PROGRAM = """
import json, sys, warnings
warnings.simplefilter("ignore")
import {module}
found = []
def say(uid, starts, ends, summary, status):
    assert starts.tzinfo is not None and ends.tzinfo is not None
    found.append([uid, starts.isoformat(), ends.isoformat(), summary, str(status or "")])
content = sys.stdin.buffer.read()
{reading}
print(json.dumps(found))
"""


def read_by_icalendar(content: bytes) -> list[ReadEvent]:
    """What icalendar reads; it fails for anything that it calls an error."""
    return _read("icalendar", ICALENDAR, content)


def read_by_vobject(content: bytes) -> list[ReadEvent]:
    """What vobject reads, which checks what must stand in each component."""
    return _read("vobject", VOBJECT, content)


def read_by_ics(content: bytes) -> list[ReadEvent]:
    """What ics reads, by a grammar of its own."""
    return _read("ics", ICS, content)


def _read(module: str, reading: str, content: bytes) -> list[ReadEvent]:
    program = PROGRAM.format(module=module, reading=reading)
    done = subprocess.run(
        [sys.executable, "-c", program], input=content, capture_output=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return sorted(
        ReadEvent(uid, datetime.fromisoformat(starts), datetime.fromisoformat(ends), summary, status)
        for uid, starts, ends, summary, status in json.loads(done.stdout)
    )
