"""Which other sites of the practice may show our small pages in a frame, changed.

An origin is written as a browser has it: https, a host, a port where it isn't the usual one, and nothing after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from practice.audit import record
from practice.booking.offers.checks import Problem, check
from practice.profile import ONLY, PracticeProfile, profile
from practice.setup import actions, queries
from practice.speaking import gettext as _
from practice.work import Work

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
ORIGIN = re.compile(rf"https://(?:{LABEL}\.)+{LABEL}(?::(?P<port>[1-9][0-9]{{0,4}}))?")
HIGHEST_PORT = 65535
LONGEST = 1000  # letters of all together


@dataclass(frozen=True)
class OwnSites:
    """Origins, as in https://www.example.org, in the order in which they were written."""

    origins: tuple[str, ...]

    @property
    def mark(self) -> str:
        """What stands, in a few letters."""
        return queries.mark_of(self.origins)


def read_sites() -> OwnSites:
    """What stands."""
    return OwnSites(tuple(profile().embed_origins.split()))


def read_origins(typed: str) -> tuple[str, ...]:
    """What somebody wrote, an address to a line, as origins.

    A path that was copied along is left out, and letters beyond ASCII are written as browsers write them (IDNA).
    """
    said = [line.strip().lower() for line in typed.splitlines() if line.strip()]
    bare = [re.sub(r"^(https://[^/?#\s]+)[/?#].*$", r"\1", one) for one in said]
    return tuple(dict.fromkeys(map(_as_browsers_write, bare)))


def _as_browsers_write(origin: str) -> str:
    scheme, mark, host = origin.partition("://")
    try:
        return origin if host.isascii() else f"{scheme}{mark}{host.encode('idna').decode()}"
    except UnicodeError:
        return origin


def problems_of(asked: OwnSites) -> Iterator[Problem]:
    """What is wrong with it."""
    for origin in asked.origins:
        found = ORIGIN.fullmatch(origin)
        if found is None or int(found["port"] or 0) > HIGHEST_PORT:
            yield Problem("origins", _no_site(origin))
            return
    if len(" ".join(asked.origins)) > LONGEST:
        yield Problem("origins", _("These are too many. Leave out some."))


def _no_site(origin: str) -> str:
    if origin.isprintable():
        return _("%(line)s isn’t the address of a site. Write it as https://www.example.org.", line=origin[:80])
    return _("that line isn’t the address of a site. Write it as https://www.example.org.")


def save_sites(work: Work, actor: str, asked: OwnSites, *, seen: str | None = None) -> None:
    """Let these sites show our small pages, and no others.

    :raises ChangedMeanwhile: when it stands otherwise than `seen`.
    :raises InvalidOffer: where an address is none.
    """
    row = work.session.get_one(PracticeProfile, ONLY, with_for_update=True, populate_existing=True)
    actions.check_seen(seen, OwnSites(tuple(row.embed_origins.split())).mark)
    check(problems_of(asked))
    row.embed_origins = " ".join(asked.origins)
    work.session.flush()
    record(work, actor, "own_sites_saved", "practice", {"sites": len(asked.origins)})
