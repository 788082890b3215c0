# A supplier is assessed again: resolves what the rules say of Veridoc.
PREFIX aims: <https://w3id.org/aimsgraph#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX xsd:  <http://www.w3.org/2001/XMLSchema#>
PREFIX n:    <https://example.org/nordhaven/>

INSERT DATA {
  GRAPH <https://w3id.org/aimsgraph/graph/records/lender> {
    <https://example.org/nordhaven/assessment/supplier-veridoc-2026>
        a aims:SupplierAssessment ;
        rdfs:label "assessment of Veridoc, 2026"@en ;
        aims:assessesSupplier <https://example.org/nordhaven/supplier/veridoc> ;
        aims:performedBy <https://example.org/nordhaven/person/karim-benali> ;
        aims:completedOn "2026-11-13"^^xsd:date ;
        aims:validUntil "2027-11-30"^^xsd:date ;
        aims:nextDueOn "2027-11-30"^^xsd:date ;
        aims:result aims:Passed .
    <https://example.org/nordhaven/supplier/veridoc>
        aims:hasSupplierAssessment <https://example.org/nordhaven/assessment/supplier-veridoc-2026> .
  }
}
