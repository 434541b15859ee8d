"""The forms with which letters are stopped and switched on again."""

from __future__ import annotations

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from practice.forms import PostedForm
from practice.reminding.messages import Topic


class StopForm(PostedForm):
    """Nothing to type: the button is all."""


class ChoiceForm(PostedForm):
    """One topic, and whether letters about it are wanted."""

    topic = RadioField(choices=[SelectChoice(topic.value, topic.value) for topic in Topic])
    wanted = RadioField(choices=[SelectChoice("yes", "yes"), SelectChoice("no", "no")])
