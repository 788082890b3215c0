"""Answers in gzip for whoever takes it, compressed as they go out."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import Final

from flask import Response, request

from aimsgraph.web.sharing import vary

LEAST: Final = 1024
"""A shorter answer would hardly get shorter, in bytes."""

WHOLE: Final = 1024 * 1024
"""An answer that is there already is compressed at once up to this size, so its length is known."""

SUFFIX: Final = "-gzip"
"""Ends the strong tag of a compressed answer (RFC 9110, 8.8.3.3)."""

LEVEL: Final = 4
PAUSE: Final = 0.2
"""Seconds for which rows may wait inside the compressor."""

_KNOWN: Final = "aimsgraph.gzip"
"""Says in a request's environment that its caller has a compressed answer already."""

_GZIP: Final = 31
"""What tells zlib to write the frame of gzip around its stream."""

_TEXTUAL: Final = frozenset(
    {
        "application/json",
        "application/n-quads",
        "application/n-triples",
        "application/openmetrics-text",
        "application/trig",
        "application/xml",
        "image/svg+xml",
    }
)


def understand_tags() -> None:
    """Let a condition that names the tag of a compressed answer mean the answer itself."""
    for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH"):
        sent = request.environ.get(name)
        if sent and SUFFIX in sent:
            request.environ[_KNOWN] = True
            request.environ[name] = sent.replace(f'{SUFFIX}"', '"')


def compress(response: Response) -> None:
    """Compress an answer if it is text and its caller takes gzip."""
    if not _is_textual(response.mimetype) or "Content-Encoding" in response.headers:
        return
    vary(response, "Accept-Encoding")
    if not _is_wanted() or response.status_code in {204, 206}:
        return
    if response.status_code == 304:
        if request.environ.get(_KNOWN):
            _mark(response)
        return
    length = response.content_length if response.content_length is not None else _length(response)
    if length is not None and length < LEAST:
        return
    _mark(response)
    response.headers["Content-Encoding"] = "gzip"
    response.headers.pop("Accept-Ranges", None)
    if length is not None and length <= WHOLE:
        response.direct_passthrough = False
        response.set_data(b"".join(Gzipped([response.get_data()])))
        return
    response.headers.pop("Content-Length", None)
    response.direct_passthrough = False
    body = response.response
    response.response = Gzipped(response.iter_encoded(), getattr(body, "close", None))


class Gzipped:
    """A body, compressed as it is read: the first bytes at once, and none much later.

    Args:
        chunks: the body.
        close: lets go of it.
    """

    def __init__(self, chunks: Iterable[bytes], close: Callable[[], None] | None = None) -> None:
        self._chunks = chunks
        self._close = close

    def __iter__(self) -> Iterator[bytes]:
        squeeze = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
        flushed = None
        for chunk in self._chunks:
            if not chunk:
                continue
            data = squeeze.compress(chunk)
            now = monotonic()
            if flushed is None or now - flushed > PAUSE:
                data += squeeze.flush(zlib.Z_SYNC_FLUSH)
                flushed = now
            if data:
                yield data
        yield squeeze.flush()

    def close(self) -> None:
        """Let go of the body."""
        if self._close is not None:
            self._close()


def _is_textual(media_type: str | None) -> bool:
    known = media_type or ""
    return known.startswith("text/") or known in _TEXTUAL or known.endswith(("+json", "+xml"))


def _is_wanted() -> bool:
    """Return whether the caller takes gzip, and would not rather have the answer as it is."""
    if not any(
        known in request.headers.get("Accept-Encoding", "").lower() for known in ("gzip", "*")
    ):
        return False
    taken = request.accept_encodings
    plain = taken.quality("identity") if "identity" in list(taken.values()) else 0
    return bool(taken) and taken.quality("gzip") > 0 and taken.quality("gzip") >= plain


def _length(response: Response) -> int | None:
    if response.is_sequence:
        return sum(len(chunk) for chunk in response.iter_encoded())
    return None


def _mark(response: Response) -> None:
    tag, is_weak = response.get_etag()
    if tag is not None and not is_weak and not tag.endswith(SUFFIX):
        response.set_etag(tag + SUFFIX)
