"""What a reader must know to read a document in a notation: the notation's side of
`formula.hints`."""

from __future__ import annotations

from symbackprop.errors import NotationError
from symbackprop.formula.hints import FUNCTIONS, INDEX_LETTERS, Hints
from symbackprop.formula.style import Style
from symbackprop.formula.tree import Array, Idx, Ref, Sym
from symbackprop.notation.base import Notation, lettering
from symbackprop.notation.lettering import Lettering
from symbackprop.notation.rewriting import function_names, other_names
from symbackprop.notation.rows import samples
from symbackprop.notation.slots import SIZE, Network, is_family, role_of


def reading_hints(notation: Notation, system: Network) -> Hints:
    """Hints for `formula.latex_reader` with which the notation's own documents read back as
    written."""
    letters = lettering(notation, system)
    symbols = list(_symbols(letters))
    bases = {sym.base for _, sym in symbols}
    with_index = {sym.base for _, sym in symbols if sym.sup}
    without = {sym.base for _, sym in symbols if not sym.sup}
    names = function_names(notation, system)
    functions = {names.get(f.name, f.name) for f in system.functions}
    functions |= set(other_names(notation, system))
    if not system.functions:
        functions |= FUNCTIONS - bases
    scalar = {
        sym.base
        for thing, sym in symbols
        if isinstance(thing, Ref) and thing.name in system.by_name and not thing.indices
    }
    indices = {letters.written_letter(name) for name in letters.index_letters}
    return Hints(
        functions=frozenset(functions),
        variables=frozenset(bases - functions - _costs(letters)),
        names=frozenset(b for b in bases if not b.isalpha()),
        letter_digits=any(b[-1].isdigit() for b in bases),
        index_letters=INDEX_LETTERS | frozenset(n for n in indices if len(n) == 1),
        index_superscripts=frozenset(with_index - without),
        powers=frozenset(without - with_index),
        is_array=lambda sym: isinstance(letters.read(sym), Array),
        scalars=frozenset(scalar | {letters.rate.base}),
        dropped=frozenset() if notation.written.cost_of_one else frozenset(_costs(letters)),
    )


def _symbols(letters: Lettering) -> list[tuple[Ref | Array, Sym]]:
    found: list[tuple[Ref | Array, Sym]] = []
    for q in letters.system.quantities:
        for thing in samples(q):
            try:
                found.append((thing, letters.write(thing)))
            except NotationError:
                continue
    if any(is_family(q) for q in letters.system.quantities):
        found.append((Ref(SIZE, (Idx("l"),)), letters.write(Ref(SIZE, (Idx("l"),)))))
    return found


def _costs(letters: Lettering) -> set[str]:
    """Base letters of the cost and of the cost of one sample."""
    return {
        letters.write(Ref(q.name, tuple(Idx(str(axis.index)) for axis in q.axes))).base
        for q in letters.system.quantities
        if role_of(q) in ("cost", "sample cost")
    }


def writing_style(notation: Notation, system: Network) -> Style:
    """The style with which `formula.latex_writer` prints what `to_written` gives."""
    book = notation.style()
    return Style(
        product=book.product,
        hadamard=book.hadamard,
        exponential=book.exp,
        derivative=book.derivative,
        kronecker=book.kronecker,
        transpose=book.transpose,
        hints=reading_hints(notation, system),
    )
