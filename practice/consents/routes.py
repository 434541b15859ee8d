"""Each version of each document at an address of its own, to read, to print and to compare with what was hashed."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from practice.access import public
from practice.consents.queries import find_documents, find_translations, find_valid_until, get_text
from practice.consents.showing import to_html
from practice.languages import LANGUAGES
from practice.people import current_visitor

bp = Blueprint("consents", __name__)
bp.add_app_template_filter(to_html, "agreement")


@bp.get("/intake/agree/<int:number>")
@public
def text(number: int) -> ResponseReturnValue:
    document = get_text(number)
    stands = find_documents().get(document.key)
    newer = stands if stands is not None and stands.version != document.version else None
    return render_template(
        "consents/text.html",
        document=document,
        newer=newer,
        until=find_valid_until(document),
        others=find_translations(document),
        names=LANGUAGES,
        at_home=current_visitor() is not None,
    )


@bp.get("/intake/agree/<int:number>.txt")
@public
def plain(number: int) -> ResponseReturnValue:
    """Byte for byte what the fingerprint is made of."""
    return Response(get_text(number).wording.exact, mimetype="text/plain")
