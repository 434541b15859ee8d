"""The shape of agreeing: one tick for each document, none of them ticked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from wtforms import BooleanField, HiddenField, ValidationError

from practice.consents.documents import Document
from practice.forms import PostedForm
from practice.speaking import gettext as _


class TickField(BooleanField):
    """A tick that says which version it agrees to: a tick under words that have changed since is none."""

    def __init__(self, document: Document, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.document = document
        self.outdated = False  # what was ticked were other words

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[:1] == [str(self.document.number)]
        self.outdated = bool(valuelist) and not self.data

    def _value(self) -> str:
        return str(self.document.number)

    def pre_validate(self, _form: Any) -> None:
        """Say which document is missing, or has other words by now."""
        if self.outdated:
            raise ValidationError(
                _(
                    "“%(title)s” stands here in other words than those that you ticked. Please read it, and tick it if "
                    "you agree.",
                    title=self.document.title,
                )
            )
        if self.document.required and not self.data:
            raise ValidationError(_("Please read “%(title)s”, and tick it if you agree.", title=self.document.title))


class AgreeForm(PostedForm):
    """What somebody is asked to agree to; agree_form() makes its subclasses."""

    documents = HiddenField()  # which were on the page: what wasn't shown can't be left unticked

    @property
    def ticks(self) -> list[TickField]:
        return [one for one in self if isinstance(one, TickField)]

    def ticked(self) -> list[Document]:
        """What they agreed to."""
        return [one.document for one in self.ticks if one.data]

    def left_open(self) -> list[Document]:
        """What was on the page they sent, and wasn't ticked."""
        shown = (self.documents.data or "").split()
        return [one.document for one in self.ticks if not one.data and str(one.document.number) in shown]


def agree_form(documents: Sequence[Document]) -> AgreeForm:
    """One tick for each of these."""
    ticks = {
        document.key: TickField(document, label=_("I have read “%(title)s”, and I agree.", title=document.title))
        for document in documents
    }
    made = cast(type[AgreeForm], type("AskedAgreeForm", (AgreeForm,), ticks))
    return made()


def shown_mark(documents: Collection[Document]) -> str:
    """Which versions a page shows."""
    return " ".join(str(document.number) for document in documents)
