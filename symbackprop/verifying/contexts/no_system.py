"""Why definitions make no System, in terms of the document where it can be told."""

from __future__ import annotations

from symbackprop.formula.tree import Array, Chain, Deriv, Grad, Idx, Num, Ref
from symbackprop.verifying.contexts.session import Session
from symbackprop.verifying.names.letters import SIZE_LETTERS

INCOMPLETE = "has no equation for its"
"""In the message about a System whose recurrence lacks layers."""


def why_none(session: Session, chain: Chain, message: str) -> str:
    """The message, or that a quantity is never defined, or for a single layer only."""
    if INCOMPLETE not in message:
        return message
    definitions = session.u.definitions
    defined = {d.target for d in definitions} | set(session.u.errors)
    for n in chain.walk():
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref | Array) and n.of.indices:
            name = n.of.name.removeprefix("d.")
            if name not in defined:
                return f"{session.shown(name)} is never defined in the document"
    for d in definitions:
        own = [o.indices[:1] for o in definitions if o.target == d.target]
        if d.indices and all(i == d.indices[:1] for i in own) and _is_fixed(d.indices[0]):
            return f"{session.shown(d.target)} is defined for this one layer only"
    return message


def _is_fixed(i: object) -> bool:
    return isinstance(i, Num) or (isinstance(i, Idx) and i.name in SIZE_LETTERS)
