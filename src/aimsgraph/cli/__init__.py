"""The command line: `aimsgraph`, also `python -m aimsgraph`.

Exit codes: 0 done or conforms, 1 findings, 2 wrong use or bad input, 3 could
not. Errors are one line on stderr.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from aimsgraph.cli import (
    ask,
    care,
    demo,
    explain,
    keeping,
    ledger,
    records,
    search,
    service,
    synthetic,
)
from aimsgraph.cli.writing import REFUSED, RefusedByServiceError
from aimsgraph.errors import (
    AimsGraphError,
    IntegrityRefusedError,
    JournalDamagedError,
    JournalError,
    ServiceError,
    StoreLockedError,
)
from aimsgraph.settings import Settings
from aimsgraph.version import __version__
from aimsgraph.workspace import FILE as WORKSPACE_FILE

EXIT_FOR_ERROR: dict[type[AimsGraphError], int] = {
    IntegrityRefusedError: 1,
    StoreLockedError: 3,
    JournalError: 3,
    JournalDamagedError: 3,
    ServiceError: 3,
}
"""What an error ends the program with; every other one is bad input, 2."""


class _Group(click.Group):
    """A group that turns our errors into one line and an exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except AimsGraphError as error:
            click.echo(f"aimsgraph: {error}", err=True)
            code = next((c for kind, c in EXIT_FOR_ERROR.items() if isinstance(error, kind)), 2)
            if isinstance(error, RefusedByServiceError) and error.status == REFUSED:
                code = 1
            ctx.exit(code)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--workspace", metavar="DIR", help="The workspace; the current folder if not given.")
@click.version_option(__version__, prog_name="aimsgraph")
@click.pass_context
def main(ctx: click.Context, workspace: str | None) -> None:
    """Ask, check and serve an AI management system (ISO/IEC 42001) as a graph.

    Start with 'aimsgraph demo': a sample organisation, checked, questioned and served.
    """
    environ = dict(os.environ)
    if workspace is not None:
        environ["AIMSGRAPH_WORKSPACE"] = workspace
    folder = environ.get("AIMSGRAPH_WORKSPACE", ".")
    ctx.obj = Settings.read(environ, Path(folder) / WORKSPACE_FILE)


for command in (
    demo.demo,
    records.init,
    records.load,
    records.validate,
    ask.queries,
    ask.query,
    ask.sparql,
    search.search,
    explain.explain,
    ledger.update,
    ledger.history,
    ledger.diff,
    ledger.verify,
    ledger.head,
    keeping.backup,
    keeping.restore,
    keeping.token,
    keeping.make_key,
    keeping.attach,
    keeping.upgrade,
    keeping.redact,
    service.serve,
    synthetic.generate,
    care.doctor,
):
    main.add_command(command)

if __name__ == "__main__":
    sys.exit(main())
