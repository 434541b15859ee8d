"""What a browser is asked for a passkey, and what its answer proves. The only file that knows `webauthn`.

The practice's own address says for whom passkeys are, never the request's: PRACTICE_BASE_URL.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from practice.profile import profile
from practice.settings import settings

PATIENCE_MS = 120_000


class NotProven(Exception):
    """The answer isn't one to what was asked, or not by this passkey, or nobody was verified."""


@dataclass(frozen=True)
class Asked:
    """What a browser is asked: 64 random bytes to sign, and all of the question as JSON."""

    challenge: bytes
    options: str


@dataclass(frozen=True)
class NewKey:
    """A passkey as its maker described it, proven to be theirs."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Answer:
    """Which passkey says that it signed, and for whom it was made (None where it doesn't tell)."""

    credential_id: bytes
    handle: bytes | None


def can_have_passkeys() -> bool:
    """Whether browsers make passkeys for this address: they do for names alone, not for numbers like 127.0.0.1."""
    try:
        ipaddress.ip_address(_host())
    except ValueError:
        return True
    return False


def ask_for_new(name: str, handle: bytes, known: Iterable[bytes]) -> Asked:
    """Ask for a new passkey of the account of this name; those `known` (credential ids) are not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=profile().name,
        user_id=handle,
        user_name=name,
        timeout=PATIENCE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_described(known),
    )
    return Asked(options.challenge, webauthn.options_to_json(options))


def read_new(answer: str, challenge: bytes) -> NewKey:
    """The passkey that a browser made.

    :raises NotProven: when this is no answer to that challenge from our own page by somebody who was verified.
    """
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except Exception as wrong:  # a stranger's bytes go through half a dozen parsers, each with errors of its own
        raise NotProven from wrong
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def ask_for_one_of(known: Iterable[bytes]) -> Asked:
    """Ask for the use of one of these passkeys (credential ids)."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(),
        timeout=PATIENCE_MS,
        allow_credentials=_described(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return Asked(options.challenge, webauthn.options_to_json(options))


def read_answer(answer: str) -> Answer:
    """Who an answer says that it is from. Nothing of it is proven yet.

    :raises NotProven: when it is no answer at all.
    """
    try:
        said = parse_authentication_credential_json(answer)
        return Answer(said.raw_id, said.response.user_handle or None)
    except Exception as wrong:  # as above
        raise NotProven from wrong


def verify(answer: str, challenge: bytes, *, public_key: bytes, sign_count: int) -> int:
    """How often the passkey of this public key has signed by now; 0 where its maker doesn't count.

    :raises NotProven: as read_new does, and when it counts and has not signed more often than `sign_count`.
    """
    try:
        proven = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=_host(),
            expected_origin=_origin(),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except Exception as wrong:  # as above
        raise NotProven from wrong
    return int(proven.new_sign_count)


def _described(known: Iterable[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in known]


def _origin() -> str:
    parts = urlsplit(settings().base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _host() -> str:
    return urlsplit(settings().base_url).hostname or ""
