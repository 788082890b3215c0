"""Search over HTTP: a page with a box, and JSON."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import BadRequest

from aimsgraph.search.search import DEEPEST, MOST_SHOWN, Found
from aimsgraph.web.desk import Desk
from aimsgraph.web.negotiation import HTML, negotiate, reply
from aimsgraph.web.rendering import chosen_moment

SHOWN = 20
"""How many hits are given at a time where no number is asked for."""


def blueprint(desk: Desk) -> Blueprint:
    """Return the search of a graph."""
    part = Blueprint("search", __name__)

    @part.get("/search")
    def search() -> Response:
        text = request.args.get("q", "")
        wants_page = negotiate(["application/json", HTML]) == HTML
        if not text.strip() and not wants_page:
            raise BadRequest("say what to search for: /search?q=WORDS")
        limit, page = _number("limit", SHOWN, MOST_SHOWN), _number("page", 1, DEEPEST)
        view = desk.view
        found = None
        if text.strip():
            found = view.search(text, limit, (page - 1) * limit)
        tag = f"search-{sha256(request.query_string).hexdigest()[:16]}"
        if found is None or wants_page:
            shown = _shown(found, text, limit, page)
            body = render_template("search.html", **shown)
            return reply(body, "text/html; charset=utf-8", view.version, f"{tag}.html")
        told = json.dumps(_told(found, text, limit, page), indent=2, ensure_ascii=False)
        return reply(told + "\n", "application/json", view.version, f"{tag}.json")

    return part


def _number(name: str, default: int, most: int) -> int:
    text = request.args.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= most):
        raise BadRequest(f"{name} takes a whole number from 1 to {most:,}")
    return int(text)


def _told(found: Found, text: str, limit: int, page: int) -> dict[str, Any]:
    """Return the hits as JSON takes them."""
    return {
        "query": text,
        "total": found.total,
        "totalIsExact": found.is_exact,
        "limit": limit,
        "page": page,
        "next": _link(text, limit, page + 1) if _has_more(found, limit, page) else None,
        "hits": [hit.as_json() for hit in found.hits],
    }


def _shown(found: Found | None, text: str, limit: int, page: int) -> dict[str, Any]:
    """Return what the page shows."""
    has_more = found is not None and _has_more(found, limit, page)
    return {
        "text": text,
        "found": found,
        "first": (page - 1) * limit + 1,
        "earlier": _link(text, limit, page - 1) if page > 1 else None,
        "later": _link(text, limit, page + 1) if has_more else None,
    }


def _has_more(found: Found, limit: int, page: int) -> bool:
    is_there = found.total > page * limit or not found.is_exact
    return is_there and (page + 1) * limit <= DEEPEST


def _link(text: str, limit: int, page: int) -> str:
    asked = {"q": text, "limit": limit, "page": page, **chosen_moment()}
    return f"/search?{urlencode(asked)}"
