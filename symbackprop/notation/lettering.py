"""A notation made ready for one network: which template writes which quantity.

A quantity is written by the pattern of its role if it is the only one of its role and layer; else
by its own name. Two quantities that would look alike are written by their own names too; if they
still look alike, the notation refuses the network.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from dataclasses import replace

from symbackprop.errors import NotationError, printable
from symbackprop.formula.tree import Array, Formula, Idx, Num, Ref, Sym
from symbackprop.notation.base import Notation
from symbackprop.notation.indices import (
    Tokens,
    affine,
    index_tokens,
    inverse,
    letter_symbol,
    symbol_letter,
)
from symbackprop.notation.reading import read
from symbackprop.notation.rows import (
    Row,
    describe,
    index_letters,
    layer_letters,
    rows_of,
    samples,
    written_by_name,
)
from symbackprop.notation.slots import (
    ERROR,
    SIZE,
    Network,
    Slot,
    index_formula,
    is_family,
    rate_name,
    role_of,
    slot_of,
)
from symbackprop.notation.template_text import compile_text
from symbackprop.system.model import ADJOINT, Quantity

POOL = frozenset("ijklmnopqrstuvNLTMK")
"""Letters that are read as indices even where nothing declares them."""

RATES = (r"\eta", r"\epsilon", r"\rho", r"\gamma")


class Lettering:
    """Writes and reads the symbols of one network in one notation."""

    def __init__(self, notation: Notation, system: Network) -> None:
        self.notation = notation
        self.system = system
        self.layered = any(q.layer is not None for q in system.quantities)
        names = dict(notation.letters) if self.layered else {}
        self._written = names
        self._meant = inverse(names)
        self.shift = notation.shift if self.layered else 0
        self.layer_letters = layer_letters(system)
        self.index_letters = index_letters(system)
        self._symbols: dict[Formula, Sym] = {}
        self._things: dict[Sym, Ref | Array | Idx | None] = {}
        self._by_role: dict[str, list[Row]] = {}
        self._by_name: dict[str, list[Row]] = {}
        self._by_letter: dict[str | None, list[Row]] = {}
        self._places: dict[tuple[str, Formula | None], str] = {}
        self.rate = Sym("eta")
        self._build()

    # --- letters ------------------------------------------------------------------------------

    def written_letter(self, name: str) -> str:
        return self._written.get(name, name)

    def meant_letter(self, name: str) -> str:
        return self._meant.get(name, name)

    def is_letter(self, sym: Sym) -> str | None:
        """The canonical index letter that a symbol without further scripts may be."""
        name = symbol_letter(sym)
        if name is None:
            return None
        meant = self.meant_letter(name)
        return meant if self.is_index(meant) else None

    def layer_offset(self, thing: Ref | Array) -> int | None:
        """What the notation adds to the layer's canonical number in this symbol; None if it shows
        none."""
        if thing.name.removeprefix(ADJOINT) not in self.system.by_name:
            return None
        slot = slot_of(thing, self.system)
        if slot.layer is None or slot.name in self._by_name:
            return None
        form = "batch" if slot.batch else "whole" if slot.whole else "entry"
        for row in self._by_role.get(slot.role, ()):
            if row.form == form and row.template.layered and self._fits(row, slot):
                return row.template.offsets()["layer"]
        return None

    def quantity_at(self, role: str, layer: Formula | None) -> str:
        """The name of the one quantity of that role at that layer ('' if there is none)."""
        if not self._places:
            for q in self.system.quantities:
                at = None if q.layer is None or is_family(q) else index_formula(q.layer)
                for place in {(role_of(q), at), (role_of(q), None)}:
                    self._places[place] = "" if place in self._places else q.name
        name = self._places.get((role, layer), "")
        if name or layer is None:
            return name
        only = self._places.get((role, None), "")
        if not only or (quantity := self.system.by_name[only]).layer is None:
            return only
        return only if is_family(quantity) else ""

    def by_role(self, quantity: Quantity) -> bool:
        """Whether the quantity is written by the pattern of its role, not by its own name."""
        return quantity.name not in self._by_name

    def render(self, slot: Slot) -> Sym | None:
        """The symbol of any slot, also of one that no single quantity fills (layer p, unit q)."""
        return self._symbol(slot)

    def role_offset(
        self, role: str, indices: tuple[Formula, ...], sample: Formula | None
    ) -> int | None:
        """The layer offset of the first pattern for any layer that has that many indices."""
        for row in self._by_role.get(role, ()):
            t = row.template
            any_layer = (row.form, row.layer, row.at) == ("entry", None, None) and t.layered
            if any_layer and t.arity == len(indices) and t.sampled == (sample is not None):
                return t.offsets()["layer"]
        return None

    def is_quantity(self, sym: Sym) -> bool:
        """Whether a symbol of the network has this base letter and no scripts."""
        return any(s == sym for t, s in self._symbols.items() if not isinstance(t, Idx))

    def is_index(self, meant: str) -> bool:
        """Whether a canonical letter may be an index here."""
        return meant in self.index_letters or meant in POOL or meant in self._written

    def has_own_name(self, thing: Ref | Array) -> bool:
        """Whether the quantity of an entry or array is written by its own name."""
        return thing.name in self._by_name

    # --- writing ------------------------------------------------------------------------------

    def write(self, thing: Ref | Array | Idx) -> Sym:
        found = self._symbols.get(thing)
        if found is None:
            found = self._symbols[thing] = self._write(thing)
        return found

    def _write(self, thing: Ref | Array | Idx) -> Sym:
        if isinstance(thing, Idx):
            return letter_symbol(self.written_letter(thing.name))
        if thing.name == rate_name(self.system) and not thing.indices:
            return self.rate
        if thing.name == SIZE and SIZE not in self.system.by_name and len(thing.indices) == 1:
            slot = Slot("size", SIZE, thing.indices[0])
        else:
            slot = slot_of(thing, self.system)
        sym = self._symbol(slot)
        if sym is None:
            raise NotationError(
                f"the notation '{self.notation.name}' has no letter for {describe(thing)}"
            )
        return sym

    def _symbol(self, slot: Slot) -> Sym | None:
        form = "batch" if slot.batch else "whole" if slot.whole else "entry"
        own = self._by_name.get(slot.name)
        for row in own if own is not None else self._by_role.get(slot.role, ()):
            if row.form == form and self._fits(row, slot):
                fill = self._filling(slot)
                sym = row.template.render(fill)
                if sym is not None:
                    return sym
        if slot.role.startswith(ERROR):
            plain = self._symbol(_plain(slot))
            return replace(plain, accent="bar") if plain and not plain.accent else None
        return None

    def _fits(self, row: Row, slot: Slot) -> bool:
        t = row.template
        if t.sampled != (slot.sample is not None) or row.arity != len(slot.indices):
            return False
        if t.layered and slot.layer is None:
            return False
        if row.layer is not None and slot.layer != row.layer:
            return False
        return (
            row.at is None
            or row.form != "entry"
            or all(
                i is None or index == Num(str(i))
                for i, index in zip(row.at, slot.indices, strict=True)
            )
        )

    def _filling(self, slot: Slot) -> Callable[[str, int], Tokens]:
        def fill(key: str, offset: int) -> Tokens:
            if key == "layer":
                assert slot.layer is not None
                return self._layer_tokens(slot.layer, offset)
            index = slot.sample if key == "sample" else slot.indices[int(key) - 1]
            assert index is not None
            return self._tokens(index)

        return fill

    def _tokens(self, index: Formula) -> Tokens:
        found = affine(index)
        if found is None:
            raise NotationError("an index must be a sum of letters and whole numbers")
        return index_tokens(found.renamed(self.written_letter))

    def _layer_tokens(self, layer: Formula, offset: int) -> Tokens:
        found = affine(layer)
        if found is None:
            raise NotationError("a layer must be a sum of letters and whole numbers")
        moved = found.plus(offset - self.shift * found.total(lambda name: True))
        return index_tokens(moved.renamed(self.written_letter))

    # --- reading ------------------------------------------------------------------------------

    def read(self, sym: Sym) -> Ref | Array | Idx | None:
        """What the symbol means; None if it means nothing here, or more than one thing."""
        if sym not in self._things:
            if len(self._things) > 100_000:
                self._things.clear()
            self._things[sym] = read(self, sym)
        return self._things[sym]

    def rows_for(self, letter: str) -> Iterable[Row]:
        """The rows whose symbols may begin with that base letter."""
        return (*self._by_letter.get(letter, ()), *self._by_letter.get(None, ()))

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        """Choose how each quantity is written, until no two are alike."""
        system = self.system
        patterns = (*self.notation.adapt(system), *self.notation.patterns)
        own = written_by_name(system, patterns)
        alike: set[str] = set()
        self.clashes: frozenset[str] = frozenset()
        for verbatim in (False, True):
            for _ in range(3):
                self._sort(rows_of(system, patterns, frozenset(own), verbatim=verbatim), own)
                alike = self._alike()
                if not alike:
                    self._choose_rate()
                    return
                if alike <= own:
                    break
                self.clashes |= alike - own
                own |= alike
        names = ", ".join(printable(name) for name in sorted(alike))
        raise NotationError(
            f"in the notation '{self.notation.name}' these would be written alike: {names}",
            hint="rename one of them",
        )

    def _sort(self, rows: Iterable[Row], own: set[str]) -> None:
        """The rows by what they write and by the letter that they begin with."""
        self._symbols.clear()
        self._by_role.clear()
        self._by_letter.clear()
        self._by_name = {name: [] for q in own for name in (q, ADJOINT + q)}
        for row in rows:
            kept = self._by_name if row.name else self._by_role
            kept.setdefault(row.name or row.role, []).append(row)
            self._by_letter.setdefault(row.template.letter, []).append(row)

    def _alike(self) -> set[str]:
        """Names of quantities of which some symbol is that of another quantity or index letter."""
        seen: dict[Sym, str] = {}
        alike: set[str] = set()
        letters = {letter_symbol(self.written_letter(name)) for name in self.index_letters}
        for q in self.system.quantities:
            for thing in samples(q):
                try:
                    sym = self.write(thing)
                except NotationError:
                    continue
                if seen.setdefault(sym, thing.name) != thing.name:
                    alike |= {q.name, seen[sym].removeprefix(ADJOINT)}
                if sym in letters and isinstance(thing, Ref):
                    alike.add(q.name)
        return alike

    def _choose_rate(self) -> None:
        used = {sym.base for sym in self._symbols.values() if not sym.sub and not sym.sup}
        for text in (self.notation.rate, *RATES):
            sym = compile_text(text)[0].render(lambda key, offset: ())
            if sym is not None and sym.base not in used:
                self.rate = sym
                return
        raise NotationError("no letter is left for the learning rate")


def _plain(slot: Slot) -> Slot:
    return replace(slot, role=slot.role.removeprefix(ERROR), name=slot.name.removeprefix(ADJOINT))


_READY: dict[tuple[int, int], tuple[weakref.ref[object], weakref.ref[object], Lettering]] = {}


def ready(notation: Notation, system: Network) -> Lettering:
    """The lettering, made once for each network. Raises NotationError."""
    key = (id(notation), id(system))
    kept = _READY.get(key)
    if kept is not None and kept[0]() is notation and kept[1]() is system:
        return kept[2]
    made = Lettering(notation, system)
    if len(_READY) > 64:
        _READY.clear()
    _READY[key] = (weakref.ref(notation), weakref.ref(system), made)
    return made
