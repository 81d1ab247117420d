r"""Quantities written by their own name: for every network, also one that no book has letters for.

    h[t,i] -> h_{t,i} | h_{ti}    lambda -> \lambda    h0[i] -> h^{(0)}_i    W1[j,k] -> W^{(1)}_{jk}
    loss -> \mathrm{loss}         h_out[i] -> h_{\text{out},i}     my_long_name -> \mathrm{my\_long\_name}

A character that is no letter, digit or underscore is written by its code, so that no name can break
LaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from symbackprop.formula.alphabet import GREEK
from symbackprop.notation.slots import has_samples, is_family
from symbackprop.notation.template import Hole, Piece, Template, literal
from symbackprop.system.model import Quantity

_PARTS = re.compile(r"([A-Za-z]+?)(?:_([A-Za-z]+|\d+)|(\d+))?\Z", re.ASCII)


def safe(name: str) -> str:
    """The name with every character that is no ASCII letter, digit or `_` replaced by its code.

    An underscore at an end or beside another has its code too: a reader takes it for a script.
    """
    inner = re.sub(r"(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])", "\n", name)
    coded = "".join(
        c if (c.isascii() and c.isalnum()) or c == "\n" else f"u{ord(c):x}" for c in inner
    )
    return coded.replace("\n", "_")


def name_pieces(name: str, *, verbatim: bool) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Base letter, leading subscript and superscript of a name."""
    found = None if verbatim else _PARTS.match(name)
    if found is None:
        return safe(name), (), ()
    base, tail, digits = found.groups()
    if digits:
        return base, (), ("(", *digits, ")")
    if tail and tail.isdigit():
        return base, (), ("(", *tail, ")")
    if tail:
        return base, (tail,) if len(tail) > 1 or tail in GREEK else (tail, ","), ()
    return base, (), ()


def own_templates(
    quantity: Quantity, *, verbatim: bool, error: str = ""
) -> Iterator[tuple[bool, str, Template]]:
    r"""(adjoint, form, template) of a quantity that is written by its own name.

    error: '' (the adjoint has a bar, made elsewhere), 'only' (\delta with the indices), 'named'
    (\delta^z).
    """
    base, sub, sup = name_pieces(quantity.name, verbatim=verbatim)
    subs = tuple(piece for piece in sub if piece != ",")
    ways = [(False, base, subs, sup)]
    if error:
        script = ("_", "{", *subs, "}") if subs else ()
        named = (base, *script, *sup) if error == "named" else ()
        ways.append((True, "delta", (), named))
    for adjoint, letter, below, above in ways:
        for form, pieces in _forms(quantity):
            start: tuple[Piece, ...] = (*below, ",") if below and pieces else below
            yield adjoint, form, literal(letter, (*start, *pieces), above)


def _forms(quantity: Quantity) -> Iterator[tuple[str, tuple[Piece, ...]]]:
    """The forms and the subscript of each: all axes; the whole; wholes at a layer, sample or time.

    Layer, sample and time are parted from the rest by a comma: `x_{t,1}` is an entry, `x_{t1}`
    could be read as the whole at another time.
    """
    kinds = [axis.kind for axis in quantity.axes]
    keys: list[str] = []
    for at in range(len(kinds)):
        if at == 0 and is_family(quantity):
            keys.append("layer")
        elif at == is_family(quantity) and has_samples(quantity):
            keys.append("sample")
        else:
            keys.append(str(1 + sum(key.isdigit() for key in keys)))
    leading = 0
    while leading < len(kinds) and kinds[leading] in ("layer", "sample", "time"):
        leading += 1
    units = (Hole(tuple(keys[leading:])),) if leading < len(keys) else ()
    yield "entry", _commas([*(Hole((key,)) for key in keys[:leading]), *units])
    for count in range(min(leading, len(keys) - 1) + 1 if keys else 0):
        form = "batch" if has_samples(quantity) and "sample" not in keys[:count] else "whole"
        yield form, _commas([Hole((key,)) for key in keys[:count]])


def _commas(holes: list[Hole]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for hole in holes:
        pieces += [",", hole] if pieces else [hole]
    return tuple(pieces)
