"""A passkey of our own making: what a phone or a key of metal answers, byte by byte, with every lie that it can tell.

Nothing of the product or its library takes part: the bytes are laid out as the standard says
(https://www.w3.org/TR/webauthn-2/#sctn-authenticator-data).
"""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.browsing import Browser

ORIGIN = "https://practice.example"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Passkey:
    """One credential. `counts`: it counts how often it signed, as keys of metal do; synced ones stay at 0."""

    counts: bool = True
    origin: str = ORIGIN
    host: str = "practice.example"
    verifies: bool = True  # whether it asks for a finger or a PIN
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""
    count: int = 0

    def make(self, page: str, **lies: Any) -> str:
        """What a browser answers that is asked to make it; `page` is the HTML that asks."""
        asked = {**options_of(page), **lies}
        self.handle = _bytes(asked["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        about = self._about(ATTESTED) + attested
        said = self._said("webauthn.create", asked["challenge"])
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": about})
        return self._answer({"clientDataJSON": _text(said), "attestationObject": _text(attestation)})

    def use(self, page: str, **lies: Any) -> str:
        """What a browser answers that is asked to use it."""
        asked = {**options_of(page), **lies}
        self.count += self.counts
        about = self._about(0)
        said = self._said("webauthn.get", asked["challenge"])
        signature = self.key.sign(about + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": _text(said), "authenticatorData": _text(about), "signature": _text(signature)}
        return self._answer({**response, "userHandle": _text(self.handle)})

    def _about(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _said(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": response})


def options_of(page: str) -> dict[str, Any]:
    """What a page asks the browser for."""
    found = re.search(r'data-options="([^"]*)"', page)
    assert found is not None, page
    asked: dict[str, Any] = json.loads(html.unescape(found.group(1)))
    return asked


def add_passkey(browser: Browser, passkey: Passkey, name: str = "Phone") -> Any:
    """Add it on the page that adds one; what came of it."""
    page = browser.get("/staff/passkeys/new")
    return browser.send_form(page, {"name": name, "answer": passkey.make(page.text)}, form="/staff/passkeys/new")


def give_passkey(browser: Browser, passkey: Passkey) -> Any:
    """Use it on the page that asks for one after the password; what came of it."""
    page = browser.get("/staff/passkey")
    return browser.send_form(page, {"answer": passkey.use(page.text)}, form="/staff/passkey")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
