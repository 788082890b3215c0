"""The door of the service: who a request comes from, and whether a browser was led into it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import Forbidden

from aimsgraph.access import NOBODY, OWNER, VISITOR, Caller, Tokens
from aimsgraph.errors import UnknownTokenError

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_FORWARDED: Final = ("HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""Headers by which a proxy shows, as WSGI names them, besides all X-Forwarded-.

What came through one did not come from this machine.
"""


@dataclass(frozen=True)
class Door:
    """Where the service listens, and who may come in without a token."""

    is_loopback: bool = True
    """Whether only this machine can reach it."""
    open_reading: str = "loopback"
    """From where reading needs no token: loopback, always or never."""
    is_owners: bool = False
    """Whether it is the workspace's own socket, which its owner alone can open."""

    def caller(self, tokens: Tokens) -> Caller:
        """Return who sends the current request; a token counts at the owner's socket too.

        Raises:
            UnknownTokenError: the token is none of ours, or has expired.
        """
        secret = _secret()
        if secret is not None:
            return tokens.caller(secret)
        if self.is_owners:
            return OWNER
        return VISITOR if self._is_open() else NOBODY

    def _is_open(self) -> bool:
        if self.open_reading == "loopback":
            return self.is_loopback and is_local_name(request.host) and not _is_forwarded()
        return self.open_reading == "always"

    @property
    def is_this_machine(self) -> bool:
        """Return whether the current request comes from this machine, and through no proxy."""
        is_near = is_loopback(request.remote_addr or "") and not _is_forwarded()
        return self.is_owners or is_near


def refuse_other_sites() -> None:
    """See that no page of another site makes a browser write.

    Browsers say where a request comes from, in `Sec-Fetch-Site` and in
    `Origin`; programs send neither.

    Raises:
        Forbidden: it comes from another site.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        is_ours = site in {"same-origin", "none"}
    else:
        is_ours = origin is None or origin == _own_origin()
    if not is_ours:
        raise Forbidden("a page of another site sent this; write from the service's own pages")


def _own_origin() -> str:
    parts = urlsplit(request.host_url)
    return f"{parts.scheme}://{parts.netloc}"


def is_local_name(host: str) -> bool:
    """Return whether a Host header names this machine itself, so that no name server led here."""
    name = urlsplit(f"//{host}").hostname or ""
    return name == "localhost" or is_loopback(name)


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Return whether an address is reached from this machine only."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _is_forwarded() -> bool:
    environ = request.environ
    return any(name in environ for name in _FORWARDED) or any(
        name.startswith("HTTP_X_FORWARDED_") for name in environ
    )


def _secret() -> str | None:
    """Return the token of a request: as Bearer, or as the password of Basic for browsers."""
    sent = request.authorization
    if sent is None:
        if "Authorization" in request.headers:
            raise UnknownTokenError("the Authorization header is not 'Bearer TOKEN'")
        return None
    if sent.type == "bearer" and sent.token:
        return sent.token
    if sent.type == "basic" and sent.password:
        return sent.password
    raise UnknownTokenError("the Authorization header is not 'Bearer TOKEN'")
