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

NONE = "none"
AT_REST = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


def _password() -> PasswordField:
    return PasswordField(
        "App password",
        validators=[InputRequired("Type the app password."), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class ConnectForm(PostedForm):
    """A server, a user and an app password."""

    provider = RadioField(
        "Where your calendar is",
        choices=[SelectChoice(one.key, one.name) for one in PROVIDERS],
        validators=[InputRequired("Choose where your calendar is.")],
    )
    address = StringField(
        "Address of the server",
        description="Only for Nextcloud or another server, as in cloud.example.org.",
        validators=[Length(max=500)],
        render_kw={**AT_REST, "inputmode": "url"},
    )
    user_name = StringField(
        "User name",
        description="Often your e-mail address.",
        validators=[InputRequired("Type the user name."), Length(max=200)],
        render_kw=AT_REST,
    )
    password = _password()

    def validate_address(self, field: Field) -> None:
        """An address is needed where the provider has no fixed one."""
        typed = (field.data or "").strip()
        if self.url is not None:
            return
        if not typed:
            raise ValidationError("Type the address of your server.")
        raise ValidationError("This is no address of a server. It looks like cloud.example.org or https://…")

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

    written = RadioField("Write my sessions to", validators=[InputRequired("Choose one.")])


class ReadForm(PostedForm):
    """The calendars that keep times from being booked."""

    read = SelectMultipleField(
        "Calendars that keep me busy", option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )


class PasswordForm(PostedForm):
    """Another app password for the same user."""

    password = _password()


class LeaveForm(PostedForm):
    """Disconnect: whether what we wrote goes, too."""

    remove = RadioField(
        "The sessions that we wrote there",
        choices=[SelectChoice("remove", "Remove them first"), SelectChoice("keep", "Leave them where they are")],
        validators=[InputRequired("Choose what becomes of them.")],
    )
