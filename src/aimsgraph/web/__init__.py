"""The service: Flask over one graph. `create_app` is given the graph; nothing is global."""

from aimsgraph.web.app import create_app

__all__ = ["create_app"]
