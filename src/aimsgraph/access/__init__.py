"""Who may do what: callers, roles and tokens.

Every door (query, update, graph store, questions, validation, history, as-of
reads, the command line) asks a `Caller`; none decides by itself.
"""

from aimsgraph.access.callers import (
    NOBODY,
    OWNER,
    RIGHTS_FOR_ROLE,
    VISITOR,
    Caller,
    Right,
    Role,
)
from aimsgraph.access.tokens import FILE, PREFIX, Token, Tokens

__all__ = [
    "FILE",
    "NOBODY",
    "OWNER",
    "PREFIX",
    "RIGHTS_FOR_ROLE",
    "VISITOR",
    "Caller",
    "Right",
    "Role",
    "Token",
    "Tokens",
]
