"""The health of the service: whether it lives, and whether it is ready to answer."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Blueprint, Response

from aimsgraph.access import Right
from aimsgraph.errors import AccessError, AimsGraphError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.journal import Journal
from aimsgraph.web.desk import Desk
from aimsgraph.web.problems import problem

Check = Callable[[], str | None]
"""Returns what is wrong with a part of the service, in words; None where nothing is."""

UNREADY = 503


class Health:
    """What keeps the service from answering; each of its parts says so itself."""

    def __init__(self, graph: AimsGraph) -> None:
        self.is_draining = False
        self._checks: dict[str, Check] = {
            "draining": lambda: "the service is stopping" if self.is_draining else None,
            "writer": lambda: _broken(graph),
        }

    def add(self, part: str, check: Check) -> None:
        """Ask one more part; it has to answer at once, and to wait for no lock."""
        self._checks[part] = check

    def failing(self) -> dict[str, str]:
        """Return the parts that are not ready, and why."""
        found = {}
        for part, check in self._checks.items():
            reason = _asked(check)
            if reason is not None:
                found[part] = reason
        return found


def blueprint(desk: Desk, health: Health) -> Blueprint:
    """Return where the health of the service is asked."""
    part = Blueprint("health", __name__)

    @part.get("/healthz/live")
    def live() -> Response:
        return _told({"status": "ok"})

    @part.get("/healthz")
    def ready() -> Response:
        failing = health.failing()
        is_stranger = _is_stranger(desk)
        if failing:
            detail = "The service is not ready."
            if not is_stranger:
                detail = f"The service is not ready: {'; '.join(failing.values())}."
            more = {} if is_stranger else {"failing": failing}
            response = problem(UNREADY, "Not ready", detail, **more)
            response.headers["Retry-After"] = "5"
        elif is_stranger:
            response = _told({"status": "ok"})
        else:
            view = desk.graph.view(fresh=False)
            told = {"generation": view.generation, "today": view.today.isoformat()}
            response = _told({"status": "ok", **told})
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return part


def _is_stranger(desk: Desk) -> bool:
    try:
        return not desk.caller.may(Right.READ)
    except AccessError:
        return True


def _told(state: dict[str, object]) -> Response:
    return Response(json.dumps(state) + "\n", content_type="application/json")


def _broken(graph: AimsGraph) -> str | None:
    try:
        writer = graph.writer
    except AccessError:
        return None
    if writer.is_broken:
        return "a change could not be taken back; restart to recover"
    if isinstance(writer.ledger, Journal) and not writer.ledger.is_sound:
        return "the journal cannot be written"
    return None


def _asked(check: Check) -> str | None:
    try:
        return check()
    except (AimsGraphError, OSError) as error:
        return str(error)
