"""Refusals in the shape in which Stripe gives them."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """The API says no. `kind` is Stripe's error type; `param` names what was wrong."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        fields = {"type": kind, "message": message, "code": code, "param": param}
        self.body: dict[str, Any] = {"error": {name: value for name, value in fields.items() if value is not None}}


class Declined(Refusal):
    """A bank said no to a charge, which stays as it was tried: `intent`."""

    def __init__(self, code: str, intent: dict[str, Any]) -> None:
        super().__init__(402, "Your card was declined.", kind="card_error", code=code)
        self.body["error"]["payment_intent"] = intent


def missing(kind: str, identity: str) -> Refusal:
    """There is no such object."""
    return Refusal(404, f"No such {kind}: '{identity}'", code="resource_missing", param="id")
