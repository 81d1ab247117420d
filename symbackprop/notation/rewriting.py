"""Between meant and written formulas: leaves, index letters, layer numbers, names of functions.

    to_written:  Ref("z", (l, j))  ->  z_j^l            to_meant:  the inverse

Where a book counts its layers from 1 (shift 1), a layer letter is one more on paper than it is
meant: `l - 1` is meant where `l` is written, and "l = 1, ..., L" is written "l = 2, ..., L".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Diff,
    Formula,
    Idx,
    Mul,
    Neg,
    Prod,
    Ref,
    Sum,
    Sym,
)
from symbackprop.notation.arguments import cost_call, meant_cost, meant_output, output_call
from symbackprop.notation.base import Notation, lettering
from symbackprop.notation.indices import Affine, affine, letter_symbol
from symbackprop.notation.lettering import Lettering
from symbackprop.notation.slots import (
    ACCUMULATED,
    DIFFERENTIAL,
    SAMPLE_COST,
    SIZE,
    Network,
    is_family,
)
from symbackprop.system.model import ADJOINT

BUILT_IN = frozenset(["exp", "log", "tanh", "sin", "cos", "sqrt", "abs", "max", "min", "sign"])
"""Functions that keep their name everywhere."""


def function_names(notation: Notation, system: Network) -> Mapping[str, str]:
    """Meant name -> written name of the functions that the notation calls otherwise, one to one."""
    own = [f.name for f in system.functions if f.name not in BUILT_IN]
    names = {
        name: notation.functions[name].split()[0] for name in own if name in notation.functions
    }
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
    return formula.rewrite(Writer(letters, functions, layers))


def to_meant(formula: Formula, notation: Notation, system: Network) -> Formula:
    """The formula with each symbol replaced by what it means; symbols without a meaning stay
    `Sym`."""
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


class Writer:
    """From meant to written nodes; `layers` are the letters that count layers."""

    def __init__(
        self, letters: Lettering, functions: Mapping[str, str], layers: frozenset[str]
    ) -> None:
        self.letters = letters
        self.functions = functions
        self.layers = layers

    def __call__(self, node: Formula) -> Formula | None:
        if isinstance(node, Ref) and (call := cost_call(self.letters, node)) is not None:
            return _at(call, node)
        if isinstance(node, Array) and node.name.startswith(ACCUMULATED):
            plain = Array(node.name.removeprefix(ACCUMULATED), node.indices)
            sym = self.letters.write(plain)
            return _at(replace(sym, base=f"Delta {sym.base}"), node)
        if isinstance(node, Ref | Array) and node.name.startswith(DIFFERENTIAL):
            changed = replace(node, name=node.name.removeprefix(DIFFERENTIAL))
            if not self.letters.system.by_name[changed.name].axes:
                changed = replace(changed, indices=())  # which layer moved it is not written
            return _at(Diff(self.formula(changed)), node)
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
    """From written to meant nodes."""

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

    def _with_arguments(self, node: Mul) -> bool:
        """Whether the product is a sample's cost and its bracketed argument: C^n(theta)."""
        arguments = self.letters.notation.written.cost_of_all
        if not self.letters.notation.written.total or len(node.factors) != 2:
            return False
        head, last = node.factors
        cost = self.formula(head) if isinstance(head, Sym) else None
        return (
            isinstance(cost, Ref)
            and cost.name == SAMPLE_COST
            and isinstance(last, Sym)
            and (last.base,) == arguments
        )

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
        if isinstance(node, Sym) and node.base.startswith("Delta "):
            plain = self.letters.read(replace(node, base=node.base.removeprefix("Delta ")))
            if isinstance(plain, Array):
                return _at(Array(ACCUMULATED + plain.name, plain.indices), node)
        if isinstance(node, Mul) and self._with_arguments(node):
            return self.formula(node.factors[0])
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
