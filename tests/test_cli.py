"""The command line: what it prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from aimsgraph.cli import main
from aimsgraph.conformity.formats import WRITERS
from cases_support import ROOT

SMALL = Path(__file__).parent / "small.ttl"


def run(*arguments: str | Path, environ: dict[str, str] | None = None) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(main, [str(one) for one in arguments], env=environ)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the small organisation in it."""
    folder = tmp_path_factory.mktemp("cli") / "workspace"
    assert run("init", folder).exit_code == 0
    loaded = run("--workspace", folder, "load", SMALL)
    assert loaded.exit_code == 0, loaded.output
    return folder


def refused(result: Result, *words: str) -> None:
    """Assert that a command ended with 2 and one clear line on stderr."""
    assert result.exit_code == 2, result.output
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("aimsgraph: ")
    for word in words:
        assert word in result.stderr


def test_load_tells_what_came_in(workspace: Path) -> None:
    again = run("--workspace", workspace, "load", SMALL)

    assert again.exit_code == 0
    assert "Loaded 0 new statements" in again.output
    assert "not met" in again.output


def test_a_missing_file_is_one_line(workspace: Path) -> None:
    refused(run("--workspace", workspace, "load", "gone.ttl"), "gone.ttl", "no such file")


def test_malformed_turtle_is_one_line_and_loads_nothing(workspace: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<urn:new> <urn:p> <urn:o> .\n<urn:a> .\n")

    refused(run("--workspace", workspace, "load", broken), "broken.ttl:2", "not valid RDF")

    asked = run("--workspace", workspace, "sparql", "ASK { <urn:new> ?p ?o }")
    assert asked.output == "no\n"


def test_broken_integrity_is_refused_unless_advised(workspace: Path, tmp_path: Path) -> None:
    dangling = tmp_path / "dangling.ttl"
    dangling.write_text(SMALL.read_text().replace("hasRisk ex:wrong", "hasRisk ex:nothing"))

    found = run("--workspace", workspace, "load", dangling)

    assert found.exit_code == 1
    assert "nothing was changed" in found.stderr
    assert "nothing is recorded" in found.output
    after = run("--workspace", workspace, "sparql", "ASK { ?s ?p <https://example.org/nothing> }")
    assert after.output == "no\n"


def test_any_kind_of_iri_can_name_a_record(workspace: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd.ttl"
    odd.write_text(SMALL.read_text().replace("ex:wrong-advice", "<tag:example.org,2026:risk>"))

    result = run("--workspace", workspace, "load", odd, "--graph", "odd")

    assert result.exit_code == 0, result.output


def test_advice_records_broken_integrity(tmp_path: Path) -> None:
    dangling = tmp_path / "dangling.ttl"
    dangling.write_text(SMALL.read_text().replace("hasRisk ex:wrong", "hasRisk ex:nothing"))
    folder = tmp_path / "workspace"
    run("init", folder)

    assert run("--workspace", folder, "load", dangling, "--advisory").exit_code == 0
    checked = run("--workspace", folder, "validate")
    assert checked.exit_code == 1
    assert "nothing is recorded" in checked.output


@pytest.mark.parametrize("name", ["text", *WRITERS])
def test_validate_writes_every_format(workspace: Path, name: str) -> None:
    result = run("--workspace", workspace, "validate", "--format", name)

    assert result.exit_code == 1
    match name:
        case "json":
            body = json.loads(result.stdout)
            assert body["conforms"] is False
            assert body["results"]
        case "sarif":
            assert json.loads(result.stdout)["runs"][0]["results"]
        case "junit":
            assert int(ET.fromstring(result.stdout).attrib["failures"])  # noqa: S314 - our own
        case _:
            assert "wrong advice" in result.stdout or "wrong-advice" in result.stdout


def test_validate_narrows_to_a_clause_and_a_severity(workspace: Path) -> None:
    whole = run("--workspace", workspace, "validate", "--format", "json")
    part = run(
        "--workspace", workspace, "validate", "--format", "json", "--clause", "6.1.2",
        "--severity", "violation",
    )  # fmt: skip

    results = json.loads(part.stdout)["results"]
    assert 0 < len(results) < len(json.loads(whole.stdout)["results"])
    assert {result["severity"] for result in results} == {"violation"}
    assert all(
        any(one.endswith("/iso42001/6.1.2") for one in result["requirements"]) for result in results
    )


def test_validate_refuses_a_clause_that_does_not_exist(workspace: Path) -> None:
    refused(run("--workspace", workspace, "validate", "--clause", "8.5"), "8.5", "did you mean")


def test_validate_takes_files_on_their_own() -> None:
    result = run("validate", SMALL, "--format", "json")

    assert result.exit_code == 1
    assert "https://example.org/wrong-advice" in result.stdout


def test_queries_lists_the_catalogue_and_narrows_it() -> None:
    everything = json.loads(run("queries", "--format", "json").stdout)
    part = json.loads(run("queries", "--format", "json", "--clause", "6.1.3").stdout)

    assert 0 < len(part) < len(everything)
    assert all("6.1.3" in question["clauses"] for question in part)
    refused(run("queries", "--theme", "rik"), "did you mean", "risk")


def test_an_unknown_question_is_one_line(workspace: Path) -> None:
    refused(run("--workspace", workspace, "query", "risk-registr"), "did you mean risk-register")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evidence-for-requirement", "--param", "x=1"], ["has no parameter 'x'"]),
        (["expiring-soon", "--param", "until=soon"], ["takes a day", "soon"]),
        (["risk-register", "--param", "novalue"], ["NAME=VALUE"]),
    ],
)
def test_a_wrong_parameter_is_one_line(
    workspace: Path, arguments: list[str], words: list[str]
) -> None:
    refused(run("--workspace", workspace, "query", *arguments), *words)


@pytest.mark.parametrize("name", ["table", "csv", "tsv", "json", "xml", "turtle"])
def test_a_question_answers_in_every_format(workspace: Path, name: str) -> None:
    result = run("--workspace", workspace, "query", "risk-register", "--format", name)

    assert result.exit_code == 0, result.output
    assert "wrong advice" in result.stdout
    assert name != "table" or "No row has: Category" in result.stdout


def test_csv_for_people_defuses_formulas(workspace: Path) -> None:
    result = run("--workspace", workspace, "query", "risk-register", "--format", "csv")

    assert "'=wrong advice" in result.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT", ["not valid SPARQL"]),
        ("SELECT * { SERVICE <http://127.0.0.1/> {} }", ["SERVICE is not allowed"]),
        ("SELECT * { ?s a nix:Risk }", ["prefix nix: is not declared"]),
    ],
)
def test_a_bad_query_is_one_line(workspace: Path, text: str, words: list[str]) -> None:
    refused(run("--workspace", workspace, "sparql", text), *words)


def test_sparql_reads_a_file_and_writes_a_graph(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "q.rq"
    file.write_text("CONSTRUCT WHERE { <https://example.org/chatbot> a ?class }")

    result = run("--workspace", workspace, "sparql", "-f", file, "--format", "turtle")

    assert "aims:LiveAISystem" in result.stdout
    refused(run("--workspace", workspace, "sparql", "-f", tmp_path / "gone.rq"), "gone.rq")


def test_each_malformed_rule_of_a_workspace_has_its_line(tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    run("init", folder)
    rule = (ROOT / "shapes" / "supplier.ttl").read_text("utf-8").replace("SELECT", "SELEC", 2)
    own = rule.replace("<https://w3id.org/aimsgraph/shapes#>", "<https://example.org/>")
    (folder / "shapes" / "own.ttl").write_text(own, "utf-8")

    result = run("--workspace", folder, "validate")

    assert result.exit_code == 2
    first, second = result.stderr.splitlines()
    for line in (first, second):
        assert "own.ttl: the rule https://example.org/" in line
        assert "not valid SPARQL" in line
        assert "line 2" in line
    assert first != second


def test_a_folder_is_no_file(workspace: Path, tmp_path: Path) -> None:
    refused(run("--workspace", workspace, "load", tmp_path), "is a folder")


def test_an_ill_typed_setting_says_what_it_takes() -> None:
    refused(run("queries", environ={"AIMSGRAPH_PORT": "abc"}), "a whole number")


def test_no_workspace_is_one_line(tmp_path: Path) -> None:
    refused(run("--workspace", tmp_path, "query", "risk-register"), "aimsgraph init")


def test_init_does_not_touch_a_folder_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")

    refused(run("init", tmp_path), "is not empty")


def test_an_unknown_setting_is_an_error() -> None:
    refused(run("queries", environ={"AIMSGRAPH_PROT": "1"}), "AIMSGRAPH_PROT", "AIMSGRAPH_PORT")


def test_a_locked_store_is_one_line_and_ends_with_3(workspace: Path) -> None:
    from aimsgraph.graph import AimsGraph

    with AimsGraph.open(workspace):
        read = run("--workspace", workspace, "query", "risk-register")
        written = run("--workspace", workspace, "load", SMALL)

    assert read.exit_code == 0
    assert written.exit_code == 3
    assert "another process" in written.stderr
    assert written.stderr.count("\n") == 1


def test_doctor_finds_everything_in_order(workspace: Path) -> None:
    result = run("--workspace", workspace, "doctor", "--reference")

    assert result.exit_code == 0, result.output
    assert "inference equals owlrl's closure" in result.output


@pytest.mark.parametrize("name", sorted(main.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"aimsgraph {name}" in (ROOT / "README.md").read_text()
