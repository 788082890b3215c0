"""The command that makes synthetic organisations."""

import click


@click.command()
def generate() -> None:
    """Make a synthetic organisation of any size."""
