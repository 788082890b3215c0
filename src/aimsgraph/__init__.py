"""aimsgraph: a knowledge graph with a SPARQL endpoint for AI management systems."""

from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Change

__all__ = ["AimsGraph", "Change", "__version__"]

__version__ = "0.1.0"
