"""A served graph with its OpenAPI document, and whether an answer is as it says."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from openapi_schema_validator import OAS31Validator
from werkzeug.test import TestResponse

from aimsgraph.catalogue.catalogue import Catalogue
from aimsgraph.catalogue.question import Question
from aimsgraph.web import create_app
from aimsgraph.web.openapi.document import document
from cases_support import catalogue
from site_support import Site, signed_in
from tiny_support import SYSTEM, TODAY, memory, update


@cache
def site() -> Site:
    """Return a served graph with a system in it, and an editor."""
    graph = memory()
    graph.commit(update(SYSTEM))
    return Site(graph, create_app(graph).test_client(), signed_in(graph, "Ada"))


def json(answer: TestResponse) -> Any:
    """Return the body of an answer."""
    return answer.json


@cache
def told() -> dict[str, Any]:
    """Return its document."""
    return dict(json(site().get("/openapi.json")))


def of(*questions: Question, day: date = TODAY) -> dict[str, Any]:
    """Return the document of the routes there are, and some questions."""
    rules = site().client.application.url_map.iter_rules()
    return document(rules, Catalogue(questions), day)


@cache
def shipped() -> dict[str, Any]:
    """Return the document of the questions that are shipped."""
    return of(*catalogue())


def resolved(found: Any) -> Any:
    """Return a part of the document, or what it refers to."""
    if "$ref" in found:
        part: Any = told()
        for name in found["$ref"].removeprefix("#/").split("/"):
            part = part[name]
        return part
    return found


def parameters(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters of an operation by name."""
    return {one["name"]: one for one in map(resolved, operation.get("parameters", ()))}


def is_as_told(answer: TestResponse, operation: dict[str, Any]) -> bool:
    """See that an answer is one of those described, down to its JSON."""
    assert str(answer.status_code) in operation["responses"]
    response = resolved(operation["responses"][str(answer.status_code)])
    content = response.get("content", {})
    if answer.status_code == 304:
        return not answer.data
    assert answer.mimetype in content or "*/*" in content
    kind = content.get(answer.mimetype, {}).get("schema")
    if kind is not None and str(answer.mimetype).endswith("json"):
        whole = {**kind, "components": told()["components"]}
        OAS31Validator(whole).validate(answer.json)
    return True
