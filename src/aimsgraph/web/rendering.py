"""What templates need: links to resources, names, verdict classes."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Flask, g, request

from aimsgraph.namespaces import BASE, expand, shorten
from aimsgraph.version import __version__
from aimsgraph.view import View
from aimsgraph.web.desk import MOMENTS, Desk
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


def register_filters(app: Flask, desk: Desk) -> None:
    """Give templates their filters and the values every page shows."""

    def label(iri: str) -> str:
        return desk.view.names.label(iri)

    def identifier(iri: str) -> str:
        return desk.view.names.identifier(iri) or shorten(iri)

    app.jinja_env.filters["resource_path"] = linked
    app.jinja_env.filters["at_moment"] = at_moment
    app.jinja_env.filters["label"] = label
    app.jinja_env.filters["short"] = shorten
    app.jinja_env.filters["identifier"] = identifier
    app.jinja_env.filters["labelled"] = lambda text: with_labels(text, label)
    app.jinja_env.filters["theme"] = theme_title
    app.jinja_env.filters["slug"] = lambda text: str(text).lower().replace(" ", "-")

    @app.context_processor
    def shown() -> dict[str, object]:
        view: View | None = g.get("view")
        always = {"version": __version__, "moment": chosen_moment()}
        if view is None:
            return {**always, "today": None, "generation": None, "past": None}
        return {
            **always,
            "today": view.today,
            "generation": view.generation,
            "past": view.past,
        }


def linked(iri: str) -> str:
    """Return the path of a resource's page, at the moment that is looked at."""
    return at_moment(resource_path(iri))


def at_moment(path: str) -> str:
    """Return a path with the moment that the current request looks at."""
    if not (chosen := chosen_moment()):
        return path
    stem, mark, fragment = path.partition("#")
    return f"{stem}{'&' if '?' in stem else '?'}{urlencode(chosen)}{mark}{fragment}"


def chosen_moment() -> dict[str, str]:
    """Return the parameters of the current request that name the moment it looks at."""
    return {name: request.args[name] for name in MOMENTS if request.args.get(name)}
