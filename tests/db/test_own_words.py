"""What a practice writes itself is told in each reader's language, and kept up in English where it lacks theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from practice.booking.offers import actions, therapists
from practice.booking.offers.asked import OfferingDetails
from practice.booking.offers.checks import InvalidOffer
from practice.booking.offers.models import Offering, Therapist
from practice.booking.offers.queries import find_offers, get_therapist
from practice.database import db
from practice.intake.lines import find_untold, list_of, write_lines
from practice.intake.models import HelpLineList
from practice.opening.own_word_findings import examine_own_words
from practice.own_words import voiced
from practice.review import referrals
from practice.speaking import speaking
from practice.work import begin_work
from tests.support.consents import reword, with_documents
from tests.support.offers import ADA, COUPLE, IN_PERSON

NAME = {"en": "Couple session, 50 minutes", "es": "Sesión de pareja, 50 minutos"}
REFERRAL = referrals.Entry(
    "Harbour Clinic", {"en": "help with drinking", "es": ""}, {"en": "Hudson", "es": ""}, "1", ""
)


def offering(work) -> Offering:
    return work.session.scalars(select(Offering).where(Offering.slug == COUPLE)).one()


def forget(practice, model=Offering, slug=COUPLE):
    """What stands was written before there were other languages."""
    with practice.app.app_context(), begin_work() as work:
        work.session.scalars(select(model).where(model.slug == slug)).one().other_words = {}


def untold(practice) -> str:
    with practice.app.app_context():
        [found] = examine_own_words()
        return "" if found.fine else found.mend


def test_each_reader_is_told_a_name_in_their_language_also_of_what_a_process_keeps(practice):
    with practice.app.app_context():
        offer = find_offers()[ADA, COUPLE]
        for language in ("en", "es", "en"):
            with speaking(language):
                assert (offer.offering_name, offer.offering_name.language) == (NAME[language], language)
                assert get_therapist(ADA).offerings[1].name.language == language


def test_where_a_language_is_missing_english_is_told_and_says_so(practice):
    forget(practice)
    with practice.app.app_context():
        offer = find_offers()[ADA, COUPLE]
        with speaking("es"):
            assert (offer.offering_name, offer.offering_name.language) == (NAME["en"], "en")
            assert str(voiced(offer.offering_name)) == f'<span lang="en">{NAME["en"]}</span>'
        assert str(voiced(offer.offering_name)) == NAME["en"]


def test_markup_in_a_practices_words_stays_words(practice):
    with practice.app.app_context(), begin_work() as work:
        offering(work).name = {"en": "<b>Two</b>", "es": ""}
    with practice.app.app_context(), speaking("es"):
        assert str(voiced(find_offers()[ADA, COUPLE].offering_name)) == '<span lang="en">&lt;b&gt;Two&lt;/b&gt;</span>'


def asked_anew(practice, **changes):
    """Change an offering; what `changes` doesn't say stays."""
    with practice.app.app_context(), begin_work() as work:
        found = offering(work)
        given = {
            name: getattr(found, name) for name in actions.OfferingDetails.__dataclass_fields__ if name != "therapists"
        }
        given["name"] = found.in_languages("name")
        actions.save_offering(work, found, replace(OfferingDetails(**given, therapists=(ADA,)), **changes))


@pytest.mark.parametrize("name", [{"en": "Two", "es": ""}, {"en": NAME["en"], "es": ""}])
def test_what_is_there_in_every_language_stays_so(practice, name):
    with pytest.raises(InvalidOffer) as refused:
        asked_anew(practice, name=name)
    assert refused.value.field == "es_name"
    assert "in Spanish" in refused.value.problems[0].words


def test_what_lacked_a_language_can_change_in_everything_else_but_not_in_its_english(practice):
    forget(practice)
    asked_anew(practice, price_minor=170_00)
    with pytest.raises(InvalidOffer):
        asked_anew(practice, name={"en": "Two", "es": ""})
    asked_anew(practice, name={"en": "Two", "es": "Dos"})
    with practice.app.app_context():
        found = db.session.scalars(select(Offering).where(Offering.slug == COUPLE)).one()
        assert (found.in_languages("name"), found.price_minor) == ({"en": "Two", "es": "Dos"}, 170_00)


def test_who_a_therapist_is_needs_every_language(practice):
    with practice.app.app_context(), begin_work() as work:
        therapist = therapists.lock_anybody(work, ADA)
        said = therapists.about(therapist)
        with pytest.raises(InvalidOffer) as refused:
            therapists.save_about(work, therapist, replace(said, title={"en": "Doctor", "es": ""}))
        assert [one.field for one in refused.value.problems] == ["es_title"]
        therapists.save_about(work, therapist, replace(said, approach={"en": "Slowly.", "es": "Despacio."}))
        assert therapists.about(therapist).title == said.title
        assert therapists.about(therapist).approach["es"] == "Despacio."


def test_the_doctor_names_each_thing_that_lacks_a_language_and_nothing_else(practice):
    with_documents(practice)
    assert untold(practice) == ""
    forget(practice)
    forget(practice, Therapist, ADA)
    reword(practice, "privacy", languages=["en"])
    with practice.app.app_context(), begin_work() as work:
        referrals.add(work, "staff:1", REFERRAL)
        lines = list_of("US")
        own = replace(
            lines, crisis=(replace(lines.crisis[0], how="Call 555 0100", name="Night Line"), *lines.crisis[1:])
        )
        row = HelpLineList(country="US", number=1, document=write_lines(own), saved_by="staff:1")
        row.saved_at = work.now
        work.session.add(row)

    said = untold(practice)
    for one in (
        "therapist Ada Lindqvist",
        f"offering “{NAME['en']}”",
        "help line Night Line",
        "agreement “Privacy notice”",
        "referral Harbour Clinic",
    ):
        assert one in said
    assert "Noor" not in said
    assert said.count("offering") == said.count("help line") == said.count("agreement") == 1


def test_a_list_of_help_lines_that_was_saved_before_there_were_other_languages_keeps_what_we_ship(practice):
    with practice.app.app_context(), begin_work() as work:
        document = write_lines(list_of("GB"))
        assert '"others": {}' in document
        row = HelpLineList(country="GB", number=1, document=document.replace(', "others": {}', ""), saved_by="staff:1")
        row.saved_at = work.now
        work.session.add(row)
    with practice.app.app_context():
        assert find_untold() == []
        with speaking("es"):
            assert list_of("GB").crisis[0].told("how") == "Llame al 116 123"


def test_an_offering_is_archived_and_no_longer_named(practice):
    forget(practice, slug=IN_PERSON)
    assert "90 minutes" in untold(practice)
    with practice.app.app_context(), begin_work() as work:
        actions.archive(work, actions.lock_offering(work, IN_PERSON), archived=True)
    assert untold(practice) == ""
