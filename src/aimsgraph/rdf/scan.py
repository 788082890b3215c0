"""A look at RDF from outside, before the engine's parser sees it.

The engine's parsers recurse through nested triple terms and JSON objects, take
time by the square of the nesting of XML and of the attributes of an element,
and expand every entity. Nothing that a document names is fetched by them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final
from xml.parsers import expat

import pyoxigraph as ox

from aimsgraph.errors import SourceError

MAX_NESTING: Final = 128
"""How deep elements, objects and triple terms may nest."""

MAX_ATTRIBUTES: Final = 1_000
"""How many attributes an element may have."""

MAX_INDIRECT: Final = 100
"""How many terms of a JSON-LD context may rest on terms that rest on others of it."""

MAX_ENTITY: Final = 1_000
"""How long the text of an entity may be in a file of the owner's."""

_BOM: Final = b"\xef\xbb\xbf"

_TRIPLE_TERM: Final = re.compile(
    rb"""#[^\r\n]*|<[^<>"{}|^`\x00-\x20]*>|\"{3}(?:[^"\\]|\\.|"(?!""))*+\"{3}"""
    rb"""|'{3}(?:[^'\\]|\\.|'(?!''))*+'{3}|"(?:[^"\\\r\n]|\\.)*+"|'(?:[^'\\\r\n]|\\.)*+'"""
    rb"""|(?P<open><<)|(?P<close>\)?>>)""",
    re.DOTALL,
)


def refuse_hostile(content: bytes, rdf_format: ox.RdfFormat, name: object = "body") -> None:
    """See that a document from outside may go to the engine's parser.

    Raises:
        SourceError: it is not UTF-8, holds a NUL or a DOCTYPE, nests too
            deeply, or names a JSON-LD context to be fetched.
    """
    where = str(name)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(where, "is not UTF-8; save it as UTF-8", line) from error
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise SourceError(where, "holds a NUL character; leave it out", line)
    if rdf_format == ox.RdfFormat.RDF_XML:
        refuse_hostile_xml(content, where)
    elif rdf_format in (ox.RdfFormat.JSON_LD, ox.RdfFormat.STREAMING_JSON_LD):
        _refuse_hostile_json(content, where)
    else:
        _refuse_deep_terms(content, where)


# -- Turtle and its kin ------------------------------------------------------------


def _refuse_deep_terms(content: bytes, where: str) -> None:
    if content.count(b"<<") <= MAX_NESTING:
        return
    depth = 0
    for match in _TRIPLE_TERM.finditer(content):
        depth += (match.lastgroup == "open") - (match.lastgroup == "close" and depth > 0)
        if depth > MAX_NESTING:
            line = content.count(b"\n", 0, match.start()) + 1
            reason = f"nests triple terms deeper than {MAX_NESTING}"
            raise SourceError(where, reason, line)


# -- XML -----------------------------------------------------------------------------


class _Xml:
    """What an XML document does to its reader; the parser tells it as it goes."""

    def __init__(self, where: str, *, is_own: bool) -> None:
        self._where = where
        self._is_own = is_own
        self._depth = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity

    def _refuse(self, reason: str) -> None:
        raise SourceError(self._where, reason, self.parser.CurrentLineNumber)

    def _start(self, _: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_NESTING:
            self._refuse(f"nests elements deeper than {MAX_NESTING}")
        if len(attributes) > MAX_ATTRIBUTES:
            self._refuse(f"has an element with more than {MAX_ATTRIBUTES:,} attributes")

    def _end(self, _: str) -> None:
        self._depth -= 1

    def _doctype(self, *_: object) -> None:
        if not self._is_own:
            self._refuse("has a DOCTYPE, which is not taken; write its entities out and drop it")

    def _entity(self, entity: str, _: bool, value: str | None, *__: object) -> None:
        if value is None:
            self._refuse(f"takes the entity {entity} from elsewhere; write it out")
        elif "&" in value or len(value) > MAX_ENTITY:
            self._refuse(f"has the entity {entity}, which is long or holds others; write it out")


def refuse_hostile_xml(content: bytes, where: str, *, is_own: bool = False) -> None:
    """See that XML may go to the engine's parser; a file of the owner's may have small entities.

    Raises:
        SourceError: it has a DOCTYPE or its like, or nests too deeply, or is not well formed.
    """
    reading = _Xml(where, is_own=is_own)
    try:
        reading.parser.Parse(content, True)  # noqa: FBT003 - "this is all", by position only
    except expat.ExpatError as error:
        reason = f"not valid RDF: not well-formed XML: {expat.ErrorString(error.code)}"
        raise SourceError(where, reason, error.lineno) from error
    except (LookupError, ValueError) as error:
        raise SourceError(where, "is in an encoding that is not known; save it as UTF-8") from error


# -- JSON-LD -------------------------------------------------------------------------


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object; a name that stands twice is there twice."""


def _refuse_hostile_json(content: bytes, where: str) -> None:
    try:
        document = json.loads(content.removeprefix(_BOM), object_pairs_hook=_Members)
    except RecursionError:
        raise SourceError(where, f"nests deeper than {MAX_NESTING}") from None
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise SourceError(where, f"not valid RDF: not JSON: {error}", line) from error
    pending = [(document, 0)]
    while pending:
        value, depth = pending.pop()
        if depth > MAX_NESTING:
            raise SourceError(where, f"nests deeper than {MAX_NESTING}")
        for member, inner in _members(value):
            if member in {"@context", "@import"}:
                _refuse_hostile_context(member, inner, where)
            pending.append((inner, depth + 1))


def _members(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, _Members):
        return value
    return [("", one) for one in value] if isinstance(value, list) else []


def _refuse_hostile_context(member: str, context: Any, where: str) -> None:
    alone = [context] if isinstance(context, _Members | str) else context
    for one in alone if isinstance(alone, list) else []:
        if isinstance(one, str):
            raise SourceError(
                where,
                f"names the JSON-LD context {one[:200]!r}, which would have to be fetched; "
                f"put it into the document in place of {member}",
            )
        if isinstance(one, _Members):
            _refuse_chains(one, where)


def _refuse_chains(context: _Members, where: str) -> None:
    """See that no term rests on a term on a term and so on, which the engine follows one by one."""
    names = {name for name, _ in context}
    rests = {name: set(_rests_on(value, names - {name})) for name, value in context}
    indirect = sum(any(rests[other] for other in found) for found in rests.values())
    if indirect > MAX_INDIRECT:
        raise SourceError(where, "has a JSON-LD context whose terms rest on each other; use IRIs")


def _rests_on(value: Any, names: set[str]) -> Iterator[str]:
    values = [inner for _, inner in value] if isinstance(value, _Members) else [value]
    for one in values:
        if isinstance(one, str):
            yield from {one, one.partition(":")[0]} & names
