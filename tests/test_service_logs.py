"""The service's own log: lines of JSON, and the names of requests in them."""

from __future__ import annotations

import io
import json
import logging
import re

from aimsgraph.web import create_app
from aimsgraph.web.logs import structured
from tiny_support import memory


def test_a_bug_is_one_line_that_names_its_request() -> None:
    app = create_app(memory())
    app.add_url_rule("/bug", "bug", _bug)
    stream = io.StringIO()

    with structured(stream):
        response = app.test_client().get("/bug", headers={"Authorization": "Bearer s3cret"})

    (written,) = stream.getvalue().splitlines()
    told = json.loads(written)
    assert response.status_code == 500
    assert told["request"] == response.headers["X-Request-Id"]
    assert "ZeroDivisionError" in told["traceback"]
    assert told["level"] == "error"
    assert "s3cret" not in written
    assert "ZeroDivision" not in response.text


def _bug() -> str:
    return str(1 / 0)


def test_requests_have_different_names() -> None:
    client = create_app(memory()).test_client()

    names = {client.get("/healthz").headers["X-Request-Id"] for _ in range(9)}

    assert len(names) == 9
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_the_log_is_as_it_was_afterwards() -> None:
    loggers = [logging.getLogger(name) for name in ("aimsgraph", "waitress", "waitress.queue")]
    before = [(one.level, one.propagate, list(one.handlers)) for one in loggers]

    with structured(io.StringIO()):
        assert logging.getLogger("aimsgraph").handlers

    assert [(one.level, one.propagate, list(one.handlers)) for one in loggers] == before


def test_what_waitress_has_to_say_stands_in_it_too() -> None:
    stream = io.StringIO()

    with structured(stream):
        logging.getLogger("waitress").warning("odd\nthings")
        logging.getLogger("waitress").info("a client left")
        logging.getLogger("waitress.queue").warning("a request waits")

    (told,) = map(json.loads, stream.getvalue().splitlines())
    assert (told["logger"], told["message"]) == ("waitress", "odd\nthings")
