"""A relay on this machine, through which alone the engine asks other endpoints.

The engine connects by itself, follows redirects and cannot be told not to. So
the address after SERVICE is replaced by one of the relay, which asks the
endpoint by the checked client. An address of the relay is made of the
endpoint's and of a secret, so that nobody can make one up.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

from aimsgraph.egress.client import Reply, fetch
from aimsgraph.egress.reach import MEGABYTE, Reach
from aimsgraph.errors import AimsGraphError

RESULTS: Final = ("application/sparql-results+json", "application/sparql-results+xml")
QUERY: Final = "application/sparql-query"

_LARGEST_QUERY: Final = 4 * MEGABYTE


class Relay:
    """Answers the engine's requests with what the endpoint they are meant for answers."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._secret = secrets.token_bytes(32)
        self._server = _Server(self._pass_on)
        self._origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.1,), name="relay", daemon=True
        )
        self._thread.start()

    def address_for(self, iri: str) -> str:
        """Return the address at which the relay stands for an endpoint.

        Raises:
            RefusedQueryError: the endpoint may not be reached.
        """
        self._reach.target(iri)
        return f"{self._origin}/{self._mark(iri)}/{urlsafe_b64encode(iri.encode()).decode()}"

    @property
    def nowhere(self) -> str:
        """Return an address at which the relay answers that it may not."""
        return f"{self._origin}/nowhere"

    @property
    def origin(self) -> str:
        """Return what all addresses of the relay begin with; nobody outside is told."""
        return self._origin

    def without_addresses(self, message: str) -> str:
        """Return a message of the engine's without the relay's own address."""
        return message if self._origin not in message else "another endpoint did not answer"

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _mark(self, iri: str) -> str:
        return hmac.new(self._secret, iri.encode(), sha256).hexdigest()

    def _pass_on(self, path: str, query: bytes, answer: _Answer) -> None:
        mark, _, name = path.removeprefix("/").partition("/")
        try:
            iri = urlsafe_b64decode(name.encode()).decode()
        except ValueError:
            iri = ""
        if not hmac.compare_digest(mark.encode(), self._mark(iri).encode()):
            answer.refuse(403, "There is no such endpoint.")
            return
        try:
            with fetch(
                self._reach, iri, {"Accept": ", ".join(RESULTS), "Content-Type": QUERY}, query
            ) as reply:
                answer.give(reply)
        except AimsGraphError as error:
            answer.refuse(502, str(error))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, pass_on: Callable[[str, bytes, _Answer], None]) -> None:
        self.pass_on = pass_on
        super().__init__(("127.0.0.1", 0), _Answer)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing where the engine leaves before its answer is there."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Server
    _has_begun = False

    def do_POST(self) -> None:
        """Take a query."""
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _LARGEST_QUERY:
            self.refuse(413, "The query has no length, or is too long.")
            return
        self.server.pass_on(self.path, self.rfile.read(int(length)), self)

    def give(self, reply: Reply) -> None:
        """Answer as the endpoint does; break off where it does."""
        if reply.status != 200:
            self.refuse(502, f"The endpoint answers with status {reply.status}.")
            return
        if reply.media_type not in RESULTS:
            self.refuse(502, "The endpoint answers with no results of a query.")
            return
        self._has_begun = True
        self.send_response(200)
        self.send_header("Content-Type", reply.media_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in reply.content:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.write(b"0\r\n\r\n")

    def refuse(self, status: int, reason: str) -> None:
        """Answer with a sentence, unless the answer has begun; then it just ends."""
        if self._has_begun:
            return
        told = reason.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(told)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        """Keep quiet: the audit log says who asked what."""
