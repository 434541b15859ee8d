"""Where letters are stopped, from a link in one, and switched on again, from one's own page."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from practice.access import by_token, client
from practice.errors import NotFound
from practice.people import current_person
from practice.reminding import actions, queries
from practice.reminding.forms import ChoiceForm, StopForm
from practice.reminding.messages import Topic
from practice.speaking import gettext as _
from practice.work import begin_work

bp = Blueprint("reminding", __name__)


@bp.route("/stop/<token>", methods=["GET", "POST"])
@by_token
def stop(token: str) -> ResponseReturnValue:
    link = queries.get_stop_link(token)
    person_id, topic = link.person_id, Topic(link.target or "")
    stopped = StopForm().validate_on_submit()
    if stopped:
        with begin_work() as work:
            actions.stop_letters(work, person_id, topic)
    return render_template(
        "reminding/stop.html", topic=topic.value, token=token, stopped=stopped, at_home=current_person() is not None
    )


@bp.post("/you/letters")
@client
def choose() -> ResponseReturnValue:
    person, form = current_person(), ChoiceForm()
    if person is None or not form.validate_on_submit():
        raise NotFound  # no page of ours sends anything else
    topic = Topic(form.topic.data)
    with begin_work() as work:
        if form.wanted.data == "yes":
            actions.want_letters(work, person, topic)
        else:
            actions.stop_letters(work, person.id, topic)
    flash(_("It is switched on again.") if form.wanted.data == "yes" else _("It is switched off."))
    return redirect(url_for("portal.you", _anchor="letters"))
