"""The main job in one go: the sample organisation loaded, checked, questioned and served."""

from __future__ import annotations

from time import perf_counter
from typing import Final

import click

from aimsgraph.access import Role
from aimsgraph.assets import Assets
from aimsgraph.chronicle import load_sample
from aimsgraph.cli.ask import print_answer
from aimsgraph.cli.output import console, print_report, print_summary, steps
from aimsgraph.cli.service import run
from aimsgraph.graph import AimsGraph
from aimsgraph.sample import Sample
from aimsgraph.settings import Settings

QUESTIONS: Final = (
    "systems-deployed-before-assessment",
    "controls-excluded-but-used",
    "risk-acceptances",
)
"""The three questions the demo asks."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to serve on.")
@click.option("--no-serve", is_flag=True, help="Stop after the summary.")
@click.option("--sample", "name", default="lender", help="Which sample organisation to show.")
@click.pass_obj
def demo(settings: Settings, port: int | None, name: str, *, no_serve: bool) -> None:
    """Load the sample organisation, check it, ask three audit questions, and serve it."""
    started = perf_counter()
    out = console()
    sample = Sample.read(Assets.shipped(), name)
    today = settings.today or sample.today
    with AimsGraph.memory(today=today, settings=settings) as graph:
        with steps(f"loading {sample.title}") as step:
            load_sample(graph, sample, progress=step)
        view = graph.view()
        report = view.report()
        out.print(f"[bold]{sample.title}[/]")
        out.print(sample.summary, markup=False)
        out.print(
            f"\n{view.record_count:,} recorded statements in {view.generation - 1} changesets, "
            f"{view.inferred_count:,} inferred; the sample's day is {today}."
        )
        out.rule("Conformity")
        print_report(report.where(severity="Violation"), view)
        print_summary(report)
        out.rule("Three audit questions")
        for question in QUESTIONS:
            print_answer(view.question(question))
            out.print()
        out.print(f"{len(view.catalogue)} questions in all: 'aimsgraph queries' lists them.")
        out.print(f"This took {perf_counter() - started:.1f} s.")
        if not no_serve:
            secret = graph.tokens.create(Role.EDITOR, "demo")
            out.print(f"A token to write with, good until this stops: {secret}", soft_wrap=True)
            run(graph, settings.host, settings.port if port is None else port, settings.threads)
