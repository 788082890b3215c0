"""The service described for programs, as OpenAPI 3.1."""

from aimsgraph.web.openapi.document import blueprint, document

__all__ = ["blueprint", "document"]
