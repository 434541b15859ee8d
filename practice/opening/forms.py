"""The shape of a first visit, and of connections. A secret that was kept is never sent back to a page."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from wtforms import EmailField, PasswordField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import EqualTo, InputRequired, Length

from practice.connections import MailAccess, StripeAccess
from practice.desk_hours import EXAMPLE
from practice.forms import PostedForm
from practice.mailboxes import read_mailbox, write_mailbox
from practice.notify.mailer import SAFE_ADDRESS, UNSAFE_IN_HEADER
from practice.opening.payment_findings import KEY, SECRET
from practice.setup.fields import TicksField, WholeField
from practice.setup.forms import SeenForm, places_of_licence
from practice.setup.practice_forms import PracticeForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

SCHEMES = [
    SelectChoice("starttls", _l("STARTTLS, mostly on port 587")),
    SelectChoice("smtps", _l("TLS from the start, mostly on port 465")),
    SelectChoice("smtp", _l("None: a server on this very machine")),
]
NEW_SECRET = {"autocomplete": "off", "spellcheck": "false"}
LABEL = "[A-Za-z0-9-]{1,63}"
HOST = re.compile(rf"{LABEL}(\.{LABEL})*")


class NamingForm(PracticeForm):
    """The practice, on the first visit."""

    seen = None  # type: ignore[assignment]  # nothing stands yet; how WTForms leaves a field out
    desk_hours = StringField(
        _l("When somebody reads new requests"),
        description=_l(
            "In the practice’s zone, as in %(example)s. Clients who are in danger are told these hours.",
            example=EXAMPLE,
        ),
        validators=[Length(max=300)],
    )


class AccountForm(PostedForm):
    """How an owner signs in."""

    owner_email = EmailField(
        _l("Your email address"),
        description=_l("You sign in with it, and letters to you go there. Clients don’t see it."),
        render_kw={"autocomplete": "username"},
        validators=[InputRequired(_l("Write the address that you sign in with.")), Length(max=254)],
    )
    password = PasswordField(
        _l("A password"),
        description=_l("At least 12 characters; a few unrelated words are easy to keep."),
        render_kw={"autocomplete": "new-password"},
        validators=[InputRequired(_l("Choose a password.")), Length(max=128)],
    )
    again = PasswordField(
        _l("The password once more"),
        render_kw={"autocomplete": "new-password"},
        validators=[InputRequired(_l("Type it a second time.")), EqualTo("password", _l("The two passwords differ."))],
    )


class OwnerForm(AccountForm):
    """The owner, on the first visit: how they sign in, and who they are for clients."""

    therapist_name = StringField(
        _l("Your name, as clients read it"), validators=[InputRequired(_l("Write your name.")), Length(max=120)]
    )
    licence_places = TicksField(_l("Licensed in"), choices=places_of_licence)
    join_link = StringField(
        _l("Your video room"),
        description=_l("The whole address, beginning with https://. It can wait, but sessions by video need it."),
        render_kw={"inputmode": "url", "autocomplete": "off"},
        validators=[Length(max=300)],
    )


class MailForm(SeenForm):
    """A mail server, and whom letters come from."""

    host = StringField(
        _l("Server"),
        description=_l("As your mail provider says, under SMTP or outgoing mail."),
        render_kw={"autocomplete": "off"},
        validators=[InputRequired(_l("Write the name of the server.")), Length(max=200)],
    )
    scheme = SelectField(_l("Encryption"), choices=SCHEMES)
    port = WholeField(_l("Port"), validators=[InputRequired(_l("Write the port, mostly 587 or 465."))])
    user = StringField(_l("User"), render_kw={"autocomplete": "off"}, validators=[Length(max=254)])
    password = PasswordField(_l("Password"), render_kw={"autocomplete": "new-password"}, validators=[Length(max=300)])
    sender_name = StringField(
        _l("Name of the sender"),
        description=_l("Phones show it before anybody opens the letter. Keep it neutral."),
        validators=[InputRequired(_l("Write a neutral name, as in Appointments.")), Length(max=60)],
    )
    sender_address = EmailField(
        _l("Address of the sender"),
        description=_l("One that the server may send for. What people answer arrives there."),
        validators=[InputRequired(_l("Write the address that letters come from.")), Length(max=254)],
    )

    def __init__(self, *args: Any, kept: MailAccess, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = kept

    def validate_host(self, field: StringField) -> None:
        if field.data and not HOST.fullmatch(field.data) and not _is_bracketed(field.data):
            raise ValidationError(
                _("Write its name alone, as in mail.example.org, or its address, as in [2001:db8::1].")
            )

    def validate_port(self, field: WholeField) -> None:
        if field.data is not None and not 1 <= field.data <= 65535:
            raise ValidationError(_("A port lies between 1 and 65535; mostly it is 587 or 465."))

    def validate_sender_address(self, field: EmailField) -> None:
        if field.data and not SAFE_ADDRESS.fullmatch(field.data.strip()):
            raise ValidationError(_("Write a plain address, as in office@example.org."))
        if field.data and not field.data.strip().isascii():
            raise ValidationError(_("Write it without accents: many mail servers take no others."))

    def validate_sender_name(self, field: StringField) -> None:
        name = field.data or ""
        read = read_mailbox(write_mailbox(name, "office@example.org"))[0]  # it may be encoded as in a header
        if UNSAFE_IN_HEADER.search(name + read):
            raise ValidationError(_("A name is one line."))

    def validate_password(self, field: PasswordField) -> None:
        if self.user.data and not field.data and not self._keeps:
            raise ValidationError(_("Type the password that goes with this server and user."))

    @property
    def _keeps(self) -> bool:
        """A password that was kept goes to the server and user alone that it was typed for."""
        kept = self._kept
        return bool(kept.password) and (kept.host, kept.user) == (self.host.data, self.user.data)

    def access(self) -> MailAccess:
        """What was asked for; call once the form is valid."""
        password = self.password.data or (self._kept.password if self._keeps else "")
        return MailAccess(
            scheme=self.scheme.data or "starttls",
            host=self.host.data or "",
            port=self.port.data or 587,
            user=self.user.data or "",
            password=password if self.user.data else "",
            sender_name=(self.sender_name.data or "").strip(),
            sender_address=(self.sender_address.data or "").strip(),
        )


class StripeForm(SeenForm):
    """The secret key and the webhook's secret. Left empty, what was kept stays."""

    api_key = PasswordField(_l("Secret key"), render_kw=NEW_SECRET, validators=[Length(max=300)])
    webhook_secret = PasswordField(
        _l("Signing secret of the webhook"), render_kw=NEW_SECRET, validators=[Length(max=300)]
    )

    def __init__(self, *args: Any, kept: StripeAccess, demo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept, self._demo = kept, demo

    def validate_api_key(self, field: PasswordField) -> None:
        typed = (field.data or "").strip()
        if not typed and not self._kept.api_key:
            raise ValidationError(_("Copy the secret key from the Stripe Dashboard, Developers, API keys."))
        if typed.startswith("pk_"):
            raise ValidationError(_("That is the publishable key. The secret one begins with sk_ or rk_."))
        if typed and not KEY.fullmatch(typed):
            raise ValidationError(_("That is none of Stripe’s keys. Copy it whole: it begins with sk_ or rk_."))
        if self._demo and "_live_" in typed:
            raise ValidationError(
                _("Real cards would be charged for made-up people. Use a key that begins with sk_test_.")
            )

    def validate_webhook_secret(self, field: PasswordField) -> None:
        typed = (field.data or "").strip()
        if typed and not SECRET.fullmatch(typed):
            raise ValidationError(_("That is no signing secret. Copy it whole: it begins with whsec_."))

    def access(self) -> StripeAccess:
        """What was asked for; call once the form is valid."""
        return StripeAccess(
            (self.api_key.data or "").strip() or self._kept.api_key,
            (self.webhook_secret.data or "").strip() or self._kept.webhook_secret,
        )


def _is_bracketed(host: str) -> bool:
    """Whether this is an IPv6 address as it stands before a port."""
    if not (host.startswith("[") and host.endswith("]")):
        return False
    try:
        ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return False
    return "%" not in host
