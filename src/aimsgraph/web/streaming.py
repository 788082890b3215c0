"""Answers that are sent as they come."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Final

from flask import Response, request
from werkzeug.wsgi import wrap_file

from aimsgraph.readers.runner import Answering

_CHUNK: Final = 1 << 16


def streamed(found: Answering, content_type: str) -> Response:
    """Return a response that sends an answer as it comes; whole if it is here already.

    An answer that breaks off breaks off the response, in chunks that never
    end. HTTP/1.0 has no such chunks, so there the whole answer is waited for.
    """
    if found.is_whole:
        return Response(b"".join(found), content_type=content_type)
    if request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return _at_once(found, content_type)
    response = Response(iter(found), content_type=content_type)
    response.call_on_close(found.close)
    return response


def _at_once(found: Answering, content_type: str) -> Response:
    body = TemporaryFile()  # noqa: SIM115 - the response closes it
    for piece in found:
        body.write(piece)
    size = body.tell()
    body.seek(0)
    response = Response(wrap_file(request.environ, body, _CHUNK), content_type=content_type)
    response.content_length = size
    response.direct_passthrough = True
    return response
