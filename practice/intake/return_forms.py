"""The forms of coming back: behind a mailed link, with a return code, and to ask for a link."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField

from practice.forms import PostedForm
from practice.intake import checks
from practice.intake.forms import LONGEST_CODE, tidy, tidy_code


class ReturnForm(PostedForm):
    """The code that opens a mailed link."""

    code = PasswordField(
        "Your code",
        description="The one you chose when you gave us your email address.",
        filters=[tidy_code],
        validators=[checks.Answered("Type the code that you chose."), checks.AtMost(LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )


class ReturnCodeForm(PostedForm):
    """The way back without mail: the return code that was shown, and the access code that somebody chose."""

    return_code = StringField(
        "Your return code",
        description="Eight letters and numbers, as in k7m2-x9pf.",
        filters=[tidy],
        validators=[checks.Answered("Type your return code."), checks.AtMost(40)],
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    own_code = PasswordField(
        "Your own code",
        description="The one you chose when you gave us your email address.",
        filters=[tidy_code],
        validators=[checks.Answered("Type the code that you chose."), checks.AtMost(LONGEST_CODE)],
        render_kw={"autocomplete": "current-password"},
    )


class LinkForm(PostedForm):
    """Where to send a link."""

    email = EmailField(
        "The email address you gave us",
        filters=[tidy],
        validators=[checks.Answered("Write the email address you gave us."), checks.AtMost(254), checks.MailAddress()],
        render_kw={"autocomplete": "email", "spellcheck": "false"},
    )
