"""Which network addresses may be fetched from: public ones only, looked up once and connected to as looked up.

A name may resolve to an inner address, and to another one at the second look (DNS rebinding); so the address that was
checked is the address that is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from onrecord.stages.read.source import Unreadable

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_SAFE = "/:?&=%[]@!$'()*+,;~"
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Place:
    """Where a web address leads: scheme, host and port as written, the checked address, and the path to ask for."""

    scheme: str
    host: str
    port: int
    address: str
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and, where it is not the usual one, port: what robots.txt holds for."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def place_of(url: str, *, allow_private: bool = False) -> Place:
    """The place of an http or https address.

    Raises `Unreadable`: 'bad-url' for another scheme, a user name or no host; 'unreachable' for an unknown name;
    'private-address' when any address of the name is not a public one.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        name = host.encode("idna").decode("ascii") if not host.isascii() else host
    except ValueError as error:
        raise Unreadable("bad-url", f"{url}: not a web address ({error})") from error
    if parts.scheme not in _PORTS or not host:
        raise Unreadable("bad-url", f"{url}: not an http or https address; save the page and give the file")
    if parts.username is not None:
        raise Unreadable("bad-url", f"{host}: the address holds a user name; leave it out")
    port = port or _PORTS[parts.scheme]
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreadable("unreachable", f"{url}: no such host, or no network ({error})") from error
    addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
    inner = [a for a in addresses if not public(a)]
    if (inner or not addresses) and not allow_private:
        raise Unreadable(
            "private-address",
            f"{url}: leads to {', '.join(inner) or 'no address'}, not a public one; save the page and give the file",
        )
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    return Place(parts.scheme, name, port, addresses[0], path)


def public(address: str) -> bool:
    """False for private, loopback, link-local, multicast and reserved addresses, also those wrapped in IPv6.

    Of IPv6 only what is handed out for the public net (2000::/3) counts, and what carries a public IPv4 address.
    """
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped or found in _NAT64:
            return public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        inner = found.sixtofour or (found.teredo[1] if found.teredo else None)
        if found not in _UNICAST or (inner is not None and not public(str(inner))):
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved
