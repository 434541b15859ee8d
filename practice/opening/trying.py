"""Trying a connection: a test letter, and asking Stripe. Nothing is held meanwhile; what came of it is noted."""

from __future__ import annotations

from dataclasses import dataclass

from practice.clock import clock
from practice.connections import FINE, MAIL, STRIPE, mail_from, mail_url, mark_of, note_trial, stripe_access
from practice.database import db
from practice.languages import N_
from practice.notify.mailer import Envelope, MailError, Sender, mailer
from practice.opening.finding import Finding
from practice.opening.machine_findings import examine_connections, examine_mail
from practice.opening.payment_findings import examine_payments
from practice.settings import settings
from practice.speaking import current_language
from practice.speaking import gettext as _
from practice.tokens import reference
from practice.work import begin_work

UNWELL = "unwell"
SUBJECT = N_("A test letter")
TEXT = N_("Somebody at the practice asked for this letter, to see that letters arrive. There is nothing to do.")

MAIL_WORDS = {
    FINE: N_(
        "The server took the letter. Look into your mailbox. If it isn’t there in a few minutes, look among the "
        "spam, and have SPF and DKIM of the sender’s domain seen to."
    ),
    "host": N_("There is no server of this name. Look at the spelling; your mail provider says it under SMTP."),
    "closed": N_("Nothing listens there, or it hung up at once. Look at the port and the encryption that go together."),
    "silent": N_(
        "No answer came within ten seconds. Look at the port; some hosts block mail going out, so ask yours too."
    ),
    "tls": N_(
        "The encryption did not come about: the certificate is not of this name, or the kind of encryption is "
        "wrong. Write the name that the provider gives, and choose STARTTLS for port 587, TLS from the start for 465."
    ),
    "no_tls": N_(
        "The server offers no encryption here, and without it nothing leaves. Choose another port, mostly 587."
    ),
    "password": N_(
        "The server refused user and password. Type both anew; many providers want a password made for one "
        "program (an app password)."
    ),
    "sender": N_(
        "The server does not let this user send from this address. Write a sender of the same account, without accents."
    ),
    "recipient": N_(
        "The server took us in, and did not take the letter to your address. It may let this user send to "
        "its own domain alone."
    ),
    "unset": N_("No mail server is set."),
    "other": N_(
        "The server said no, without saying what is wrong. Its own log says more; your mail provider can look."
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What came of it: fine or not, and every finding that was made."""

    fine: bool
    findings: tuple[Finding, ...] = ()
    words: str = ""


def send_test_letter(actor: str, to: str) -> Outcome:
    """Send a neutral letter to whoever asks, the way that every letter goes."""
    tried, letter = mark_of(MAIL), _test_letter(to)
    _let_go()
    try:
        mailer().send(letter)
        why = FINE
    except MailError as trouble:
        why = trouble.why
    with begin_work() as work:
        note_trial(work, actor, MAIL, tried, why)
    return Outcome(why == FINE, words=_(MAIL_WORDS[why]))


def ask_stripe(actor: str) -> Outcome:
    """Ask Stripe all that can be asked without moving anything."""
    tried, access, given = mark_of(STRIPE), stripe_access(), settings()
    _let_go()
    findings = tuple(examine_payments(given, access=access))
    fine = all(one.fine for one in findings)
    with begin_work() as work:
        note_trial(work, actor, STRIPE, tried, FINE if fine else UNWELL)
    return Outcome(fine, findings)


def ask_outside() -> list[Finding]:
    """What the doctor asks of others: whether the mail server answers, and Stripe."""
    if shut := examine_connections():
        return shut
    url, access, given = mail_url(), stripe_access(), settings()
    _let_go()
    return [examine_mail(url), *examine_payments(given, access=access)]


def _let_go() -> None:
    """Hold nothing while others are spoken with. Which language we speak may ask the database: it is settled before."""
    current_language()
    db.session.rollback()


def _test_letter(to: str) -> Envelope:
    """In the language of whoever asks for it, who is whom it goes to."""
    sender, subject, text = Sender.parse(mail_from()), _(SUBJECT), _(TEXT)
    html = f"<!doctype html><html lang={current_language()}><title>{subject}</title><p>{text}</p></html>"
    key = f"test-letter:{reference('t')}:{sender.domain}"
    return Envelope(key=key, to=to, subject=subject, text=text + "\n", html=html, sent=clock().now())
