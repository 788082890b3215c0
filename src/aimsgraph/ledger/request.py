"""A request of SPARQL Update, taken apart into operations that the engine has parsed."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pyoxigraph as ox

from aimsgraph.errors import QueryError
from aimsgraph.ledger.operation import Operation, Piece, declarations, operation, pieces
from aimsgraph.rdf.tokens import Token, syntax_sentence, tokens, with_full_iris

_MAX_BASES: Final = 100


def operations(text: str, found: list[Token], base: str | None = None) -> list[Operation]:
    """Return the operations of a request, each after the engine has parsed it.

    Relative IRIs are resolved against `base`, where the request declares none.

    The engine takes a prologue at the beginning only, though every operation
    may have one (SPARQL 1.1 Query, rule 29); so it is shown one at a time.

    Raises:
        QueryError: it is not valid SPARQL Update.
    """
    declared = declarations(found)
    if sum(t.kind == "word" and t.text.upper() == "BASE" for t in declared.prologue) > _MAX_BASES:
        raise QueryError(f"the update declares BASE more than {_MAX_BASES} times")
    _valid(declared, text, base)
    several = list(pieces(found))
    if not all(piece.body for piece in several[:-1]):
        raise QueryError("the update is not valid SPARQL: there is no operation before a ';'")
    labels = Counter(label for piece in several for label in piece.labels)
    shared = next((label for label, n in labels.items() if n > 1), None)
    if shared is not None:
        raise QueryError(
            f"the update is not valid SPARQL: {shared} stands in more than one INSERT DATA"
        )
    read = [operation(one, list(tokens(one))) for one in (_valid(p, text, base) for p in several)]
    return [one for one in read if one is not None]


def _valid(piece: Piece, text: str, base: str | None) -> str:
    """Return a piece by itself with full IRIs, after the engine has parsed it."""
    ground = f"BASE <{base}> " if base else ""
    alone = _with_full_iris(ground + piece.alone(text))
    fault = _fault(_with_full_iris(ground + piece.only_parsed(text)))
    if fault is None:
        return alone
    placed = _with_full_iris(piece.in_place(text))
    sentence = syntax_sentence(list(tokens(text)), _fault(placed, base) or fault, placed)
    raise QueryError(sentence.replace("the query", "the update", 1))


def _with_full_iris(text: str) -> str:
    return with_full_iris(text, list(tokens(text)))


def _fault(text: str, base: str | None = None) -> str | None:
    """Return what the engine's parser has against a text."""
    try:
        ox.Store().update(text, base_iri=base)
    except SyntaxError as error:
        return str(error.msg)
    except (RuntimeError, OSError, ValueError):
        # An empty store lacks the graphs it speaks of; what counts is that it can be parsed.
        return None
    return None
