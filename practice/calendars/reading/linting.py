"""A look at somebody's bytes before any library expands them: is this a whole calendar, and is it of a sane size?

Pure. Only the lines that say when something is are kept; titles, places and people are dropped here and parsed by
nobody. Whatever leaves doubt about the whole (a cut file, a web page) is Unreadable: a part of a calendar would free
times that are taken. What is wrong with one series is that series' own matter.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from practice.calendars.reading.outcome import Unreadable
from practice.languages import N_

MOST_EVENTS = 5_000
MOST_ZONES = 200  # VTIMEZONEs; a calendar that somebody keeps has a handful
MOST_DATES = 5_000  # RDATEs, and EXDATEs, of one event: ten years of a daily one left out
MOST_LISTED = 366  # values of one BY part
DEEPEST = 5  # components within each other; an alarm within an event is the third
LONGEST_UID = 1_000
LONGEST_REMARK = 300  # what a program may leave behind the last calendar

RULE_PARTS = frozenset(
    {"FREQ", "UNTIL", "COUNT", "INTERVAL", "WKST", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY"}
    | {"BYWEEKNO", "BYMONTH", "BYSETPOS"}
)
STEPS = frozenset({"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"})

WEB_PAGE = N_(
    "This address answers with a web page instead of a calendar. Look for the address in iCal format, which often"
    " ends in .ics; a page that asks for a sign-in can't be read."
)
NO_CALENDAR = N_(
    "This isn't a calendar in iCal format. Look for the calendar's address in iCal format, which often ends in .ics."
)
NOTHING = N_("What came was empty. If the calendar is new, add an event to it and try again.")
CUT_OFF = N_("The calendar broke off before its end, so it may lack events. If that stays so, publish it anew.")
PACKED = N_(
    "What came is compressed, not a calendar. Look for the calendar's address in iCal format, which often ends in .ics."
)
TANGLED = N_("The calendar's parts begin and end in the wrong order, so that it can't be read as a whole.")
OTHER_LETTERS = N_("The calendar is written in letters that can't be told. Save or publish it as UTF-8.")
OLD_FORMAT = N_("This is vCalendar 1.0, a format from before iCal. Choose iCal (.ics) where the calendar is published.")
OTHER_CALENDAR = N_("This calendar counts its days otherwise than the Gregorian calendar, which can't be read.")
MANY_EVENTS = N_(
    "The calendar holds more than %(most)s events. Publish only what is to come, or move old events to a calendar of"
    " their own."
)
MANY_ZONES = N_("The calendar defines more than %(most)s time zones. Publish it anew, with its own zone only.")
TOO_MANY_EVENTS = MANY_EVENTS % {"most": f"{MOST_EVENTS:,}"}
TOO_MANY_ZONES = MANY_ZONES % {"most": MOST_ZONES}

_FOLD = re.compile("\n+[ \t]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# What says when: of events and free/busy, and of the calendar around them.
_TELLING = re.compile(
    "(?:BEGIN|END|UID|DTSTART|DTEND|DURATION|RRULE|EXRULE|RDATE|EXDATE|RECURRENCE-ID|SEQUENCE|STATUS|TRANSP|FREEBUSY"
    "|X-MICROSOFT-CDO-BUSYSTATUS|X-MICROSOFT-CDO-ALLDAYEVENT|X-WR-TIMEZONE|CALSCALE|VERSION"
    "|TZID|TZOFFSETFROM|TZOFFSETTO)[;:]",
    re.IGNORECASE,
)
_DATES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE", "FREEBUSY"})
# A zone's name may hold colons and commas, quoted or not; a date holds neither, so the last colon begins it.
_ZONE = re.compile(r';TZID=("[^"]*"|.*?)(?=;(?:VALUE|RANGE|FBTYPE|X-[A-Z0-9-]+)=|$)', re.IGNORECASE)

_OUR_MARK = re.compile(r";X-ZONE=[^;]*", re.IGNORECASE)


@dataclass(slots=True)
class Entry:
    """An event or a free/busy: its lines that say when, unfolded, with `;X-ZONE=n` for the nth name of a zone.

    `zone` is the calendar's own (X-WR-TIMEZONE), empty when it names none. `unfit` when its repetition may not be
    worked out.
    """

    kind: str
    zone: str
    lines: list[str] = field(default_factory=list)
    unfit: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """What may be read further. `zone_names` are the TZIDs that entries use, `zone_tables` the VTIMEZONEs by TZID."""

    entries: list[Entry]
    zone_names: list[str]
    zone_tables: dict[str, list[str]]


def look(content: bytes) -> Looked:
    """Take the bytes apart.

    :raises Unreadable: when they aren't whole calendars of a sane size.
    """
    return _Look().at(_telling_lines(text_of(content)))


def text_of(content: bytes) -> str:
    """The text with `\\n` alone at the ends of lines, beginning with BEGIN:VCALENDAR.

    :raises Unreadable: for nothing, a web page, something compressed, or letters that can't be told.
    """
    if content.startswith((b"\x1f\x8b", b"PK\x03\x04")):
        raise Unreadable(PACKED)
    text = _decoded(content).replace("\r\n", "\n").replace("\r", "\n").strip("\ufeff \t\n")
    if not text:
        raise Unreadable(NOTHING)
    if not text[:15].upper() == "BEGIN:VCALENDAR":
        raise Unreadable(WEB_PAGE if "<html" in text[:2000].lower() or text[:9].lower() == "<!doctype" else NO_CALENDAR)
    if "END:VCALENDAR" not in text[-LONGEST_REMARK:].upper():
        raise Unreadable(CUT_OFF)
    if _CONTROL.search(text):
        text = _CONTROL.sub("", text)
    return text


def fit_to_repeat(rule: str) -> bool:
    """Whether the value of an RRULE may be worked out: a step of an hour or more, and parts of a sane size."""
    parts: dict[str, str] = {}
    for part in rule.upper().rstrip("; ").split(";"):
        name, _, value = part.partition("=")
        if name in parts or name not in RULE_PARTS:
            return False
        parts[name] = value.strip()
    if parts.get("FREQ") not in STEPS:
        return False
    if not all(parts[name].isdecimal() and int(parts[name]) >= 1 for name in ("INTERVAL", "COUNT") if name in parts):
        return False
    return all(value.count(",") < MOST_LISTED for name, value in parts.items() if name.startswith("BY"))


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise Unreadable(CUT_OFF) from None
    if b"\x00" in content[:20]:
        raise Unreadable(OTHER_LETTERS)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # what says when is ASCII; this keeps different UIDs different


def _telling_lines(text: str) -> Iterator[str]:
    for line in _FOLD.sub("", text).split("\n"):
        if _TELLING.match(line):
            yield line.rstrip()


class _Look:
    """One pass over the lines, with the components that are open."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.zone_numbers: dict[str, int] = {}
        self.zone_tables: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._entry: Entry | None = None
        self._table: list[str] | None = None
        self._first_entry, self._zone = 0, ""
        self._tables = 0

    def at(self, lines: Iterator[str]) -> Looked:
        for line in lines:
            name, _, value = line.partition(":")
            name = name.upper()
            if name == "BEGIN":
                self._begin(value.strip().upper())
            elif name == "END":
                self._end(value.strip().upper())
            elif self._entry is not None:
                if len(self._open) == 2:  # else it is an alarm's
                    self._keep(self._entry, line)
            elif self._table is not None:
                self._table.append(line)
            elif len(self._open) == 1:
                self._calendar_says(name.partition(";")[0], value.strip())
        if self._open:
            raise Unreadable(CUT_OFF)
        return Looked(self.entries, list(self.zone_numbers), self.zone_tables)

    def _begin(self, kind: str) -> None:
        if (kind == "VCALENDAR") != (not self._open) or len(self._open) >= DEEPEST:
            raise Unreadable(TANGLED)
        self._open.append(kind)
        if self._table is not None:
            self._table.append(f"BEGIN:{kind}")
        elif kind == "VCALENDAR":
            self._first_entry, self._zone = len(self.entries), ""
        elif len(self._open) == 2 and kind in {"VEVENT", "VFREEBUSY"}:
            if len(self.entries) >= MOST_EVENTS:
                raise Unreadable(TOO_MANY_EVENTS)
            self._entry = Entry(kind, "")
            self.entries.append(self._entry)
        elif len(self._open) == 2 and kind == "VTIMEZONE":
            self._tables += 1
            if self._tables > MOST_ZONES:
                raise Unreadable(TOO_MANY_ZONES)
            self._table = []

    def _end(self, kind: str) -> None:
        if not self._open or self._open.pop() != kind:
            raise Unreadable(TANGLED)
        if not self._open:
            for entry in self.entries[self._first_entry :]:
                entry.zone = self._zone  # which may stand behind them
        elif len(self._open) == 1:
            if self._table is not None:
                self._file_table(self._table)
            self._entry = self._table = None
        elif self._table is not None:
            self._table.append(f"END:{kind}")

    def _keep(self, entry: Entry, line: str) -> None:
        name = re.split("[;:]", line, maxsplit=1)[0].upper()
        if name == "EXRULE":
            entry.unfit = True
        elif name == "RRULE":
            entry.unfit = entry.unfit or not fit_to_repeat(line.partition(":")[2])
            entry.lines.append(line.rstrip("; "))
        elif name == "UID":
            entry.lines.append(line[:LONGEST_UID])
        elif name in _DATES:
            entry.lines.append(self._with_zone_number(line))
            entry.unfit = entry.unfit or line.count(",") >= MOST_DATES or len(entry.lines) > MOST_DATES
        else:
            entry.lines.append(line)

    def _with_zone_number(self, line: str) -> str:
        head, _, value = line.rpartition(":")
        head = _OUR_MARK.sub("", head)
        found = _ZONE.search(head)
        if found is None:
            return f"{head}:{value}"
        name = found[1].strip('" ')
        number = self.zone_numbers.setdefault(name, len(self.zone_numbers))
        return f"{head[: found.start()]};X-ZONE={number}{head[found.end() :]}:{value}"

    def _calendar_says(self, name: str, value: str) -> None:
        if name == "X-WR-TIMEZONE":
            self._zone = value
        elif name == "VERSION" and value.startswith("1."):
            raise Unreadable(OLD_FORMAT)
        elif name == "CALSCALE" and value.upper() != "GREGORIAN":
            raise Unreadable(OTHER_CALENDAR)

    def _file_table(self, lines: list[str]) -> None:
        for line in lines:
            if line[:5].upper() in {"TZID:", "TZID;"}:
                self.zone_tables.setdefault(line.partition(":")[2].strip(), lines)
                return
