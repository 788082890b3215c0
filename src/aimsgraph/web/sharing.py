"""Which pages of other sites may read an answer (CORS), and what no answer does."""

from __future__ import annotations

from typing import Final

from flask import Response, request

from aimsgraph.web.door import Door

POST_READS: Final = frozenset({"/sparql", "/queries/<name>"})
"""Routes at which a question may be posted."""

EXPOSED: Final = (
    "Content-Location, ETag, Link, Memento-Datetime, Retry-After, WWW-Authenticate, X-Request-Id"
)

_ASKED: Final = "Accept, Accept-Datetime, Content-Type, If-None-Match"
_READINGS: Final = ("GET", "HEAD")
_A_DAY: Final = "86400"

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def protect(response: Response) -> None:
    """Give an answer the headers that keep it from harm."""
    present = {name.lower() for name, _ in response.headers}
    for name, value in HEADERS.items():
        if name.lower() not in present:
            response.headers.add(name, value)
    if "Authorization" in request.headers:
        kept = "no-cache" if "ETag" in response.headers else "no-store"
        response.headers["Cache-Control"] = f"private, {kept}"


def vary(response: Response, header: str) -> None:
    """Say that an answer depends on a header; werkzeug's own set is built anew each time."""
    known = response.headers.get("Vary")
    if known is None:
        response.headers["Vary"] = header
    elif header.lower() not in known.lower().split(", "):
        response.headers["Vary"] = f"{known}, {header}"


def share(response: Response, door: Door, origins: tuple[str, ...]) -> None:
    """Let pages of other sites read an answer: everybody's if reading is public, else the listed.

    A browser never sends its own credentials along; a listed page may send a token.
    """
    if door.is_owners:
        return
    if origins:
        vary(response, "Origin")
    origin = _origin(door, origins)
    if origin is None:
        return
    wanted = _wanted() if request.method == "OPTIONS" else None
    readings = _readings(request.url_rule.rule if request.url_rule else None)
    if (wanted or request.method) not in {*readings, "OPTIONS"} or wanted == "OPTIONS":
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    if origin == "*":
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if wanted is not None:
        response.headers["Access-Control-Allow-Methods"] = ", ".join(readings)
        asked = _ASKED if origin == "*" else f"{_ASKED}, Authorization"
        response.headers["Access-Control-Allow-Headers"] = asked
        response.headers["Access-Control-Max-Age"] = _A_DAY
    else:
        response.headers["Access-Control-Expose-Headers"] = EXPOSED


def _origin(door: Door, origins: tuple[str, ...]) -> str | None:
    """Return which origin may read the answer to the current request."""
    sent = request.headers.get("Origin")
    if sent is not None and sent in origins:
        return sent
    if door.open_reading == "always" and "Authorization" not in request.headers:
        return "*"
    return None


def _wanted() -> str | None:
    return request.headers.get("Access-Control-Request-Method")


def _readings(route: str | None) -> tuple[str, ...]:
    """Return the methods that only read at a route."""
    return (*_READINGS, "POST") if route in POST_READS else _READINGS
