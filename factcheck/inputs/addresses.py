"""Which addresses may be fetched: checked after resolution, so that no spelling of a private one gets through."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

import idna

from factcheck.inputs.article import UnreadableError

PORTS = frozenset({80, 443, 8080, 8443})
"""Where web pages are served; other ports belong to services that a page should not make us talk to."""

MAX_LENGTH = 2048
"""Longer addresses are refused by many servers, and are no article's."""

EMBEDDING = (
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
)
"""IPv6 forms that a resolver honestly gives for an IPv4 address, and how far from the end that one stands."""

REFUSED = tuple(
    ipaddress.ip_network(net)
    for net in (
        *("0.0.0.0/8", "100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15"),
        *("224.0.0.0/4", "240.0.0.0/4", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23"),
        *("2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    )
)
"""Beyond what `ipaddress` calls not global: carrier networks, a cloud's host, and IPv6 that tunnels to IPv4."""

Resolver = Callable[[str, int], list[str]]


class Target(NamedTuple):
    """An address that may be fetched, and the one numeric address that it is fetched from."""

    url: str
    """With its host in ASCII, as the server is told."""
    scheme: str
    host: str
    port: int
    ip: str


def resolve(host: str, port: int) -> list[str]:
    """The numeric addresses of a host, as the system's resolver gives them. Raises UnreadableError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UnreadableError("address", f"the host {host} is not known; check the spelling and the network") from None
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def target(url: str, *, allow_private: bool = False, resolver: Resolver = resolve) -> Target:
    """Check an address and all that it resolves to. Raises UnreadableError; connects to nothing."""
    parts, host, port = _parts(url)
    found = resolver(host, port)
    if not found:
        raise UnreadableError("address", f"the host {host} has no address")
    if not allow_private and any(is_private(ip) for ip in found):
        raise UnreadableError(
            "private_address",
            f"the host {host} is on this machine or a private network; --allow-private permits that",
        )
    if port not in PORTS and not allow_private:
        allowed = ", ".join(map(str, sorted(PORTS)))
        raise UnreadableError("address", f"port {port} is not fetched from, only {allowed}; save the page to a file")
    name = f"[{host}]" if ":" in host else host
    plain = parts._replace(netloc=f"{name}:{parts.port}" if parts.port else name, fragment="").geturl()
    return Target(plain, parts.scheme, host, port, found[0])


def is_private(ip: str) -> bool:
    """Whether a numeric address is anything but a public host; what cannot be read is."""
    try:
        address = ipaddress.ip_address(ip.split("%", maxsplit=1)[0])
    except ValueError:
        return True
    address = _embedded(address)
    return not address.is_global or any(address.version == net.version and address in net for net in REFUSED)


def same_site(a: str, b: str) -> bool:
    """Whether one host is the other or a subdomain of it, `www.` aside."""
    try:
        one, other = ((urlsplit(address).hostname or "").removeprefix("www.") for address in (a, b))
    except ValueError:
        return False
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        for network, shift in EMBEDDING:
            if address in network:
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address


def _parts(url: str) -> tuple[SplitResult, str, int]:
    """The parts of an address, its host in ASCII, and its port. Raises UnreadableError."""
    if len(url) > MAX_LENGTH:
        raise UnreadableError("address", f"the address is longer than {MAX_LENGTH} characters")
    if re.search(r"[\s\x00-\x20\x7f\\]", url):
        raise UnreadableError("address", "the address holds spaces, backslashes or control characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise UnreadableError("address", "is not a valid address") from None
    if parts.scheme == "file":
        raise UnreadableError("address", "file: only http and https are fetched; name a file by its path")
    if parts.scheme not in {"http", "https"}:
        raise UnreadableError("address", f"{parts.scheme or 'no scheme'}: only http and https are fetched")
    if "@" in parts.netloc:
        raise UnreadableError("address", "the address holds a user name or password; leave that out")
    host = _ascii(parts.hostname or "")
    return parts, host, {"http": 80, "https": 443}[parts.scheme] if port is None else port


def _ascii(host: str) -> str:
    """The host as it is looked up and named to the server."""
    if ":" in host:
        return host
    try:
        ascii_host = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:  # idna's errors are of this kind
        ascii_host = ""
    if not re.fullmatch(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?", ascii_host):
        raise UnreadableError("address", "has no valid host name")
    return ascii_host
