"""The shape of what the owner sends about people, and of what somebody invited sends."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, HiddenField, PasswordField, SelectField, SelectMultipleField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are older
from wtforms.validators import Email, EqualTo, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from practice.forms import PostedForm
from practice.languages import N_
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.staff.models import CLINICIAN, COORDINATOR, OWNER, THERAPIST

MAY = {
    OWNER: N_("Owner: sets everything up, and decides"),
    CLINICIAN: N_("Clinician: reads every request, and decides"),
    COORDINATOR: N_("Coordinator: contact, times and money, nothing that clients answered"),
    THERAPIST: N_("Therapist: own sessions, hours and calendars"),
}
"""The roles, and in a few words what each may; docs/staff.md says all of it."""


class RolesField(SelectMultipleField):
    """Any of the roles, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SeenForm(PostedForm):
    """A change of an account. `seen` is how it stood when the page was made."""

    seen = HiddenField(validators=[InputRequired(_l("Load the page anew, then change it once more."))])


class RolesPart(PostedForm):
    """What somebody may do, and who they are."""

    roles = RolesField(
        _l("What they may do"),
        choices=[SelectChoice(role, _l(words)) for role, words in MAY.items()],
        validators=[InputRequired(_l("Choose at least one."))],
    )
    therapist = SelectField(
        _l("Which therapist they are"),
        description=_l("Then sessions, hours and calendars of that therapist are theirs."),
    )

    def validate_therapist(self, field: SelectField) -> None:
        if THERAPIST in (self.roles.data or ()) and not field.data:
            raise ValidationError(_("Say which therapist they are."))

    @property
    def asked(self) -> tuple[list[str], str | None]:
        """The roles, and the slug of the therapist; call once the form is valid."""
        return list(self.roles.data or ()), self.therapist.data or None


class InviteForm(RolesPart):
    """An invitation."""

    email = EmailField(
        _l("Email address"),
        description=_l("They sign in with it, and letters about the desk go there."),
        filters=[lambda typed: (typed or "").strip()],
        render_kw={"autocomplete": "off", "maxlength": 254},
        validators=[InputRequired(_l("Write the address.")), Length(max=254), Email(_l("That is no email address."))],
    )


class RolesForm(RolesPart, SeenForm):
    """Other roles."""

    requests_to = SelectField(
        _l("Who takes over their requests"),
        description=_l("Counts where they decide about requests no more."),
        validators=[Optional()],
    )

    @property
    def heir(self) -> int | None:
        """The number of the account that takes over."""
        return int(self.requests_to.data) if self.requests_to.data else None


class EndForm(SeenForm):
    """The end of an account."""

    successor = SelectField(_l("Who takes over their requests"), validators=[Optional()])

    @property
    def heir(self) -> int | None:
        """The number of the account that takes over."""
        return int(self.successor.data) if self.successor.data else None


class ChoosePasswordForm(PostedForm):
    """The password of a new account, or a new one."""

    password = PasswordField(
        _l("New password"),
        description=_l("At least 12 characters; a few unrelated words are easy to keep."),
        render_kw={"autocomplete": "new-password"},
        validators=[InputRequired(_l("Type a password."))],
    )
    again = PasswordField(
        _l("Repeat the password"),
        render_kw={"autocomplete": "new-password"},
        validators=[
            InputRequired(_l("Type the password a second time.")),
            EqualTo("password", _l("The two passwords differ.")),
        ],
    )

    def refuse(self, words: str) -> None:
        """Say beside the password what is wrong with it."""
        errors: Any = [*self.password.errors, words]
        self.password.errors = errors
