"""The numbers of the service, in the format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import time
from typing import Final, Protocol

import pyoxigraph
from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from aimsgraph.access import Right
from aimsgraph.graph import AimsGraph
from aimsgraph.store.snapshots import Snapshots
from aimsgraph.version import __version__
from aimsgraph.web.desk import Desk
from aimsgraph.web.visits import Visit

Family = GaugeMetricFamily | CounterMetricFamily

SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})

GAUGES: Final = frozenset({"readers_busy", "readers_idle", "waiting", "cache_bytes"})
"""Numbers of the readers that go up and down; all others only grow."""

REASON_FOR_STATUS: Final = {
    401: "token",
    403: "right",
    413: "size",
    415: "media type",
    422: "integrity",
    429: "rate",
    503: "queue",
}
"""Why a request was refused, where its handler does not say."""

LIMITS: Final = frozenset(
    {
        "caller_queries",
        "max_megabytes",
        "max_rows",
        "query_memory",
        "query_timeout",
        "queue",
        "stream_timeout",
    }
)
"""Limits that a query or its answer can meet, by the names of their settings."""

REASONS: Final = frozenset({*REASON_FOR_STATUS.values(), *LIMITS})


class Pool(Protocol):
    """What we need of the processes that answer queries."""

    def stats(self) -> Mapping[str, int]:
        """Return its numbers by name, without waiting for anything."""


class Metrics:
    """The numbers of one service, in a registry of its own."""

    def __init__(self, graph: AimsGraph, turned: Callable[[], float | None]) -> None:
        self.registry = CollectorRegistry()
        self.pool: Pool | None = None
        self.requests = self._counter("requests", "Requests answered", "method", "route", "status")
        self.sent = self._counter("sent_bytes", "Bytes of bodies sent")
        self.refused = self._counter("refused", "Requests refused", "reason")
        self.aborted = self._counter("aborted", "Answers that ended too early", "reason")
        self.unlogged = self._counter("audit_failures", "Lines that the audit log lost")
        self.seconds = Histogram(
            "aimsgraph_request_seconds",
            "Time until the last byte was sent",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.under_way = Gauge(
            "aimsgraph_requests_under_way", "Requests under way", registry=self.registry
        )
        build = Info("aimsgraph_build", "What runs", registry=self.registry)
        build.info({"version": __version__, "pyoxigraph": pyoxigraph.__version__})
        self.registry.register(_Graph(graph, turned))
        self.registry.register(_Readers(lambda: self.pool))
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"aimsgraph_{name}", told, labels, registry=self.registry)

    def finished(self, visit: Visit) -> None:
        """Count a visit that has ended."""
        route = visit.route or "none"
        method = visit.method if visit.method in METHODS else "other"
        self.requests.labels(method, route, visit.status).inc()
        self.seconds.labels(route).observe(visit.seconds)
        self.sent.inc(visit.sent)
        reason = visit.notes.get("refused") or REASON_FOR_STATUS.get(visit.status)
        if reason is not None:
            self.refused.labels(reason if reason in REASONS else "other").inc()
        if visit.aborted is not None:
            self.aborted.labels(_known(visit.aborted)).inc()


def blueprint(desk: Desk, metrics: Metrics) -> Blueprint:
    """Return where the numbers are read."""
    part = Blueprint("metrics", __name__)

    @part.get("/metrics")
    def numbers() -> Response:
        desk.caller.require(Right.READ)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        response = Response(encode(metrics.registry), content_type=content_type)
        response.vary.add("Accept")
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return part


def _known(reason: str) -> str:
    return reason if reason in REASONS | {"client left", "failed"} else "other"


class _Readers(Collector):
    """The numbers of the processes that answer queries, where there are any."""

    def __init__(self, pool: Callable[[], Pool | None]) -> None:
        self._pool = pool

    def collect(self) -> Iterator[Family]:
        """Yield each number under its name."""
        pool = self._pool()
        for name, value in sorted(pool.stats().items()) if pool is not None else ():
            kind = GaugeMetricFamily if name in GAUGES else CounterMetricFamily
            yield kind(f"aimsgraph_pool_{name}", name.replace("_", " ").capitalize(), value=value)


class _Graph(Collector):
    """The state of the graph, as far as looking at it costs nothing."""

    def __init__(self, graph: AimsGraph, turned: Callable[[], float | None]) -> None:
        self._graph = graph
        self._turned = turned

    def collect(self) -> Iterator[Family]:
        """Yield what is known."""
        yield _gauge("generation", "The newest generation", self._graph.ledger.head)
        yield from self._on_disk()
        turned = self._turned()
        if turned is not None:
            yield _gauge("day_turned_seconds", "Time since the day was turned", time() - turned)

    def _on_disk(self) -> Iterator[Family]:
        workspace = self._graph.workspace
        if workspace is None:
            return
        latest = Snapshots(workspace.snapshots_path).latest
        if latest is not None:
            yield _gauge("published_generation", "The newest one published", latest.generation)
            try:
                age = time() - latest.path.stat().st_mtime
            except FileNotFoundError:
                age = 0.0
            yield _gauge("publication_age_seconds", "Time since it was published", age)
        size = sum(path.stat().st_size for path in workspace.journal_path.glob("*.journal"))
        yield _gauge("journal_bytes", "Size of the journal", size)


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"aimsgraph_{name}", told, value=value)
