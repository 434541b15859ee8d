"""What a letter that comes again and again says at the moment at which it is sent, to one person."""

from __future__ import annotations

from practice.booking.attending import find_attendees
from practice.booking.queries import find_booking
from practice.intake.messages import RETURN
from practice.notify import recurring_letters
from practice.notify.letters import Letter
from practice.notify.messages import Kind, SendLetter
from practice.notify.readers import reader_of
from practice.people import Person, make_link
from practice.pulse.queries import awaits
from practice.reminding.messages import STOP, Topic
from practice.reminding.queries import has_something_left, is_stopped, may_remind
from practice.settings import settings
from practice.work import Work

OWN_PAGE, SHORT_PAGE = "you", "pulse"  # where a mailed link leads, besides a booking (intake/routes.py)


def write_recurring(work: Work, message: SendLetter, person: Person) -> Letter | None:
    """The letter, or None where it isn't wanted, isn't true any more, or comes too late to be of use."""
    kind, topic, reader = Kind(message.letter), Topic(message.letter), reader_of(person)
    if is_stopped(person.id, topic):
        return None
    if kind is Kind.PULSE:
        if not awaits(person, message.occasion, work.now):
            return None
        address, stop = _links(work, person, topic, SHORT_PAGE)
        return recurring_letters.short_page(address=address, stop=stop, voice=reader.voice)
    booking = find_booking(message.about)
    if booking is None or not may_remind(
        topic, booking, int(message.occasion.partition(":")[0]), message.since, work.now
    ):
        return None
    if person.id not in {one.id for one in find_attendees(booking)}:
        return None  # they come on their own by now
    when = reader.when(booking.starts_at)
    if kind is Kind.NEAR:
        address, stop = _links(work, person, topic, booking.reference)
        return recurring_letters.appointment_near(when=when, address=address, stop=stop, voice=reader.voice)
    if not has_something_left(person.id):
        return None
    address, stop = _links(work, person, topic, OWN_PAGE)
    return recurring_letters.something_left(when=when, address=address, stop=stop, voice=reader.voice)


def _links(work: Work, person: Person, topic: Topic, target: str) -> tuple[str, str]:
    """The address that the letter leads to, and that at which it is stopped."""
    base = settings().base_url
    back, stop = make_link(work, person, RETURN, target), make_link(work, person, STOP, topic.value)
    return f"{base}/return/{back}", f"{base}/stop/{stop}"
