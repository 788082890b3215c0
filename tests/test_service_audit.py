"""The audit log: what stands in a line, and what never does."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from flask import Flask, Response, request

from access_support import MAIN
from aimsgraph.access import Role
from aimsgraph.errors import AimsGraphError, DeadlineError, QueryError, SettingsError
from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from aimsgraph.web.audit import FILE, AuditLog
from aimsgraph.web.door import Door
from aimsgraph.web.logs import note, structured
from aimsgraph.web.watch import Watch
from site_support import UPDATE, signed_in
from tiny_support import PREFIXES, SYSTEM, memory, opened, workspace

LONG = "ASK {} # " + "x" * 20_000
NASTY = 'a\nb\r\n{"kind":"forged"}\u2028\x00\x1b[31m\ud800'


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[AimsGraph]:
    """Return the graph of a workspace."""
    with opened(workspace(tmp_path / "w")) as graph:
        yield graph


@pytest.fixture
def app(graph: AimsGraph) -> Flask:
    """Return a served graph, with a route that notes what it is told to."""
    app = create_app(graph)

    @app.post("/try")
    def attempt() -> Response:
        note(**json.loads(request.get_data()))
        return Response("done\n")

    return app


def lines(graph: AimsGraph) -> list[dict[str, Any]]:
    """Return what the audit log of a workspace holds."""
    assert graph.workspace is not None
    file = graph.workspace.path / FILE
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]


def noted(app: Flask, **details: object) -> None:
    """Send a request of which something is noted."""
    app.test_client().post("/try", data=json.dumps(details), buffered=True)


def test_a_change_is_written_down_with_who_and_how_it_ended(graph: AimsGraph, app: Flask) -> None:
    headers = signed_in(graph, "Ada")

    response = app.test_client().post(
        "/update", data=PREFIXES + SYSTEM, content_type=UPDATE, headers=headers, buffered=True
    )

    (told,) = lines(graph)
    assert told["caller"] == "Ada"
    assert told["role"] == "editor"
    assert told["remote"] == "127.0.0.1"
    assert (told["method"], told["route"], told["kind"]) == ("POST", "/update", "update")
    assert (told["status"], told["outcome"]) == (200, "complete")
    assert told["bytes"] == len(response.data)
    assert told["ms"] > 0
    assert told["request"] == response.headers["X-Request-Id"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told["time"])


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sparql?query=ASK+{}", "query"),
        ("/queries/systems.csv", "question"),
        ("/graphs?default", "graph-store"),
        ("/queries/none", "question"),
        ("/", None),
        ("/healthz", None),
        ("/none", None),
    ],
)
def test_queries_and_changes_are_written_down_and_nothing_else(
    graph: AimsGraph, app: Flask, path: str, kind: str | None
) -> None:
    app.test_client().get(path, buffered=True)
    noted(app, kind="query")

    assert [told["kind"] for told in lines(graph)] == ([kind] if kind else []) + ["query"]


@pytest.mark.parametrize(("text", "is_cut"), [("ASK {}", False), (LONG, True), (NASTY, False)])
def test_the_text_of_a_query_is_kept_with_its_digest(
    graph: AimsGraph, app: Flask, text: str, is_cut: bool
) -> None:
    noted(app, kind="query", query=text)

    (told,) = lines(graph)
    assert told["query"] == text[:10_000]
    assert told.get("cut", False) is is_cut
    assert told["sha256"] == sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def test_nothing_that_users_write_breaks_a_line(graph: AimsGraph, app: Flask) -> None:
    details = {"question": NASTY, "parameters": {NASTY: NASTY}, "refused": NASTY}
    noted(app, kind="question", query=NASTY, **details)

    assert graph.workspace is not None
    written = (graph.workspace.path / FILE).read_bytes()
    assert written.count(b"\n") == 1
    assert written.isascii()
    assert json.loads(written)["parameters"] == {NASTY: NASTY}


def test_no_token_is_ever_written_down(graph: AimsGraph, app: Flask) -> None:
    secret = graph.tokens.create(Role.EDITOR, "Ada")
    stream = io.StringIO()

    with structured(stream):
        logging.getLogger("aimsgraph.test").warning("sent was %s", secret)
        app.test_client().get(
            f"/queries/systems?x={secret}", headers={"Authorization": f"Bearer {secret}"}
        ).close()
        noted(app, kind="query", query=f"ASK {{ ?s ?p '{secret}' }}", parameters={"p": secret})

    assert graph.workspace is not None
    everything = stream.getvalue() + (graph.workspace.path / FILE).read_text()
    assert secret not in everything
    assert "aimsgraph_..." in everything


def stream_of(size: int, error: Exception | None = None) -> Callable[[], Response]:
    """Return a route that streams rows, and fails after them."""

    def rows() -> Iterator[str]:
        for _ in range(size):
            yield "row\n"
        if error is not None:
            raise error

    def route() -> Response:
        note(kind="query")
        return Response(rows(), content_type="text/csv")

    return route


def test_a_stream_is_written_down_when_it_has_ended(graph: AimsGraph, app: Flask) -> None:
    app.add_url_rule("/rows", "rows", stream_of(100))

    with app.test_client().get("/rows") as response:
        assert not (graph.workspace and (graph.workspace.path / FILE).exists())
        assert len(response.data) == 400

    assert (lines(graph)[0]["bytes"], lines(graph)[0]["outcome"]) == (400, "complete")


def test_whoever_leaves_a_stream_is_written_down(graph: AimsGraph, app: Flask) -> None:
    app.add_url_rule("/rows", "rows", stream_of(100))

    response = app.test_client().get("/rows")
    next(response.iter_encoded())
    response.close()

    told = lines(graph)[0]
    assert told["outcome"] == "aborted: client left"
    assert told["bytes"] < 400


@pytest.mark.parametrize(
    ("error", "reason", "told"),
    [
        (QueryError("odd"), None, "failed"),
        (QueryError("odd"), "max_rows", "max_rows"),
        (DeadlineError(30), None, "query_timeout"),
    ],
)
def test_the_limit_that_ends_a_stream_is_written_down(
    graph: AimsGraph, app: Flask, error: AimsGraphError, reason: str | None, told: str
) -> None:
    route = stream_of(3, error)

    def limited() -> Response:
        if reason:
            note(aborted=reason)
        return route()

    app.add_url_rule("/rows", "rows", limited)
    with app.test_client().get("/rows") as response, pytest.raises(type(error)):
        response.get_data()

    assert lines(graph)[0]["outcome"] == f"aborted: {told}"


def test_the_file_is_the_owners_alone_and_goes_on_in_another(
    graph: AimsGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert graph.workspace is not None
    monkeypatch.setattr("aimsgraph.web.audit.SIZE", 4000)
    small = create_app(graph)

    for _ in range(20):
        small.test_client().get("/sparql?query=ASK+{}", buffered=True)

    files = sorted(graph.workspace.path.glob(f"{FILE}*"))
    assert len(files) > 1
    assert {S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert sum(file.read_text().count("\n") for file in files) == 20


def test_a_failing_disk_fails_no_request(
    graph: AimsGraph, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    assert graph.workspace is not None
    file = graph.workspace.path / FILE
    file.symlink_to("/dev/full")

    answers = [app.test_client().get("/sparql?query=ASK+{}", buffered=True) for _ in range(3)]
    numbers = app.test_client().get("/metrics").text
    file.unlink()
    noted(app, kind="query", query="after")

    assert [answer.status_code for answer in answers] == [200] * 3
    assert "aimsgraph_audit_failures_total 3.0" in numbers
    assert [one.message for one in caplog.records if "audit" in one.name] == [
        "the audit log cannot be written: No space left on device; lines are lost until it can"
    ]
    assert lines(graph)[-1]["query"] == "after"


def test_a_service_whose_audit_log_cannot_be_written_does_not_start(tmp_path: Path) -> None:
    graph = memory(Settings(audit_log=str(tmp_path / "none" / "audit.jsonl")))

    with pytest.raises(SettingsError, match="AIMSGRAPH_AUDIT_LOG"):
        Watch(graph).audit.require_writable()


@pytest.mark.parametrize("setting", ["", "-", "file"])
def test_a_graph_in_memory_is_audited_where_it_is_wished(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str
) -> None:
    file = tmp_path / "audit.jsonl"
    graph = memory(Settings(audit_log=str(file) if setting == "file" else setting))
    watch = Watch(graph)
    watch.audit.require_writable()

    create_app(graph, watch=watch).test_client().get("/sparql?query=ASK+{}", buffered=True)

    told = file.read_text() if file.exists() else capsys.readouterr().err
    assert told.count("\n") == bool(setting)


def test_both_doors_write_into_one_log(graph: AimsGraph) -> None:
    watch = Watch(graph)

    for door in (Door(), Door(is_owners=True)):
        app = create_app(graph, door, watch=watch)
        app.test_client().get("/sparql?query=ASK+{}", buffered=True)

    assert [told["caller"] for told in lines(graph)] == ["visitor", "owner"]


def test_a_log_without_a_handler_writes_nothing(graph: AimsGraph) -> None:
    failures: list[int] = []
    client = create_app(graph, watch=_silent(graph, failures)).test_client()

    client.get(f"/graphs?graph={MAIN}", buffered=True)

    assert graph.workspace is not None
    assert not (graph.workspace.path / FILE).exists()
    assert not failures


def _silent(graph: AimsGraph, failures: list[int]) -> Watch:
    watch = Watch(graph)
    watch.audit = AuditLog(None, lambda: failures.append(1))
    return watch
