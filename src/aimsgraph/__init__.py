"""aimsgraph: a knowledge graph with a SPARQL endpoint for AI management systems."""

from aimsgraph.graph import AimsGraph
from aimsgraph.ledger.change import Change
from aimsgraph.ledger.update import Update
from aimsgraph.version import __version__
from aimsgraph.writer import Terms

__all__ = ["AimsGraph", "Change", "Terms", "Update", "__version__"]
