"""No spelling of a private address, and no redirect to one, ever leads to a connection."""

from __future__ import annotations

import socket
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import trustme

from factcheck.inputs import addresses
from factcheck.inputs.addresses import is_private, target
from factcheck.inputs.article import UnreadableError
from factcheck.inputs.fetch import fetch
from tests.support.web import serving_pages

_connections: list[Any] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Sees every connection that Python code makes, whoever makes it."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        _connections.append(arguments[1])


sys.addaudithook(_hook)


@contextmanager
def counted_connections() -> Iterator[list[Any]]:
    """The connections of a block, local pipes of the event loop aside."""
    del _connections[:]
    seen: list[Any] = []
    yield seen
    seen += [address for address in _connections if isinstance(address, tuple)]


LOOPBACK = [
    "127.0.0.1", "127.0.0.2", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001",
    "0x7f.0.0.1", "0177.0.0.1", "017700000001", "0x7f.1", "0177.1", "127.000.000.001", "0", "0.0.0.0",
    "0.0.0.1", "localhost", "LOCALHOST", "localhost.", "①②⑦.0.0.1", "１２７.０.０.１", "127。0。0。1",
    "127．0．0．1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "%31%32%37.0.0.1", "0x7F.0X0.0x0.0x1", "0177.0.1",
]  # fmt: skip
PRIVATE = [
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "192.168.1.254",
    "100.64.0.1", "100.127.255.254", "169.254.169.254", "169.254.0.1", "169.254.170.2", "2852039166",
    "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "168.63.129.16", "192.0.0.1", "192.0.0.192",
    "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "198.19.255.255", "192.88.99.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "0xc0a80001", "3232235521", "10.1",
    "192.168.257",
]  # fmt: skip
IPV6 = [
    "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[::7f00:1]",
    "[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::10.0.0.1]", "[64:ff9b:1::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::]", "[2002:a00:1::1]", "[2002:808:808::1]", "[2001::1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[2001:db8::1]", "[fe80::1]", "[fe80::1%25lo]",
    "[febf::1]", "[fc00::1]", "[fd00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[ff05::2]",
    "[100::1]", "[3fff::1]", "[5f00::1]", "[2001:2::1]", "[2001:10::1]", "[::ffff:192.168.0.1]",
    "[0000::0001]", "[::ffff:0.0.0.0]", "[2001:20::1]", "[::ffff:c0a8:1]", "[64:ff9b::c0a8:1]",
]  # fmt: skip
FORMS = [
    "ftp://courier.example/", "file:///etc/passwd", "gopher://127.0.0.1:70/", "dict://127.0.0.1:11211/",
    "ldap://127.0.0.1/", "data:text/html,x", "javascript:alert(1)", "http://", "http:///path",
    "http://user:pass@127.0.0.1/", "http://user@courier.example/", "http://courier.example@127.0.0.1/",
    "http://127.0.0.1\\@courier.example/", "http://courier.example\\.127.0.0.1/", "http://127.0.0.1 /",
    "http://127.0.0.1\t/", "http://127.0.0.1%00.courier.example/", "http://exa mple/", "http://[::1/",
    "http://127.0.0.1:22/", "http://8.8.8.8:22/", "http://8.8.8.8:25/", "http://8.8.8.8:6379/",
    "http://8.8.8.8:0/", "http://8.8.8.8:99999/", "http://8.8.8.8:x/", "http://-.example/",
    "http://a..b/", "http://" + "a" * 3000 + ".example/", "http://courier.example\r\nHost: 127.0.0.1/",
]  # fmt: skip
FORBIDDEN = [*(f"http://{host}/latest/meta-data/" for host in (*LOOPBACK, *PRIVATE, *IPV6)), *FORMS]
RELATIVE = {"http://", "http:///path"}
"""What a browser takes for an address without a host is refused as that."""

NAMES = [
    "169.254.169.254",
    "10.0.0.5",
    "127.0.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "fd00::1",
    "64:ff9b::7f00:1",
    "fe80::1%eth0",
]


def test_they_are_many() -> None:
    assert len(FORBIDDEN) >= 120


@pytest.mark.parametrize("url", FORBIDDEN)
def test_no_connection_is_made_to_a_forbidden_address(url: str) -> None:
    with counted_connections() as seen, pytest.raises(UnreadableError) as refused:
        fetch(url)
    assert seen == []
    assert refused.value.code in {"address", "private_address"}
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("numeric", NAMES)
@pytest.mark.parametrize("beside", [[], ["93.184.216.34"]], ids=["alone", "beside a public one"])
def test_a_name_that_resolves_to_a_private_address_is_refused(numeric: str, beside: list[str]) -> None:
    with counted_connections() as seen, pytest.raises(UnreadableError, match="--allow-private"):
        fetch("http://news.courier.example/", resolver=lambda host, port: [*beside, numeric])
    assert seen == []


def test_a_resolver_that_gives_nothing_or_nonsense_is_refused() -> None:
    for found in ([], ["nonsense"]):
        with counted_connections() as seen, pytest.raises(UnreadableError):
            fetch("http://news.courier.example/", resolver=lambda host, port, found=found: found)  # type: ignore[misc]
        assert seen == []


@pytest.mark.parametrize("where", [u for u in FORBIDDEN if not u.startswith("http://courier.example\r")])
def test_a_redirect_to_a_forbidden_address_is_not_followed(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The first hop is this machine, passed off as a public host; nothing but that hop may be connected to."""
    if not where.isascii() or " " in where or "\t" in where:
        where = where.encode("ascii", "backslashreplace").decode()
    with serving_pages({"/start": (302, {"Location": where}, b"")}) as server:
        public = _passed_off(monkeypatch, server.port)
        with counted_connections() as seen, pytest.raises(UnreadableError) as refused:
            fetch(f"http://news.courier.example:{server.port}/start", resolver=public)
    assert [address[:2] for address in seen] == [("127.0.0.1", server.port)]
    assert "redirects to" in str(refused.value) or where in RELATIVE
    assert "\n" not in str(refused.value)


def test_the_address_that_was_checked_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that resolves to another address the second time is not resolved a second time."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    with serving_pages({"/": (200, {"Content-Type": "text/plain"}, b"The ferry runs.")}) as server:
        _passed_off(monkeypatch, server.port)
        monkeypatch.setattr(socket, "getaddrinfo", _no_resolution)
        page = fetch(f"http://rebind.example:{server.port}/", resolver=lambda host, port: next(answers))
    assert page.content == b"The ferry runs."
    assert server.hosts == [f"rebind.example:{server.port}"]


@pytest.mark.parametrize(
    "ip",
    [
        "93.184.216.34",
        "8.8.8.8",
        "1.1.1.1",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a00:1450:4001:81b::200e",
        "64:ff9b::808:808",
    ],
)
def test_public_addresses_are_allowed(ip: str) -> None:
    assert not is_private(ip)
    for scheme in ("http", "https"):
        found = target(f"{scheme}://news.courier.example/a?b#c", resolver=lambda host, port: [ip])
        assert (found.host, found.ip) == ("news.courier.example", ip)


def test_the_name_that_is_looked_up_is_the_one_that_the_server_is_told() -> None:
    found = target("http://Straße.example:8080/a?q=ß#x", resolver=lambda host, port: ["8.8.8.8"])
    assert (found.host, found.url) == ("xn--strae-oqa.example", "http://xn--strae-oqa.example:8080/a?q=ß")


def test_names_in_other_scripts_are_looked_up_in_ascii() -> None:
    asked: list[str] = []
    target("https://zeitung-für-lundby.example/", resolver=lambda host, port: asked.append(host) or ["8.8.8.8"])  # type: ignore[func-returns-value]
    assert asked == ["xn--zeitung-fr-lundby-b3b.example"]


def _no_resolution(*arguments: Any, **options: Any) -> Any:
    host = arguments[0]
    if host in {"127.0.0.1", b"127.0.0.1"}:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", arguments[1]))]
    raise AssertionError(f"{host!r} was resolved again")


def _passed_off(monkeypatch: pytest.MonkeyPatch, port: int) -> addresses.Resolver:
    """Let one port of this machine count as a public host, and only under a name."""
    real = addresses.is_private
    monkeypatch.setattr(addresses, "PORTS", frozenset({80, 443, port}))
    allowed = {"first": True}

    def private(ip: str) -> bool:
        if ip == "127.0.0.1" and allowed.pop("first", False):
            return False
        return real(ip)

    monkeypatch.setattr(addresses, "is_private", private)
    return lambda host, at: ["127.0.0.1"] if host == "news.courier.example" else addresses.resolve(host, at)


@pytest.mark.parametrize("certified", ["news.courier.example", "other.example"])
def test_certificates_are_checked_against_the_name_and_not_the_number(
    monkeypatch: pytest.MonkeyPatch, certified: str
) -> None:
    authority, trusting = trustme.CA(), ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr("factcheck.inputs.fetch._tls", lambda: trusting)
    with serving_pages({"/": (200, {"Content-Type": "text/plain"}, b"The ferry runs.")}) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(certified).configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = f"https://news.courier.example:{server.port}/"
        if certified == "news.courier.example":
            page = fetch(url, allow_private=True, resolver=lambda host, port: ["127.0.0.1"])
            assert page.content == b"The ferry runs."
            assert server.hosts == [f"news.courier.example:{server.port}"]
        else:
            with pytest.raises(UnreadableError, match="certificate") as refused:
                fetch(url, allow_private=True, resolver=lambda host, port: ["127.0.0.1"])
            assert refused.value.code == "connection"
