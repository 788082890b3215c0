# The assessment was another supplier's: what assessed.ru brought goes again.
PREFIX graph: <https://w3id.org/aimsgraph/graph/records/>

DELETE WHERE {
  GRAPH graph:lender { <https://example.org/nordhaven/assessment/supplier-veridoc-2026> ?property ?value }
} ;
DELETE WHERE {
  GRAPH graph:lender { ?record ?property <https://example.org/nordhaven/assessment/supplier-veridoc-2026> }
}
