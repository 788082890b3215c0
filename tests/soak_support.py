"""A long and mixed life of the service: its clients, and what it holds meanwhile."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

from served_support import MARK, PATIENCE, Served, processes, until
from soak_requests import KINDS, Mix, Request


class Client:
    """Somebody who sends one request after the other, over a connection that is kept."""

    def __init__(self, base: str, mix: Mix) -> None:
        self._address = urlsplit(base)
        self._mix = mix
        self._connection = http.client.HTTPConnection(self._address.netloc, timeout=PATIENCE)

    def run(self, rounds: int) -> None:
        """Send so many requests."""
        with closing(self._connection):
            for _ in range(rounds):
                self._note(self._mix.next())

    def send_each(self) -> None:
        """Send one request of each kind."""
        with closing(self._connection):
            for _, make in KINDS:
                self._note(make(self._mix))

    def _note(self, request: Request) -> None:
        send = self._leave if request.leaves else self._send
        self._mix.shared.note(request, *send(request))

    def _send(self, request: Request) -> tuple[int, bytes]:
        for is_last in (False, True):
            try:
                self._connection.request(
                    request.method, request.target, request.body, request.headers
                )
                answer = self._connection.getresponse()
                return answer.status, answer.read()
            except http.client.IncompleteRead as broken:  # a limit broke it off, visibly
                self._connection.close()
                return 504, broken.partial
            except (ConnectionError, http.client.BadStatusLine):  # it was closed after a refusal
                self._connection.close()
                if is_last:
                    raise
        raise AssertionError(request)

    def _leave(self, request: Request) -> tuple[int, bytes]:
        """Begin to read an answer, and go."""
        host, port = self._address.hostname or "", self._address.port
        with socket.create_connection((host, port or 0), timeout=PATIENCE) as connection:
            head = f"GET {request.target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            connection.sendall(head.encode())
            first = connection.recv(4096)
            return int(first.split()[1]), first


def soak(service: Served, mixes: list[Mix], rounds: int) -> None:
    """Have a client for each mix send its share of so many requests."""
    shares = [rounds // len(mixes)] * len(mixes)
    failures: list[BaseException] = []

    def run(mix: Mix, share: int) -> None:
        try:
            Client(service.base, mix).run(share)
        except BaseException as error:  # noqa: BLE001 - told in the thread of the test
            failures.append(error)

    threads = [Thread(target=run, args=one) for one in zip(mixes, shares, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def questions(service: Served) -> list[str]:
    """Return a third of the named questions, of those that can be asked without a parameter."""
    listed = json.loads(service.send("GET", "/queries", None, {"Accept": "application/json"}).body)
    names = [str(one["name"]) for one in listed][::3]
    return [one for one in names if service.send("GET", f"/queries/{one}.json").status == 200]


# -- what the service holds --------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """What a service holds while it has nothing to do; memory in megabytes."""

    web: float
    readers: float
    files: int
    threads: int
    processes: int
    others: int
    """Files that the readers and their nursery have open."""


def held(service: Served) -> Held:
    """Wait until a service rests, and return what it holds."""
    until(lambda: is_at_rest(service), "at rest")
    pids = processes(service.environ[MARK])
    others = [pid for pid in pids if pid != service.pid]
    return Held(
        web=_memory(service.pid),
        readers=sum(map(_memory, others)),
        files=_files(service.pid),
        threads=len(list(Path(f"/proc/{service.pid}/task").iterdir())),
        processes=len(pids),
        others=sum(map(_files, others)),
    )


def numbers(service: Served) -> dict[str, float]:
    """Return the numbers without labels that a service tells."""
    lines = service.send("GET", "/metrics").text.splitlines()
    plain = (line.split() for line in lines if line[:1] != "#" and "{" not in line)
    return {name.removeprefix("aimsgraph_"): float(value) for name, value in plain}


def is_at_rest(service: Served) -> bool:
    """Return whether nothing is under way but asking for that, and all is published."""
    told = numbers(service)
    busy = [told[one] for one in ("pool_readers_busy", "pool_waiting", "requests_under_way")]
    return busy == [0, 0, 1] and told["published_generation"] == told["generation"]


def _memory(pid: int) -> float:
    """Return the megabytes of memory that a process takes for itself, 0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _files(pid: int) -> int:
    with suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0


def leftovers(workspace: Path) -> list[str]:
    """Return the folders in a workspace that should have been gone with what they were for."""
    wanted = ("asking-*", "making-*", "gone-*")
    return [str(path) for one in wanted for path in workspace.rglob(one)]
