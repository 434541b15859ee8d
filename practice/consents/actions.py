"""What changes documents and consents. The only writer of their tables; each runs in its caller's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import delete, func, select

from practice.audit import record
from practice.consents.documents import COUPLE, MAIL, AskedOf, Document, Method, Words, adds_alone, unwritten
from practice.consents.messages import ConsentTakenBack
from practice.consents.models import STANDING, Consent, ConsentText
from practice.consents.shipped import Shipped, shipped, shipped_others
from practice.errors import Conflict, Refused
from practice.languages import DEFAULT, N_
from practice.people import Person
from practice.profile import ONLY, SECRETS_POLICIES, PracticeProfile
from practice.tokens import reference as new_reference
from practice.work import Work


class WordsChanged(Conflict):
    """The practice wrote a new version between the reading and the agreeing, or between two owners' writing."""

    title = N_("The words have changed meanwhile")
    way_out = N_("Please read them again below. Nothing was lost, and nothing was agreed to in the new words.")


class NothingNew(Refused):
    """A new version that says the same as the one that stands."""

    title = N_("This says the same as it does now")
    way_out = N_("Change the words first, or leave it as it is: nobody has to be asked again.")


class NotInEveryLanguage(Refused):
    """Words that somebody could not read in their language."""

    title = N_("The words are not there in every language")
    way_out = N_("Clients read either language. Write the title, the short version and the text in both.")


def install(work: Work, actor: str) -> None:
    """Give the practice the documents that we ship, as version 1; those that it has already stay as they are.

    Where what it has are our words in English alone, whatever they are filled in with, it gets the same version in the
    other languages.
    """
    practice = work.session.get_one(PracticeProfile, ONLY)
    for one in shipped(practice):
        if one.policy not in (None, practice.secrets_policy):
            continue
        version = _version(work, one.key)
        if not version:
            _write(work, actor, one, 1)
        else:
            _add_others(work, actor, practice, one.key, version)


def publish(work: Work, actor: str, key: str, words: Words, *, after: int) -> Document:
    """A new version of a document, in every language: everybody is asked again. `after` is the version that its writer
    had before them.

    Where that version only gains a language that it lacked, it stays that version, and nobody is asked again: what they
    agreed to says what it said.

    :raises WordsChanged: when somebody else wrote one meanwhile.
    :raises NotInEveryLanguage: when a language is missing.
    :raises NothingNew: when it says the same.
    """
    stands = _lock_newest(work, key, after)
    now = {text.language: text.read().wording for text in _texts(work, key, after)}
    _check_new(now, words)
    like = _worded(_like(stands), words)
    if not adds_alone(now, words):
        return _write(work, actor, like, after + 1)
    for language in sorted(words.keys() - now.keys()):
        _add_text(work, actor, like, after, language)
    return stands.read()


def switch_policy(work: Work, actor: str, policy: str, words: Words, *, after: int) -> Document:
    """Have the practice keep secrets otherwise, and the couple's document say so: both, or neither.

    :raises WordsChanged: as publish() does.
    :raises NotInEveryLanguage: when a language is missing.
    :raises NothingNew: when the practice has that policy already, or the document would say the same.
    """
    if policy not in SECRETS_POLICIES:
        raise ValueError(policy)
    stands = _lock_newest(work, COUPLE, after)
    practice = work.session.get_one(PracticeProfile, ONLY, with_for_update=True, populate_existing=True)
    if practice.secrets_policy == policy or stands.sha256 == words[DEFAULT].sha256:
        raise NothingNew
    _check_new({}, words)
    practice.secrets_policy = policy
    record(work, actor, "secrets_policy_set", "practice", {"policy": policy})
    return _write(work, actor, replace(_worded(_like(stands), words), policy=policy), after + 1)


def accept(work: Work, person: Person, document: Document) -> Consent:
    """This person agrees, on our page, to a version that they were shown. Twice is as good as once.

    :raises WordsChanged: when it is not what the document says any more.
    """
    return _agree(work, person, document, Method.PAGE, None)


def note_paper(work: Work, person: Person, document: Document, actor: str) -> Consent:
    """A member of staff has seen that this person signed a version on paper.

    :raises WordsChanged: when it is not what the document says any more.
    """
    return _agree(work, person, document, Method.PAPER, actor)


def leave_open(work: Work, person: Person, document: Document) -> None:
    """Asked once more about something that is optional, this person did not tick it: an earlier agreement ends."""
    lock_person(work, person)
    stands = _standing(work, person, document.key)
    if stands is not None and stands.version != document.version:
        _end(work, person, stands)
    if stands is None or stands.withdrawn_at is not None:
        _note_letters(person, document.key, agreed=False)


def withdraw(work: Work, person: Person, reference: str) -> Consent | None:
    """This person takes back what they agreed to; None where it doesn't stand any more. No appointment is cancelled.

    The desk hears of it where sessions need it.
    """
    lock_person(work, person)
    found = select(Consent).where(Consent.reference == reference, Consent.person_id == person.id, *STANDING)
    consent = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if consent is None:
        return None
    _end(work, person, consent)
    _note_letters(person, consent.document, agreed=False)
    if consent.shown.required:
        work.post(ConsentTakenBack(consent.reference))
    return consent


def forget_consents(work: Work, person_id: int) -> None:
    """Erase what somebody agreed to of whom nothing else is kept."""
    work.session.execute(delete(Consent).where(Consent.person_id == person_id))


def lock_person(work: Work, person: Person) -> None:
    """Whoever gives or takes back one person's consents takes turns; the index is what refuses a second one."""
    work.session.execute(select(Person.id).where(Person.id == person.id).with_for_update(key_share=True))


def _agree(work: Work, person: Person, document: Document, method: Method, noted_by: str | None) -> Consent:
    lock_person(work, person)
    if document.version != _version(work, document.key):
        raise WordsChanged
    stands = _standing(work, person, document.key)
    if stands is not None and stands.version == document.version:
        return stands
    if stands is not None:
        stands.replaced_at = work.now
        work.session.flush()
    consent = Consent(
        reference=new_reference("ag"),
        person_id=person.id,
        text_id=document.number,
        document=document.key,
        version=document.version,
        sha256=document.sha256,
        given_at=work.now,
        method=method.value,
        noted_by=noted_by,
    )
    work.session.add(consent)
    work.session.flush()
    _note_letters(person, document.key, agreed=True)
    actor = noted_by or f"client:{person.reference}"
    record(work, actor, "consent_given", consent.reference, {"version": document.version, "method": method.value})
    return consent


def _end(work: Work, person: Person, consent: Consent) -> None:
    consent.withdrawn_at = work.now
    work.session.flush()
    record(work, f"client:{person.reference}", "consent_withdrawn", consent.reference)


def _note_letters(person: Person, key: str, *, agreed: bool) -> None:
    """Whether letters go to them is asked for everywhere, so their own row says it; an invariant compares the two."""
    if key == MAIL:
        person.letters_agreed = agreed


def _standing(work: Work, person: Person, key: str) -> Consent | None:
    found = select(Consent).where(Consent.person_id == person.id, Consent.document == key, *STANDING)
    return work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def _version(work: Work, key: str) -> int:
    """The number of the version that stands; 0 where there is none."""
    found = select(func.max(ConsentText.version)).where(ConsentText.document == key)
    return work.session.scalar(found) or 0


def _lock_newest(work: Work, key: str, after: int) -> ConsentText:
    """The version that its writer had before them, locked, where it is the newest still."""
    found = select(ConsentText).where(
        ConsentText.document == key, ConsentText.version == after, ConsentText.language == DEFAULT
    )
    stands = work.session.scalars(found.with_for_update()).one_or_none()
    if stands is None or _version(work, key) != after:  # asked behind the lock: two owners take turns
        raise WordsChanged
    return stands


def _like(stands: ConsentText) -> Shipped:
    read = stands.read()
    return Shipped(read.key, read.wording, read.asked_of, read.required, read.policy)


def _worded(like: Shipped, words: Words) -> Shipped:
    others = {language: wording for language, wording in words.items() if language != DEFAULT}
    return replace(like, wording=words[DEFAULT], others=others)


def _check_new(stands: Words, words: Words) -> None:
    if stands == words:
        raise NothingNew
    if unwritten(words):
        raise NotInEveryLanguage


def _texts(work: Work, key: str, version: int) -> Sequence[ConsentText]:
    found = select(ConsentText).where(ConsentText.document == key, ConsentText.version == version)
    return work.session.scalars(found).all()


def _add_others(work: Work, actor: str, practice: PracticeProfile, key: str, version: int) -> None:
    """The same version in each language that it lacks and that we have its words in."""
    texts = {text.language: text for text in _texts(work, key, version)}
    like = _like(texts[DEFAULT])
    like = replace(like, others=shipped_others(practice, like.wording))
    for language in sorted(like.others.keys() - texts.keys()):
        _add_text(work, actor, like, version, language)


def _write(work: Work, actor: str, like: Shipped, version: int) -> Document:
    """A new version, in English and in whichever language it was written besides."""
    row = _add_text(work, actor, like, version, DEFAULT)
    for language in like.others:
        _add_text(work, actor, like, version, language)
    return row.read()


def _add_text(work: Work, actor: str, like: Shipped, version: int, language: str) -> ConsentText:
    wording = like.others.get(language, like.wording)
    row = ConsentText(
        document=like.key,
        version=version,
        language=language,
        title=wording.title,
        summary=wording.summary,
        body=wording.body,
        sha256=wording.sha256,
        asked_of=AskedOf(like.asked_of).value,
        required=like.required,
        policy=like.policy,
        valid_from=work.now,
        written_by=actor,
    )
    work.session.add(row)
    work.session.flush()
    told: dict[str, str | int] = {"version": version, "language": language, "sha256": wording.sha256}
    record(work, actor, "consent_text_published", like.key, told)
    return row
