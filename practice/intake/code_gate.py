"""The code before a client's own pages: what they sent is shown, and anything about it taken, only behind it."""

from __future__ import annotations

from flask import g, render_template, request
from flask.typing import ResponseReturnValue

from practice.clock import clock
from practice.forms import ONLY_LANGUAGE
from practice.intake.return_forms import ReturnForm
from practice.intake.unlocking import answers_open, open_answers
from practice.limits import limiter
from practice.people import Person, code_fits, current_visitor
from practice.speaking import gettext as _

WRONG = "wrong_code"
NOT_CARRIED = frozenset({"csrf_token", "code", ONLY_LANGUAGE})  # whoever types the code then sends it to be acted on


def _visitor() -> str:
    visitor = current_visitor()
    return f"answers:{visitor.person_id if visitor is not None else 0}"


def _was_wrong(_response: object) -> bool:
    """Only a code that did not fit counts as a try."""
    return bool(g.get(WRONG))


few_tries = limiter.shared_limit(
    "5 per 15 minutes; 20 per day", scope="answers", key_func=_visitor, methods=["POST"], deduct_when=_was_wrong
)


def closed(person: Person, template: str) -> ResponseReturnValue | None:
    """The page that asks for the code, unless the answers are open in this browser or the code has just been typed.

    What was typed into the page before it is carried along, and not lost. `template` is that page.
    """
    now = clock().now()
    if answers_open(now):
        return None
    typed = "code" in request.form
    form = ReturnForm() if typed else ReturnForm(formdata=None)
    if typed and form.validate():
        if code_fits(person, form.code.data or ""):
            open_answers(now)
            return None
        g.wrong_code = True
        form.code.errors = [_("That isn’t the code that you chose. Check it and try again.")]
    carried = [(name, said) for name, said in request.form.items(multi=True) if name not in NOT_CARRIED]
    page = render_template(template, form=form, has_code=person.code_hash is not None, carried=carried)
    return page, 422 if request.method == "POST" else 200
