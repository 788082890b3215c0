"""Commands that write go to the workspace themselves, or through the service that runs on it."""

from __future__ import annotations

import getpass
import io
import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click
import pyoxigraph as ox
from rich.text import Text

from aimsgraph.access import Right
from aimsgraph.cli.opening import caller_of, open_writing, require, workspace_path
from aimsgraph.cli.output import console, print_report, steps
from aimsgraph.conformity.report import Report
from aimsgraph.errors import AimsGraphError, IntegrityRefusedError, ServiceError, StoreLockedError
from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Change
from aimsgraph.ledger.load import Load
from aimsgraph.ledger.update import Update
from aimsgraph.settings import Settings
from aimsgraph.terms import Terms
from aimsgraph.web.server import reachable
from aimsgraph.wording import summary
from aimsgraph.workspace import Workspace

REFUSED = 422


class RefusedByServiceError(AimsGraphError):
    """The running service refused a change; its own words say why."""

    def __init__(self, detail: str, status: int) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True)
class Done:
    """What became of a change, whoever made it."""

    generation: int
    added: int
    removed: int
    changed: bool
    appeared: int
    resolved: int
    summary: str

    @property
    def findings(self) -> str:
        """Return how many findings came and went, and how the rules stand; empty where unknown."""
        noun = "finding" if self.appeared == 1 else "findings"
        moved = f"{self.appeared:,} {noun} appeared, {self.resolved:,} resolved."
        return f"{moved} {self.summary}" if self.summary else ""


@dataclass(frozen=True)
class Wish:
    """On what terms a command makes a change."""

    message: str = ""
    author: str = ""
    advisory: bool = False
    effective: str | None = None


def make(settings: Settings, intent: Change | Load | Update, wish: Wish) -> Done:
    """Make a change in the workspace that the settings name.

    Raises:
        IntegrityRefusedError: it breaks integrity rules; the results were printed.
        RefusedByServiceError: the running service refused it.
        StoreLockedError: another command is writing.
    """
    workspace = Workspace.read(workspace_path(settings))
    require(settings, workspace, Right.WRITE)
    try:
        graph = open_writing(settings)
    except StoreLockedError:
        path = workspace.socket_path
        if not path.exists():
            raise
        return _through_service(path, settings, intent, wish)
    with graph, steps("writing") as step:
        try:
            receipt = graph.commit(intent, terms_of(settings, graph, wish), progress=step)
        except IntegrityRefusedError as error:
            if isinstance(error.report, Report):
                print_report(error.report, graph.view(caller_of(settings, graph)))
            raise
    return Done(
        receipt.generation,
        receipt.added,
        receipt.removed,
        receipt.header is not None,
        len(receipt.appeared),
        len(receipt.resolved),
        summary(receipt.standing),
    )


def terms_of(settings: Settings, graph: AimsGraph, wish: Wish) -> Terms:
    """Return the terms of a command's change, as the graph takes them.

    Raises:
        ParameterError: the effective time cannot be read.
    """
    moment = None if wish.effective is None else graph.moment(wish.effective)
    if isinstance(moment, int):
        raise click.BadParameter("--effective takes a day or a time")
    caller = caller_of(settings, graph)
    return Terms(
        caller=caller,
        author=author_of(settings, wish),
        message=wish.message or None,
        advisory=wish.advisory,
        effective=moment,
    )


def author_of(settings: Settings, wish: Wish) -> str:
    """Return who makes a change: as told, else whose token it is, else who is logged in."""
    if settings.token:
        return ""
    return wish.author or settings.author or getpass.getuser()


def _through_service(
    path: Path, settings: Settings, intent: Change | Load | Update, wish: Wish
) -> Done:
    query = {
        "message": wish.message or intent.message,
        "author": author_of(settings, wish),
        "advisory": str(wish.advisory).lower(),
        "effective": wish.effective or "",
    }
    if isinstance(intent, Update):
        route, content_type, body = "/update", "application/sparql-update", intent.text.encode()
    else:
        output = io.BytesIO()
        change = intent.change() if isinstance(intent, Load) else intent
        ox.serialize(change.added, output, ox.RdfFormat.N_QUADS)
        route, content_type, body = "/load", "application/n-quads", output.getvalue()
    headers = {"Content-Type": content_type, "Accept": "application/json"}
    if settings.token:
        headers["Authorization"] = f"Bearer {settings.token}"
    told = _post(path, f"{route}?{urlencode(query)}", body, headers)
    names = ("generation", "added", "removed", "changed", "appeared", "resolved", "summary")
    return Done(**{name: told[name] for name in names})


class _Connection(HTTPConnection):
    """A connection to the socket of a workspace."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with reachable(self._path) as name:
            self.sock.connect(name)


def _post(path: Path, target: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    connection = _Connection(path)
    try:
        with steps("writing through the running service"):
            connection.request("POST", target, body, headers)
            response = connection.getresponse()
            told: dict[str, Any] = json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        raise ServiceError(
            f"{path}: the service that writes this workspace does not answer: {error}"
        ) from error
    finally:
        connection.close()
    if response.status >= 400:
        for result in told.get("report", {}).get("results", ()):
            console().print(Text(f"  - {result['message']}"), soft_wrap=True)
        raise RefusedByServiceError(str(told.get("detail", response.reason)), response.status)
    return told
