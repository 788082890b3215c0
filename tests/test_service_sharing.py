"""What pages of other sites may read, what proxies may say, and the headers of every answer."""

from __future__ import annotations

from typing import Any

import pytest
from flask import request
from flask.testing import FlaskClient

from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from aimsgraph.web.door import Door
from site_support import UPDATE, signed_in
from tiny_support import PREFIXES, SYSTEM, memory

ASK = "/sparql?query=ASK+{}"
LISTED = "https://good.example"
OTHER = "https://evil.example"
ALLOW = "Access-Control-Allow-Origin"


def served(open_reading: str = "never", **settings: Any) -> tuple[FlaskClient, dict[str, str]]:
    """Return somebody who sends requests, and the headers of an editor."""
    graph = memory(Settings(open_reading=open_reading, **settings))
    return create_app(graph).test_client(), signed_in(graph, "Ada")


@pytest.mark.parametrize(
    ("open_reading", "origin", "has_token", "allowed"),
    [
        ("always", OTHER, False, "*"),
        ("always", None, False, "*"),
        ("always", OTHER, True, None),
        ("always", LISTED, True, LISTED),
        ("never", LISTED, True, LISTED),
        ("never", LISTED, False, LISTED),
        ("never", OTHER, True, None),
        ("never", "null", True, None),
        ("never", LISTED + ".evil.example", True, None),
        ("never", "http://good.example", True, None),
        ("loopback", OTHER, False, None),
        ("loopback", LISTED, False, LISTED),
    ],
)
def test_an_answer_is_shared_with_whom_it_may_be(
    open_reading: str, origin: str | None, has_token: bool, allowed: str | None
) -> None:
    client, ada = served(open_reading, origins=(LISTED,))
    headers = {**(ada if has_token else {}), **({"Origin": origin} if origin else {})}

    answers = [client.get(ASK, headers=headers), client.post("/sparql", headers=headers)]

    for answer in answers:
        assert answer.headers.get(ALLOW) == allowed
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.vary
        policy = "cross-origin" if allowed == "*" else "same-origin"
        assert answer.headers["Cross-Origin-Resource-Policy"] == policy


@pytest.mark.parametrize(
    ("path", "method", "is_allowed"),
    [
        (ASK, "GET", True),
        (ASK, "POST", True),
        ("/queries/systems", "POST", True),
        ("/graphs?default", "GET", True),
        ("/graphs?default", "PUT", False),
        ("/graphs?default", "POST", False),
        ("/graphs?default", "DELETE", False),
        ("/update", "POST", False),
        ("/load", "POST", False),
        ("/validate", "POST", False),
    ],
)
@pytest.mark.parametrize("origin", [LISTED, OTHER])
def test_a_browser_that_asks_first_may_only_read(
    path: str, method: str, is_allowed: bool, origin: str
) -> None:
    client, _ = served("always", origins=(LISTED,))

    answer = client.options(
        path, headers={"Origin": origin, "Access-Control-Request-Method": method}
    )

    assert answer.status_code == 200
    assert (ALLOW in answer.headers) is is_allowed
    if is_allowed:
        assert answer.headers[ALLOW] == (LISTED if origin == LISTED else "*")
        methods = answer.headers["Access-Control-Allow-Methods"].split(", ")
        assert set(methods) <= {"GET", "HEAD", "POST"}
        asked = answer.headers["Access-Control-Allow-Headers"]
        assert ("Authorization" in asked) is (origin == LISTED)
        assert int(answer.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("origin", [LISTED, OTHER])
def test_a_listed_page_cannot_write_either(origin: str) -> None:
    client, ada = served("always", origins=(LISTED,))

    answer = client.post(
        "/update",
        data=PREFIXES + SYSTEM,
        content_type=UPDATE,
        headers={**ada, "Origin": origin},
    )

    assert answer.status_code == 403
    assert ALLOW not in answer.headers


def test_the_owners_socket_shares_nothing() -> None:
    graph = memory(Settings(open_reading="always", origins=(LISTED,)))
    client = create_app(graph, Door(is_owners=True, open_reading="always")).test_client()

    assert ALLOW not in client.get(ASK, headers={"Origin": LISTED}).headers


@pytest.mark.parametrize(
    ("path", "kept"),
    [(ASK, "private, no-cache"), ("/none", "private, no-store"), ("/healthz", "private, no-store")],
)
def test_no_shared_cache_keeps_what_a_token_was_shown_for(path: str, kept: str) -> None:
    client, ada = served("always")

    assert client.get(path, headers=ada).headers["Cache-Control"] == kept
    assert "private" not in client.get(path).headers.get("Cache-Control", "")


@pytest.mark.parametrize("path", ["/", ASK, "/none", "/update", "/static/style.css", "/metrics"])
def test_every_answer_is_protected(path: str) -> None:
    client, _ = served("always")

    headers = client.get(path, buffered=True).headers

    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("proxies", "remote", "address"),
    [
        (0, "203.0.113.9", ("127.0.0.1", "http://localhost/try")),
        (1, "203.0.113.9", ("203.0.113.9", "https://aims.example/try")),
        (1, "6.6.6.6, 203.0.113.9", ("203.0.113.9", "https://aims.example/try")),
        (2, "203.0.113.9", ("127.0.0.1", "http://localhost/try")),
    ],
)
def test_only_trusted_proxies_are_believed(
    proxies: int, remote: str, address: tuple[str, str]
) -> None:
    app = create_app(memory(Settings(trusted_proxies=proxies)))
    app.add_url_rule("/try", "try", lambda: [request.remote_addr, request.base_url])

    found = app.test_client().get(
        "/try",
        headers={
            "X-Forwarded-For": remote,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "aims.example",
            "X-Forwarded-Prefix": "/evil",
        },
    )

    assert tuple(found.get_json()) == address


@pytest.mark.parametrize("proxies", [0, 1])
def test_a_trusted_proxy_does_not_open_reading(proxies: int) -> None:
    client = create_app(memory(Settings(trusted_proxies=proxies))).test_client()
    near = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost"}

    assert client.get(ASK).status_code == 200
    assert client.get(ASK, headers=near).status_code == 401
