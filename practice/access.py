"""Who may open what: deny by default. Every route names its policy, and one without it is refused and fails a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, Response, abort, current_app, request
from flask_wtf import CSRFProtect
from werkzeug.routing import IntegerConverter

from practice.errors import NotFound
from practice.people import current_person
from practice.profile import profile
from practice.settings import Settings

csrf = CSRFProtect()

View = TypeVar("View", bound=Callable[..., Any])
StaffGate = Callable[[frozenset[str]], Response | None]

STAFF_GATE = "practice.staff_gate"
POLICIES = "practice.policies"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN_SITES = frozenset({"cross-site", "same-site"})


@dataclass(frozen=True)
class Policy:
    """Who may open a route. `check` returns None to let the visitor in, or the response that they get instead."""

    name: str
    check: Callable[[], Any]
    csrf: bool = True  # False where a signature in the request itself proves the sender


class ShortNumber(IntegerConverter):
    """A whole number in an address, of no more digits than any column holds; a longer one is no address of ours."""

    regex = r"[0-9]{1,9}"


def is_staff_path(path: str) -> bool:
    """Whether this address is staff's."""
    return path == "/staff" or path.startswith("/staff/")


def _anybody() -> None:
    return None


def _a_client() -> None:
    if current_person() is None:
        raise NotFound


def public(view: View) -> View:
    """Open to anybody."""
    return _with_policy(view, Policy("public", _anybody))


def client(view: View) -> View:
    """Open to a client at home in this browser; to everybody else the page does not exist. The view checks whose."""
    return _with_policy(view, Policy("client", _a_client))


def by_token(view: View) -> View:
    """Open to whoever holds the secret in the address; the view looks it up by its hash."""
    return _with_policy(view, Policy("token", _anybody))


def signed(view: View) -> View:
    """Open to a machine that signs its request; the view checks the signature."""
    return _with_policy(view, Policy("signed", _anybody, csrf=False))


def findable(view: View) -> View:
    """Let search engines keep what this view answers; every other answer tells them not to."""
    view.findable = True  # type: ignore[attr-defined]
    return view


def embeddable(view: View) -> View:
    """Let the practice's own other sites show what this view answers in a frame. It must need no cookie."""
    view.embeddable = True  # type: ignore[attr-defined]
    return view


def staff(*roles: str) -> Callable[[View], View]:
    """Open to staff who are signed in and have one of these roles."""
    policy = Policy("staff:" + ",".join(sorted(roles)), lambda: _staff_gate()(frozenset(roles)))
    return lambda view: _with_policy(view, policy)


def policy_of(app: Flask, endpoint: str) -> Policy | None:
    """The policy of an endpoint, or None when it has none (which a test forbids)."""
    registered = cast(dict[str, Policy], app.extensions.get(POLICIES, {})).get(endpoint)
    return registered or getattr(app.view_functions.get(endpoint), "policy", None)


def register_policy(app: Flask, endpoint: str, policy: Policy) -> None:
    """Give a policy to a view that isn't ours (static files, Flask-Security's own pages)."""
    app.extensions.setdefault(POLICIES, {})[endpoint] = policy


def public_policy() -> Policy:
    """The policy of what anybody may open."""
    return Policy("public", _anybody)


def register(app: Flask, settings: Settings, *, form_targets: tuple[str, ...]) -> None:
    """Guard every request of this app, and put the security headers on every answer.

    `form_targets` are the addresses, besides our own, that a form may lead to, because browsers apply form-action to
    the redirect after a POST too: the checkout of the gateway in use, and where *Leave this page* leads.
    """
    register_policy(app, "static", public_policy())
    app.url_map.converters["int"] = ShortNumber

    @app.before_request
    def guard() -> Any:
        if request.endpoint is None:
            return None  # no such page; Flask answers 404
        if any("\x00" in said for said in (request.path, *request.args.values())):
            abort(404)  # PostgreSQL takes no such text, and no address of ours has it
        policy = policy_of(current_app, request.endpoint)
        if policy is None:
            app.logger.error("a route has no policy: %s", request.endpoint)
            abort(404)
        if policy.csrf and request.method not in SAFE_METHODS:
            _refuse_foreign_sites()
        return policy.check()

    app.after_request(_Headers(form_targets, secure=settings.secure).put_on)


class _Headers:
    """The security headers of every answer: who may frame it, keep it, find it, and what a page may load."""

    def __init__(self, form_targets: tuple[str, ...], *, secure: bool) -> None:
        self._content_policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "connect-src 'self'",
                "form-action " + " ".join(("'self'", *form_targets)),
                "frame-ancestors {ancestors}",
                "base-uri 'none'",
            )
        )
        self._always = [
            ("Content-Security-Policy", self._framed_by("'none'")),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        ]
        if secure:
            self._always.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
        self._on_pages = [*self._always, ("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex")]

    def put_on(self, response: Response) -> Response:
        """Give an answer every header that its view hasn't given it already."""
        said = {name.lower() for name, _ in response.headers}
        view = current_app.view_functions.get(request.endpoint or "")
        well = response.status_code < 400
        if well and getattr(view, "embeddable", False):
            self._let_our_sites_frame(response)
            said |= {"content-security-policy", "cross-origin-resource-policy"}
        if well and getattr(view, "findable", False):
            said.add("x-robots-tag")
        wanted = self._always if request.endpoint == "static" else self._on_pages
        response.headers.extend([header for header in wanted if header[0].lower() not in said])
        return response

    def _let_our_sites_frame(self, response: Response) -> None:
        response.headers["Content-Security-Policy"] = self._framed_by(profile().embed_origins or "'none'")
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.headers.remove("Set-Cookie")  # whoever looks at another site's page is none of ours to remember

    def _framed_by(self, ancestors: str) -> str:
        return self._content_policy.format(ancestors=ancestors)


def exempt_signed(app: Flask) -> None:
    """Let signed requests pass without a form's token; call when every page is registered."""
    for endpoint, view in app.view_functions.items():
        policy = policy_of(app, endpoint)
        if policy is not None and not policy.csrf:
            csrf.exempt(view)


def _refuse_foreign_sites() -> None:
    """The token guards against forged forms; this refuses them even earlier, where browsers tell (trap: no Referer)."""
    if request.headers.get("Sec-Fetch-Site") in FOREIGN_SITES:
        abort(403)


def _staff_gate() -> StaffGate:
    return cast(StaffGate, current_app.extensions[STAFF_GATE])


def _with_policy(view: View, policy: Policy) -> View:
    view.policy = policy  # type: ignore[attr-defined]
    return view
