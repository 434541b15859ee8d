"""Before something leaves the house or can't be taken back: whoever does it has typed their password lately."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import current_app, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security.utils import check_and_update_authn_fresh, get_message

View = TypeVar("View", bound=Callable[..., Any])


def ask_unless_lately(back: str) -> ResponseReturnValue | None:
    """None for whoever typed their password lately; else the way to the page that asks for it, and then to `back`.

    How long ago is too long, and for how long whoever goes on is not asked again, is set for all of staff's pages
    (security_config).
    """
    config = current_app.config
    if check_and_update_authn_fresh(config["SECURITY_FRESHNESS"], config["SECURITY_FRESHNESS_GRACE_PERIOD"]):
        return None
    flash(get_message("REAUTHENTICATION_REQUIRED")[0])
    return redirect(url_for("security.verify", next=back), 303)


def signed_in_lately(back: str, *, drops: tuple[str, ...] = ()) -> Callable[[View], View]:
    """Below `@staff`: whoever typed their password too long ago is asked for it, and nothing is done meanwhile.

    `back` is the endpoint of the page where they go on from there, with the same values in its address, less those
    that `drops` names.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(**values: Any) -> Any:
            kept = {name: value for name, value in values.items() if name not in drops}
            return ask_unless_lately(url_for(back, **kept)) or view(**values)

        return cast(View, guarded)

    return guard
