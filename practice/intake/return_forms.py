"""The forms of coming back: behind a mailed link, with a return code, and to ask for a link."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField

from practice.forms import PostedForm
from practice.intake import checks
from practice.intake.forms import LONGEST_CODE, tidy, tidy_code
from practice.speaking import lazy_gettext as _l


class ReturnForm(PostedForm):
    """The code that opens a mailed link."""

    code = PasswordField(
        _l("Your code"),
        description=_l("The one you chose when you gave us your email address."),
        filters=[tidy_code],
        validators=[checks.Answered(_l("Type the code that you chose.")), checks.AtMost(LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )


class ReturnCodeForm(PostedForm):
    """The way back without mail: the return code that was shown, and the access code that somebody chose."""

    return_code = StringField(
        _l("Your return code"),
        description=_l("Eight letters and numbers, as in k7m2-x9pf."),
        filters=[tidy],
        validators=[checks.Answered(_l("Type your return code.")), checks.AtMost(40)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    own_code = PasswordField(
        _l("Your own code"),
        description=_l("The one you chose when you gave us your email address."),
        filters=[tidy_code],
        validators=[checks.Answered(_l("Type the code that you chose.")), checks.AtMost(LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )


class LinkForm(PostedForm):
    """Where to send a link."""

    email = EmailField(
        _l("The email address you gave us"),
        filters=[tidy],
        validators=[
            checks.Answered(_l("Write the email address you gave us.")),
            checks.AtMost(254),
            checks.MailAddress(),
        ],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
