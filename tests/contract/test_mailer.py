"""What every mailer promises, tried on the fake and on SMTP with a real server on this machine."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP as SMTP_POLICY

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword, Session
from aiosmtpd.smtp import Envelope as Taken
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from practice.mailboxes import write_mailbox
from practice.notify.letters import CalendarPart
from practice.notify.mailer import Envelope, MailAway, Mailer, MailRefused, SmtpMailer
from tests.support.fake_mail import MAIL_FROM, FakeMailer

pytestmark = pytest.mark.usefixtures("mail_expected")

CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Appointment \xc3\xbc\r\nEND:VCALENDAR\r\n"
ENVELOPE = Envelope(
    key="send_letter:appointment_booked:b_7k2m4n5p6q7r8s:client:0",
    to="reader@post.example",
    subject="Your appointment",
    text="Your appointment is on Tuesday 3 March, 3:00 pm Eastern Time.\n.\nA line with a dot alone is above.\n",
    html="<p>Your appointment is on Tuesday 3 March, 3:00 pm Eastern Time.</p>",
    sent=datetime(2026, 2, 3, 12, tzinfo=UTC),
    calendar=CalendarPart("REQUEST", CALENDAR),
)


@dataclass
class Post:
    """A mail server of the test's own: keeps what it takes, and answers as it is told."""

    taken: list[Taken] = field(default_factory=list)
    answer_to_data: str = "250 OK"
    answer_to_recipient: str | None = None
    signed_in: list[bytes] = field(default_factory=list)
    under_tls: list[bool] = field(default_factory=list)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer_to_recipient:
            return self.answer_to_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session: Session, envelope: Taken) -> str:
        self.under_tls.append(session.ssl is not None)
        if self.answer_to_data.startswith("250"):
            self.taken.append(envelope)
        return self.answer_to_data

    def authenticate(self, server, session, envelope, mechanism, given: LoginPassword) -> AuthResult:
        if given != LoginPassword(b"practice", b"p@ss:word/1"):
            return AuthResult(success=False, handled=False)
        self.signed_in.append(given.login)
        return AuthResult(success=True)


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def start_server(post: Post) -> Iterator[Callable[..., Controller]]:
    running: list[Controller] = []

    def start(**options) -> Controller:
        controller = Controller(post, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        running.append(controller)
        return controller

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture(params=["fake", "smtp"])
def sending(request, post, start_server) -> tuple[Mailer, Callable[[], list[bytes]]]:
    """A mailer, and what has arrived through it."""
    if request.param == "fake":
        fake = FakeMailer()
        return fake, lambda: [one.content for one in fake.sent]
    server = start_server()
    mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", MAIL_FROM)
    return mailer, lambda: [bytes(one.original_content) for one in post.taken]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that only this test trusts: its files, and a context that trusts it."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    trusting = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    return serving, trusting


def test_a_letter_arrives_with_its_three_faces(sending):
    mailer, arrived = sending

    mailer.send(ENVELOPE)

    [content] = arrived()
    message = message_from_bytes(content, policy=SMTP_POLICY)
    assert message.get_content_type() == "multipart/alternative"
    text, html, calendar = message.iter_parts()
    assert [part.get_content_type() for part in (text, html, calendar)] == ["text/plain", "text/html", "text/calendar"]
    assert text.get_content().replace("\r\n", "\n") == ENVELOPE.text
    assert message["Subject"] == "Your appointment"
    assert message["From"] == MAIL_FROM
    assert message["To"] == "reader@post.example"


def test_the_calendar_part_arrives_byte_for_byte_with_its_method(sending):
    mailer, arrived = sending

    mailer.send(ENVELOPE)

    *_, calendar = message_from_bytes(arrived()[0], policy=SMTP_POLICY).iter_parts()
    assert calendar.get_payload(decode=True) == CALENDAR
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert calendar["Content-Transfer-Encoding"] == "base64"
    assert calendar["Content-Disposition"] is None


def test_a_repeat_carries_the_same_message_id_and_another_letter_carries_another(sending):
    mailer, arrived = sending

    mailer.send(ENVELOPE)
    mailer.send(replace(ENVELOPE, sent=ENVELOPE.sent + timedelta(minutes=5)))
    mailer.send(replace(ENVELOPE, key="another"))

    first, repeat, other = (message_from_bytes(one)["Message-ID"] for one in arrived())
    assert first == repeat
    assert first != other
    assert "b_7k2m4n5p6q7r8s" not in first
    assert first.endswith("@practice.example>")


def test_both_mailers_send_the_same_bytes(post, start_server):
    fake = FakeMailer()
    fake.send(ENVELOPE)

    SmtpMailer(f"smtp://127.0.0.1:{start_server().port}", MAIL_FROM).send(ENVELOPE)

    assert bytes(post.taken[0].original_content) == fake.sent[0].content


@pytest.mark.parametrize(
    "to", ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "<a@b.example>", "a", ""]
)
def test_an_address_that_could_smuggle_something_in_is_refused(to):
    with pytest.raises(ValueError, match="plain mail address"):
        replace(ENVELOPE, to=to)


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: c@d.example", "Hello\nX", "Hello\x00", "Hello\u2028X"])
def test_a_subject_of_more_than_one_line_is_refused(subject):
    with pytest.raises(ValueError, match="one line"):
        replace(ENVELOPE, subject=subject)


@pytest.mark.parametrize("mail_from", ["Appointments", "A <a@b.example>\r\nBcc: c@d.example", ""])
def test_a_sender_without_one_address_is_refused(mail_from):
    with pytest.raises(ValueError, match="MAIL_FROM"):
        SmtpMailer("smtp://127.0.0.1", mail_from)


@pytest.mark.parametrize("url", ["127.0.0.1:25", "http://127.0.0.1", "smtp://"])
def test_an_address_that_names_no_mail_server_is_refused(url):
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpMailer(url, MAIL_FROM)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("451 try later", MailAway),
        ("452 full", MailAway),
        ("550 no such mailbox", MailRefused),
        ("554 no", MailRefused),
    ],
)
@pytest.mark.parametrize("stage", ["recipient", "data"])
def test_the_servers_answer_decides_whether_to_try_again(post, start_server, answer, error, stage):
    mailer = SmtpMailer(f"smtp://127.0.0.1:{start_server().port}", MAIL_FROM)
    if stage == "recipient":
        post.answer_to_recipient = answer
    else:
        post.answer_to_data = answer

    with pytest.raises(error) as raised:
        mailer.send(ENVELOPE)

    assert "reader@post.example" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert post.taken == []


def test_a_server_that_is_away_may_be_back_later():
    with pytest.raises(MailAway):
        SmtpMailer(f"smtp://127.0.0.1:{free_port()}", MAIL_FROM).send(ENVELOPE)


def test_a_server_that_says_nothing_is_given_up_soon():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()

        with pytest.raises(MailAway):
            SmtpMailer(f"smtp://127.0.0.1:{silent.getsockname()[1]}", MAIL_FROM, timeout=0.2).send(ENVELOPE)


def test_the_password_goes_over_starttls_to_the_right_server(post, start_server, certificate):
    serving, trusting = certificate
    server = start_server(
        tls_context=serving, require_starttls=True, auth_required=True, authenticator=post.authenticate
    )
    url = f"starttls://practice:p%40ss%3Aword%2F1@localhost:{server.port}"

    SmtpMailer(url, MAIL_FROM, tls=trusting).send(ENVELOPE)

    assert post.signed_in == [b"practice"]
    assert post.under_tls == [True]


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing(post, start_server, certificate):
    serving, _ = certificate
    server = start_server(tls_context=serving)

    with pytest.raises(MailAway):
        SmtpMailer(f"starttls://localhost:{server.port}", MAIL_FROM).send(ENVELOPE)

    assert post.taken == []


def test_a_server_without_starttls_gets_no_letter_where_starttls_is_asked_for(post, start_server):
    with pytest.raises(MailAway):
        SmtpMailer(f"starttls://127.0.0.1:{start_server().port}", MAIL_FROM).send(ENVELOPE)

    assert post.taken == []


def test_a_wrong_password_is_no_reason_to_give_the_letter_up(post, start_server, certificate):
    serving, trusting = certificate
    server = start_server(tls_context=serving, auth_required=True, authenticator=post.authenticate)

    with pytest.raises(MailAway):
        SmtpMailer(f"starttls://practice:wrong@localhost:{server.port}", MAIL_FROM, tls=trusting).send(ENVELOPE)

    assert post.taken == []


@pytest.mark.parametrize("signs_in", ["practice:p%C3%A4ss", "pr%C3%A4ctice:pass"])
def test_a_sign_in_beyond_ascii_is_no_reason_to_give_the_letter_up(post, start_server, certificate, signs_in):
    serving, trusting = certificate
    server = start_server(tls_context=serving, auth_required=True, authenticator=post.authenticate)

    with pytest.raises(MailAway) as waits:
        SmtpMailer(f"starttls://{signs_in}@localhost:{server.port}", MAIL_FROM, tls=trusting).send(ENVELOPE)

    assert waits.value.why == "password"
    assert post.taken == []


def test_a_sender_beyond_ascii_waits_until_there_is_another(post, start_server):
    mailer = SmtpMailer(f"smtp://127.0.0.1:{start_server().port}", "Appointments <séances@practice.example>")

    with pytest.raises(MailAway) as waits:
        mailer.send(ENVELOPE)

    assert waits.value.why == "sender"


@pytest.mark.parametrize("name", ["Séances", "Séances, à Montréal", "=?utf-8?q?S=C3=A9ances?="])
def test_a_name_with_accents_arrives_as_people_read_it(post, start_server, name):
    SmtpMailer(f"smtp://127.0.0.1:{start_server().port}", write_mailbox(name, "office@practice.example")).send(ENVELOPE)

    sender = message_from_bytes(bytes(post.taken[0].original_content), policy=SMTP_POLICY)["From"]
    assert [one.addr_spec for one in sender.addresses] == ["office@practice.example"]
    assert sender.addresses[0].display_name == name.replace("=?utf-8?q?S=C3=A9ances?=", "Séances")


@pytest.mark.parametrize("host", ["mail..post.example", ".post.example", "a" * 64 + ".example"])
def test_a_host_that_can_be_none_is_away_like_one_that_is_unknown(host):
    with pytest.raises(MailAway) as waits:
        SmtpMailer(f"smtp://{host}:25", MAIL_FROM).send(ENVELOPE)

    assert waits.value.why == "host"


def test_an_address_beyond_ascii_goes_to_a_server_that_takes_it(post, start_server):
    server = start_server(enable_SMTPUTF8=True)

    SmtpMailer(f"smtp://127.0.0.1:{server.port}", MAIL_FROM).send(replace(ENVELOPE, to="änne@post.example"))

    assert post.taken[0].rcpt_tos == ["änne@post.example"]


def test_an_address_beyond_ascii_is_refused_where_the_server_takes_none(post, start_server):
    server = start_server(enable_SMTPUTF8=False)

    with pytest.raises(MailRefused):
        SmtpMailer(f"smtp://127.0.0.1:{server.port}", MAIL_FROM).send(replace(ENVELOPE, to="änne@post.example"))
