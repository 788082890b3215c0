"""What templates need: links to resources, names, verdict classes."""

from __future__ import annotations

from urllib.parse import quote

from flask import Flask

from aimsgraph import __version__
from aimsgraph.graph import AimsGraph
from aimsgraph.namespaces import BASE, expand, shorten
from aimsgraph.wording import with_labels


def resource_path(iri: str) -> str:
    """Return the path of a resource's page."""
    short = shorten(iri)
    if short != iri:
        return f"/id/{quote(short, safe=':')}"
    if iri.startswith(f"{BASE}/"):
        return f"/id/{quote(iri[len(BASE) + 1 :], safe='/')}"
    return f"/id/?iri={quote(iri, safe='')}"


def resource_iri(path: str) -> str:
    """Return the IRI that the path of a resource's page stands for."""
    full = expand(path)
    if full != path or "://" in path:
        return full
    return f"{BASE}/{path}"


def theme_title(theme: str) -> str:
    """Return a theme's name as a heading: `third-parties` is `Third parties`."""
    return "AI Act" if theme == "ai-act" else theme.replace("-", " ").capitalize()


def register_filters(app: Flask, graph: AimsGraph) -> None:
    """Give templates their filters and the values every page shows."""
    app.jinja_env.filters["resource_path"] = resource_path
    app.jinja_env.filters["label"] = graph.names.label
    app.jinja_env.filters["short"] = shorten
    app.jinja_env.filters["identifier"] = lambda iri: graph.names.identifier(iri) or shorten(iri)
    app.jinja_env.filters["labelled"] = lambda text: with_labels(text, graph.names.label)
    app.jinja_env.filters["theme"] = theme_title
    app.jinja_env.filters["slug"] = lambda text: str(text).lower().replace(" ", "-")

    @app.context_processor
    def shown() -> dict[str, object]:
        return {"version": __version__, "today": graph.today, "generation": graph.generation}
