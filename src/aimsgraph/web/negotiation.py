"""Which format a caller gets: a suffix wins, then `Accept`, then the default."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Final

from flask import Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable
from werkzeug.http import parse_accept_header

from aimsgraph.formats import ALIASES, Format

HTML: Final = "text/html"

NOT_MODIFIED: Final = 304

MEMORABLE: Final = 500
"""Shorter headers are remembered with what they mean."""

_CHARSET: Final = re.compile(r";\s*charset=[^;,]*", re.IGNORECASE)
"""Everything is sent as UTF-8, whatever encoding is asked for."""


def negotiate(offered: Sequence[str]) -> str:
    """Return the media type to answer in; the first offered one is the default.

    Raises:
        NotAcceptable: the caller takes none of them.
    """
    header = request.headers.get("Accept", "")
    find = _best if len(header) < MEMORABLE else _best.__wrapped__
    best = find(header, tuple(offered))
    if best is None:
        raise NotAcceptable(f"none of the asked media types is offered; there are {_list(offered)}")
    return best


@lru_cache(maxsize=256)
def _best(header: str, offered: tuple[str, ...]) -> str | None:
    """Return the one of some media types that a header prefers; the first where it says nothing."""
    accepted = parse_accept_header(_CHARSET.sub("", header), MIMEAccept)
    if not accepted:
        return offered[0]
    aliases = {alias: meant for alias, meant in ALIASES.items() if meant in offered}
    best = accepted.best_match([*offered, *aliases])
    return None if best is None else aliases.get(best, best)


def choose(formats: Sequence[Format], *, html: bool = False) -> Format | None:
    """Return the format to answer in, or None for a page."""
    offered = [one.media_type for one in formats] + ([HTML] if html else [])
    media_type = negotiate(offered)
    return next((one for one in formats if one.media_type == media_type), None)


def reply(body: str | bytes, content_type: str, version: str, name: str) -> Response:
    """Return a response that names the state of the graph it was made from."""
    response = named(Response(body, content_type=content_type), version, name)
    response.make_conditional(request)
    return response


def named(response: Response, version: str, name: str) -> Response:
    """Have a response name the state of the graph it was made from, and what it tells of it."""
    response.vary.add("Accept")
    digest = sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    response.set_etag(f"{version}-{digest}", weak=True)
    return response


def unchanged(version: str, name: str) -> Response | None:
    """Return 304 where the caller has this answer of this state already."""
    if request.method not in {"GET", "HEAD"} or "If-None-Match" not in request.headers:
        return None
    found = reply(b"", "text/plain", version, name)
    del found.headers["Content-Type"]
    return found if found.status_code == NOT_MODIFIED else None


def _list(offered: Sequence[str]) -> str:
    return ", ".join(offered)
