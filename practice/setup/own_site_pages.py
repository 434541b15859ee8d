"""The owner's page for the site that the practice has already: what to put there, and which sites may."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from wtforms import TextAreaField

from practice.access import staff
from practice.booking.offers.queries import find_therapists
from practice.languages import IN, LANGUAGES
from practice.settings import settings
from practice.setup import own_site
from practice.setup.actions import ChangedMeanwhile
from practice.setup.forms import SeenForm
from practice.setup.routes import answer, page_of
from practice.speaking import gettext as _
from practice.speaking import lazy_gettext as _l
from practice.speaking import site_address, speaking
from practice.staff.models import OWNER
from practice.work import Work

bp = Blueprint("own_site_pages", __name__, url_prefix="/staff/setup/own-site")


@dataclass(frozen=True)
class Line:
    """One line of HTML to copy: what it is, what it looks like, and the line itself."""

    key: str
    name: str
    about: str
    html: Markup

    @property
    def rows(self) -> int:
        """Of a box that shows it all on a phone, where a browser doesn't fit the box to it."""
        return len(self.html) // OF_A_PHONE + 1


OF_A_PHONE = 26  # letters of code that stand in one line there
LINK = Markup('<a href="{}">{}</a>')
FRAME = Markup('<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy" style="border:0"></iframe>')


def links() -> list[Line]:
    """A plain link in each language."""
    return [_link(language) for language in LANGUAGES]


def frames() -> list[Line]:
    """The button and the open times in each language."""
    return [line for language in LANGUAGES for line in _frames(language)]


def _link(language: str) -> Line:
    with speaking(language):
        html = LINK.format(site_address(url_for("intake.schedule"), language), _("Schedule a session"))
    about = _("A link, or the address of a button that your site draws itself.")
    return Line(f"link-{language}", _in(language, _("Link")), about, html)


def _frames(language: str) -> list[Line]:
    home = settings().base_url
    with speaking(language):
        button = FRAME.format(home + url_for("embed.button", language=language), _("Schedule a session"), 260, 80)
        times = FRAME.format(home + url_for("embed.times", language=language), _("Next open times"), "100%", 420)
    shown = _("The five that are open next, with anybody, and the button. Times are the practice’s own.")
    return [
        Line(
            f"button-{language}",
            _in(language, _("Button")),
            _("The button alone, in our colors."),
            button,
        ),
        Line(f"times-{language}", _in(language, _("Next open times")), shown, times),
    ]


def _in(language: str, what: str) -> str:
    """`Link, in Spanish`: to whoever reads this page, who need not speak that language."""
    return _("%(text)s, %(language)s", text=what, language=_(IN[language]))


class OwnSiteForm(SeenForm):
    """Which sites may show our small pages."""

    origins = TextAreaField(
        _l("Sites that may show them"),
        description=_l("An address to a line, as in https://www.example.org. Empty: none may."),
        render_kw={"rows": 4, "inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )

    def asked(self) -> own_site.OwnSites:
        """What was asked for."""
        return own_site.OwnSites(own_site.read_origins(self.origins.data or ""))


@bp.route("", methods=["GET", "POST"])
@staff(OWNER)
def own_site_page() -> ResponseReturnValue:
    form = OwnSiteForm(**_given(own_site.read_sites()))

    def save(work: Work, actor: str) -> None:
        own_site.save_sites(work, actor, form.asked(), seen=form.seen.data)

    def page(lost: ChangedMeanwhile | None) -> str:
        shown = OwnSiteForm(formdata=None, **_given(own_site.read_sites())) if lost else form
        return page_of(
            "setup/own_site.html",
            form=shown,
            lost=lost,
            links=links(),
            frames=frames(),
            therapists=find_therapists(),
            may=own_site.read_sites().origins,
        )

    words = _("Saved. It holds at once: these sites may show the button and the open times, and no others.")
    return answer(form, save, page, url_for("own_site_pages.own_site_page"), words)


def _given(stands: own_site.OwnSites) -> dict[str, object]:
    return {"seen": stands.mark, "origins": "\n".join(stands.origins)}
