"""Synthetic organisations: the same every time, sound, and defective exactly where they say."""

from __future__ import annotations

import csv
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner, Result

from aimsgraph.assets import Assets
from aimsgraph.cli import main
from aimsgraph.conformity.report import Report
from aimsgraph.errors import ParameterError, SourceError
from aimsgraph.generate.defects import DEFECTS
from aimsgraph.generate.frameworks import Frameworks
from aimsgraph.generate.harm import Defect
from aimsgraph.generate.organisation import dossier, shared
from aimsgraph.generate.plan import TODAY, Plan
from aimsgraph.generate.words import person_name, supplier_name, unit_name
from aimsgraph.generate.writing import SUFFIXES, defects_path, write
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import SHAPES
from aimsgraph.rdf.parsing import read_quads
from cases_support import rules

FOUND_BY = {SHAPES + defect.rule for defect in DEFECTS}


def generate(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, ["generate", *map(str, arguments)])


def check(path: Path, plan: Plan) -> Report:
    """Load a file into a new graph, which refuses what lacks integrity, and check it."""
    with AimsGraph.memory(today=plan.today) as graph:
        graph.load(path)
        return graph.report()


def found(report: Report) -> set[tuple[str, str]]:
    """Return what the rules of the table of defects found."""
    return {(one.focus, one.rule) for one in report.results if one.rule in FOUND_BY}


def listed(path: Path) -> set[tuple[str, str]]:
    """Return the focus and rule of each row of the table beside a file."""
    with defects_path(path).open(encoding="utf-8", newline="") as file:
        return {(row["focus"], row["rule"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize("ending", [*SUFFIXES, ".ttl.gz", ".nq.gz"])
def test_the_same_options_give_the_same_bytes(tmp_path: Path, ending: str) -> None:
    plan = Plan(4, seed=5, defects=0.5)
    one, other = tmp_path / f"one{ending}", tmp_path / f"other{ending}"

    write(plan, one)
    write(plan, other)

    assert one.read_bytes() == other.read_bytes()
    assert listed(one) == listed(other)


def test_each_format_says_the_same(tmp_path: Path) -> None:
    paths = [tmp_path / f"firm{ending}" for ending in (*SUFFIXES, ".trig.gz")]
    made = [write(Plan(3), path) for path in paths]

    said = [{str(quad) for quad in read_quads(path)} for path in paths]

    assert all(one == said[0] for one in said)
    assert {one.statements for one in made} == {len(said[0])}


def test_another_seed_gives_another_organisation(tmp_path: Path) -> None:
    write(Plan(4, seed=1), tmp_path / "one.nt")
    write(Plan(4, seed=2), tmp_path / "other.nt")

    one, other = (set(read_quads(tmp_path / name)) for name in ("one.nt", "other.nt"))

    assert len(one - other) > 100


def test_a_defect_changes_its_own_system_only(tmp_path: Path) -> None:
    write(Plan(12, seed=3), tmp_path / "sound.nt")
    write(Plan(12, seed=3, defects=0.3), tmp_path / "harmed.nt")

    sound, harmed = (set(read_quads(tmp_path / name)) for name in ("sound.nt", "harmed.nt"))

    assert len(sound ^ harmed) < 20 * len(listed(tmp_path / "harmed.nt"))


def test_statements_grow_with_the_systems(tmp_path: Path) -> None:
    small, middle, large = (
        write(Plan(size), tmp_path / "firm.nt").statements for size in (200, 400, 600)
    )

    assert large - middle == pytest.approx(middle - small, rel=0.05)


def test_an_organisation_without_defects_keeps_the_rules(tmp_path: Path) -> None:
    plan, path = Plan(12, seed=8), tmp_path / "firm.ttl"
    write(plan, path)

    report = check(path, plan)

    assert [one.message for one in report.where(severity="Warning").results] == []
    assert {one.rule for one in report.results} <= {
        rule for rule in rules().rules if rule.endswith("-awaits-judgement")
    }, "what people have to judge is not made up"


def test_a_check_finds_the_listed_defects_and_no_others(tmp_path: Path) -> None:
    plan, path = Plan(12, seed=2, defects=0.7), tmp_path / "firm.ttl"
    made = write(plan, path)

    report = check(path, plan)

    assert found(report) == listed(path)
    assert len(listed(path)) == made.defects.total() > 4


def test_every_kind_of_defect_is_found_by_its_rule_alone(tmp_path: Path) -> None:
    plan, frameworks = Plan(40), Frameworks.read(Assets.shipped())
    waiting, wanted = list(DEFECTS), set()
    quads = [quad for record in shared(plan, frameworks) for quad in record.statements()]
    for number in range(1, plan.systems + 1):
        records = dossier(plan, frameworks, number)
        fitting = [one for one in waiting if all(part in records for part in one.needs)]
        if fitting:
            waiting.remove(fitting[0])
            wanted.add((fitting[0].harm(records).node.value, SHAPES + fitting[0].rule))
            quads.extend(records.statements())
    assert not waiting, "forty systems have a place for every kind"
    path = tmp_path / "firm.nt"
    ox.serialize(quads, path, ox.RdfFormat.N_TRIPLES)

    assert found(check(path, plan)) == wanted


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.kind)
def test_the_rule_of_a_defect_exists(defect: Defect) -> None:
    assert SHAPES + defect.rule in rules().rules


def test_names_differ() -> None:
    assert len({unit_name(index) for index in range(1000)}) == 1000
    assert len({person_name(index, 99) for index in range(5000)}) == 5000
    assert len({supplier_name(index) for index in range(1000)}) == 1000


def test_the_command_tells_what_it_made(tmp_path: Path) -> None:
    path = tmp_path / "firm.ttl"

    result = generate("--systems", 6, "--seed", 1, "--defects", 1, "-o", path)

    assert result.exit_code == 0, result.output
    assert "6 AI systems" in result.stdout
    assert "6 defects" in result.stdout
    assert path.read_text().splitlines()[0] == (
        f"# aimsgraph generate --systems 6 --seed 1 --defects 1 --today {TODAY}"
    )


@pytest.mark.parametrize(
    ("options", "name", "words"),
    [
        (("--systems", 0), "firm.ttl", ("0 AI systems",)),
        (("--systems", 1, "--defects", 1.5), "firm.ttl", ("1.5", "0 to 1")),
        (("--systems", 1, "--defects", "nan"), "firm.ttl", ("nan",)),
        (("--systems", 1, "--today", "0001-01-01"), "firm.ttl", ("0001-01-01",)),
        (("--systems", 1), "firm.docx", ("firm.docx", ".ttl .nt .nq .trig")),
        (("--systems", 1), "firm.jsonld", ("firm.jsonld", ".ttl .nt .nq .trig")),
        (("--systems", 1), "missing/firm.ttl", ("missing/firm.ttl", "cannot be written")),
        (("--systems", 1), ".", ("name the file",)),
    ],
)
def test_what_cannot_be_made_is_one_line(
    tmp_path: Path, options: tuple[str | int | float, ...], name: str, words: tuple[str, ...]
) -> None:
    result = generate(*options, "-o", tmp_path / name)

    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    assert all(word in result.stderr for word in words), result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interruption_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(Plan(3), tmp_path / "firm.ttl", interrupt)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "firm.ttl"
    path.mkdir()

    with pytest.raises(SourceError, match="folder"):
        write(Plan(1), path)

    assert list(tmp_path.iterdir()) == [path]


def test_errors_are_ours() -> None:
    with pytest.raises(ParameterError):
        Plan(0)
    with pytest.raises(SourceError):
        write(Plan(1), Path("firm.xlsx"))
