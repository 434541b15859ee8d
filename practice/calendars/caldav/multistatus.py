"""Answers in parts (207, RFC 4918): believed whole or not at all, since what is missing would count as gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from practice.calendars.caldav.guarding import absolute
from practice.calendars.caldav.servers import FoundCalendar, ServerAway

DAV, CAL, APPLE = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://apple.com/ns/ical/}"
WRITE = frozenset({f"{DAV}write", f"{DAV}write-content", f"{DAV}bind", f"{DAV}all"})


def parts_of(tree: Any) -> list[Any]:
    """The responses of a whole answer.

    :raises ServerAway: when it is none: a page, nothing, or cut off.
    """
    if tree is None or tree.tag != f"{DAV}multistatus":
        raise ServerAway("207 without an answer")
    return list(tree.iter(f"{DAV}response"))


def status_of(one: Any) -> int:
    """What a response or propstat says of itself; 200 where it says nothing."""
    said = (one.findtext(f"{DAV}status") or "HTTP/1.1 200 OK").split()
    return int(said[1]) if len(said) > 1 and said[1].isdecimal() else 0


def tag_in(one: Any) -> str:
    """The tag of an object; empty for what has none, as a folder.

    :raises ServerAway: when the server failed to say it.
    """
    return "".join(prop.findtext(f"{DAV}getetag") or "" for prop in list(_told(one, missing=404)))


def content_in(one: Any) -> str:
    """The content of an object.

    :raises ServerAway: when it isn't there.
    """
    found = "".join(prop.findtext(f"{CAL}calendar-data") or "" for prop in list(_told(one, missing=0)))
    if not found.strip():
        raise ServerAway("a part is missing")
    return found


def _told(one: Any, *, missing: int) -> Iterator[Any]:
    """The properties that were told; `missing` is the status that may say that there is none."""
    if status_of(one) // 100 != 2:
        raise ServerAway("a part is missing")
    for told in one.iterfind(f"{DAV}propstat"):
        status = status_of(told)
        if status // 100 == 2:
            yield from told.iterfind(f"{DAV}prop")
        elif status != missing:
            raise ServerAway("a part is missing")


def text_in(one: Any, path: str) -> str:
    """What stands at a path; empty where nothing does."""
    return (one.findtext(path) or "").strip() if one is not None else ""


def address_in(base: str, one: Any) -> str:
    """The address of what a part is about; `base` is what it counts from."""
    return whole_address(base, text_in(one, f"{DAV}href"))


def whole_address(base: str, href: str) -> str:
    """An address in full.

    :raises ServerAway: for what is none.
    """
    try:
        return absolute(base, href)
    except ValueError:
        raise ServerAway("an address that is none") from None


def holds_events(one: Any) -> bool:
    """Whether a part is a calendar that takes events."""
    if one.find(f".//{DAV}resourcetype/{CAL}calendar") is None:
        return False
    kinds = [kind.get("name") for kind in one.iterfind(f".//{CAL}supported-calendar-component-set/{CAL}comp")]
    return not kinds or "VEVENT" in kinds


def calendar_in(one: Any, home: str) -> FoundCalendar:
    """The calendar that a part describes; `home` is what its address counts from."""
    privileges = {kind.tag for kind in one.iterfind(f".//{DAV}current-user-privilege-set/{DAV}privilege/*")}
    href = address_in(home, one)
    name = (one.findtext(f".//{DAV}displayname") or "").strip() or urlsplit(href).path.rstrip("/").rpartition("/")[2]
    color = (one.findtext(f".//{APPLE}calendar-color") or "").strip()[:7]
    return FoundCalendar(href, name[:200], color, writable=not privileges or bool(privileges & WRITE))
