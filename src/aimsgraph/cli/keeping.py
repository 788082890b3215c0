"""Commands that keep a workspace: backups, tokens, keys, evidence, upgrades, redaction."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from aimsgraph import archive
from aimsgraph.access import Right, Role, Tokens
from aimsgraph.cli.ledger import print_verification
from aimsgraph.cli.opening import open_reading, open_writing, require, workspace_path
from aimsgraph.cli.output import steps
from aimsgraph.cli.writing import Wish, author_of, make
from aimsgraph.errors import ParameterError
from aimsgraph.evidence import attachment, keep
from aimsgraph.ledger.change import records_graph
from aimsgraph.ledger.signing import Signer
from aimsgraph.namespaces import expand
from aimsgraph.opening import hold
from aimsgraph.rdf.terms import is_iri
from aimsgraph.redaction import Erasure, erase
from aimsgraph.settings import Settings
from aimsgraph.workspace import Workspace


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Write the workspace into one file, also while it is being written to."""
    workspace = Workspace.read(workspace_path(settings))
    require(settings, workspace, Right.MANAGE, "a backup of everything")
    with open_reading(settings), steps("writing the backup"):
        made = archive.backup(workspace, file)
    click.echo(f"{file}: generation {made.generation}, {made.size:,} bytes.")
    click.echo(f"Its head is {made.digest}; the signing key is not in it.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def restore(file: Path, folder: Path) -> None:
    """Make a workspace of a backup, verified before it gets its name."""
    with steps("restoring") as step:
        found = archive.restore(file, folder, step)
    print_verification(found, is_anchored=True)
    click.echo(f"{folder} is a workspace now, at generation {found.head}.")


@click.group()
def token() -> None:
    """Tokens: who may do what over HTTP."""


@token.command("create")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", required=True, help="Who it is for; stands as author of their changes.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day it is good for.")
@click.option("--graph", "graphs", multiple=True, help="Only this record graph; may be repeated.")
@click.pass_obj
def create_token(
    settings: Settings,
    role: str,
    name: str,
    expires: datetime | None,
    graphs: tuple[str, ...],
) -> None:
    """Make a token and print it, once."""
    secret = _tokens(settings).create(
        Role(role),
        name,
        expires=expires.date() if expires else None,
        graphs=[records_graph(graph) for graph in graphs] or None,
    )
    click.echo(secret)
    click.echo(
        "Keep it now: only its digest is stored. Send it as 'Authorization: Bearer TOKEN'.",
        err=True,
    )


@token.command("list")
@click.pass_obj
def list_tokens(settings: Settings) -> None:
    """List the tokens, without their secrets."""
    found = _tokens(settings).all()
    for one in found:
        limits = [f"until {one.expires}"] if one.expires else []
        limits += [f"only {', '.join(one.graphs)}"] if one.graphs else []
        click.echo(f"{one.name}: {one.role}{''.join(f', {limit}' for limit in limits)}")
    click.echo("1 token." if len(found) == 1 else f"{len(found)} tokens.")


@token.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke_token(settings: Settings, name: str) -> None:
    """Make a token worthless, at once."""
    _tokens(settings).revoke(name)
    click.echo(f"The token of {name!r} is worthless now.")


def _tokens(settings: Settings) -> Tokens:
    workspace = Workspace.read(workspace_path(settings))
    require(settings, workspace, Right.MANAGE, "the tokens")
    return Tokens(workspace.access_path)


@click.command("key")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def make_key(settings: Settings, file: Path) -> None:
    """Make an Ed25519 key that signs every changeset from now on, and keep it in FILE.

    Put FILE where whoever can write the workspace cannot read it, or the signatures prove little.
    """
    workspace = Workspace.read(workspace_path(settings))
    require(settings, workspace, Right.MANAGE, "the keys")
    workspace.keys_path.mkdir(exist_ok=True)
    public = workspace.keys_path / f"{datetime.now().astimezone():%Y%m%dT%H%M%S}.pem"
    signer = Signer.create(file, public)
    click.echo(f"{file}: the private key {signer.fingerprint[:16]}; readable by you alone.")
    click.echo(f"{public}: the public key; keep a copy elsewhere, for 'aimsgraph verify --key'.")
    click.echo(f'Now set signing_key = "{file.resolve()}" in aimsgraph.toml.')


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", "about", metavar="IRI", help="The record it is evidence of.")
@click.option("--graph", default="main", help="The record graph it goes into.")
@click.option("--message", default="", help="Why; kept with the change.")
@click.option("--author", default="", help="Who; AIMSGRAPH_AUTHOR or the user if not given.")
@click.pass_obj
def attach(
    settings: Settings, file: Path, about: str | None, graph: str, message: str, author: str
) -> None:
    """Keep a file as evidence beside the ledger, named by its SHA-256, and record it."""
    if about is not None and not is_iri(expand(about)):
        raise ParameterError(f"{about!r} is not an IRI")
    workspace = Workspace.read(workspace_path(settings))
    require(settings, workspace, Right.WRITE).require_writable(records_graph(graph))
    digest = keep(workspace.evidence_path, file)
    target = expand(about) if about else None
    change = attachment(file, digest, target, records_graph(graph), message)
    done = make(settings, change, Wish(message=change.message, author=author))
    click.echo(f"urn:sha256:{digest}")
    click.echo(f"Changeset {done.generation}." if done.changed else "It was recorded before.")


@click.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the workspace to this release's ontology, rules, questions and format."""
    require(settings, Workspace.read(workspace_path(settings)), Right.MANAGE, "an upgrade")
    with open_writing(settings) as graph:
        made = [one for one in graph.history() if one.generation > graph.found_at]
    if not made:
        click.echo("The workspace is of this release already.")
    for one in reversed(made):
        click.echo(f"Changeset {one.generation}: {one.message}")


@click.command()
@click.option("--subject", metavar="IRI", help="The record whose values are erased.")
@click.option("--property", "predicate", metavar="IRI", help="Only the values of this property.")
@click.option("--text", help="Erase every value that holds this text.")
@click.option("--reason", required=True, help="Why; recorded for good, so don't repeat the data.")
@click.option("--author", default="", help="Who; AIMSGRAPH_AUTHOR or the user if not given.")
@click.confirmation_option(prompt="Erased values are gone for good, from backups not. Go on?")
@click.pass_obj
def redact(
    settings: Settings,
    subject: str | None,
    predicate: str | None,
    text: str | None,
    reason: str,
    author: str,
) -> None:
    """Erase values from all states of the graph, on the record; every digest still holds."""
    erasure = Erasure(
        expand(subject) if subject else None, expand(predicate) if predicate else None, text
    )
    workspace = Workspace.read(workspace_path(settings))
    caller = require(settings, workspace, Right.MANAGE, "what is redacted")
    with open_writing(settings) as graph:
        what = {"subject": erasure.subject, "property": erasure.predicate, "by_text": bool(text)}
        wish = Wish(author=author)
        receipt = graph.note(
            "redact", reason, author_of(settings, wish) or caller.name, erasing=what
        )
    with hold(workspace), steps("erasing") as step:
        count = erase(workspace, erasure, step)
    with open_writing(settings) as graph:
        graph.validate()
    click.echo(f"Changeset {receipt.generation}: {count:,} lines of the ledger were erased.")
    click.echo("Backups made before still hold them.")
