"""RDF itself: terms, reading and writing files, file headers, the SPARQL token pass."""
