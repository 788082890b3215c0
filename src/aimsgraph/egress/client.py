"""A client that connects to the very address it checked, follows nothing and stops in time."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Timer
from typing import Final

from aimsgraph.egress.reach import PORTS, Reach, Target
from aimsgraph.errors import QueryError

CHUNK: Final = 64 * 1024


@dataclass(frozen=True)
class Reply:
    """What a host answered; its content is read once."""

    status: int
    media_type: str
    content: Iterator[bytes]


@contextmanager
def fetch(
    reach: Reach,
    iri: str,
    headers: Mapping[str, str],
    body: bytes | None = None,
    tls: ssl.SSLContext | None = None,
) -> Iterator[Reply]:
    """Send a request, POST where it has a body, and give its answer.

    Args:
        reach: what may be reached.
        iri: where the request goes.
        headers: those of the request.
        body: its content.
        tls: how certificates are checked; against those the system trusts if not given.

    Raises:
        RefusedQueryError: the host may not be reached.
        QueryError: it does not answer, answers too much or too slowly, or
            sends somewhere else.
    """
    target = reach.target(iri)
    sending = _Sending(target, reach, reach.address(target))
    try:
        yield sending.send(headers, body, tls)
    except QueryError:
        raise
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise sending.failed() from error
    finally:
        sending.close()


class _Sending:
    """One request on its way, which a timer ends."""

    def __init__(self, target: Target, reach: Reach, address: str) -> None:
        self._target, self._reach, self._address = target, reach, address
        self._is_late = False
        self._socket: socket.socket | None = None
        self._answer: http.client.HTTPResponse | None = None
        self._connection = http.client.HTTPConnection(target.host, target.port)
        self._connection.auto_open = 0
        self._timer = Timer(reach.seconds, self._stop)
        self._timer.daemon = True

    def send(
        self, headers: Mapping[str, str], body: bytes | None, tls: ssl.SSLContext | None
    ) -> Reply:
        """Send the request; return the answer as far as its headers."""
        self._timer.start()
        where = (self._address, self._target.port)
        self._socket = socket.create_connection(where, timeout=self._reach.seconds)
        if self._target.is_tls:
            context = tls or ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=self._target.host)
        self._connection.sock = self._socket
        own = {"Accept-Encoding": "identity", "User-Agent": "aimsgraph", "Connection": "close"}
        name = self._host_header()
        method = "GET" if body is None else "POST"
        self._connection.request(method, self._target.path, body, {**headers, **own, "Host": name})
        answer = self._answer = self._connection.getresponse()
        self._refuse(answer)
        media_type = answer.headers.get_content_type() if "Content-Type" in answer.headers else ""
        return Reply(answer.status, media_type, self._content(answer))

    def _host_header(self) -> str:
        name = f"[{self._target.host}]" if ":" in self._target.host else self._target.host
        usual = PORTS["https" if self._target.is_tls else "http"]
        return name if self._target.port == usual else f"{name}:{self._target.port}"

    def _refuse(self, answer: http.client.HTTPResponse) -> None:
        host = self._target.host
        if 300 <= answer.status < 400:
            to = repr(answer.headers.get("Location", "")[:200])
            raise QueryError(f"{host} sends on to {to}, which is not followed; name that address")
        coding = answer.headers.get("Content-Encoding", "identity")
        if coding != "identity":
            raise QueryError(f"{host} answers compressed though it was asked not to")
        if answer.length is not None and answer.length > self._reach.most:
            raise self._too_much()

    def _content(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        read = 0
        while chunk := answer.read1(CHUNK):
            read += len(chunk)
            if read > self._reach.most:
                raise self._too_much()
            yield chunk
        if self._is_late or answer.length:
            raise self.failed()

    def _too_much(self) -> QueryError:
        return QueryError(f"{self._target.host} answers more than {self._reach.most:,} bytes")

    def failed(self) -> QueryError:
        """Return what is said where the host does not answer as it should."""
        host, seconds = self._target.host, self._reach.seconds
        if self._is_late:
            return QueryError(f"{host} did not answer in full within {seconds:g} seconds")
        return QueryError(f"{host} cannot be reached, or breaks off its answer")

    def _stop(self) -> None:
        self._is_late = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                return

    def close(self) -> None:
        """Let go of everything."""
        self._timer.cancel()
        if self._answer is not None:
            self._answer.close()
        self._connection.close()
        if self._socket is not None:
            self._socket.close()
