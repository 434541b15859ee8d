"""Which second factor Flask-Security asks for after the password: a passkey where there is one, else the app's code."""

from __future__ import annotations

from typing import Any, cast

from flask import redirect, session, url_for
from flask_security.twofactor import CodeTfPlugin

from practice.staff.models import StaffAccount


class SecondFactors(CodeTfPlugin):
    """One way for both, so that nobody has to choose before they sign in; the page for one leads to the other."""

    def get_setup_methods(self, user: Any) -> list[tuple[str, str]]:
        account = cast(StaffAccount, user)
        if account.passkeys:
            return [("passkey", "Passkey")]
        return super().get_setup_methods(user)

    def tf_login(self, user: Any, json_payload: dict[str, Any], next_loc: str | None) -> Any:
        if not cast(StaffAccount, user).passkeys:
            return super().tf_login(user, json_payload, next_loc)
        session["tf_state"] = "ready"
        return redirect(url_for("passkeys.sign_in", next=next_loc or None))
