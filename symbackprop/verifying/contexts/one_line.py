"""Why a System does not come about, once and in the letters of the document."""

from __future__ import annotations

import re

from symbackprop.verifying.contexts.session import Session

_MADE = re.compile(r"\bn_(?P<name>[A-Za-z]\w*?)(?P<axis>\d?)(?!\w)")


def in_one_line(session: Session, message: str) -> str:
    """The first thing that does not fit; sizes that no text names are told by what they are sizes of."""
    first = next((line.strip() for line in message.splitlines() if line.strip()), message)
    names = session.u.resolver.symbols.names

    def size(m: re.Match[str]) -> str:
        if m[0] in session.u.resolver.sizes or m["name"] not in names:
            return m[0]
        axis = " (second index)" if m["axis"] == "1" else ""
        return f"the last entry of {names[m['name']]}{axis}"

    return re.sub(r"its axis \w+ runs", "that index runs", _MADE.sub(size, first))
