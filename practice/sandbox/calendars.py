"""Somebody's own calendar, as another service would serve it: a few events, and a page to add and remove them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from sqlite3 import Row

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from icalendar import Calendar, Event
from werkzeug.exceptions import UnprocessableEntity

from practice.sandbox.store import Store, new_id

CHOIR = time(18, 0), time(19, 30)  # every Tuesday
LONGEST_TITLE = 80


class CalendarPages:
    """Serves it. Its times have no zone: they are meant in that of whoever reads them."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self.blueprint = self._routes()

    def _routes(self) -> Blueprint:
        bp = Blueprint("calendars", __name__, url_prefix="/sandbox/calendar")
        bp.add_url_rule("", "calendar", self.page, strict_slashes=False)
        bp.add_url_rule("", "add", self.add, methods=["POST"])
        bp.add_url_rule("/<identity>", "remove", self.remove, methods=["POST"])
        bp.add_url_rule("/private.ics", "file", self.file)
        return bp

    def page(self) -> ResponseReturnValue:
        return render_template("calendar.html", events=self._events(), tomorrow=self._today() + timedelta(days=1))

    def add(self) -> ResponseReturnValue:
        """An event on one date, from one wall time to a later one."""
        try:
            day = date.fromisoformat(request.form.get("day", ""))
            opens, closes = (time.fromisoformat(request.form.get(name, "")) for name in ("opens", "closes"))
        except ValueError:
            raise UnprocessableEntity("Give a date and two times, as in 10:00.") from None
        if opens >= closes:
            raise UnprocessableEntity("It must end after it begins.")
        title = request.form.get("title", "")[:LONGEST_TITLE] or "Private"
        starts, ends = datetime.combine(day, opens), datetime.combine(day, closes)
        with self._store.change():
            self._store.execute(
                "INSERT INTO event (id, title, starts, ends) VALUES (?, ?, ?, ?)",
                new_id("event"),
                title,
                starts.isoformat(),
                ends.isoformat(),
            )
        return redirect("/sandbox/calendar", 303)

    def remove(self, identity: str) -> ResponseReturnValue:
        with self._store.change():
            self._store.execute("DELETE FROM event WHERE id = ?", identity)
        return redirect("/sandbox/calendar", 303)

    def file(self) -> ResponseReturnValue:
        calendar = Calendar()
        calendar.add("prodid", "-//sandbox//private calendar//EN")
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", "Private")
        calendar.add_component(self._choir())
        for row in self._events():
            starts, ends = datetime.fromisoformat(row["starts"]), datetime.fromisoformat(row["ends"])
            calendar.add_component(_event(row["id"], row["title"], starts, ends))
        response = Response(calendar.to_ical(), content_type="text/calendar; charset=utf-8")
        response.add_etag()
        return response.make_conditional(request)

    def _choir(self) -> Event:
        first = date(2026, 1, 6)
        series = _event("choir", "Choir", *(datetime.combine(first, wall) for wall in CHOIR))
        series.add("rrule", {"freq": "weekly"})
        return series

    def _events(self) -> list[Row]:
        return self._store.rows("SELECT * FROM event ORDER BY starts, id")

    def _today(self) -> date:
        return self._now().date()


def _event(identity: str, title: str, starts: datetime, ends: datetime) -> Event:
    event = Event()
    event.add("uid", f"{identity}@sandbox")
    event.add("dtstamp", starts.replace(tzinfo=UTC))  # the same at each reading, as the tag is
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", title)
    return event
