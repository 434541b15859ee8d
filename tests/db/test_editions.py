"""The practice's own questionnaire in the database: drafts, publishing, going back, and who is asked what."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import select

from practice.database import db
from practice.errors import Contended, NotFound
from practice.intake import actions, changes, documents, edition_queries, editions, queries
from practice.intake.documents import current_edition, current_questionnaire, shipped_data, shipped_questionnaire
from practice.intake.models import QuestionnaireCopy, QuestionnaireEdition
from practice.intake.steps import BOOK
from practice.work import begin_work

WHO = "staff:1"


def reword(question: str, name: str = "goal_direction"):
    return lambda stands: changes.reword_field(shipped_data(), stands.overlay, name, in_both(question))


def in_both(question: str) -> dict[str, Any]:
    return {"question": question, "es": {"question": f"{question} (en español)"}}


def change(app, what=None, **more: Any) -> None:
    with app.app_context(), begin_work() as work:
        editions.change_draft(work, WHO, what or reword("What now?"), about="goal_direction", **more)


def mark(app) -> str:
    with app.app_context():
        return edition_queries.read_draft().mark


def publish(app) -> int:
    seen = mark(app)
    with app.app_context(), begin_work() as work:
        return editions.publish(work, WHO, seen=seen).number


def asked(app, name: str = "goal_direction") -> tuple[str, str]:
    with app.app_context():
        found = current_questionnaire()
        return found.version, found.field(name).question


def test_a_draft_changes_nothing_that_clients_are_asked_until_it_is_published(practice, app, make_app):
    shipped = asked(app)
    other_process = make_app()
    assert asked(other_process) == shipped == ("4", "What do you most want from this?")
    change(app)
    assert asked(app) == asked(other_process) == shipped
    assert publish(app) == 1
    assert asked(app) == asked(other_process) == ("4.p1", "What now?")
    with app.app_context():
        assert not edition_queries.read_draft().changed


def test_an_intake_is_finished_in_its_own_version_while_another_begins_in_the_new(practice, app):
    with app.test_request_context(), begin_work() as work:
        old = actions.start_draft(work, None, "UTC").reference
    change(app)
    own = {"section": "goals", "kind": "text", "question": "And else?", "who": "both", "moment": "book",
           "visibility": "own", "required": True, "es": {"question": "¿Y además?"}}  # fmt: skip
    change(app, lambda stands: changes.put_own(stands.overlay, "practice_else", own))
    publish(app)
    with app.test_request_context(), begin_work() as work:
        new = actions.start_draft(work, None, "UTC").reference
    with app.app_context():
        questions = {ref: queries.questionnaire_of(queries.lock_intake(ref)) for ref in (old, new)}
        assert [questions[ref].version for ref in (old, new)] == ["4", "4.p1"]
        assert questions[old].field("goal_direction").question == "What do you most want from this?"
        assert questions[new].field("goal_direction").question == "What now?"
        assert "practice_else" not in {field.name for field in questions[old].fields()}
    with app.app_context(), begin_work() as work:
        page = next(one for one in questions[old].pages(BOOK) if one.section.id == "goals")
        actions.save_page(work, old, page, {"goal_direction": "repair"})
    with app.app_context():
        assert queries.questionnaire_of(queries.lock_intake(old)).version == "4"
        assert db.session.query(QuestionnaireCopy).count() == 2


def test_two_owners_never_overwrite_each_other(practice, app):
    def same(words: str):
        return lambda stands: changes.reword_field.__name__ and _question(stands.document) == words

    change(app, seen=same("What do you most want from this?"))
    with pytest.raises(editions.DraftChanged):
        change(app, reword("Something else"), seen=same("What do you most want from this?"))
    change(app, reword("And Ada’s side?", "trust_role"))  # another question is no conflict
    with app.app_context():
        overlay = edition_queries.read_draft().overlay
    assert overlay["fields"] == {
        "goal_direction": in_both("What now?"),
        "trust_role": in_both("And Ada’s side?"),
    }


def _question(document: dict[str, Any]) -> str:
    return next(
        field["question"]
        for section in document["sections"]
        for field in section["fields"]
        if field["name"] == "goal_direction"
    )


def test_whoever_publishes_publishes_what_they_saw(practice, app):
    change(app)
    seen = mark(app)
    change(app, reword("Another"))
    for what in (editions.publish, editions.discard):
        with app.app_context(), pytest.raises(editions.DraftChanged), begin_work() as work:
            what(work, WHO, seen=seen)
    assert asked(app)[0] == "4"
    assert publish(app) == 1


def test_nothing_is_published_twice(practice, app):
    change(app)
    publish(app)
    with app.app_context(), pytest.raises(editions.NothingToPublish), begin_work() as work:
        editions.publish(work, WHO, seen=edition_queries.read_draft().mark)


def test_a_change_that_does_not_fit_is_refused_and_the_draft_stays(practice, app):
    change(app)
    with pytest.raises(editions.DoesNotFit, match="always asked"):
        change(app, lambda stands: changes.switch_off(stands.overlay, "self_harm"))
    with app.app_context():
        assert edition_queries.read_draft().overlay == {"fields": {"goal_direction": in_both("What now?")}}


def test_an_earlier_edition_comes_back_as_a_draft_and_zero_is_what_ships(practice, app):
    change(app)
    publish(app)
    change(app, reword("Another"))
    publish(app)
    for number, expected in ((1, "What now?"), (0, "What do you most want from this?")):
        seen = mark(app)
        with app.app_context(), begin_work() as work:
            editions.restore(work, WHO, number, seen=seen)
        publish(app)
        assert asked(app)[1] == expected
    with app.app_context():
        assert [one.number for one in edition_queries.list_editions()] == [4, 3, 2, 1]
    with app.app_context(), pytest.raises(NotFound), begin_work() as work:
        editions.restore(work, WHO, 9, seen=mark(app))


def test_everything_is_audited_without_its_words(practice, app):
    change(app)
    publish(app)
    change(app, reword("Another"))
    with app.app_context(), begin_work() as work:
        editions.discard(work, WHO, seen=edition_queries.read_draft().mark)
    from practice.audit import AuditEntry

    with app.app_context():
        found = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == "questionnaire")).all()
        assert [one.action for one in found] == [
            "questions_changed",
            "questions_published",
            "questions_changed",
            "questions_discarded",
        ]
        assert "What now" not in " ".join(one.detail for one in found)
    assert practice.breaches() == []


# A better questionnaire ships


@pytest.fixture
def ships(monkeypatch):
    """Has another questionnaire ship: what `change` makes of its data."""

    def ship(alter) -> None:
        data = shipped_data()
        data["version"] = "5"
        alter(data)
        written = json.dumps(data, ensure_ascii=False)
        monkeypatch.setattr(documents, "shipped_document", lambda: written)
        monkeypatch.setattr(documents, "shipped_questionnaire", lambda: documents.read_questionnaire(written))

    return ship


def drop_pronouns(data: dict[str, Any]) -> None:
    for section in data["sections"]:
        section["fields"] = [field for field in section["fields"] if field["name"] != "pronouns"]


def test_changes_are_applied_to_the_better_questionnaire(practice, app, make_app, ships):
    change(app)
    publish(app)
    ships(drop_pronouns)
    newer = make_app()
    assert asked(newer) == ("5.p1", "What now?")
    with newer.test_request_context(), begin_work() as work:
        actions.start_draft(work, None, "UTC")  # the copy of the new whole is kept with the first intake
    with newer.app_context():
        versions = set(db.session.scalars(select(QuestionnaireCopy.version)))
        assert versions == {"4.p1", "5.p1"}


def test_where_changes_no_longer_fit_the_last_valid_version_stays_in_use(practice, app, make_app, ships):
    change(app, reword("Your pronouns", "pronouns"))
    publish(app)
    ships(drop_pronouns)
    newer = make_app()
    assert asked(newer, "pronouns") == ("4.p1", "Your pronouns")
    with newer.app_context():
        assert [one.name for one in current_edition().problems] == ["pronouns"]
    with newer.app_context(), pytest.raises(editions.NothingToPublish), begin_work() as work:
        editions.publish(work, WHO, seen=edition_queries.read_draft().mark)
    change(newer, reword("What now?"))  # an old problem doesn't forbid another change
    change(newer, lambda stands: changes.take_back(stands.overlay, "fields", "pronouns"))
    assert publish(newer) == 2
    assert asked(newer) == ("5.p2", "What now?")


def test_outside_an_application_the_questionnaire_is_the_shipped_one():
    assert current_questionnaire() == shipped_questionnaire()


# Races


def test_changes_at_the_same_time_are_all_kept_and_one_of_two_publishers_wins(practice, app, make_app):
    names = ["goal_direction", "trust_role", "lean", "pronouns"]
    apps = [make_app() for _ in names]
    gate = threading.Barrier(len(names))

    def both(work_of) -> list[BaseException | None]:
        found: list[BaseException | None] = [None] * len(names)

        def run(number: int) -> None:
            gate.wait()
            try:
                work_of(apps[number], number)
            except (editions.DraftChanged, editions.NothingToPublish) as lost:
                found[number] = lost

        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(names))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return found

    def patiently(one, what) -> None:
        while True:
            try:
                with one.app_context(), begin_work() as work:
                    return what(work)
            except Contended:
                continue

    both(
        lambda one, number: patiently(
            one, lambda work: editions.change_draft(work, WHO, reword("Words", names[number]), about=names[number])
        )
    )
    with app.app_context():
        assert set(edition_queries.read_draft().overlay["fields"]) == set(names)
    seen = mark(app)
    lost = both(lambda one, _number: patiently(one, lambda work: editions.publish(work, WHO, seen=seen)))
    assert [one is None for one in lost].count(True) == 1
    with app.app_context():
        assert db.session.query(QuestionnaireEdition).count() == 1
