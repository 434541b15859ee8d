"""The shape of what therapists send about their own calendars on servers. A password is never filled back in."""

from __future__ import annotations

from urllib.parse import urlsplit

from wtforms import Field, PasswordField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from practice.calendars.caldav.guarding import Unsafe, door
from practice.calendars.caldav.providers import OTHER, PROVIDERS
from practice.forms import PostedForm
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l

NONE = "none"
AT_REST = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


def _password() -> PasswordField:
    return PasswordField(
        _l("App password"),
        validators=[InputRequired(_l("Type the app password.")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class ConnectForm(PostedForm):
    """A server, a user and an app password."""

    provider = RadioField(
        _l("Where your calendar is"),
        choices=[SelectChoice(one.key, _l(one.name)) for one in PROVIDERS],
        validators=[InputRequired(_l("Choose where your calendar is."))],
    )
    address = StringField(
        _l("Address of the server"),
        description=_l("Only for Nextcloud or another server, as in cloud.example.org."),
        validators=[Length(max=500)],
        render_kw={**AT_REST, "inputmode": "url"},
    )
    user_name = StringField(
        _l("User name"),
        description=_l("Often your email address."),
        validators=[InputRequired(_l("Type the user name.")), Length(max=200)],
        render_kw=AT_REST,
    )
    password = _password()

    def validate_address(self, field: Field) -> None:
        """An address is needed where the provider has no fixed one."""
        typed = (field.data or "").strip()
        if self.url is not None:
            return
        if not typed:
            raise ValidationError(_("Type the address of your server."))
        raise ValidationError(_("This is no address of a server. It looks like cloud.example.org or https://…"))

    @property
    def url(self) -> str | None:
        """Where to begin; None where what was typed is no address."""
        provider = next((one for one in PROVIDERS if one.key == self.provider.data), OTHER)
        typed = (self.address.data or "").strip()
        if provider.url and not provider.asks_address:
            return provider.url
        if not typed:
            return None
        address = typed if "://" in typed else f"https://{typed}"
        try:
            door(address)
        except Unsafe:
            return None
        if " " in typed:
            return None
        parts = urlsplit(address)
        path = parts.path if parts.path not in ("", "/") else provider.path or "/"
        return f"{parts.scheme}://{parts.netloc}{path}"


class ChooseForm(PostedForm):
    """The calendar to write to, or none."""

    written = RadioField(_l("Write my sessions to"), validators=[InputRequired(_l("Choose one."))])


class ReadForm(PostedForm):
    """The calendars that keep times from being booked."""

    read = SelectMultipleField(
        _l("Calendars that keep me busy"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )


class PasswordForm(PostedForm):
    """Another app password for the same user."""

    password = _password()


class LeaveForm(PostedForm):
    """Disconnect: whether what we wrote goes, too."""

    remove = RadioField(
        _l("The sessions that we wrote there"),
        choices=[
            SelectChoice("remove", _l("Remove them first")),
            SelectChoice("keep", _l("Leave them where they are")),
        ],
        validators=[InputRequired(_l("Choose what becomes of them."))],
    )
