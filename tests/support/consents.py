"""A practice with documents, and people who agree to them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select

from practice.booking.offers.models import Offering
from practice.consents import actions
from practice.consents.documents import Document, Words, tidy
from practice.consents.models import Consent, ConsentText
from practice.consents.queries import find_documents, find_texts, list_consents
from practice.languages import DEFAULT, LANGUAGES
from practice.people import Person
from practice.work import begin_work
from tests.support.browsing import Browser
from tests.support.clock import MONDAY_NINE
from tests.support.story import Client, Held, Practice

AGREE = "/intake/agree"


def with_documents(practice: Practice) -> Practice:
    """Give the practice the documents that we ship."""
    with practice.app.app_context(), begin_work() as work:
        actions.install(work, "command")
    return practice


def document(practice: Practice, key: str) -> Document:
    """A document as it stands now."""
    with practice.app.app_context():
        return find_documents()[key]


def reword(
    practice: Practice, key: str, added: str = "One more sentence.", *, languages: Collection[str] = LANGUAGES
) -> Document:
    """The owner writes a new version; in English alone as owners once could, where `languages` say so."""
    with practice.app.app_context(), begin_work() as work:
        texts = find_texts(key)
        stands = texts[DEFAULT]
        written = actions.publish(work, "staff:1", key, more_words(texts, added), after=stands.version)
        others = (ConsentText.document == key, ConsentText.version == written.version)
        work.session.execute(delete(ConsentText).where(*others, ConsentText.language.not_in(languages)))
        return written


def more_words(texts: Mapping[str, Document], added: str) -> Words:
    """What these say, and a sentence more; a language that is missing says what the English does."""
    said = {language: texts.get(language, texts[DEFAULT]) for language in LANGUAGES}
    return {language: tidy(one.title, one.summary, f"{one.wording.body}\n\n{added}") for language, one in said.items()}


def accept(practice: Practice, client: Client, *keys: str) -> None:
    """A client agrees to these documents as they stand, without the pages, which have tests of their own."""
    with practice.app.app_context(), begin_work() as work:
        person = work.session.get_one(Person, client.person_id)
        for key in keys or tuple(find_documents()):
            actions.accept(work, person, find_documents()[key])


def consents_of(practice: Practice, client: Client) -> list[Consent]:
    """Everything that a client agreed to, the oldest first."""
    with practice.app.app_context():
        return list_consents(client.person_id)[::-1]


def agree(browser: Browser, practice: Practice, *keys: str, then: str = "/you"):
    """Open the page that asks, tick these and send it."""
    ticked = {key: str(document(practice, key).number) for key in keys}
    return browser.submit(f"{AGREE}?then={then}", ticked)


def free_session(practice: Practice, client: Client) -> Held:
    """A session without charge that stands."""
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(Offering).where(Offering.slug == "individual-50")).one().price_minor = 0
    held = practice.hold(MONDAY_NINE, client, offering="individual-50")
    practice.confirm(held)
    return held
