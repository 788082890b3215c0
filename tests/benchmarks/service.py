"""The service under load, beside a peer and beside the bare engine, in one run.

Run as `PYTHONPATH=tests python -m benchmarks.service [--workspace DIR | --systems N]`.
Clients are processes of their own and share the machine with what they measure.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox

from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings

JSON = "application/sparql-results+json"
SEED = 5
LOOKUP = "SELECT ?p ?o WHERE {{ <{}> ?p ?o }}"
MILLION = "SELECT * WHERE {{ ?s ?p ?o }} LIMIT {}"


@dataclass(frozen=True)
class Request:
    """One request to a server."""

    method: str
    path: str
    body: str | None = None


def query(text: str) -> Request:
    """Return a query by the protocol, as a form."""
    return Request("POST", "/sparql", urlencode({"query": text}))


@dataclass
class Server:
    """A server that runs."""

    port: int
    pid: int


@contextmanager
def serving(command: Sequence[str], port: int, ready: str, **environ: str) -> Iterator[Server]:
    """Run a server, for the time of the context."""
    process = subprocess.Popen(
        command, env={**os.environ, **environ}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(600):
            try:
                fetch(http.client.HTTPConnection("127.0.0.1", port), Request("GET", ready))
                break
            except OSError:
                time.sleep(0.2)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def fetch(connection: http.client.HTTPConnection, request: Request) -> int:
    """Send a request and read the answer; return its size in bytes."""
    headers = {"Accept": JSON, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(request.method, request.path, request.body, headers)
    response = connection.getresponse()
    size = 0
    while piece := response.read(1 << 18):
        size += len(piece)
    if response.status != 200:
        raise RuntimeError(f"{response.status} for {request}")
    return size


def _work(port: int, requests: Sequence[Request], go: object, done: object) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    go.wait()  # type: ignore[attr-defined]
    sizes = [fetch(connection, request) for request in requests]
    done.put((len(sizes), sum(sizes)))  # type: ignore[attr-defined]


def throughput(server: Server, requests: Sequence[Request], clients: int) -> float:
    """Return how many requests a second some clients have answered."""
    context = multiprocessing.get_context("fork")
    go, done = context.Barrier(clients + 1), context.Queue()
    parts = [requests[number::clients] for number in range(clients)]
    workers = [context.Process(target=_work, args=(server.port, part, go, done)) for part in parts]
    for worker in workers:
        worker.start()
    go.wait()
    started = time.perf_counter()
    answered = sum(done.get()[0] for _ in workers)
    took = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return float(answered) / took


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def questions(workspace: Path, count: int) -> list[tuple[str, str]]:
    """Return name and text of some questions that need no parameter, always the same."""
    with AimsGraph.open(workspace, read_only=True, settings=Settings()) as graph:
        view = graph.view()
        free = [
            one.name
            for one in view.catalogue
            if all(p.is_optional or p.default is not None for p in one.parameters)
        ]
        chosen = random.Random(SEED).sample(sorted(free), min(count, len(free)))  # noqa: S311
        return [(name, view.asked(name).text) for name in chosen]


def subjects(store: ox.Store, count: int) -> list[str]:
    """Return things to look up, spread over the store."""
    kind = "https://w3id.org/aimsgraph#Record"
    text = f"SELECT ?s WHERE {{ GRAPH ?g {{ ?s a <{kind}> }} }} LIMIT {count * 20}"
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    every = [row[0].value for row in found]
    return random.Random(SEED).sample(every, min(count, len(every)))  # noqa: S311


def newest(workspace: Path) -> Path:
    """Return the newest snapshot of a workspace."""
    return max((workspace / "snapshots").iterdir(), key=lambda path: path.name)


def bare_lookups(store: ox.Store, iris: Sequence[str]) -> float:
    """Return how many lookups a second a loop in one process does."""
    started = time.perf_counter()
    for iri in iris:
        found = store.query(LOOKUP.format(iri), use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        found.serialize(None, ox.QueryResultsFormat.JSON)
    return len(iris) / (time.perf_counter() - started)


def bare_stream(store: ox.Store, rows: int) -> float:
    """Return how long the engine takes to write so many rows to a file."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        found = store.query(MILLION.format(rows), use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        found.serialize(output, ox.QueryResultsFormat.JSON)
        return time.perf_counter() - started


def memory_of(pid: int) -> float:
    """Return the most memory a process has had so far, in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def say(what: str, figure: str, beside: str = "") -> None:
    """Print a line of the table."""
    print(f"| {what} | {figure} | {beside} |", flush=True)  # noqa: T201 - a benchmark


def mix(workspace: Path, options: argparse.Namespace) -> None:
    """Measure the mix of named questions, ours and the peer's."""
    chosen = questions(workspace, options.questions)
    ours = [Request("GET", f"/queries/{name}.json") for name, _ in chosen]
    with served(workspace, AIMSGRAPH_ANSWER_CACHE="0") as server:
        throughput(server, ours, options.clients)
        uncached = throughput(server, ours, options.clients)
    # Answers of up to an eighth of the cache are kept: here all of them.
    with served(workspace, AIMSGRAPH_ANSWER_CACHE="1024") as server:
        throughput(server, ours, options.clients)
        cached = throughput(server, ours * 20, options.clients)
    say(f"{len(chosen)} questions, {options.clients} clients", f"{uncached:.1f} a second")
    say("the same, from the cache", f"{cached:.0f} a second", f"{cached / uncached:.0f} times")
    figure, beside = "not measured", "it is not here, or not asked for: pip install -e '.[bench]'"
    if find_spec("rdflib_endpoint") is not None and not options.alone:
        port = free_port()
        command = [sys.executable, "-m", "benchmarks.peer", str(newest(workspace)), str(port)]
        path = str(Path(__file__).parents[1])
        with serving(command, port, "/docs", PYTHONPATH=path) as server:
            rate = throughput(server, [query(text) for _, text in chosen], options.clients)
        figure, beside = f"{rate:.2f} a second", f"ours is {uncached / rate:.1f} times as fast"
    say("the same of rdflib-endpoint", figure, beside)


def lookups(workspace: Path, options: argparse.Namespace) -> None:
    """Measure point lookups beside the bare engine."""
    store = ox.Store.read_only(str(newest(workspace)))
    iris = subjects(store, options.lookups)
    bare_lookups(store, iris[:200])
    bare = bare_lookups(store, iris)
    requests = [query(LOOKUP.format(iri)) for iri in iris]
    with served(workspace, AIMSGRAPH_ANSWER_CACHE="0") as server:
        throughput(server, requests[:500], options.clients)
        rate = throughput(server, requests, options.clients)
    cores = len(os.sched_getaffinity(0))
    beside = f"{rate / cores / bare:.2f} per core of the bare engine's loop ({bare:.0f} a second)"
    say(f"lookups, {options.clients} clients", f"{rate:.0f} a second", beside)


def streaming(workspace: Path, options: argparse.Namespace) -> None:
    """Measure a long answer beside the engine writing it to a file."""
    store = ox.Store.read_only(str(newest(workspace)))
    bare_stream(store, 1000)
    times = []
    with served(workspace, AIMSGRAPH_ANSWER_CACHE="0") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
        fetch(connection, query(MILLION.format(1000)))
        before = memory_of(server.pid)
        for _ in range(3):
            bare = bare_stream(store, options.rows)
            started = time.perf_counter()
            size = fetch(connection, query(MILLION.format(options.rows)))
            times.append((time.perf_counter() - started, bare, size))
        grown = memory_of(server.pid) - before
    took, bare, size = sorted(times)[1]
    beside = f"{bare / took:.2f} of the engine's speed to a file ({bare:.1f} s)"
    say(f"{options.rows:,} rows as JSON, {size / 1e6:.0f} MB", f"{took:.1f} s", beside)
    say("growth of the web process meanwhile", f"{grown:.0f} MB")


@contextmanager
def served(workspace: Path, **settings: str) -> Iterator[Server]:
    """Serve a workspace, for the time of the context."""
    port = free_port()
    command = [sys.executable, "-m", "aimsgraph", "serve", "--port", str(port)]
    environ = {"AIMSGRAPH_WORKSPACE": str(workspace), "AIMSGRAPH_QUERY_TIMEOUT": "600", **settings}
    with serving(command, port, "/healthz", **environ) as server:
        yield server


def loaded(folder: Path, systems: int) -> Path:
    """Return a workspace with a synthetic organisation of so many AI systems."""
    data, workspace = folder / "organisation.nq", folder / "workspace"
    run = [sys.executable, "-m", "aimsgraph"]
    subprocess.run([*run, "generate", "--systems", str(systems), "-o", str(data)], check=True)
    subprocess.run([*run, "init", str(workspace)], check=True, stdout=subprocess.DEVNULL)
    environ = {**os.environ, "AIMSGRAPH_WORKSPACE": str(workspace)}
    subprocess.run(
        [*run, "load", str(data), "--advisory"], env=environ, stdout=subprocess.DEVNULL, check=False
    )
    return workspace


PARTS = {"mix": mix, "lookups": lookups, "stream": streaming}


def main() -> None:
    """Measure what is asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", type=Path, help="a workspace that nobody serves")
    parser.add_argument("--systems", type=int, default=8400)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--questions", type=int, default=24)
    parser.add_argument("--lookups", type=int, default=8000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=sorted(PARTS))
    parser.add_argument("--alone", action="store_true", help="without the peer")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    with tempfile.TemporaryDirectory() as folder:
        workspace = options.workspace or loaded(Path(folder), options.systems)
        for name, part in PARTS.items():
            if options.only in {None, name}:
                part(workspace, options)


if __name__ == "__main__":
    main()
