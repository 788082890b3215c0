"""The store: named graphs of quads, and SPARQL over those a caller may read."""
