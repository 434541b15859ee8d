"""What is posted is delivered: at least once, in order within a stream, later when it fails, and never in silence."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select

from practice import invariants, outbox, worker
from practice.database import db
from practice.errors import Contended
from practice.message import Message
from practice.outbox import LEASE, LONGEST_PAUSE, MOST_TRIES, Leased, OutboxMessage, Retry
from practice.people import add_person
from practice.work import begin_work
from tests.support.clock import START

PATIENCE = 20  # seconds that a thread of these tests may take


@dataclass(frozen=True)
class Letter(Message):
    """A message without an order."""

    KIND: ClassVar[str] = "letter"
    number: int


@dataclass(frozen=True)
class Step(Message):
    """A message that keeps its place among those of the same booking."""

    KIND: ClassVar[str] = "step"
    booking: str
    number: int

    @property
    def stream(self) -> str:
        return self.booking


@dataclass(frozen=True)
class Sweep(Message):
    """A message that may take its time."""

    KIND: ClassVar[str] = "sweep"
    BACKGROUND: ClassVar[bool] = True
    number: int


class Diary:
    """Handlers that note what reached them; `trouble` is raised by the next deliveries, in order."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.trouble: list[Exception | None] = []

    def on_letter(self, message: Letter) -> None:
        self._note(message)

    def on_letter_too(self, message: Letter) -> None:
        self.heard.append(message)

    def on_step(self, message: Step) -> None:
        self._note(message)

    def on_sweep(self, message: Sweep) -> None:
        self._note(message)

    def _note(self, message: Message) -> None:
        trouble = self.trouble.pop(0) if self.trouble else None
        if trouble is not None:
            raise trouble
        self.heard.append(message)


@pytest.fixture
def diary(app):
    diary = Diary()
    app.extensions[outbox.EXTENSION] = {
        Letter: (diary.on_letter,),
        Step: (diary.on_step,),
        Sweep: (diary.on_sweep,),
    }
    return diary


def post(app, *messages: Message, due=None) -> None:
    with app.app_context(), begin_work() as work:
        for message in messages:
            work.post(message, due)


def rows(app) -> list[OutboxMessage]:
    with app.app_context():
        return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def lease(app) -> Leased | None:
    with app.app_context(), begin_work() as work:
        return outbox.lease_next(work.session, work.now)


def test_a_message_reaches_each_of_its_handlers_once(app, diary):
    app.extensions[outbox.EXTENSION] = {Letter: (diary.on_letter, diary.on_letter_too)}
    post(app, Letter(1))

    assert worker.run_until_idle(app) == 2
    assert worker.run_until_idle(app) == 0
    assert diary.heard == [Letter(1), Letter(1)]


def test_the_same_message_posted_twice_is_one(app, diary):
    post(app, Letter(1))
    post(app, Letter(1), Letter(2))

    worker.run_until_idle(app)

    assert diary.heard == [Letter(1), Letter(2)]


def test_a_message_is_posted_exactly_when_its_work_is(app, diary):
    with app.app_context(), pytest.raises(LookupError), begin_work() as work:
        work.post(Letter(1))
        raise LookupError

    assert worker.run_until_idle(app) == 0


def test_a_message_waits_until_it_is_due(app, clock, diary):
    post(app, Letter(1), due=START + timedelta(minutes=10))

    assert worker.run_until_idle(app) == 0
    clock.advance(minutes=9, seconds=59)
    assert worker.run_until_idle(app) == 0
    clock.advance(seconds=1)
    assert worker.run_until_idle(app) == 1


def test_what_may_take_its_time_waits_until_nothing_else_is_due(app, clock, diary):
    post(app, Sweep(1), Sweep(2), due=START + timedelta(minutes=1))
    post(app, Letter(1), Step("b_1", 1), due=START + timedelta(minutes=2))
    clock.advance(minutes=3)

    worker.run_until_idle(app)

    assert diary.heard == [Letter(1), Step("b_1", 1), Sweep(1), Sweep(2)]


def test_what_fails_is_tried_again_after_growing_pauses(app, clock, diary):
    diary.trouble = [OSError(), OSError(), None]
    post(app, Letter(1))

    pauses = []
    for _ in range(2):
        assert worker.run_until_idle(app) == 1
        pauses.append(rows(app)[0].due_at - clock.now())
        clock.advance(seconds=pauses[-1].total_seconds())
    worker.run_until_idle(app)

    assert pauses == [timedelta(seconds=2), timedelta(seconds=4)]
    assert diary.heard == [Letter(1)]


def test_what_never_works_ends_as_a_dead_letter_that_the_invariants_show(app, clock, diary):
    diary.trouble = [OSError("no such host: mail.example") for _ in range(MOST_TRIES)]
    post(app, Letter(1))

    for _ in range(MOST_TRIES):
        assert worker.run_until_idle(app) == 1
        clock.advance(seconds=LONGEST_PAUSE.total_seconds())

    assert worker.run_until_idle(app) == 0
    [row] = rows(app)
    assert (row.state, row.tries, row.trouble) == ("dead", MOST_TRIES, "OSError")
    with app.app_context():
        assert list(invariants.nothing_lost(db.session())) == [
            "1 of letter could not be delivered and need somebody's eyes"
        ]


def test_not_now_counts_as_no_failure(app, clock, diary):
    diary.trouble = [Retry(timedelta(minutes=5), "the payment is still open")] * (MOST_TRIES + 1)
    post(app, Letter(1))

    for _ in range(MOST_TRIES + 1):
        assert worker.run_until_idle(app) == 1
        assert rows(app)[0].due_at == clock.now() + timedelta(minutes=5)
        clock.advance(minutes=5)
    worker.run_until_idle(app)

    assert diary.heard == [Letter(1)]
    assert rows(app)[0].tries == 0


def test_only_failures_in_a_row_end_a_message_that_comes_back_for_ever(app, clock, diary):
    again = Retry(timedelta(minutes=15), "read again")
    in_a_row: list[Exception] = [OSError()] * (MOST_TRIES - 1)
    diary.trouble = [*in_a_row, again, *in_a_row, again, *in_a_row, Contended(), OSError()]
    post(app, Letter(1))

    while diary.trouble:
        assert rows(app)[0].state == "waiting"
        assert worker.run_until_idle(app) == 1
        clock.advance(seconds=LONGEST_PAUSE.total_seconds())

    [row] = rows(app)
    assert (row.state, row.tries) == ("dead", MOST_TRIES)  # to give way to somebody says nothing of the handler


def test_contention_puts_a_message_back_for_a_moment_without_counting(app, clock, diary):
    diary.trouble = [Contended()]
    post(app, Letter(1))

    worker.run_until_idle(app)
    clock.advance(seconds=1)
    worker.run_until_idle(app)

    assert diary.heard == [Letter(1)]
    assert rows(app)[0].tries == 0


def test_messages_of_one_stream_keep_their_order_even_when_the_first_fails(app, clock, diary):
    diary.trouble = [OSError()]
    post(app, Step("b_1", 1), Step("b_1", 2), Step("b_2", 1))

    worker.run_until_idle(app)
    assert diary.heard == [Step("b_2", 1)]

    clock.advance(minutes=1)
    worker.run_until_idle(app)
    assert diary.heard == [Step("b_2", 1), Step("b_1", 1), Step("b_1", 2)]


def test_a_dead_letter_does_not_hold_up_its_stream_for_ever(app, clock, diary):
    diary.trouble = [OSError() for _ in range(MOST_TRIES)]
    post(app, Step("b_1", 1), Step("b_1", 2))

    for _ in range(MOST_TRIES):
        worker.run_until_idle(app)
        clock.advance(seconds=LONGEST_PAUSE.total_seconds())
    worker.run_until_idle(app)

    assert diary.heard == [Step("b_1", 2)]


def test_a_leased_message_is_nobody_elses_until_the_lease_runs_out(app, clock, diary):
    post(app, Letter(1))

    assert lease(app) is not None
    assert lease(app) is None
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert lease(app) is not None


def test_a_worker_that_was_stopped_past_its_lease_completes_nothing(app, clock, diary):
    post(app, Letter(1))
    slow = lease(app)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    quick = lease(app)

    for settle in (outbox.complete, lambda session, mine, now: outbox.fail(session, mine, now, OSError())):
        with app.app_context(), begin_work() as work:
            assert not settle(work.session, slow, work.now)
    with app.app_context(), begin_work() as work:
        assert outbox.complete(work.session, quick, work.now)

    assert [row.state for row in rows(app)] == ["done"]


def test_a_worker_that_dies_in_mid_delivery_loses_nothing(app, clock, diary):
    class Killed(BaseException):
        pass

    diary.trouble = [Killed()]
    post(app, Letter(1))
    with pytest.raises(Killed):
        worker.run_until_idle(app)

    assert worker.run_until_idle(app) == 0
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert worker.run_until_idle(app) == 1
    assert diary.heard == [Letter(1)]


def test_a_handler_runs_outside_any_work_and_opens_its_own(app, diary):
    def on_letter(message: Letter) -> None:
        with begin_work() as work:
            add_person(work, "UTC")
        diary.heard.append(message)

    app.extensions[outbox.EXTENSION] = {Letter: (on_letter,)}
    post(app, Letter(1))

    worker.run_until_idle(app)

    assert diary.heard == [Letter(1)]


def test_a_message_whose_handler_is_gone_is_kept_and_shown(app, clock, diary):
    post(app, Letter(1))
    app.extensions[outbox.EXTENSION] = {Step: (diary.on_step,)}

    worker.run_until_idle(app)

    [row] = rows(app)
    assert (row.state, row.trouble) == ("waiting", "LookupError")


def test_two_workers_share_the_messages_and_neither_delivers_one_twice(make_app, clock):
    apps = [make_app(), make_app()]
    lock, heard = threading.Lock(), []

    def on_letter(message: Letter) -> None:
        with lock:
            heard.append(message.number)

    for app in apps:
        app.extensions[outbox.EXTENSION] = {Letter: (on_letter,)}
    post(apps[0], *(Letter(number) for number in range(40)))

    threads = [threading.Thread(target=worker.run_until_idle, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    worker.run_until_idle(apps[0])

    assert sorted(heard) == list(range(40))


def test_an_idle_look_takes_no_lock(app, diary):
    with app.app_context(), begin_work():
        idle = threading.Thread(target=worker.deliver_next, args=(app,))
        idle.start()
        idle.join(PATIENCE)
        assert not idle.is_alive()


def test_messages_that_beget_messages_without_end_are_noticed(app):
    def on_letter(message: Letter) -> None:
        with begin_work() as work:
            work.post(Letter(message.number + 1))

    app.extensions[outbox.EXTENSION] = {Letter: (on_letter,)}
    post(app, Letter(1))

    with pytest.raises(RuntimeError, match="not idle"):
        worker.run_until_idle(app, limit=20)
