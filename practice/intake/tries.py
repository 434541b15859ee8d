"""By what tries are counted, where somebody could guess or flood."""

from __future__ import annotations

from flask import request

from practice.errors import Gone, NotFound
from practice.intake import queries
from practice.people import return_code_index
from practice.sealing import blind_index
from practice.tokens import token_hash


def typed_address() -> str:
    """Links that are asked for are counted for the address they go to, known or not."""
    return blind_index(request.form.get("email", "")[:254]).hex()


def owner_of_link() -> str:
    """Wrong codes are counted for the person whose link it is, whichever address they come from."""
    token = (request.view_args or {}).get("token", "")
    try:
        return f"person:{queries.get_return_link(token).person_id}"
    except (Gone, NotFound):
        return token_hash(token).hex()


def typed_return_code() -> str:
    """Wrong codes are counted for the return code that was typed, whether there is one or not."""
    return return_code_index(request.form.get("return_code", "")[:100]).hex()


def wrong_code(response: object) -> bool:
    """Only what was refused counts as a try."""
    return getattr(response, "status_code", 0) == 422
