"""Private feeds for tests: their addresses and what stands in them."""

from __future__ import annotations

from practice.booking.offers.queries import get_therapist
from practice.calendars.actions import add_feed
from practice.calendars.models import Detail
from practice.work import begin_work
from tests.support.ical_lint import events, values
from tests.support.story import Held, Practice


def new_feed(
    practice: Practice, slug: str | None = "ada-lindqvist", detail: Detail = Detail.SESSION, name: str = "Phone"
) -> str:
    """The path of a fresh feed of this therapist or, without one, of the whole practice."""
    with practice.app.app_context(), begin_work() as work:
        _, token = add_feed(work, get_therapist(slug) if slug is not None else None, name, detail)
    return f"/calendars/{token}.ics"


def summaries(content: bytes) -> list[str]:
    """What a calendar says of each event, in order."""
    return [values(event, b"SUMMARY")[0].decode() for event in events(content)]


def book(practice: Practice, start: object, client: object = None, **options: object) -> Held:
    """A session that stands, with all that follows from it done."""
    held = practice.hold(start, client, **options) if client is not None else practice.hold(start, **options)  # type: ignore[arg-type]
    practice.confirm(held)
    practice.work_until_idle()
    return held
