"""Passkeys as the second factor, verified by `webauthn`. docs/adr/0013 says why not by Flask-Security's own views."""
