"""Notation: the letters of a book, for writing and for reading.

A notation is data: one pattern a role (template.py), renamed index letters, names of functions, a
style, a declared domain. What a pattern says of a layer is its offset from the canonical number (0
is the input), so Nielsen's `z^l` is "z_{<unit>}^{<layer+1>}": his first layer is the input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from symbackprop.errors import NotationError
from symbackprop.formula.tree import Array, Formula, Idx, Num, Ref, Sym
from symbackprop.notation.slots import ERROR, Network
from symbackprop.notation.style import KINDS, WritingStyle
from symbackprop.notation.template import Template
from symbackprop.notation.template_text import compile_text
from symbackprop.system.model import ROLES, Quantity

if TYPE_CHECKING:
    from symbackprop.notation.corner import Corner


@dataclass(frozen=True, slots=True)
class Pattern:
    """How the quantities of one role are written. Earlier patterns of a notation go first.

    role       a quantity role, 'error:' + role for an adjoint, 'size' for the width of a layer
    entry      one entry; whole: a vector or matrix; batch: that of all samples ('' : none)
    layer      only for this canonical layer, or the "last" one (None: any)
    at         only for these unit indices (Chang's inputs are x and y, not x_1 and x_2); None: any
    """

    role: str
    entry: str = ""
    whole: str = ""
    batch: str = ""
    layer: int | str | None = None
    at: tuple[int | None, ...] | None = None

    def forms(self) -> tuple[tuple[str, Template], ...]:
        """The compiled templates: (form, template)."""
        texts = (("entry", self.entry), ("whole", self.whole), ("batch", self.batch))
        return tuple((form, t) for form, text in texts if text for t in compile_text(text))


@dataclass(frozen=True, slots=True)
class Alternative:
    r"""Another way in which the book writes the same: `usual` = `instead`, a claim for the judge.

    Both hold the same metavariables, `Sym("?a")`. key: what a template may say of it.
    """

    key: str
    usual: Formula
    instead: Formula


def telling_entry(quantity: Quantity) -> Ref:
    """The last entry of a quantity, with letters where sizes are symbols."""
    return Ref(
        quantity.name,
        tuple(
            Num(str(axis.upper)) if axis.upper.is_Integer else Idx(str(axis.index))
            for axis in quantity.axes
        ),
    )


def _any_network(system: Network) -> str:
    return ""


def _no_patterns(system: Network) -> tuple[Pattern, ...]:
    return ()


@dataclass(frozen=True, eq=False)
class Notation:
    r"""The letters of one book.

    name, title   'nielsen', and what to call it
    patterns      one a role at least; roles without one are written by the quantity's own name
    adapt         further patterns, tried first, that depend on the network (Lee's primes)
    domain        why a network cannot be written ('' if it can)
    letters       canonical index letter -> written letter, one to one ('L' -> 'n_l')
    shift         written layer letter minus canonical layer letter: 1 where `l = 1` is the input
    functions     names of activations: {'sigmoid': 'sigma'}; '*' names the only activation;
                  after the first name, parted by spaces, others that are read as well
    rate          the learning rate
    views         views that the letters reach: 'neuron', 'index', 'matrix'
    written       signs and orders
    alternatives  other forms in which the book writes something
    table         how the symbol table shows a role: 'letters' (z_j^l), 'entries' (x, y), 'example'
    table_letters the canonical letters there: layer, unit, second unit
    corners       networks on which the symbols are enumerated at construction (None: the
                  standard ones; our own notations have (): tests check them, not every start)

    Raises NotationError if two things would be written alike on one of the small networks
    of the domain ("the corner"): both directions have to be functions.
    """

    name: str
    title: str
    patterns: tuple[Pattern, ...]
    adapt: Callable[[Network], tuple[Pattern, ...]] = _no_patterns
    domain: Callable[[Network], str] = _any_network
    letters: Mapping[str, str] = field(default_factory=dict)
    shift: int = 0
    functions: Mapping[str, str] = field(default_factory=dict)
    rate: str = r"\eta"
    views: tuple[str, ...] = ("neuron", "index", "matrix")
    written: WritingStyle = field(default_factory=WritingStyle)
    alternatives: tuple[Alternative, ...] = ()
    table: Mapping[str, str] = field(default_factory=dict)
    table_letters: tuple[str, ...] = ("l", "j", "k")
    corners: tuple[Corner, ...] | None = None

    def __post_init__(self) -> None:
        from symbackprop.notation.corner import check_corners

        for pattern in self.patterns:
            if pattern.role.removeprefix(ERROR) not in (*ROLES, "sample cost", "cost part", "size"):
                raise NotationError(
                    f"notation '{self.name}': '{pattern.role}' is no role",
                    hint=f"roles: {', '.join(ROLES)}, size, sample cost, and each after '{ERROR}'",
                )
            pattern.forms()
        if len(set(self.letters.values())) != len(self.letters):
            raise NotationError(f"notation '{self.name}': two index letters are written alike")
        for letter in self.letters.values():
            if len(letter) == 1 and letter not in self.letters:
                raise NotationError(
                    f"notation '{self.name}': the index letter '{letter}' is given away but has no "
                    "letter of its own",
                    hint=f"add an entry for '{letter}' to `letters`",
                )
        check_corners(self)

    def style(self) -> WritingStyle:
        """What a writer needs to know beyond the symbols."""
        return self.written

    def check_domain(self, system: Network) -> None:
        """Raise NotationError if this notation has no letters for the network."""
        reason = self.domain(system)
        if reason:
            raise NotationError(
                f"the notation '{self.name}' cannot write this network: {reason}",
                hint="the notations 'default' and 'nielsen' write every network",
            )
        made = lettering(self, system)
        for quantity in system.quantities:
            made.write(telling_entry(quantity))

    def write_symbol(self, thing: Ref | Array | Idx, system: Network) -> Sym:
        """The symbol of a quantity's entry, of a whole array, or of an index letter.

        Raises NotationError where the notation has no letter for it.
        """
        return lettering(self, system).write(thing)

    def read_symbol(self, sym: Sym, system: Network) -> Ref | Array | Idx | None:
        """What a written symbol means; None if it means nothing in this network."""
        return lettering(self, system).read(sym)

    def symbol_rows(self, system: Network) -> tuple[SymbolRow, ...]:
        """The rows of the symbol table: symbols and keys, no prose."""
        from symbackprop.notation.table import rows

        return rows(self, system)

    def index_letters(self, kind: str, system: Network | None = None) -> tuple[str, ...]:
        """Canonical letters for indices of that kind ('unit', 'layer', 'sample', 'time'), best
        first.

        With a network, without the letters that have another meaning there (sizes, samples,
        quantities).
        """
        if system is None:
            return KINDS[kind]
        taken = {size.name for size in system.sizes} | set(system.by_name)
        if system.about.over_samples:  # one sample of a batch: its letters come later
            taken |= {"m", "n"}
        for quantity in system.quantities:
            taken |= {str(axis.index) for axis in quantity.axes if axis.kind != kind}
        made = lettering(self, system)
        return tuple(
            letter
            for letter in KINDS[kind]
            if letter not in taken and not made.is_quantity(made.write(Idx(letter)))
        )


def lettering(notation: Notation, system: Network) -> Lettering:
    """The notation made ready for one network (kept while the network lives)."""
    from symbackprop.notation.lettering import ready

    return ready(notation, system)


if TYPE_CHECKING:
    from symbackprop.notation.lettering import Lettering
    from symbackprop.notation.table import SymbolRow
