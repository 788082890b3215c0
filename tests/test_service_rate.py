"""How often one caller may come, and that guessing tokens is slow."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient

from aimsgraph.graph import AimsGraph
from aimsgraph.settings import Settings
from aimsgraph.web import create_app
from aimsgraph.web.door import Door
from aimsgraph.web.rate import Buckets, network_of, seconds
from site_support import signed_in
from tiny_support import memory

ASK = "/sparql?query=ASK+{}"
FAR = {"REMOTE_ADDR": "203.0.113.7"}
LIMIT = 20
AT_ONCE = LIMIT // 4


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


def test_a_quarter_of_a_minutes_requests_may_come_at_once(clock: Clock) -> None:
    buckets = Buckets(60, clock)

    waits = [buckets.take("a") for _ in range(17)]

    assert waits[:15] == [0.0] * 15
    assert waits[15:] == [1.0, 1.0]
    assert buckets.take("b") == 0.0


@pytest.mark.parametrize(("later", "more"), [(0.5, 0), (1.0, 1), (3.0, 3), (1000.0, 15)])
def test_a_bucket_fills_again_with_time(clock: Clock, later: float, more: int) -> None:
    buckets = Buckets(60, clock)
    while not buckets.take("a"):
        pass

    clock.now += later

    assert [buckets.take("a") == 0.0 for _ in range(more + 1)] == [True] * more + [False]


def test_a_look_takes_nothing(clock: Clock) -> None:
    buckets = Buckets(4, clock)

    assert [buckets.wait("a") for _ in range(9)] == [0.0] * 9
    assert (buckets.take("a"), buckets.wait("a")) == (0.0, 15.0)


def test_whoever_has_a_full_bucket_is_forgotten(clock: Clock) -> None:
    buckets = Buckets(60, clock)
    for number in range(1000):
        buckets.take(str(number))

    clock.now += 15
    buckets.take("another")

    assert len(buckets) == 1


def test_no_more_callers_are_remembered_than_there_is_room_for(clock: Clock) -> None:
    buckets = Buckets(60, clock, most=10)

    for number in range(1000):
        buckets.take(str(number))

    assert len(buckets) == 10


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("x" * 1000, "unknown"),
    ],
)
def test_a_household_is_one_caller(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(("wait", "told"), [(0.01, 1), (1.0, 1), (1.2, 2), (14.99, 15)])
def test_a_wait_is_told_in_whole_seconds(wait: float, told: int) -> None:
    assert seconds(wait) == told


def served(
    limit: int = LIMIT, *, proxies: int = 0, door: Door | None = None
) -> tuple[AimsGraph, FlaskClient]:
    """Return a served graph with a rate limit, that everybody may read."""
    graph = memory(Settings(rate_limit=limit, trusted_proxies=proxies))
    return graph, create_app(graph, door or Door(open_reading="always")).test_client()


def statuses(
    client: FlaskClient,
    path: str = ASK,
    *,
    count: int = AT_ONCE + 1,
    remote: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> list[int]:
    """Send the same request some times, from far away."""
    environ = FAR if remote is None else remote
    return [
        client.get(path, headers=headers, environ_base=environ).status_code for _ in range(count)
    ]


def test_who_comes_too_often_is_told_when_to_come_again() -> None:
    _, client = served()

    assert statuses(client) == [200] * AT_ONCE + [429]
    refused = client.get(ASK, environ_base=FAR)
    assert refused.content_type == "application/problem+json"
    assert refused.headers["Retry-After"] in {"1", "2", "3"}
    detail = refused.get_json(force=True)["detail"]
    assert "20 requests a minute" in detail
    assert "AIMSGRAPH_RATE_LIMIT" in detail
    assert statuses(client, count=1, remote={"REMOTE_ADDR": "203.0.113.8"}) == [200]


def test_a_known_caller_is_counted_by_name_wherever_they_are() -> None:
    graph, client = served()
    ada, eve = signed_in(graph, "Ada"), signed_in(graph, "Eve")

    assert statuses(client, headers=ada) == [200] * AT_ONCE + [429]
    assert statuses(client, remote={"REMOTE_ADDR": "198.51.100.1"}, count=1, headers=ada) == [429]
    assert statuses(client, count=1, headers=eve) == [200]
    assert statuses(client, count=1) == [200]


def test_guessing_tokens_is_slow_and_slows_the_right_one_too() -> None:
    graph, client = served(limit=40)
    guess = {"Authorization": "Bearer aimsgraph_wrong"}

    found = statuses(client, count=3, headers=guess)

    assert found == [401, 429, 429]
    assert statuses(client, count=1, headers=signed_in(graph, "Ada")) == [429]
    assert statuses(client, count=1) == [200]


@pytest.mark.parametrize(
    ("settings", "door", "remote", "headers", "is_limited"),
    [
        ({}, None, {"REMOTE_ADDR": "127.0.0.1"}, {}, False),
        ({}, None, {"REMOTE_ADDR": "::1"}, {}, False),
        ({}, None, {"REMOTE_ADDR": "127.0.0.1"}, {"X-Forwarded-For": "203.0.113.9"}, True),
        ({"proxies": 1}, None, {"REMOTE_ADDR": "127.0.0.1"}, {"X-Forwarded-For": "::1"}, True),
        ({}, Door(is_owners=True), FAR, {}, False),
        ({"limit": 0}, None, FAR, {}, False),
    ],
)
def test_this_machine_itself_is_not_counted(
    settings: dict[str, int],
    door: Door | None,
    remote: dict[str, str],
    headers: dict[str, str],
    is_limited: bool,
) -> None:
    _, client = served(settings.get("limit", LIMIT), proxies=settings.get("proxies", 0), door=door)

    found = statuses(client, remote=remote, headers=headers)

    assert (found[-1] == 429) is is_limited


def test_behind_a_trusted_proxy_its_clients_are_counted_one_by_one() -> None:
    _, client = served(proxies=1)
    near = {"REMOTE_ADDR": "127.0.0.1"}

    first = statuses(client, remote=near, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    other = statuses(client, remote=near, count=1, headers={"X-Forwarded-For": "203.0.113.10"})
    forged = statuses(
        client, remote=near, count=1, headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.9"}
    )

    assert (first[-1], other, forged) == (429, [200], [429])


@pytest.mark.parametrize("path", ["/healthz", "/healthz/live"])
def test_probes_are_not_counted(path: str) -> None:
    _, client = served()

    assert statuses(client, path, count=LIMIT) == [200] * LIMIT
