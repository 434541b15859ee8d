"""The form in which somebody says who may speak of their answers: once for a page, and otherwise where they wish."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from flask import request
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from practice.forms import PostedForm
from practice.intake.checks import MayBeEmpty
from practice.intake.lanes import LANES, Lanes, common_lane, offered_lanes
from practice.intake.questions import Field
from practice.speaking import current_language
from practice.speaking import gettext as _

AS_THE_PAGE = ""


class LaneForm(PostedForm):
    """`lane` is for all answers of the page, `lane_<field>` for one of them that differs."""

    laned: ClassVar[tuple[Field, ...]]
    policy: ClassVar[str]

    def __init__(self, chosen: Lanes) -> None:
        posted = request.form if request.method == "POST" else None
        super().__init__(formdata=posted, data={} if posted is not None else self._prefilled(chosen))
        if posted is not None and not self["lane"].data:
            self["lane"].data = common_lane((), self.policy)

    def _prefilled(self, chosen: Lanes) -> dict[str, str]:
        offered = offered_lanes(self.policy)
        known = {field.name: chosen[field.name] for field in self.laned if chosen.get(field.name) in offered}
        common = common_lane(known.values(), self.policy)
        differing = {f"lane_{name}": lane for name, lane in known.items() if lane != common}
        return {"lane": common, **differing}

    @property
    def single(self) -> list[Any]:
        """The fields in which single answers may differ, in the order of the questions."""
        return [self[f"lane_{field.name}"] for field in self.laned]

    @property
    def differs(self) -> bool:
        """Whether some answer was chosen for by itself, or its field has an error."""
        return any(one.data or one.errors for one in self.single)

    def lanes(self) -> dict[str, str]:
        """Who may speak of each answer, by field. After validation."""
        common = self["lane"].data
        return {field.name: self[f"lane_{field.name}"].data or common for field in self.laned}


def lane_form(laned: tuple[Field, ...], policy: str, chosen: Lanes) -> LaneForm:
    """The form for these questions; `chosen` is what was chosen before. On a POST it holds what was sent."""
    return _form_class(laned, policy, current_language())(chosen)


@lru_cache(maxsize=128)
def _form_class(laned: tuple[Field, ...], policy: str, _language: str) -> type[LaneForm]:
    wrong: dict[str, Any] = {"invalid_choice_message": _("Choose who may speak of it from the answers on the page.")}
    offered = [SelectChoice(lane, _(LANES[lane])) for lane in offered_lanes(policy)]
    inputs: dict[str, Any] = {
        "lane": RadioField(_("Who may speak of these answers?"), choices=offered, validators=[MayBeEmpty()], **wrong)
    }
    for field in laned:
        choices = [SelectChoice(AS_THE_PAGE, _("As for the whole page")), *offered]
        inputs[f"lane_{field.name}"] = SelectField(field.question, choices=choices, validators=[MayBeEmpty()], **wrong)
    return type("AskedLaneForm", (LaneForm,), {"laned": laned, "policy": policy, **inputs})
