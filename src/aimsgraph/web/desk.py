"""The desk: for each request, its caller, the generation it looks at, and the terms of a change."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final, cast
from urllib.parse import urlencode

from flask import Response, g, request
from werkzeug.exceptions import BadRequest

from aimsgraph.access import OWNER, Caller
from aimsgraph.errors import NoSuchStateError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Intent
from aimsgraph.moments import read_http_date
from aimsgraph.rdf.terms import is_iri
from aimsgraph.readers.asking import Turn
from aimsgraph.readers.limits import Limits
from aimsgraph.readers.pool import Pool
from aimsgraph.readers.turns import Turns
from aimsgraph.terms import Receipt, Terms
from aimsgraph.view import View
from aimsgraph.web.door import Door, refuse_other_sites

MOMENTS: Final = ("as-of", "effective")
"""Parameters of every reading route that are about the moment and not about the question."""

HAS_LEFT: Final = "waitress.client_disconnected"
"""Under this name the server tells an application whether the client is still there."""

MANY: Final = 1000
"""Of so many callers the last write is remembered."""

OURS: Final = frozenset({*MOMENTS, "at-least"})


class Desk:
    """One graph behind one door.

    Args:
        graph: what is served.
        door: where requests come in.
        pool: runs the queries; this process itself if not given.
    """

    def __init__(self, graph: AimsGraph, door: Door, pool: Pool | None = None) -> None:
        self.graph = graph
        self.door = door
        self.pool = pool
        self._written: OrderedDict[str, int] = OrderedDict()
        limits = replace(Limits.of(graph.settings), readers=8, per_caller=4, queue=16)
        self._writes = Turns(limits)

    @property
    def caller(self) -> Caller:
        """Return who sends the current request.

        Raises:
            UnknownTokenError: the token is none of ours, or has expired.
        """
        if "caller" not in g:
            g.caller = self.door.caller(self.graph.tokens)
        return cast(Caller, g.caller)

    @property
    def view(self) -> View:
        """Return the generation the current request looks at, as its caller may read it.

        `as-of` and `effective` name the moment, or `Accept-Datetime` does
        (RFC 7089); a moment before the first generation is answered with the
        first one there, as section 4.5.3 has it.
        """
        if "view" not in g:
            g.view = self._asked(self._view())
        return cast(View, g.view)

    @property
    def present(self) -> View:
        """Return the newest generation, whatever moment the current request names."""
        return self._asked(self.graph.view(self.caller, fresh=False))

    def _asked(self, view: View) -> View:
        return view if self.pool is None else view.through(self._turn(self.pool))

    def _turn(self, pool: Pool) -> Turn:
        return Turn(pool, self.caller_key, self._has_left)

    @property
    def _has_left(self) -> Callable[[], bool]:
        found = request.environ.get(HAS_LEFT, lambda: False)
        return cast(Callable[[], bool], found)

    @property
    def caller_key(self) -> str:
        """Return what tells the current caller from others: a name, or where they come from."""
        caller = self.caller
        return caller.name if caller.is_known else f"from {request.remote_addr}"

    def _view(self) -> View:
        as_of, effective = (request.args.get(name) or None for name in MOMENTS)
        asked = request.headers.get("Accept-Datetime")
        if as_of is None and effective is None and asked is not None:
            moment = read_http_date(asked)
            if moment >= datetime.now(UTC):
                return self._present()
            try:
                return self.graph.view(self.caller, as_of=moment)
            except NoSuchStateError:
                return self.graph.view(self.caller, as_of=1)
        if as_of is None and effective is None:
            return self._present()
        return self.graph.view(self.caller, as_of=as_of, effective=effective)

    def _present(self) -> View:
        wanted = request.args.get("at-least", "")
        if wanted and not re.fullmatch("[0-9]{1,15}", wanted):
            raise BadRequest("at-least takes the number of a generation")
        view = self.graph.view(self.caller, fresh=False)
        least = max(int(wanted or 0), self._written.get(self.caller_key, 0))
        if view.generation < least:
            view = self.graph.view(self.caller)
            if view.generation < int(wanted or 0):
                raise NoSuchStateError(
                    f"there is no generation {wanted} yet; the newest is {view.generation}"
                )
        return view

    @property
    def base(self) -> str | None:
        """Return the address that relative IRIs of the current request are resolved against.

        It is that of the endpoint (SPARQL 1.1 Protocol, 2.1.5); none where it is no IRI.
        """
        return request.base_url if is_iri(request.base_url) else None

    def commit(self, intent: Intent) -> Receipt:
        """Make a change on the terms that the current request's headers and parameters state.

        Raises:
            Forbidden: a page of another site sent it.
            AccessError: the caller may not.
            BadRequest: a header cannot be read.
            BusyError: too many changes wait.
        """
        if not self.door.is_owners:
            refuse_other_sites()
        effective = request.args.get("effective")
        is_owner = self.caller is OWNER
        terms = Terms(
            caller=self.caller,
            author=request.args.get("author", "") if is_owner else "",
            advisory=_is_true("advisory"),
            effective=self._time(effective) if effective else None,
            expected=_expected(),
            idempotency=request.headers.get("Idempotency-Key"),
            ask=None if self.pool is None else self._turn(self.pool).ask_live,
        )
        with self._writes.turn(self.caller_key, self._has_left):
            receipt = self.graph.commit(intent, terms)
        self._see_own(receipt.generation)
        return receipt

    def _see_own(self, generation: int) -> None:
        """Remember what the caller has written, so that they read it from now on."""
        self._written[self.caller_key] = generation
        self._written.move_to_end(self.caller_key)
        while len(self._written) > MANY:
            self._written.popitem(last=False)

    def _time(self, text: str) -> datetime:
        moment = self.graph.moment(text)
        if isinstance(moment, int):
            raise BadRequest("effective takes a day or a time")
        return moment

    def remember(self, response: Response) -> None:
        """Say which moment an answer is of (RFC 7089, 2.1 and 4.2)."""
        response.vary.update(("Accept-Datetime", "Authorization"))
        view: View | None = g.get("view")
        if view is None or view.past is None or response.status_code >= 400:
            return
        header = self.graph.past.header(view.generation)
        query = urlencode([(k, v) for k, v in request.args.items(multi=True) if k not in MOMENTS])
        original = request.base_url + (f"?{query}" if query else "")
        response.headers["Link"] = f'<{original}>; rel="original timegate"'
        if "effective" not in request.args:
            memento = urlencode([("as-of", view.generation)])
            moment = header.moment.astimezone(UTC)
            response.headers["Memento-Datetime"] = format_datetime(moment, usegmt=True)
            response.headers["Content-Location"] = f"{original}{'&' if query else '?'}{memento}"


def _expected() -> str | None:
    """Return the state that `If-Match` names (RFC 9110, 13.1.1), as the ledger writes it.

    That is the generation and the digest at the beginning of a tag.
    """
    tags = request.headers.get("If-Match", "").strip()
    if tags in {"", "*"}:
        return None
    if "," in tags:
        raise BadRequest("If-Match takes one ETag here: that of the state you looked at")
    return "-".join(tags.removeprefix("W/").strip('"').split("-")[:2])


def _is_true(name: str) -> bool:
    text = request.args.get(name, "false").lower()
    if text not in {"true", "false", "1", "0", ""}:
        raise BadRequest(f"{name} takes true or false, not {text!r}")
    return text in {"true", "1"}
