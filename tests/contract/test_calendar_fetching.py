"""Fetching a calendar from an address that somebody typed: whatever comes, it ends, and reaches nothing else."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import zlib
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from urllib3.util import connection

from practice.calendars.reading import fetching
from practice.calendars.reading.addresses import NOT_PUBLIC, TOO_SLOW, UNKNOWN, WRONG_PORT, is_public
from practice.calendars.reading.fetching import MOST_BYTES, fetch, read_address
from practice.calendars.reading.sources import Fetched, Unreachable
from tests.support.calendar_servers import CalendarServer, calendar, response, serving

PATIENCE = 20.0  # seconds; whatever must end sooner is given less
SHORT = 0.4
PUBLIC, PRIVATE = "93.184.215.14", "10.1.2.3"
BODY = calendar()
SECRET = "secret-of-ada"


def get(server: CalendarServer, *, validator: str = "", patience: float = PATIENCE, **options) -> Fetched:
    return fetch(options.pop("url", server.url), validator=validator, patience=patience, allow_local=True, **options)


def refusal(server: CalendarServer | None = None, **options) -> Unreachable:
    with pytest.raises(Unreachable) as refused:
        if server is not None:
            get(server, **options)
        else:
            fetch(options.pop("url"), validator="", patience=PATIENCE, **{"allow_local": False, **options})
    assert SECRET not in repr(refused.getrepr(style="long")).replace(__file__, "")
    assert refused.value.__cause__ is None
    return refused.value


class Town:
    """Names and their public addresses, all of which end at servers on this machine."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        self.connected: list[str] = []
        self.names: dict[str, list[str]] = {}
        self.servers: dict[str, int] = {}
        monkeypatch.setattr(connection, "create_connection", self._connect)

    def resolve(self, host: str, _port: int) -> list[str]:
        self.asked.append(host)
        return self.names.get(host) or [host]

    def _connect(self, address: tuple[str, int], timeout: float, **_options: object) -> socket.socket:
        self.connected.append(address[0])
        if address[0] not in self.servers:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.servers[address[0]]), timeout)


@pytest.fixture
def town(monkeypatch):
    return Town(monkeypatch)


# What is fetched


def test_a_calendar_comes_with_what_to_ask_by_the_next_time():
    with serving(response(BODY, ETag='"v1"', Last_Modified="Mon, 03 May 2027 10:00:00 GMT")) as server:
        first = get(server)
        server.says(response(status="304 Not Modified"))
        second = get(server, validator=first.validator)

    assert first.content == BODY
    assert second == Fetched(None, first.validator, second.warnings)
    asked = server.headers_of(1)
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"v1"', "Mon, 03 May 2027 10:00:00 GMT")
    assert "if-none-match" not in server.headers_of(0)


def test_an_answer_without_a_tag_takes_the_old_one_away():
    with serving(response(BODY)) as server:
        assert get(server, validator='{"etag": "v1"}').validator == ""


def test_nothing_changed_is_no_answer_to_whoever_knows_nothing():
    with serving(response(status="304 Not Modified")) as server:
        assert "304" in refusal(server).reason


def test_http_is_read_with_a_warning():
    with serving(response(BODY)) as server:
        assert get(server).warnings == (fetching.OVER_HTTP,)


@pytest.mark.parametrize(
    ("coding", "packed"), [("gzip", gzip.compress(BODY, mtime=0)), ("deflate", zlib.compress(BODY)), ("identity", BODY)]
)
def test_a_packed_calendar_is_unpacked(coding, packed):
    with serving(response(packed, Content_Encoding=coding)) as server:
        assert get(server).content == BODY


def test_a_chunked_calendar_is_read_whole():
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (BODY[:20], BODY[20:])) + b"0\r\n\r\n"
    with serving(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces) as server:
        assert get(server).content == BODY


def test_a_password_in_the_address_goes_to_that_server_alone():
    home = read_address("https://ada:pass%40word@cal.example/x")
    onward = fetching._next_address(home, "https://other.example/y")

    assert fetching._headers(home, home, "")["authorization"] == "Basic YWRhOnBhc3NAd29yZA=="
    assert "authorization" not in fetching._headers(onward, home, "")
    assert home.request_uri == "/x"


@pytest.mark.parametrize("password", ["€uro-secret-of-ada", "%E2%82%ACuro-secret-of-ada"])
def test_a_password_in_any_letters_is_sent_as_utf8(password):
    url = f"https://ada:{password}@cal.example/x"
    home = read_address(url)

    assert b64decode(fetching._headers(home, home, "")["authorization"].split()[1]).decode() == "ada:€uro-secret-of-ada"
    assert refusal(url=url, resolve=lambda *_: [PRIVATE]).reason == NOT_PUBLIC


def test_a_password_never_goes_over_a_line_that_others_can_read():
    assert refusal(url="http://ada:secret-of-ada@cal.example/x").reason == fetching.USER_OVER_HTTP


# What ends


def test_a_bomb_of_gzip_ends_at_the_most_that_is_taken():
    bomb = gzip.compress(bytes(200 * 1024 * 1024))
    assert len(bomb) < MOST_BYTES

    with serving(response(bomb, Content_Encoding="gzip")) as server:
        assert refusal(server).reason == fetching.TOO_LARGE


def test_a_bomb_in_a_bomb_ends_as_well():
    bomb = gzip.compress(gzip.compress(bytes(200 * 1024 * 1024)))

    with serving(response(bomb, Content_Encoding="gzip, gzip")) as server:
        assert refusal(server).reason in (fetching.TOO_LARGE, fetching.UNPACKED_BADLY)


def test_what_says_that_it_is_too_large_is_not_even_read():
    with serving(response(b"", Content_Length=str(MOST_BYTES + 1))) as server:
        assert refusal(server).reason == fetching.TOO_LARGE


def test_what_is_too_large_without_saying_so_ends_there():
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\n"
    with serving(head + bytes(MOST_BYTES + 70_000)) as server:
        assert refusal(server).reason == fetching.TOO_LARGE


def test_exactly_the_most_is_taken():
    with serving(response(bytes(MOST_BYTES))) as server:
        content = get(server).content
        assert content is not None
        assert len(content) == MOST_BYTES


def drip(head: bytes, drop: bytes, stopped: threading.Event):
    def write(line: socket.socket) -> None:
        line.sendall(head)
        while not stopped.wait(0.02):
            line.sendall(drop)

    return write


@pytest.mark.parametrize(
    ("head", "drop"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\n\r\n", b"B"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"B"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nB\r\n"),
        (b"", b""),
    ],
    ids=["a body", "a body without an end", "headers", "one header", "chunks", "nothing at all"],
)
def test_an_endless_drip_ends_when_the_patience_does(head, drop):
    stopped = threading.Event()
    with serving(drip(head, drop, stopped)) as server:
        assert refusal(server, patience=SHORT).reason == TOO_SLOW
    stopped.set()


def test_a_redirect_gets_no_patience_of_its_own():
    stopped = threading.Event()
    with serving(drip(b"HTTP/1.1 302 Found\r\nX: ", b"y", stopped)) as server:
        assert refusal(server, patience=SHORT).reason == TOO_SLOW
    stopped.set()


def test_a_name_that_nobody_answers_for_ends_too():
    never = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        never.wait(60)
        return []

    with pytest.raises(Unreachable, match=TOO_SLOW):
        fetch("https://cal.example/x", validator="", patience=SHORT, allow_local=False, resolve=resolve)
    never.set()


@pytest.mark.parametrize(
    "answer",
    [
        response(BODY, Content_Length=str(len(BODY) + 9)),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nBEGIN:VCALENDAR",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nBEGIN:VCALENDAR",
        b"nothing that HTTP knows\r\n\r\n",
        b"",
    ],
    ids=["shorter than it says", "in a chunk", "a broken chunk", "no HTTP", "nothing"],
)
def test_what_is_cut_off_is_no_calendar(answer):
    with serving(answer) as server:
        assert refusal(server).reason == fetching.CUT_OFF


def test_what_cannot_be_unpacked_is_no_calendar():
    with serving(response(b"BEGIN:VCALENDAR", Content_Encoding="gzip")) as server:
        assert refusal(server).reason == fetching.UNPACKED_BADLY


# Where it may lead


def test_redirects_are_followed_three_times():
    onward = [response(status="302 Found", Location=f"/{number}") for number in range(3)]
    with serving(*onward, response(BODY)) as server:
        assert get(server).content == BODY
    assert [asked.split()[1] for asked in server.asked] == ["/secret-of-ada/basic.ics", "/0", "/1", "/2"]


def test_a_loop_of_redirects_ends():
    with serving(response(status="301 Moved Permanently", Location="/secret-of-ada/basic.ics")) as server:
        assert refusal(server).reason == fetching.TOO_MANY_REDIRECTS
    assert len(server.asked) == 4


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:80/x", "https://[::1]/x", "http://intern.example/x", "http://2130706433/"]
)
def test_a_redirect_to_this_machine_or_its_neighbours_is_refused(town, location):
    with serving(response(status="302 Found", Location=location)) as server:
        town.names = {"cal.example": [PUBLIC], "intern.example": [PRIVATE], "2130706433": ["127.0.0.1"]}
        town.servers = {PUBLIC: server.port}

        assert refusal(url="http://cal.example/x", resolve=town.resolve).reason == NOT_PUBLIC
    assert town.connected == [PUBLIC]


@pytest.mark.parametrize(
    "location", ["", "javascript:alert(1)", "file:///etc/passwd", "//", "http://[/", "ftp://a.example/"]
)
def test_a_redirect_to_nowhere_is_refused(location):
    with serving(response(status="302 Found", Location=location)) as server:
        assert refusal(server).reason in (fetching.NO_ADDRESS, fetching.TOO_MANY_REDIRECTS)


def test_a_redirect_never_leads_out_of_https():
    secure = read_address("https://cal.example/x")
    with pytest.raises(Unreachable, match=fetching.LESS_SECURE):
        fetching._next_address(secure, "http://cal.example/x")
    assert fetching._next_address(secure, "webcal://cal.example/y").url == "https://cal.example/y"


def test_a_name_is_looked_up_once_and_what_was_checked_is_what_is_spoken_to(town):
    """A resolver that says something public first and this machine the second time gets no second time."""
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    with serving(response(BODY)) as server:
        town.servers = {PUBLIC: server.port, "127.0.0.1": server.port}
        fetched = fetch(
            "http://cal.example/x", validator="", patience=PATIENCE, allow_local=False, resolve=lambda *_: next(answers)
        )

    assert fetched.content == BODY
    assert town.connected == [PUBLIC]
    assert next(answers) == ["127.0.0.1"]  # nobody asked again
    assert server.headers_of(0)["host"] == "cal.example"


def test_one_bad_address_among_good_ones_spoils_the_name(town):
    town.names = {"cal.example": [PUBLIC, "127.0.0.1"]}

    assert refusal(url="https://cal.example/x", resolve=town.resolve).reason == NOT_PUBLIC
    assert town.connected == []


def test_the_next_address_is_tried_where_the_first_does_not_answer(town):
    with serving(response(BODY)) as server:
        town.names, town.servers = {"cal.example": ["2606:2800:21f::1", PUBLIC]}, {PUBLIC: server.port}
        fetched = fetch(
            "http://cal.example/x", validator="", patience=PATIENCE, allow_local=False, resolve=town.resolve
        )

    assert fetched.content == BODY
    assert town.connected == ["2606:2800:21f::1", PUBLIC]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "192.0.0.9", "192.0.0.170", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:93.184.215.14", "::7f00:1", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:1::1", "2001:db8::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0",
        "fec0::1", "ff02::1", "100::1", "168.63.129.16", "192.88.99.1", "3fff::1", "3fff:fff::1", "not an address", "",
    ],
)  # fmt: skip
def test_what_is_not_public_is_never_spoken_to(address):
    assert not is_public(address)
    assert refusal(url="https://cal.example/x", resolve=lambda *_: [address]).reason == NOT_PUBLIC


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:4001:81b::200e", "168.63.129.17"],
)
def test_what_is_public_may_be(address):
    assert is_public(address)


def test_this_machine_is_read_by_an_explicit_setting_alone():
    with serving(response(BODY)) as server:
        assert get(server).content == BODY
        assert refusal(url=server.url).reason == WRONG_PORT
    assert refusal(url="http://127.0.0.1/x").reason == NOT_PUBLIC
    assert refusal(url="http://intern.example/x", resolve=lambda *_: [PRIVATE], allow_local=True).reason == NOT_PUBLIC


def test_only_the_webs_own_ports_are_spoken_to(town):
    town.names = {"cal.example": [PUBLIC]}

    assert refusal(url="https://cal.example:8443/x", resolve=town.resolve).reason == WRONG_PORT
    assert refusal(url="http://cal.example:22/x", resolve=town.resolve).reason == WRONG_PORT
    assert town.connected == []


def test_a_name_that_nobody_has_is_said_to_be_wrong():
    def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror

    assert refusal(url="https://cal.example/x", resolve=resolve).reason == UNKNOWN


def test_a_server_that_takes_no_line_does_not_answer(town):
    town.names = {"cal.example": [PUBLIC]}

    assert refusal(url="https://cal.example/x", resolve=town.resolve).reason == fetching.NO_ANSWER


# What is no address


@pytest.mark.parametrize(
    "typed",
    [
        "", "calendar", "cal.example/basic.ics", "ftp://cal.example/x", "file:///etc/passwd", "https://", "https:///x",
        "javascript:alert(1)", "https://cal.example:99999/", "https://cal.example/\x00", "https://cal.example/\r\nX: y",
        "https://cal.example/" + "x" * 2000, "//cal.example/x",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_before_anything_is_spoken_to(typed):
    with pytest.raises(Unreachable, match=fetching.NO_ADDRESS):
        read_address(typed)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("webcal://cal.example/x?y=1", "https://cal.example/x?y=1"),
        ("webcals://cal.example/x", "https://cal.example/x"),
        (" HTTPS://Cal.Example/X#part ", "https://cal.example/X"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
    ],
)
def test_an_address_is_read_as_it_is_meant(typed, meant):
    assert read_address(typed).url == meant


# What servers say


@pytest.mark.parametrize("status", sorted(fetching.STATUSES))
def test_each_refusal_of_a_server_has_words(status):
    with serving(response(status=f"{status} No")) as server:
        assert refusal(server).reason == fetching.STATUSES[status]


def test_any_other_trouble_has_its_number():
    with serving(response(status="500 Internal Server Error")) as server:
        assert "500" in refusal(server).reason


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("120", timedelta(minutes=2)),
        ("99999999", fetching.LONGEST_PAUSE),
        ("1" * 40, None),
        ("-5", None),
        ("Wed, 05 May 2027 12:00:00 GMT", None),
    ],
)
def test_a_busy_server_says_when_to_come_back_within_reason(said, after):
    with serving(response(status="503 Busy", Retry_After=said)) as server:
        assert refusal(server).after == after


@pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", "TEXT/HTML", "application/xhtml+xml"])
def test_a_page_is_no_calendar(kind):
    with serving(response(b"<!doctype html><title>Sign in</title>", Content_Type=kind)) as server:
        assert refusal(server).reason == fetching.A_PAGE


def test_a_calendar_of_another_type_is_read_all_the_same():
    with serving(response(BODY, Content_Type="application/octet-stream")) as server:
        assert get(server).content == BODY


# TLS


def certificate(name: str, folder) -> ssl.SSLContext:
    """A server's TLS with a certificate that it signed itself, in `folder`, for a name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    pem_key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "ca.pem").write_bytes(pem)
    (folder / "both.pem").write_bytes(pem + pem_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


@pytest.mark.parametrize(
    ("name", "trusted", "words"),
    [
        ("cal.example", True, None),
        ("other.example", True, fetching.NOT_SECURE),
        (PUBLIC, True, fetching.NOT_SECURE),
        ("cal.example", False, fetching.NOT_SECURE),
    ],
    ids=["its own", "another's name", "the address for a name", "nobody's"],
)
def test_the_certificate_must_be_the_names_though_the_line_goes_to_an_address(
    town, tmp_path, monkeypatch, name, trusted, words
):
    context = certificate(name, tmp_path)
    asked: list[str | None] = []
    context.sni_callback = lambda _line, host, _context: asked.append(host)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with serving(response(BODY), tls=context) as server:
        town.names, town.servers = {"cal.example": [PUBLIC]}, {PUBLIC: server.port}
        if words is None:
            fetched = fetch(
                "webcal://cal.example/x", validator="", patience=PATIENCE, allow_local=False, resolve=town.resolve
            )
            assert (fetched.content, fetched.warnings) == (BODY, ())
        else:
            assert refusal(url="https://cal.example/x", resolve=town.resolve).reason == words

    assert asked == ["cal.example"]


def test_an_endless_drip_over_tls_ends_too(town, tmp_path, monkeypatch):
    context = certificate("cal.example", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    stopped = threading.Event()
    with serving(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"B", stopped), tls=context) as server:
        town.names, town.servers = {"cal.example": [PUBLIC]}, {PUBLIC: server.port}
        with pytest.raises(Unreachable, match=TOO_SLOW):
            fetch("https://cal.example/x", validator="", patience=1.5, allow_local=False, resolve=town.resolve)
    stopped.set()
