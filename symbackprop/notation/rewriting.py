"""Between meant and written formulas: leaves, index letters, layer numbers, names of functions.

    to_written:  Ref("z", (l, j))  ->  z_j^l            to_meant:  the inverse

Where a book counts its layers from 1 (shift 1), a layer letter is one more on paper than it is meant:
`l - 1` is meant where `l` is written, and "l = 1, ..., L" is written "l = 2, ..., L".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Formula,
    Idx,
    Mul,
    Neg,
    Num,
    Prod,
    Ref,
    Sum,
    Sym,
)
from symbackprop.notation.arguments import cost_call, meant_cost, meant_output, output_call
from symbackprop.notation.base import Notation, lettering
from symbackprop.notation.indices import Affine, affine, letter_symbol
from symbackprop.notation.lettering import Lettering
from symbackprop.notation.slots import SIZE, Network, is_family, slot_of
from symbackprop.system.model import ADJOINT, PARAMETER_ROLES

BUILT_IN = frozenset("exp log tanh sin cos sqrt abs max min sign".split())
"""Functions that keep their name everywhere."""


def function_names(notation: Notation, system: Network) -> Mapping[str, str]:
    """Meant name -> written name of the functions that the notation calls otherwise, one to one."""
    own = [f.name for f in system.functions if f.name not in BUILT_IN]
    names = {name: notation.functions[name].split()[0] for name in own if name in notation.functions}
    if not names and len(own) == 1 and "*" in notation.functions:
        names = {own[0]: notation.functions["*"].split()[0]}
    taken = set(own) | BUILT_IN
    good = {m: w for m, w in names.items() if m == w or w not in taken}
    return good if len(set(good.values())) == len(good) else {}


def other_names(notation: Notation, system: Network) -> Mapping[str, str]:
    """Names of functions that are read as well: read name -> meant name."""
    found: dict[str, str] = {}
    own = {f.name for f in system.functions}
    for name in own:
        for other in notation.functions.get(name, "").split()[1:]:
            if other not in own:
                found[other] = name
    return found


def to_written(formula: Formula, notation: Notation, system: Network) -> Formula:
    """The formula in the notation's symbols. Raises NotationError where a letter is missing."""
    letters = lettering(notation, system)
    functions = function_names(notation, system)
    layers = _layers(formula, letters) if letters.shift else frozenset()
    return formula.rewrite(_Writer(letters, functions, layers))


def to_meant(formula: Formula, notation: Notation, system: Network) -> Formula:
    """The formula with each symbol replaced by what it means; symbols without a meaning stay `Sym`."""
    letters = lettering(notation, system)
    functions = dict(other_names(notation, system))
    functions |= {w: m for m, w in function_names(notation, system).items()}
    bound = frozenset(n.index.name for n in formula.walk() if isinstance(n, Sum | Prod))
    layers = _written_layers(formula, letters) if letters.shift else frozenset()
    return formula.rewrite(_Reader(letters, functions, layers, bound))


def output_symbol(notation: Notation, system: Network, sample: Formula | None = None) -> Formula:
    """The network's output under its other name, written: `h_{W,b}(x)`.

    Raises NotationError if the book has no such name.
    """
    return output_call(lettering(notation, system), sample)


def settle(formula: Formula, notation: Notation, system: Network) -> tuple[Formula, int]:
    """The statement, true for all layers, moved by some layers so that the book's parameters have the letter l.

    `z[l] = w[l] a[l-1] + b[l]` becomes `z[l+1] = w[l+1] a[l] + b[l+1]` for UFLDL, whose weights have the number of
    the layer that they leave. Also gives by how many layers: its ranges have to be moved down by that.
    """
    letters = lettering(notation, system)
    by = 0
    free = _family_letters(letters)
    for node in formula.walk():
        if not isinstance(node, Ref | Array) or not node.indices:
            continue
        offset = letters.layer_offset(node)
        index = affine(node.indices[0]) if offset is not None else None
        if index is None or len(index.letters) != 1 or index.letters[0][0] not in free:
            continue
        role = slot_of(node, system).role
        if role in PARAMETER_ROLES:
            assert offset is not None
            by = max(by, letters.shift - offset - index.number)
    return (moved(formula, free, by), by) if by else (formula, 0)


def moved(formula: Formula, free: frozenset[str], by: int) -> Formula:
    """The formula with each of the letters `free` replaced by itself plus `by`; bounds of sums move back."""

    def change(node: Formula) -> Formula | None:
        if isinstance(node, Sum | Prod) and node.index.name in free:
            return replace(
                node,
                body=node.body.rewrite(change),
                lower=None if node.lower is None else _plus(node.lower, -by),
                upper=None if node.upper is None else _plus(node.upper, -by),
            )
        if isinstance(node, Idx | Add | Neg | Mul):
            index = affine(node)
            if index is not None and (total := index.total(free.__contains__)):
                return index.plus(by * total).formula()
        return None

    return formula.rewrite(change)


def written_range(
    lower: Formula, upper: Formula, notation: Notation, system: Network, by: int = 0
) -> tuple[Formula, Formula]:
    """The range of a layer letter as the book writes it: 1..L becomes 2..L for Nielsen.

    `by`: what `settle` moved the statement by.
    """
    letters = lettering(notation, system)
    write = _Writer(letters, {}, letters.layer_letters)
    low, high = (write.layer(_plus(bound, -by)) for bound in (lower, upper))
    return low, high


def _plus(formula: Formula, number: int) -> Formula:
    index = affine(formula)
    if index is not None:
        return index.plus(number).formula()
    return Add((formula, Num(str(number)) if number > 0 else Neg(Num(str(-number)))))


class _Writer:
    def __init__(
        self, letters: Lettering, functions: Mapping[str, str], layers: frozenset[str]
    ) -> None:
        self.letters = letters
        self.functions = functions
        self.layers = layers

    def __call__(self, node: Formula) -> Formula | None:
        if isinstance(node, Ref) and (call := cost_call(self.letters, node)) is not None:
            return _at(call, node)
        if isinstance(node, Ref | Array):
            return _at(self.letters.write(node), node)
        if isinstance(node, Sum | Prod):
            lower, upper = node.lower, node.upper
            change = self.layer if node.index.name in self.layers else self.formula
            return replace(
                node,
                body=self.formula(node.body),
                index=replace(node.index, name=self.letters.written_letter(node.index.name)),
                lower=None if lower is None else change(lower),
                upper=None if upper is None else change(upper),
            )
        if isinstance(node, Chain) and self.layers and self._numbers_layers(node):
            return replace(node, members=tuple(self.layer(m) for m in node.members))
        if isinstance(node, Idx | Add | Neg | Mul) and self.layers:
            index = affine(node)
            if index is not None and (total := index.total(self.layers.__contains__)):
                return self._written(index.plus(-self.letters.shift * total))
        if isinstance(node, Idx):
            return _at(letter_symbol(self.letters.written_letter(node.name)), node)
        if isinstance(node, Call) and node.name in self.functions:
            return replace(
                node,
                name=self.functions[node.name],
                args=tuple(self.formula(a) for a in node.args),
            )
        return None

    def formula(self, node: Formula) -> Formula:
        return node.rewrite(self)

    def layer(self, node: Formula) -> Formula:
        """A number of layers or bound of a layer letter: `shift` more on paper."""
        index = affine(node)
        if index is None:
            return self.formula(node)
        total = index.total(self.layers.__contains__)
        return self._written(index.plus(self.letters.shift * (1 - total)))

    def _written(self, index: Affine) -> Formula:
        def leaf(node: Formula) -> Formula | None:
            if isinstance(node, Idx):
                return letter_symbol(self.letters.written_letter(node.name))
            return None

        return index.formula().rewrite(leaf)

    def _numbers_layers(self, chain: Chain) -> bool:
        found = [affine(m) for m in chain.members]
        return all(i is not None for i in found) and any(
            i.total(self.layers.__contains__) for i in found if i is not None
        )


class _Reader:
    def __init__(
        self,
        letters: Lettering,
        functions: Mapping[str, str],
        layers: frozenset[str],
        bound: frozenset[str],
    ) -> None:
        self.letters = letters
        self.functions = functions
        self.layers = layers  # meant letters
        self.bound = bound  # written letters

    def __call__(self, node: Formula) -> Formula | None:
        if isinstance(node, Sum | Prod):
            index = replace(node.index, name=self.letters.meant_letter(node.index.name))
            change = self.layer if index.name in self.layers else self.formula
            return replace(
                node,
                body=self.formula(node.body),
                index=index,
                lower=None if node.lower is None else change(node.lower),
                upper=None if node.upper is None else change(node.upper),
            )
        if isinstance(node, Chain) and self.layers and self._numbers_layers(node):
            return replace(node, members=tuple(self.layer(m) for m in node.members))
        if isinstance(node, Sym | Add | Neg | Mul) and self.layers:
            index_ = affine(node, self.letter)
            if index_ is not None and (total := index_.total(self.layers.__contains__)):
                return index_.plus(self.letters.shift * total).formula()
        if isinstance(node, Sym):
            letter = self.letter(node)
            thing = Idx(letter) if letter is not None else self.letters.read(node)
            return node if thing is None else _at(thing, node)
        if isinstance(node, Call):
            named = meant_cost(self.letters, node) or meant_output(self.letters, node)
            if named is not None:
                return _at(named, node)
        if isinstance(node, Call) and node.name in self.functions:
            return replace(
                node,
                name=self.functions[node.name],
                args=tuple(self.formula(a) for a in node.args),
            )
        return None

    def formula(self, node: Formula) -> Formula:
        return node.rewrite(self)

    def letter(self, node: Formula) -> str | None:
        """The meant index letter of a written leaf."""
        if isinstance(node, Idx):
            return self.letters.meant_letter(node.name)
        if not isinstance(node, Sym):
            return None
        if node.base in self.bound and node == Sym(node.base):
            return self.letters.meant_letter(node.base)
        thing = self.letters.read(node)
        return thing.name if isinstance(thing, Idx) else None

    def layer(self, node: Formula) -> Formula:
        index = affine(node, self.letter)
        if index is None:
            return self.formula(node)
        total = index.total(self.layers.__contains__)
        return index.plus(self.letters.shift * (total - 1)).formula()

    def _numbers_layers(self, chain: Chain) -> bool:
        found = [affine(m, self.letter) for m in chain.members]
        return all(i is not None for i in found) and any(
            i.total(self.layers.__contains__) for i in found if i is not None
        )


def _at(leaf: Formula, node: Formula) -> Formula:
    return leaf if node.span is None else replace(leaf, span=node.span)


def _layer_index(thing: Formula, letters: Lettering) -> Formula | None:
    """The layer index of an entry of a family, or of a width."""
    if not isinstance(thing, Ref | Array) or not thing.indices:
        return None
    quantity = letters.system.by_name.get(thing.name.removeprefix(ADJOINT))
    if quantity is None:
        return thing.indices[0] if thing.name == SIZE else None
    return thing.indices[0] if is_family(quantity) else None


def _letters_of(index: Formula | None) -> frozenset[str]:
    found = None if index is None else affine(index)
    return frozenset() if found is None else frozenset(name for name, _ in found.letters)


def _layers(formula: Formula, letters: Lettering) -> frozenset[str]:
    """Letters that count layers: the declared ones and those that stand as a layer index here."""
    found = letters.layer_letters
    for node in formula.walk():
        found |= _letters_of(_layer_index(node, letters))
    return found


def _written_layers(formula: Formula, letters: Lettering) -> frozenset[str]:
    found = letters.layer_letters
    for node in formula.walk():
        if isinstance(node, Sym):
            thing = letters.read(node)
            if thing is not None:
                found |= _letters_of(_layer_index(thing, letters))
    return found


def _family_letters(letters: Lettering) -> frozenset[str]:
    """Letters of layer axes (not the depth)."""
    return frozenset(
        str(axis.index)
        for q in letters.system.quantities
        for axis in q.axes
        if axis.kind == "layer"
    )

