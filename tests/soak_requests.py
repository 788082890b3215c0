"""What the clients of a soak send: a random mix of all that the service takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from threading import Lock
from typing import Final
from urllib.parse import quote, urlencode

RECORDS: Final = "https://w3id.org/aimsgraph/graph/records/"
ENDLESS: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?c < ?f && ?f < ?i)"
"""Takes longer than anybody waits, and has next to no solution."""
TABLES: Final = ("json", "csv", "xml", "tsv", "html", "xlsx")
RDF: Final = ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml")
WORDS: Final = ("risk", "data", "chatbot", "review", "credit", "owner", "zzz", "policy", "impact")

BUSY: Final = (429, 503)
"""Others were faster: no failure of the service, but no answer either."""

DELETED: Final = (200, 404)
MALFORMED: Final = (400, 404, 405, 413, 415, 422)


@dataclass(frozen=True)
class Request:
    """One request, and the statuses that are right for it besides those of a busy service."""

    kind: str
    target: str
    statuses: tuple[int, ...] = (200,)
    method: str = "GET"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    leaves: bool = False
    """Whether its client leaves once the answer has begun."""


Sends = Callable[["Mix"], Request]


class Mix:
    """A random mix of requests, the same for the same seed.

    Args:
        seed: what it begins with.
        questions: the named questions that take no parameter.
        bearer: the headers of an editor.
        shared: how far the graph has come, as all clients know it.
    """

    def __init__(
        self, seed: int, questions: list[str], bearer: dict[str, str], shared: Shared
    ) -> None:
        self.random = Random(seed)  # noqa: S311 - it is a test
        self.questions = questions
        self.bearer = bearer
        self.shared = shared

    def next(self) -> Request:
        """Return the next request."""
        weights = [weight for weight, _ in KINDS]
        _, make = self.random.choices(KINDS, weights)[0]
        return make(self)

    @property
    def number(self) -> int:
        """Return a small number."""
        return self.random.randrange(40)

    @property
    def graph(self) -> str:
        """Return one of a few record graphs."""
        return f"{RECORDS}soak-{self.random.randrange(5)}"


@dataclass
class Shared:
    """What the clients of one run know together."""

    generation: int = 1
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def note(self, request: Request, status: int, body: bytes) -> None:
        """Note what came of a request."""
        with self._lock:
            self.seen[request.kind, status] += 1
            if status not in (*request.statuses, *BUSY):
                self.wrong.append(f"{request} {status} {body[:300]!r}")
            if (
                status < 300
                and request.method in {"POST", "PUT"}
                and (found := _GENERATION.match(body))
            ):
                self.generation = max(self.generation, int(found[1]))

    def answered(self, kind: str) -> int:
        """Return how many requests of a kind were not turned away because of others."""
        return sum(
            n for (one, status), n in self.seen.items() if one == kind and status not in BUSY
        )


_GENERATION: Final = re.compile(rb'\{"generation": (\d+)')


# -- what they send ----------------------------------------------------------------------


def _sparql(text: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": text, **more})


def _question(mix: Mix) -> Request:
    name, form = mix.random.choice(mix.questions), mix.random.choice(TABLES)
    return Request("question", f"/queries/{name}.{form}", (200, 406))


def _cached(mix: Mix) -> Request:
    text = f"SELECT ?s {{ ?s a <https://w3id.org/aimsgraph#Risk> }} ORDER BY ?s LIMIT {mix.number}"
    return Request("cached", _sparql(text))


def _uncached(mix: Mix) -> Request:
    text = f"SELECT (RAND() AS ?r) ?s {{ ?s ?p ?o }} LIMIT {mix.random.randrange(500)}"
    return Request("uncached", _sparql(text))


def _constructed(mix: Mix) -> Request:
    text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }} LIMIT {mix.random.randrange(3000)}"
    return Request("construct", _sparql(text), headers={"Accept": mix.random.choice(RDF)})


def _streamed(mix: Mix) -> Request:
    text = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f }} LIMIT {20_000 + mix.number}"
    return Request("stream", _sparql(text), (200, 504))


def _left(mix: Mix) -> Request:
    text = f"SELECT * {{ ?a ?b ?c . ?d ?e ?f . BIND({mix.number} AS ?n) }}"
    return Request("left", _sparql(text), (200, 504), leaves=True)


def _late(mix: Mix) -> Request:
    text = f"SELECT (COUNT(*) AS ?n) {{ {ENDLESS} BIND({mix.number} AS ?m) }}"
    return Request("late", _sparql(text), (504,))


def _page(mix: Mix) -> Request:
    paths = ("/", "/queries", "/conformity", "/openapi.json", "/healthz", "/metrics", "/graphs")
    headers = {"Accept": mix.random.choice(("text/html", "*/*"))}
    return Request("page", mix.random.choice(paths), (200, 406), headers=headers)


def _history(mix: Mix) -> Request:
    least = max(1, mix.shared.generation - 30)
    path = mix.random.choice((f"/history?since={least}", f"/diff?from=1&to={least}"))
    return Request("history", path, headers=mix.bearer)


def _as_of(mix: Mix) -> Request:
    moment = str(mix.random.randint(1, mix.shared.generation))
    text = f"SELECT ?s {{ ?s ?p ?o }} LIMIT {mix.number}"
    return Request("as-of", _sparql(text, **{"as-of": moment}), headers=mix.bearer)


def _search(mix: Mix) -> Request:
    return Request("search", f"/search?q={mix.random.choice(WORDS)}&limit={1 + mix.number}")


def _validate(mix: Mix) -> Request:
    turtle = f"<urn:x{mix.number}> a <https://w3id.org/aimsgraph#AISystem> ."
    headers = {"Content-Type": "text/turtle", "Accept": "text/turtle"}
    return Request("validate", "/validate", (200, 504), "POST", turtle.encode(), headers)


def _update(kind: str, text: str, mix: Mix, *statuses: int) -> Request:
    headers = {"Content-Type": "application/sparql-update", **mix.bearer}
    return Request(kind, "/update", statuses or (200,), "POST", text.encode(), headers)


def _data(mix: Mix) -> Request:
    verb = mix.random.choice(("INSERT", "DELETE"))
    text = f"{verb} DATA {{ GRAPH <{mix.graph}> {{ <urn:s{mix.number}> <urn:p> {mix.number} }} }}"
    return _update("update", text, mix)


def _where(mix: Mix) -> Request:
    text = (
        f"WITH <{mix.graph}> DELETE {{ ?s <urn:p> ?o }} INSERT {{ ?s <urn:p> {mix.number} }} "
        "WHERE { ?s <urn:p> ?o }"
    )
    return _update("update where", text, mix, 200, 504)


def _late_where(mix: Mix) -> Request:
    text = f"INSERT {{ GRAPH <{mix.graph}> {{ ?a <urn:late> ?i }} }} WHERE {{ {ENDLESS} }}"
    return _update("update late", text, mix, 504)


def _put(mix: Mix) -> Request:
    turtle = " ".join(f"<urn:s{i}> <urn:p> {mix.number} ." for i in range(mix.number + 1))
    headers = {"Content-Type": "text/turtle", **mix.bearer}
    target = f"/graphs?graph={quote(mix.graph, safe='')}"
    return Request("put", target, (200, 201), "PUT", turtle.encode(), headers)


def _get(mix: Mix) -> Request:
    headers = {"Accept": mix.random.choice(RDF)}
    target = f"/graphs?graph={quote(mix.graph, safe='')}"
    return Request("get", target, DELETED, headers=headers)


def _delete(mix: Mix) -> Request:
    target = f"/graphs?graph={quote(mix.graph, safe='')}"
    return Request("delete", target, DELETED, "DELETE", None, mix.bearer)


def _malformed(mix: Mix) -> Request:
    wrong = (
        _sparql("SELECT"),
        _sparql("SELECT * { ?s ?p " + "(" * 3000),
        _sparql("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
        _sparql("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o", query2="x"),
        "/sparql?query=a&query=b",
        "/queries/no-such-question",
        "/search?q=",
        "/nowhere",
        "/graphs?graph=relative",
        f"/id/{'%3Cscript%3E' * mix.number}x",
    )
    return Request("malformed", mix.random.choice(wrong), MALFORMED)


def _refused(mix: Mix) -> Request:
    wrong = (
        Request("refused", "/update", (401, 403, 415), "POST", b"CLEAR ALL"),
        Request("refused", "/sparql", (415,), "POST", b"x", {"Content-Type": "text/plain"}),
        Request("refused", "/graphs", (401,), headers={"Authorization": "Bearer nobody"}),
        _update("refused", "LOAD <http://127.0.0.1:9/> INTO GRAPH <urn:g>", mix, 400),
        _update("refused", "INSERT DATA { <urn:a> <urn:b> }", mix, 400),
    )
    return mix.random.choice(wrong)


KINDS: Final[list[tuple[int, Sends]]] = [
    (40, _question),
    (24, _cached),
    (20, _uncached),
    (10, _constructed),
    (3, _streamed),
    (6, _left),
    (1, _late),
    (16, _page),
    (6, _history),
    (6, _as_of),
    (10, _search),
    (2, _validate),
    (10, _data),
    (8, _where),
    (1, _late_where),
    (6, _put),
    (8, _get),
    (4, _delete),
    (12, _malformed),
    (6, _refused),
]
"""How often each is sent, in about two hundred."""


def kinds() -> set[str]:
    """Return the kinds of requests that are sent, sooner or later."""
    anybody = Mix(0, ["any"], {}, Shared())
    return {make(anybody).kind for _, make in KINDS}
