"""SPARQL Update against the graphs that are not of records: no form writes them."""

from __future__ import annotations

import pytest

from aimsgraph.errors import AccessError
from aimsgraph.namespaces import GRAPH
from tiny_support import OWNED, update
from update_support import begun, everything

PROTECTED = (
    *("ontology", "shapes", "queries"),
    *("inferred", "conformity", "history", "workspace"),
)


@pytest.mark.parametrize("name", PROTECTED)
@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { GRAPH {g} { ex:a ex:p 1 } }",
        "INSERT DATA { GRAPH r:main { ex:ok ex:p 1 } } ; INSERT DATA { GRAPH {g} { ex:a ex:p 1 } }",
        "DELETE DATA { GRAPH {g} { ex:a ex:p 1 } }",
        "DELETE WHERE { GRAPH {g} { ?s ?p ?o } }",
        "DELETE { GRAPH {g} { ?s ?p ?o } } WHERE { GRAPH r:main { ?s ?p ?o } }",
        "DELETE { GRAPH ?g { ?s ?p ?o } } WHERE { VALUES ?g { {g} } GRAPH r:main { ?s ?p ?o } }",
        "WITH {g} DELETE { ?s ?p ?o } WHERE { GRAPH r:main { ?s ?p ?o } }",
        "WITH {g} INSERT { ex:a ex:p 1 } WHERE { }",
        "INSERT { GRAPH ?g { ex:a ex:p 1 } } WHERE { GRAPH ?g { ?s ?p ?o } }",
        "CLEAR GRAPH {g}",
        "CLEAR SILENT GRAPH {g}",
        "DROP SILENT GRAPH {g}",
        "CREATE GRAPH {g}",
        "CREATE SILENT GRAPH {g}",
        "COPY r:main TO {g}",
        "COPY SILENT r:main TO {g}",
        "ADD r:main TO {g}",
        "ADD SILENT {g} TO {g}",
        "MOVE r:main TO {g}",
        "MOVE {g} TO r:main",
        "MOVE SILENT {g} TO r:main",
    ],
)
def test_a_graph_that_is_not_of_records_is_not_written(text: str, name: str) -> None:
    graph = begun()
    graph.commit(update(OWNED + "; INSERT DATA { GRAPH r:main { ex:x a aims:AISystem } }"))
    before = everything(graph)

    with pytest.raises(AccessError, match="cannot be written"):
        graph.commit(update(text.replace("{g}", f"<{GRAPH}{name}>")))

    assert everything(graph) == before
