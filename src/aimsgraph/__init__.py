"""aimsgraph: a knowledge graph with a SPARQL endpoint for AI management systems."""

from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Change
from aimsgraph.ledger.update import Update
from aimsgraph.terms import Terms
from aimsgraph.version import __version__

__all__ = ["AimsGraph", "Change", "Terms", "Update", "__version__"]
