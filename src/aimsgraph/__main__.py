"""`python -m aimsgraph` is the command line."""

from aimsgraph.cli import main

main(prog_name="aimsgraph")
