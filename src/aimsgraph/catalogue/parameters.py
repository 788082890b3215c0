"""Parameters of named questions: declared in the header, checked, and bound as terms.

A parameter is a variable `?_name_type`. It is bound by putting the serialised
term in the place of the variable's token, so that the result is plain SPARQL
1.1 and text from outside never becomes syntax. An optional parameter that is
left out stays the unbound variable it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import ParameterError
from aimsgraph.namespaces import expand
from aimsgraph.rdf.terms import typed
from aimsgraph.rdf.tokens import Token, tokens

_TODAY: Final = re.compile(r"today(?:([+-])(\d{1,5}))?")


def _iri(text: str) -> ox.NamedNode:
    full = expand(text)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", full):
        raise ValueError("is not an IRI")
    return ox.NamedNode(full)


def _integer(text: str) -> ox.Literal:
    return typed(str(int(text)), "integer")


def _decimal(text: str) -> ox.Literal:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text):
        raise ValueError("is not a decimal number")
    return typed(text, "decimal")


def _date(text: str) -> ox.Literal:
    return typed(date.fromisoformat(text).isoformat(), "date")


def _boolean(text: str) -> ox.Literal:
    word = {"1": "true", "0": "false"}.get(text, text.lower())
    if word not in {"true", "false"}:
        raise ValueError("is neither true nor false")
    return typed(word, "boolean")


TERM_FOR_TYPE: Final[dict[str, tuple[Callable[[str], ox.NamedNode | ox.Literal], str]]] = {
    "iri": (_iri, "an IRI, or a name such as iso42001:6.1.4"),
    "string": (ox.Literal, "text"),
    "date": (_date, "a day such as 2026-11-20"),
    "integer": (_integer, "a whole number"),
    "decimal": (_decimal, "a number such as 2.5"),
    "boolean": (_boolean, "true or false"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a question: the variable it stands for, and what people are told."""

    variable: str
    label: str
    is_optional: bool = False
    default: str | None = None

    @property
    def type(self) -> str:
        """Return the last part of the variable's name: iri, string, date ..."""
        return self.variable.rsplit("_", 1)[-1]

    @property
    def name(self) -> str:
        """Return the name people use: the variable without `_` in front and its type."""
        return self.variable[1:].rsplit("_", 1)[0]

    def as_json(self) -> dict[str, object]:
        """Return what callers are told of the parameter, as JSON takes it."""
        return {
            "name": self.name,
            "type": self.type,
            "label": self.label,
            "optional": self.is_optional or self.default is not None,
            "default": self.default,
        }

    def default_on(self, today: date) -> str | None:
        """Return the default as text on a day: `today+90` becomes a date."""
        match = _TODAY.fullmatch(self.default or "")
        if match is None:
            return self.default
        days = int(match[2] or 0)
        return (today + timedelta(days=-days if match[1] == "-" else days)).isoformat()

    def term(self, text: str) -> ox.NamedNode | ox.Literal:
        """Return a value from outside as a term.

        Raises:
            ParameterError: the text is not of the parameter's type.
        """
        make, wanted = TERM_FOR_TYPE[self.type]
        try:
            return make(text)
        except (ValueError, OverflowError) as error:
            raise ParameterError(
                f"the parameter {self.name!r} takes {wanted}, not {text!r}"
            ) from error


def bind(text: str, values: Mapping[str, ox.NamedNode | ox.Literal]) -> str:
    """Put terms in the place of the tokens `?name`, wherever they are tokens."""

    def bound(token: Token) -> str:
        term = values.get(token.text[1:]) if token.kind == "variable" else None
        return token.text if term is None else f" {term} "

    parts, end = [], 0
    for token in tokens(text):
        parts += [text[end : token.start], bound(token)]
        end = token.start + len(token.text)
    return "".join([*parts, text[end:]])
