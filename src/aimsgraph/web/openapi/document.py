"""The OpenAPI document: the application's routes, told by the table, and the named questions."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Final

from flask import Blueprint, Response, current_app, request
from werkzeug.routing import Rule

from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.parameters import Parameter
from aimsgraph.catalogue.question import Question
from aimsgraph.errors import ParameterError
from aimsgraph.rdf.terms import value_of
from aimsgraph.version import __version__
from aimsgraph.web.desk import Desk
from aimsgraph.web.negotiation import reply, unchanged
from aimsgraph.web.openapi.components import (
    DAY,
    FLAG,
    IRI,
    TEXT,
    Json,
    components,
    headers,
    parameter,
)
from aimsgraph.web.openapi.operations import (
    FORM,
    OPERATIONS,
    POSTED,
    QUESTION_ANSWERS,
    READ,
    SUFFIXES,
    VIEW,
    Operation,
)

QUESTION: Final = "questions.question"
"""The endpoint whose paths the catalogue tells."""

TOLD: Final = ("GET", "POST", "PUT", "DELETE")
"""The methods told; HEAD is answered wherever GET is, and OPTIONS everywhere."""

SCHEMA_FOR_TYPE: Final[dict[str, Json]] = {
    "iri": IRI,
    "string": TEXT,
    "date": DAY,
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "pattern": r"^[+-]?(\d+\.?\d*|\.\d+)$"},
    "boolean": FLAG,
}
"""How the value of a parameter of each type is written."""

_ABOUT: Final = """\
Records of an AI management system, the questions asked of them, and their changes.
HEAD is answered wherever GET is. Errors are problem documents (RFC 9457). Reads carry an ETag
that names the state they were made from. In a path, a parameter may hold slashes."""


def blueprint(desk: Desk) -> Blueprint:
    """Return where the document is read."""
    part = Blueprint("openapi", __name__)

    @part.get("/openapi.json")
    def openapi() -> Response:
        view, name = desk.view, f"openapi-{__version__}"
        if (same := unchanged(view.version, name)) is not None:
            return same
        told = document(
            current_app.url_map.iter_rules(),
            view.catalogue,
            view.today,
            server=request.root_url,
            is_open=desk.door.open_reading != "never",
        )
        body = json.dumps(told, separators=(",", ":"), ensure_ascii=False) + "\n"
        return reply(body, "application/json", view.version, name)

    @part.after_app_request
    def link(response: Response) -> Response:
        if request.endpoint == "pages.home" and response.status_code < 400:
            address = f"{request.root_url}openapi.json"
            response.headers.add("Link", f'<{address}>; rel="service-desc"')
        return response

    return part


def document(
    rules: Iterable[Rule],
    catalogue: Catalogue,
    today: date,
    *,
    server: str = "/",
    is_open: bool = True,
) -> Json:
    """Return the document.

    Args:
        rules: the routes of the application.
        catalogue: the named questions.
        today: the day that defaults are counted from.
        server: the address of the service.
        is_open: whether reading may do without a token.
    """
    paths: dict[str, Json] = defaultdict(dict)
    for rule in rules:
        for method in sorted(rule.methods or ()):
            known = OPERATIONS.get((rule.endpoint, method))
            if known is not None:
                name = f"{method.lower()}-{rule.endpoint.replace('.', '-')}"
                paths[_path(rule)][method.lower()] = _operation(known, name, is_open)
    for question in catalogue:
        for path, method, operation in _asked(question, today):
            name = f"{method}-question-{path.removeprefix('/queries/').replace('.{suffix}', '-as')}"
            told = _operation(operation, name, is_open)
            paths[path][method] = {**told, "tags": [question.theme]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "aimsgraph", "version": __version__, "description": _ABOUT},
        "servers": [{"url": server.rstrip("/") or "/"}],
        "paths": dict(sorted(paths.items())),
        "components": _components(),
    }


def _components() -> Json:
    """Return what is shared, with the answers of named questions, which are told once."""
    found = components()
    found["responses"] |= {
        name: _response(200, answer) for name, answer in QUESTION_ANSWERS.items()
    }
    return found


def _path(rule: Rule) -> str:
    """Return a route as OpenAPI writes it: `/id/<path:path>` is `/id/{path}`."""
    return re.sub(r"<(?:[^:<>]*:)?([^<>]*)>", r"{\1}", rule.rule)


def _operation(told: Operation, name: str, is_open: bool) -> Json:
    token: list[Json] = [{"bearer": []}, {"basic": []}]
    found: Json = {"operationId": name, "summary": told.summary}
    if told.about:
        found["description"] = told.about
    if told.parameters:
        found["parameters"] = [
            {"$ref": f"#/components/parameters/{one}"} if isinstance(one, str) else one
            for one in told.parameters
        ]
    if told.body:
        found["requestBody"] = {"required": told.needs_body, "content": _content(told.body)}
    found["responses"] = dict(_responses(told))
    if told.is_open:
        found["security"] = []
    else:
        found["security"] = token if told.writes or not is_open else [{}, *token]
    return found


def _responses(told: Operation) -> Iterator[tuple[str, Json]]:
    for status, answer in sorted(told.answers.items()):
        yield str(status), _response(status, answer)
    for status in sorted(told.refusals):
        yield str(status), {"$ref": f"#/components/responses/Refusal{status}"}


def _response(status: int, answer: Json | str) -> Json:
    if isinstance(answer, str):
        return {"$ref": f"#/components/responses/{answer}"}
    said: Json = {"description": _SAID[status], **headers(status)}
    return {**said, "content": _content(answer)} if answer else said


_SAID: Final = {200: "Done", 201: "Made", 304: "The caller has it already"}


def _content(schemas: Json) -> Json:
    return {media: {"schema": one} if one else {} for media, one in schemas.items()}


def _asked(question: Question, today: date) -> Iterator[tuple[str, str, Operation]]:
    """Yield the ways to ask a named question: by Accept, by suffix, and with a form."""
    about = f"{question.question}\n\nClauses: {', '.join(question.clauses)}."
    own = tuple(_parameter(one, today) for one in question.parameters)
    path = f"/queries/{question.name}"
    by_accept = Operation(
        question.summary, {200: "Answer", 304: {}}, parameters=(*own, *READ), about=about
    )
    yield path, "get", by_accept
    properties = {one["name"]: one["schema"] for one in own}
    required = [one["name"] for one in own if one.get("required")]
    form = {"type": "object", "properties": properties, "required": required}
    by_form = replace(
        by_accept,
        answers={200: "Answer"},
        refusals=POSTED,
        parameters=VIEW,
        body={FORM: form},
        needs_body=bool(required),
    )
    yield path, "post", by_form
    suffix = parameter("suffix", "path", "The format", {"enum": sorted(SUFFIXES)})
    answers: dict[int, Json | str] = {200: "AnswerAs", 304: {}}
    by_suffix = replace(by_accept, answers=answers, parameters=(suffix, *own, *READ))
    yield path + ".{suffix}", "get", by_suffix


def _parameter(one: Parameter, today: date) -> Json:
    kind, label = dict(SCHEMA_FOR_TYPE[one.type]), one.label
    default = one.default_on(today)
    if default is not None:
        kind |= _default(one, default)
        if default != one.default:
            label += f"; {one.default} if not given"
    is_required = default is None and not one.is_optional
    return parameter(one.name, "query", label, kind, is_required=is_required)


def _default(one: Parameter, text: str) -> Json:
    """Return the default as a value of its schema; nothing where it is none, as in a bad header."""
    try:
        value = value_of(one.term(text))
    except ParameterError:
        return {}
    if one.type in {"integer", "boolean"}:
        return {"default": json.loads(value)}
    return {"default": value}
