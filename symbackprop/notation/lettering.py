"""A notation made ready for one network: which template writes which quantity.

A quantity is written by the pattern of its role if it is the only one of its role and layer; else by its own
name. Two quantities that would look alike are written by their own names too; if they still look alike, the
notation refuses the network.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import sympy as sp

from symbackprop.errors import NotationError, printable
from symbackprop.formula.tree import Array, Formula, Idx, Num, Ref, Sym
from symbackprop.notation.base import Notation, Pattern
from symbackprop.notation.indices import (
    Tokens,
    affine,
    index_tokens,
    inverse,
    letter_symbol,
    read_index,
    symbol_letter,
)
from symbackprop.notation.own_names import own_templates
from symbackprop.notation.slots import (
    ERROR,
    LAYERLESS_ROLES,
    SIZE,
    Network,
    Slot,
    index_formula,
    is_family,
    rate_name,
    ref_of,
    role_of,
    slot_of,
    unit_axes,
)
from symbackprop.notation.template import Template, compile_text
from symbackprop.system.model import ADJOINT, Quantity

POOL = frozenset("ijklmnopqrstuvNLTMK")
"""Letters that are read as indices even where nothing declares them."""

RATES = (r"\eta", r"\epsilon", r"\rho", r"\gamma")


@dataclass(frozen=True, slots=True)
class Row:
    """One template and when it applies. `name`: only for this quantity (its own name); else by role."""

    role: str
    form: str
    template: Template
    name: str = ""
    layer: Formula | None = None
    at: tuple[int | None, ...] | None = None

    @property
    def arity(self) -> int:
        """The number of unit indices of what it writes."""
        return self.template.arity if self.at is None or self.form != "entry" else len(self.at)


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
        self.layer_letters = _layer_letters(system)
        self.index_letters = _index_letters(system)
        self._symbols: dict[Formula, Sym] = {}
        self._things: dict[Sym, Ref | Array | Idx | None] = {}
        self._by_role: dict[str, list[Row]] = {}
        self._by_name: dict[str, list[Row]] = {}
        self._by_letter: dict[str | None, list[Row]] = {}
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
        return meant if self._is_index(meant) else None

    def layer_offset(self, thing: Ref | Array) -> int | None:
        """What the notation adds to the layer's canonical number in this symbol; None if it shows none."""
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
            if (row.form, row.layer, row.at) == ("entry", None, None) and t.layered:
                if t.arity == len(indices) and t.sampled == (sample is not None):
                    return t.offsets()["layer"]
        return None

    def is_quantity(self, sym: Sym) -> bool:
        """Whether a symbol of the network has this base letter and no scripts."""
        return any(s == sym for t, s in self._symbols.items() if not isinstance(t, Idx))

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
        return row.at is None or row.form != "entry" or all(
            i is None or index == Num(str(i)) for i, index in zip(row.at, slot.indices, strict=True)
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
        if sym not in self._things:
            if len(self._things) > 100_000:
                self._things.clear()
            self._things[sym] = self._read(sym)
        return self._things[sym]

    def _read(self, sym: Sym) -> Ref | Array | Idx | None:
        if sym == self.rate:
            return Ref(rate_name(self.system))
        exact: list[Ref | Array] = []
        near: list[Ref | Array] = []
        for thing in self._candidates(sym):
            try:
                same = self.write(thing) == sym
            except NotationError:
                continue
            where = exact if same else near
            if thing not in where:
                where.append(thing)
        found = exact or near
        if len(found) == 1:
            return found[0]
        if found:
            return None
        letter = self.is_letter(sym)
        if letter is not None:
            return Idx(letter)
        if sym.accent == "bar":
            plain = self.read(replace(sym, accent=""))
            if isinstance(plain, Ref | Array) and not plain.name.startswith(ADJOINT):
                adjoint = replace(plain, name=ADJOINT + plain.name)
                return adjoint if self.write(adjoint) == sym else None
        return None

    def _candidates(self, sym: Sym) -> Iterable[Ref | Array]:
        for row in (*self._by_letter.get(sym.base, ()), *self._by_letter.get(None, ())):
            for bound in row.template.match(sym):
                slot = self._slot(row, bound)
                if slot is None:
                    continue
                if row.role == "size":
                    if slot.layer is not None:
                        yield Ref(SIZE, (slot.layer,))
                    continue
                thing = self._thing(row, slot)
                if thing is not None and self._in_range(thing):
                    yield thing

    def _thing(self, row: Row, slot: Slot) -> Ref | Array | None:
        thing = ref_of(slot, self.system)
        # A quantity that has its own name is not found by its role.
        if thing is not None and not row.name and thing.name in self._by_name:
            return None
        return thing

    def _slot(self, row: Row, bound: dict[tuple[str, int], Tokens]) -> Slot | None:
        layer = row.layer
        indices: dict[int, Formula] = {}
        sample: Formula | None = None
        for (key, offset), tokens in bound.items():
            index = read_index(tokens)
            if index is None:
                return None
            index = index.renamed(self.meant_letter)
            if key == "layer":
                meant = index.plus(self.shift * index.total(lambda name: True) - offset).formula()
                if layer is not None and meant != layer:
                    return None
                layer = meant
            elif key == "sample":
                sample = index.formula()
            else:
                indices[int(key)] = index.formula()
        for n, i in enumerate(row.at or (), start=1):
            if i is not None and row.form == "entry":
                indices[n] = Num(str(i))
        found = tuple(indices[i] for i in sorted(indices))
        whole, batch = row.form != "entry", row.form == "batch"
        slot = Slot(row.role, row.name, layer, found, whole, sample, batch)
        if row.name and layer is None:
            quantity = self.system.by_name[row.name.removeprefix(ADJOINT)]
            if quantity.layer is not None and not is_family(quantity):
                slot = replace(slot, layer=index_formula(quantity.layer))
        return slot

    def _known(self, index: Formula) -> bool:
        """Whether the index has letters, and only letters that may be indices here."""
        found = affine(index)
        return (
            found is not None
            and bool(found.letters)
            and all(self._is_index(name) for name, _ in found.letters)
        )

    def _is_index(self, meant: str) -> bool:
        return meant in self.index_letters or meant in POOL or meant in self._written

    def _in_range(self, thing: Ref | Array) -> bool:
        """Whether all numbers among the indices lie in their axes."""
        axes = self.system.by_name[thing.name.removeprefix(ADJOINT)].axes
        for axis, index in zip(axes, thing.indices, strict=False):
            if isinstance(index, Num):
                value = int(index.text)
                if axis.lower.is_Integer and value < int(axis.lower):
                    return False
                if axis.upper.is_Integer and value > int(axis.upper):
                    return False
            elif not self._known(index):
                return False  # a negative number, or a letter that is no index
        return True

    # --- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        patterns = (*self.notation.adapt(self.system), *self.notation.patterns)
        own = {q.name for q in self.system.quantities if not self._has_pattern(q, patterns)}
        for verbatim in (False, True):
            for _ in range(3):
                self._fill_rows(patterns, own, verbatim)
                alike = self._alike()
                if not alike:
                    self._choose_rate()
                    return
                if alike <= own:
                    break
                own |= alike
        names = ", ".join(printable(name) for name in sorted(alike))
        raise NotationError(
            f"in the notation '{self.notation.name}' these quantities would be written alike: {names}",
            hint="rename one of them",
        )

    def _has_pattern(self, q: Quantity, patterns: tuple[Pattern, ...]) -> bool:
        """Whether the quantity is written by its role: it is the only one there, and a form fits."""
        twins = [
            other
            for other in self.system.quantities
            if role_of(other) == role_of(q)
            and (
                role_of(q) in LAYERLESS_ROLES
                or is_family(other)
                or is_family(q)
                or other.layer == q.layer
            )
        ]
        if len(twins) > 1:
            return False
        for p in patterns:
            if p.role != role_of(q):
                continue
            if p.layer is not None and q.layer is not None and not is_family(q):
                if self._layer(p) != index_formula(q.layer):
                    continue
            for form, t in p.forms():
                if form != "entry":
                    continue
                if unit_axes(q) == (t.arity if p.at is None else len(p.at)):
                    if t.layered and q.layer is None:
                        continue
                    if p.layer is None and not t.layered and q.layer is not None:
                        if role_of(q) not in LAYERLESS_ROLES and not self._one_layer():
                            continue
                    return True
        return False

    def _layer(self, pattern: Pattern) -> Formula | None:
        """The layer that a pattern is for, None for all."""
        if isinstance(pattern.layer, int):
            return Num(str(pattern.layer))
        depth = self.system.about.depth
        return None if pattern.layer is None or depth is None else index_formula(depth)

    def _one_layer(self) -> bool:
        return len({q.layer for q in self.system.quantities if q.role == "weight"}) <= 1

    def _fill_rows(self, patterns: tuple[Pattern, ...], own: set[str], verbatim: bool) -> None:
        self._symbols.clear()
        self._by_role.clear()
        self._by_name.clear()
        self._by_letter.clear()
        for p in patterns:
            for form, t in p.forms():
                row = Row(p.role, form, t, layer=self._layer(p), at=p.at)
                self._by_role.setdefault(p.role, []).append(row)
                self._by_letter.setdefault(t.letter, []).append(row)
        delta = any(p.role == ERROR + "pre-activation" for p in patterns)
        taken = [q.name for q in self.system.quantities if q.role == "pre-activation"]
        for q in self.system.quantities:
            if q.name not in own:
                continue
            error = "" if not (delta and q.role == "pre-activation") else "only"
            if error and len(taken) > 1:
                error = "named"
            for adjoint, form, t in own_templates(q, verbatim=verbatim, error=error):
                name = (ADJOINT if adjoint else "") + q.name
                row = Row((ERROR if adjoint else "") + role_of(q), form, t, name)
                self._by_name.setdefault(name, []).append(row)
                self._by_letter.setdefault(t.letter, []).append(row)
            self._by_name.setdefault(ADJOINT + q.name, [])

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


def samples(quantity: Quantity) -> Iterable[Ref | Array]:
    """Some things that stand for all of a quantity: letters, corners, wholes; and the adjoint's."""
    axes = quantity.axes
    letters = tuple(Idx(str(axis.index)) for axis in axes)
    first = tuple(index_formula(a.lower) if a.lower.is_Integer else Idx(str(a.index)) for a in axes)
    last = tuple(index_formula(a.upper) if a.upper.is_Integer else Idx(str(a.index)) for a in axes)
    for name in (quantity.name, ADJOINT + quantity.name):
        for indices in dict.fromkeys((letters, first, last)):
            yield Ref(name, indices)
        for count in range(len(axes)):
            yield Array(name, letters[:count])


def describe(thing: Ref | Array | Idx) -> str:
    """The thing for a message: W1[1, j]."""
    if isinstance(thing, Idx):
        return f"the letter {printable(thing.name)}"
    parts = ", ".join(
        i.text if isinstance(i, Num) else i.name if isinstance(i, Idx) else "..." for i in thing.indices
    )
    whole = "the whole array " if isinstance(thing, Array) else ""
    return f"{whole}{printable(thing.name)}" + (f"[{parts}]" if parts else "")


def _plain(slot: Slot) -> Slot:
    return replace(
        slot, role=slot.role.removeprefix(ERROR), name=slot.name.removeprefix(ADJOINT)
    )


def _layer_letters(system: Network) -> frozenset[str]:
    found: set[str] = set()
    for q in system.quantities:
        for axis in q.axes:
            if axis.kind == "layer":
                found.add(str(axis.index))
                found |= {str(s) for s in axis.upper.free_symbols}
    depth = system.about.depth
    if isinstance(depth, sp.Symbol):
        found.add(depth.name)
    return frozenset(found)


def _index_letters(system: Network) -> frozenset[str]:
    found = {str(axis.index) for q in system.quantities for axis in q.axes}
    return frozenset(found | {s.name for s in system.sizes})


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
