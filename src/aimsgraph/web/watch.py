"""The watch: what a service knows of itself; its doors share one."""

from __future__ import annotations

from flask import Response, g, request
from werkzeug.exceptions import TooManyRequests

from aimsgraph.errors import UnknownTokenError
from aimsgraph.graph import AimsGraph
from aimsgraph.readers.pool import Pool
from aimsgraph.web.audit import AuditLog
from aimsgraph.web.desk import Desk
from aimsgraph.web.door import SAFE
from aimsgraph.web.forms import refuse_bodies
from aimsgraph.web.health import Health
from aimsgraph.web.logs import visit as current
from aimsgraph.web.metrics import Metrics
from aimsgraph.web.rate import GUESSES, Buckets, network_of, seconds
from aimsgraph.web.sharing import POST_READS
from aimsgraph.web.upkeep import Upkeep
from aimsgraph.web.visits import Visit

PROBES = frozenset({"health.live", "health.ready"})
"""Who asks for these is not counted."""


class Watch:
    """Health, numbers, logs and limits of one service, whatever door a request comes through.

    Args:
        graph: what is served.
        pool: the processes that answer queries; this process itself if not given.
    """

    def __init__(self, graph: AimsGraph, pool: Pool | None = None) -> None:
        self.pool = pool
        self.under_way: set[Visit] = set()
        self.upkeep = Upkeep()
        self.health = Health(graph)
        self.health.add("upkeep", lambda: self.upkeep.failure)
        self.metrics = Metrics(graph, lambda: self.upkeep.turned)
        self.metrics.pool = pool
        if pool is not None:
            self.health.add("readers", lambda: pool.failure)
        self.metrics.under_way.set_function(lambda: len(self.under_way))
        self.audit = AuditLog.of(graph, self.metrics.unlogged.inc)
        limit = graph.settings.rate_limit
        self._limit = limit
        self._requests = Buckets(limit) if limit else None
        self._guesses = Buckets(max(1.0, limit * GUESSES))

    @property
    def is_writing(self) -> bool:
        """Return whether a request that may write is under way."""
        return any(
            visit.method not in SAFE and visit.route not in POST_READS
            for visit in tuple(self.under_way)
        )

    def finished(self, visit: Visit) -> None:
        """Write down a visit that has ended."""
        self.metrics.finished(visit)
        self.audit.write(visit)

    def enter(self, desk: Desk) -> None:
        """Look at the current request before anything is done for it.

        Raises:
            UnsupportedMediaType: its body is compressed.
            FormTooLarge: it is a form of too many bytes or fields.
            TooManyRequests: its caller has come too often.
        """
        visit = current()
        if visit is not None:
            g.audit = visit.notes
            visit.remote = request.remote_addr or ""
            visit.route = request.url_rule.rule if request.url_rule else None
        self._admit(desk)
        refuse_bodies()

    def leave(self, response: Response) -> None:
        """Say which request was answered, and note who asked and what they looked at."""
        visit = current()
        if visit is None:
            return
        response.headers["X-Request-Id"] = visit.id
        visit.caller = g.get("caller")
        view = g.get("view")
        if view is not None:
            visit.notes.setdefault("generation", int(view.version.partition("-")[0]))

    def _admit(self, desk: Desk) -> None:
        if self._requests is None or desk.door.is_this_machine or request.endpoint in PROBES:
            return
        address = network_of(request.remote_addr or "")
        if "Authorization" in request.headers:
            _refuse_for(self._guesses.wait(address), f"{self._limit * GUESSES:g} unknown tokens")
        key = f"from {address}"
        try:
            caller = desk.caller
            if caller.is_known:
                key = f"as {caller.name}"
        except UnknownTokenError:
            self._guesses.take(address)
        _refuse_for(self._requests.take(key), f"{self._limit} requests")


def _refuse_for(wait: float, limit: str) -> None:
    if wait:
        whole = seconds(wait)
        raise TooManyRequests(
            f"at most {limit} a minute are taken of one caller (AIMSGRAPH_RATE_LIMIT); "
            f"come again in {whole} s",
            retry_after=whole,
        )
