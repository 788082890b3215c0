"""What the dataset holds, as VoID says it: its classes, its properties, and how many of each."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote

import pyoxigraph as ox
from flask import Blueprint, Response, request

from aimsgraph.formats import GRAPH_FORMATS, Format
from aimsgraph.namespaces import AIMS, DCTERMS, PREFIXES, RDF, shorten
from aimsgraph.rdf.terms import typed
from aimsgraph.rdf.tokens import Dataset
from aimsgraph.view import View
from aimsgraph.web.description import VOID, format_iri
from aimsgraph.web.desk import Desk
from aimsgraph.web.kept import Kept
from aimsgraph.web.negotiation import choose, reply, unchanged
from aimsgraph.web.statistics import Statistics, statistics

VOID_EXT: Final = "http://ldf.fi/void-ext#"
PATH: Final = "/.well-known/void"

LINKED: Final = frozenset({"pages.home", "sparql.endpoint"})
"""Where somebody who looks for the description comes by."""

_EXAMPLES: Final = f"SELECT ?s {{ ?s a <{AIMS}AISystem> }} ORDER BY ?s LIMIT 3"
_FOAF: Final = PREFIXES["foaf"]
_A: Final = ox.NamedNode(f"{RDF}type")
_NAMED: Final = {**PREFIXES, "void": VOID, "void-ext": VOID_EXT}


def blueprint(desk: Desk) -> Blueprint:
    """Return the description of a graph as a dataset."""
    part = Blueprint("void", __name__)
    kept: Kept[bytes] = Kept()

    @part.get(PATH)
    def void() -> Response:
        view = desk.view
        chosen = choose(GRAPH_FORMATS) or GRAPH_FORMATS[0]
        name, root = f"void-{chosen.name}", request.root_url
        if (same := unchanged(view.version, name)) is not None:
            return same
        body = kept.get((view.version, root, chosen.name), lambda: _written(view, root, chosen))
        return reply(body, chosen.content_type, view.version, name)

    @part.after_app_request
    def link(response: Response) -> Response:
        if request.endpoint in LINKED and response.status_code < 400:
            address = f"{request.root_url.rstrip('/')}{PATH}"
            response.headers.add("Link", f'<{address}>; rel="describedby"')
        return response

    return part


def _written(view: View, root: str, chosen: Format) -> bytes:
    output = io.BytesIO()
    triples = dataset(view, root)
    ox.serialize(triples, output, chosen.writer, prefixes=_NAMED)  # type: ignore[arg-type]
    return output.getvalue()


def address(root: str) -> str:
    """Return what stands for the dataset of a service at an address."""
    return f"{root.rstrip('/')}{PATH}#dataset"


def dataset(view: View, root: str) -> list[ox.Triple]:
    """Return what is said of all that a caller may read.

    Args:
        view: what the caller looks at.
        root: the address of the service.
    """
    about, known = ox.NamedNode(address(root)), statistics(view)
    return [
        *_document(about, root),
        *_service(about, view, root.rstrip("/")),
        *_sums(about, known),
        *_classes(about, known),
        *_properties(about, known),
    ]


def _document(about: ox.NamedNode, root: str) -> Iterator[ox.Triple]:
    document = ox.NamedNode(about.value.partition("#")[0])
    title = ox.Literal("Records of an AI management system", language="en")
    yield ox.Triple(document, _A, _void("DatasetDescription"))
    yield ox.Triple(document, ox.NamedNode(f"{_FOAF}primaryTopic"), about)
    yield ox.Triple(about, _A, _void("Dataset"))
    yield ox.Triple(about, ox.NamedNode(f"{DCTERMS}title"), title)
    yield ox.Triple(about, ox.NamedNode(f"{_FOAF}homepage"), ox.NamedNode(root))


def _service(about: ox.NamedNode, view: View, base: str) -> Iterator[ox.Triple]:
    """Yield where the dataset is reached, and what to look at first."""
    yield ox.Triple(about, _void("sparqlEndpoint"), ox.NamedNode(f"{base}/sparql"))
    yield ox.Triple(about, _void("uriLookupEndpoint"), ox.NamedNode(f"{base}/id/?iri="))
    if view.is_union:
        yield ox.Triple(about, _void("dataDump"), ox.NamedNode(f"{base}/graphs?default"))
    for one in GRAPH_FORMATS:
        yield ox.Triple(about, _void("feature"), format_iri(one))
    for row in view.ask(_EXAMPLES, dataset=Dataset(tuple(view.readable))):
        if isinstance(row[0], ox.NamedNode):
            yield ox.Triple(about, _void("exampleResource"), row[0])


def _sums(about: ox.NamedNode, known: Statistics) -> Iterator[ox.Triple]:
    """Yield how much there is of everything, and in whose words."""
    counts = {
        "triples": known.triples,
        "entities": known.entities,
        "classes": len(known.classes),
        "properties": len(known.properties),
        "distinctSubjects": known.subjects,
        "distinctObjects": known.objects,
    }
    for name, count in counts.items():
        yield _count(about, name, count)
    terms = [*known.classes, *known.properties]
    for namespace in sorted(PREFIXES.values()):
        if any(term.startswith(namespace) for term in terms):
            yield ox.Triple(about, _void("vocabulary"), ox.NamedNode(namespace))


def _classes(about: ox.NamedNode, known: Statistics) -> Iterator[ox.Triple]:
    """Yield the things of each class, and the properties they have.

    What a property points to is said within a class only where all its
    statements agree: then those of the class do too.
    """
    for name, count in sorted(known.classes.items()):
        part = _part(about, name)
        yield ox.Triple(about, _void("classPartition"), part)
        yield ox.Triple(part, _void("class"), ox.NamedNode(name))
        yield _count(part, "entities", count)
        for of, size in sorted(known.of_class.get(name, {}).items()):
            inner = _part(about, name, of)
            yield from _property(part, inner, of, size)
            every = known.properties[of]
            classes = _agreed(known.object_classes.get(of, {}), every, size)
            datatypes = _agreed(known.datatypes.get(of, {}), every, size)
            yield from _values(about, inner, (name, of), classes, datatypes)


def _agreed(counts: Mapping[str, int], every: int, size: int) -> dict[str, int]:
    """Return what every one of all statements points to, as counts of some of them."""
    return {name: size for name, count in counts.items() if count == every}


def _properties(about: ox.NamedNode, known: Statistics) -> Iterator[ox.Triple]:
    for name, count in sorted(known.properties.items()):
        part = _part(about, "", name)
        yield from _property(about, part, name, count)
        yield from _values(
            about,
            part,
            ("", name),
            known.object_classes.get(name, {}),
            known.datatypes.get(name, {}),
        )


def _property(
    whole: ox.NamedNode, part: ox.NamedNode, name: str, count: int
) -> Iterator[ox.Triple]:
    yield ox.Triple(whole, _void("propertyPartition"), part)
    yield ox.Triple(part, _void("property"), ox.NamedNode(name))
    yield _count(part, "triples", count)


def _values(
    about: ox.NamedNode,
    part: ox.NamedNode,
    path: tuple[str, str],
    classes: Mapping[str, int],
    datatypes: Mapping[str, int],
) -> Iterator[ox.Triple]:
    """Yield what statements point to: things of which classes, values of which datatypes."""
    for name, count in sorted(classes.items()):
        inner = _part(about, *path, name)
        yield ox.Triple(part, _void("classPartition"), inner)
        yield ox.Triple(inner, _void("class"), ox.NamedNode(name))
        yield _count(inner, "triples", count)
    for name, count in sorted(datatypes.items()):
        inner = _part(about, *path, name)
        yield ox.Triple(part, ox.NamedNode(f"{VOID_EXT}datatypePartition"), inner)
        yield ox.Triple(inner, ox.NamedNode(f"{VOID_EXT}datatype"), ox.NamedNode(name))
        yield _count(inner, "triples", count)


def _part(about: ox.NamedNode, *names: str) -> ox.NamedNode:
    """Return what stands for the part of a dataset with some names, one within the other."""
    document = about.value.partition("#")[0]
    return ox.NamedNode(f"{document}#{'/'.join(quote(shorten(n), safe=':') for n in names)}")


def _count(node: ox.NamedNode, name: str, count: int) -> ox.Triple:
    return ox.Triple(node, _void(name), typed(str(count), "integer"))


def _void(name: str) -> ox.NamedNode:
    return ox.NamedNode(VOID + name)
