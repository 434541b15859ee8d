"""What must not be installed: a package that rewrites another one on disk."""

from __future__ import annotations

import sysconfig
from importlib import metadata
from pathlib import Path

import requests
from caldav.davclient import DAVClient


def test_nothing_rewrites_urllib3() -> None:
    """caldav asks for niquests, whose urllib3-future takes urllib3's place, under the payments as well."""
    installed = Path(sysconfig.get_path("purelib"))
    assert not list(installed.glob("urllib3_future*"))
    assert not list(installed.glob("niquests*"))
    assert metadata.version("urllib3").startswith("2.")


def test_calendars_are_asked_through_requests() -> None:
    with DAVClient(url="http://127.0.0.1:9/", enable_rfc6764=False) as client:
        assert isinstance(client.session, requests.Session)
