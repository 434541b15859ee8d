"""Every option of every private question by itself: the other one's pages stay the same, byte for byte.

Both have answered and booked; then one of them answers one question otherwise, and the other looks. The whole story,
from the first question to the second short page, is in test_noninterference.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from jinja2 import BaseLoader, ChoiceLoader, DictLoader

from practice.booking import timetable
from practice.intake.documents import current_questionnaire
from practice.intake.lanes import LANES, laned_fields
from practice.intake.queries import find_submitted, flags_of, lock_intake, questionnaire_of, sent_codes_of
from practice.intake.questions import SESSION, Answer
from practice.intake.storing import read_section, seal_flags, write_lanes, write_section
from practice.notify import sending
from practice.people import Person
from practice.work import begin_work
from tests.support.answering_couples import JUST_FOR_YOU, Two, two
from tests.support.clock import MONDAY_NINE
from tests.support.consents import accept, with_documents
from tests.support.couples import client_for_two, come_along, make_code
from tests.support.offers import confirmed
from tests.support.staging import Stage
from tests.support.story import Client, Held
from tests.support.watching import Drawn, Watched, differences, drawing

NewStage = Callable[[], Stage]
ASKED = (*JUST_FOR_YOU, "substance_concern", "court_involved", "goal_direction", "lean", "others_see_messages")
PAGES = (
    "/schedule", "/you", "/you/agreed", "/you/contact", "/you/invite", "/you/pause", "/you/leave", "/how-it-goes",
    "/intake/times", "/intake/more", "/waiting-list", "/times/ada-lindqvist.json?offering=couple-50",
    "/times/any?offering=couple-50",
)  # fmt: skip
OF_A_BOOKING = ("", ".ics", "/pay", "/cancel", "/move", "/documents", "/estimate")


@dataclass(frozen=True)
class Scene:
    """Two who answered calmly and have an appointment."""

    stage: Stage
    couple: Two
    booked: Held
    drawn: Drawn

    def seen_by(self, client: Client) -> Watched:
        """All that this one of them finds now, and every letter so far."""
        watched = Watched(self.stage, self.stage.practice.browser(), client.email, self.drawn)
        browser = watched.watch(self.stage.practice.browser(client))
        for path in (*PAGES, *(f"/bookings/{self.booked.reference}{page}" for page in OF_A_BOOKING)):
            browser.get(path)
        watched.read_letters()
        return watched

    def other(self, client: Client) -> Client:
        """Whoever comes with this one."""
        return self.couple.one if client == self.couple.other else self.couple.other

    def says(self, client: Client, name: str, answer: Answer) -> None:
        """This one answers one question otherwise, and all that follows from it happens."""
        with self.stage.practice.app.app_context(), begin_work() as work:
            intake = find_submitted(work.session.get_one(Person, client.person_id))
            assert intake is not None
            lock_intake(intake.reference)
            section = next(one for one in questionnaire_of(intake).sections if name in {f.name for f in one.fields})
            write_section(work, intake, section.id, {**read_section(work, intake, section.id), name: answer})
            intake.saved_at = work.now
            work.session.flush()
            seal_flags(intake, sent_codes_of(intake))
        self.stage.practice.work_until_idle()

    def lets(self, client: Client, lane: str) -> None:
        """This one says who may speak of all that they answered."""
        with self.stage.practice.app.app_context(), begin_work() as work:
            intake = find_submitted(work.session.get_one(Person, client.person_id))
            assert intake is not None
            for page in questionnaire_of(intake).pages(SESSION):
                if laned := laned_fields(page):
                    write_lanes(work, intake, page.section.id, {field.name: lane for field in laned})

    def flags(self, client: Client) -> list[str]:
        """What clinicians are warned of."""
        with self.stage.practice.app.app_context():
            intake = find_submitted(self.stage.practice.person(client))
            return [flag.code for flag in flags_of(intake)] if intake is not None else []


def begins(stage: Stage, drawn: Drawn) -> Scene:
    """Both answer calmly and agree, and one of them books."""
    with_documents(stage.practice)
    couple = two(stage.practice)
    for client in (couple.one, couple.other):
        accept(stage.practice, client)
    return Scene(stage, couple, confirmed(stage.practice, MONDAY_NINE, couple.one), drawn)


@pytest.fixture
def drawn() -> Iterator[Drawn]:
    with drawing() as made:
        yield made


@pytest.fixture
def scene(new_stage: NewStage, drawn: Drawn) -> Scene:
    return begins(new_stage(), drawn)


def options() -> list[tuple[str, Answer]]:
    """Every answer to every private question, and none."""
    fields = {field.name: field for field in current_questionnaire().fields()}
    return [(name, code) for name in ASKED for code in (*(one.code for one in fields[name].options), "")]


@pytest.mark.parametrize("who", ["one", "other"])
def test_no_answer_to_a_private_question_shows_on_the_others_pages(scene: Scene, who: str) -> None:
    client: Client = getattr(scene.couple, who)
    partner = scene.other(client)
    calm = scene.seen_by(partner)
    assert {said.split("\n", 1)[0][:3] for place, said in calm.named() if not place.endswith("letter")} >= {"200"}
    raised: set[str] = set()

    for name, answer in options():
        before = _answer(scene, client, name)
        scene.says(client, name, answer)
        raised |= set(scene.flags(client))
        assert differences(calm, scene.seen_by(partner)) == [], f"{name} = {answer or 'nothing'}"
        scene.says(client, name, before)
    for lane in LANES:
        scene.lets(client, lane)
        assert differences(calm, scene.seen_by(partner)) == [], lane

    assert len(raised) > 10  # they were heard, and by clinicians alone


@pytest.mark.parametrize("knows", ["not_yet", "prefer_not"])
def test_whoever_is_asked_along_cannot_tell_what_was_said_of_them(
    new_stage: NewStage, drawn: Drawn, knows: str
) -> None:
    def comes(said: str) -> Watched:
        stage = new_stage()
        inviter = stage.practice.browser(client_for_two(stage.practice))
        code = make_code(inviter, said)
        watched = Watched(stage, stage.practice.browser(), "mika@mail.example", drawn)
        welcome = watched.watch(watched.browser).submit("/join", {"code": code}).location
        watched.browser.get(welcome)
        assert come_along(watched.browser, welcome.rsplit("/", 1)[1]).status_code == 302
        for path in PAGES:
            watched.browser.get(path)
        return watched

    assert differences(comes("yes"), comes(knows)) == []


# The controls: three leaks on purpose, each of which must be found.


def test_a_page_that_warned_of_the_other_one_would_be_found(scene: Scene) -> None:
    jinja = scene.stage.practice.app.jinja_env
    loader = jinja.loader
    assert isinstance(loader, BaseLoader)
    source, _, _ = loader.get_source(jinja, "portal/you.html")
    jinja.globals["their_flags"] = lambda: ", ".join(scene.flags(scene.couple.other))
    jinja.loader = ChoiceLoader(
        [DictLoader({"portal/you.html": source.replace("</h1>", "</h1>{{ their_flags() }}", 1)}), loader]
    )
    jinja.cache.clear()  # type: ignore[union-attr]
    calm = scene.seen_by(scene.couple.one)

    scene.says(scene.couple.other, "self_harm", "plan")

    assert any(": GET /you |" in found for found in differences(calm, scene.seen_by(scene.couple.one)))


def test_times_that_depended_on_the_other_one_would_be_found(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = timetable.read_timetable

    def one_less(*args: Any, **kwargs: Any) -> timetable.Timetable:
        found = reads(*args, **kwargs)
        return replace(found, spans=found.spans[1:]) if scene.flags(scene.couple.other) else found

    calm = scene.seen_by(scene.couple.one)
    monkeypatch.setattr(timetable, "read_timetable", one_less)
    assert differences(calm, scene.seen_by(scene.couple.one)) == []

    scene.says(scene.couple.other, "control", "often")

    assert any(".json" in found for found in differences(calm, scene.seen_by(scene.couple.one)))


def test_one_word_in_a_letter_would_be_found(
    new_stage: NewStage, drawn: Drawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    telling = False
    renders = sending.render

    def render(letter: Any) -> Any:
        made = renders(letter)
        return replace(made, text=f"{made.text}Careful\n") if telling else made

    monkeypatch.setattr(sending, "render", render)
    calm = begins(new_stage(), drawn)
    telling = True
    warned = begins(new_stage(), drawn)

    found = differences(calm.seen_by(calm.couple.one), warned.seen_by(warned.couple.one))
    assert [one.partition(" |")[0] for one in found] == ["at first: letter"]


def _answer(scene: Scene, client: Client, name: str) -> Answer:
    with scene.stage.practice.app.app_context():
        intake = find_submitted(scene.stage.practice.person(client))
        assert intake is not None
        return sent_codes_of(intake).get(name, "")
