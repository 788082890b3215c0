"""What may be reached: the hosts that the settings list, at public addresses only."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from aimsgraph.egress.addresses import is_public
from aimsgraph.errors import QueryError, RefusedQueryError

MEGABYTE: Final = 1024 * 1024

PORTS: Final = {"http": 80, "https": 443}

_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f\\<>\"{}|^`]")


@dataclass(frozen=True)
class Target:
    """Where a request goes, taken from an IRI that may be reached."""

    iri: str
    is_tls: bool
    host: str
    port: int
    path: str


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system's resolver tells them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Reach:
    """Which hosts may be reached, and within what limits."""

    hosts: Sequence[str] = ()
    """Names, or names with a port; a name alone stands for the usual ports."""
    seconds: float = 30.0
    most: int = 64 * MEGABYTE
    """The bytes that an answer may have."""
    resolve: Callable[[str, int], Sequence[str]] = resolve
    is_public: Callable[[str], bool] = is_public

    def target(self, iri: str) -> Target:
        """Return where an IRI leads; nothing is looked up yet.

        Raises:
            RefusedQueryError: it is no address of a listed host.
        """
        found = _target(iri)
        if found is None:
            raise RefusedQueryError(
                f"{iri[:200]!r} is not reached: it takes a full http or https address, "
                "without a user and with a plain name of a host"
            )
        listed = {_listed(one) for one in self.hosts}
        usual = found.port == PORTS["https" if found.is_tls else "http"]
        if (found.host, found.port) not in listed and not (usual and (found.host, 0) in listed):
            raise RefusedQueryError(
                f"the host of {iri[:200]!r} is not on the list of hosts that may be reached, "
                "AIMSGRAPH_SERVICE_HOSTS"
            )
        return found

    def address(self, target: Target) -> str:
        """Return the address to connect to; the name is looked up once, here.

        Raises:
            RefusedQueryError: one of the host's addresses is not public.
            QueryError: the host has none.
        """
        try:
            found = list(self.resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            raise QueryError(f"the host {target.host} is not known") from error
        if not found:
            raise QueryError(f"the host {target.host} has no address")
        if not all(self.is_public(one) for one in found):
            raise RefusedQueryError(
                f"the host {target.host} is not reached: not all of its addresses are public"
            )
        return found[0]


def _target(iri: str) -> Target | None:
    if _FORBIDDEN.search(iri):
        return None
    try:
        parts = urlsplit(iri)
        port = parts.port
        host = _plain(parts.hostname or "")
    except ValueError:
        return None
    if parts.scheme not in PORTS or not host or "@" in parts.netloc or port == 0:
        return None
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]")
    path += f"?{query}" if query else ""
    return Target(iri, parts.scheme == "https", host, port or PORTS[parts.scheme], path)


def _plain(host: str) -> str:
    """Return a host's name as it is asked for; empty where it is none."""
    if host.endswith(".") or "%" in host:
        return ""
    return host if ":" in host else host.encode("idna").decode("ascii").lower()


def _listed(entry: str) -> tuple[str, int]:
    """Return the host and the port of an entry; port 0 where it names none."""
    try:
        parts = urlsplit(f"//{entry.strip()}")
        return _plain(parts.hostname or ""), parts.port or 0
    except ValueError:
        return "", 0
