"""From a document's definitions to a System: axes, ranges, base cases, order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from symbackprop.errors import IllFormedSystem, ReadingError
from symbackprop.formula.tree import Array, Formula, Idx, Neg, Num, Prod, Ref, Sum, add
from symbackprop.system.model import (
    Axis,
    Equation,
    Fact,
    Function,
    Quantity,
    System,
    entry,
    index,
    size,
)
from symbackprop.verifying.affine import affine_of
from symbackprop.verifying.entries import Entries
from symbackprop.verifying.shapes import Sizes
from symbackprop.verifying.sympyform import ToSympy

LETTERS = tuple("jkqruvw")


@dataclass(frozen=True, slots=True)
class Definition:
    """target[indices] = rhs, resolved; `place` is the number of the piece that says so."""

    target: str
    indices: tuple[Formula, ...]
    whole: bool
    rhs: Formula
    place: int
    label: str = ""
    weak: bool = False


@dataclass(slots=True)
class Builder:
    """Builds Systems over one resolver's names.

    arity       indices of every name in full (written ones and those left open)
    layers      (first layer, name of the last) of names whose first axis recurs; widths vary if so
    """

    arity: Mapping[str, int]
    size_names: frozenset[str]
    functions: tuple[Function, ...]
    facts: Mapping[str, frozenset[Fact]] = field(default_factory=dict)
    by_layer: frozenset[str] = frozenset()
    by_time: frozenset[str] = frozenset()
    first: int = 1
    last: str = "L"
    last_time: str = "T"
    row_vectors: frozenset[str] = frozenset()
    widths: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)
    single: set[tuple[str, int]] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    settled: set[tuple[str, int]] = field(default_factory=set)
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    peers: dict[str, tuple[str, int]] = field(default_factory=dict)
    fixed_sizes: Mapping[str, int] = field(default_factory=dict)

    def entries(self) -> Entries:
        return Entries(
            lambda a: self.arity.get(a.name, 0) - len(a.indices),
            lambda a: frozenset({0}) if a.name in self.row_vectors else frozenset(),
        )

    # --- equations in entries ---------------------------------------------------------------------

    def entrywise(self, d: Definition) -> Definition:
        """The same definition with all indices written, layer letters unshifted on the left."""
        e = self.entries()
        open_count = self.arity.get(d.target, 0) - len(d.indices) if d.whole else 0
        letters = tuple(Idx(LETTERS[i]) for i in range(open_count))
        taken = {affine_of(i)[0] for i in d.indices}
        if any(letter.name in taken for letter in letters):
            letters = tuple(Idx(f"o{i + 1}") for i in range(open_count))
        rhs = d.rhs
        row = d.target in self.row_vectors
        rank = e.rank(rhs)
        if rank > open_count:
            # A number said to be a vector, as in the loss of one output: that vector has one entry.
            self._one_entry(rhs)
            rhs = e.at(rhs, (*letters, *(Num("1"),) * (rank - open_count)))
        else:
            rhs = e.at(rhs, letters)
        indices = (*d.indices, *letters)
        if row and open_count == 2:
            indices = (*d.indices, Num("1"), letters[1])
            rhs = rename(rhs, {letters[0].name: Num("1")})
        shifts: dict[str, Formula] = {}
        plain: list[Formula] = []
        for i in indices:
            letter, shift = affine_of(i)
            if letter is not None and shift and letter not in self.size_names:
                shifts[letter] = add(Idx(letter), _signed(-shift))
                plain.append(Idx(letter))
            else:
                plain.append(i)
        rhs = rename(rhs, shifts) if shifts else rhs
        return Definition(d.target, tuple(plain), False, tidy(rhs), d.place, d.label, d.weak)

    def _one_entry(self, rhs: Formula) -> None:
        for n in rhs.walk():
            if isinstance(n, Array) and self.arity.get(n.name, 0) - len(n.indices) == 1:
                self.single.add((n.name, len(n.indices)))

    # --- the system -------------------------------------------------------------------------------

    def build(
        self, name: str, definitions: Iterable[Definition], used: Iterable[Formula], cost: str
    ) -> System:
        """The System of these definitions; names in `used` that nothing defines are free.

        Raises ReadingError, IllFormedSystem.
        """
        found = [self.entrywise(d) for d in definitions]
        self.sizes = Sizes(
            self.by_layer,
            self.size_names | {self.last, self.last_time},
            self.first,
            self.by_layer & {d.target for d in found},
        )
        for d in found:
            self.sizes.learn((Ref(d.target, d.indices), d.rhs), {})
        for node in self.single:
            self.sizes.exact[self.sizes.find(node)[0]] = 1
        for node in list(self.sizes.parent):
            # Axes that the definitions only ever index with numbers have as many entries as these say.
            root, _ = self.sizes.find(node)
            if node[0] not in self.by_layer or node[1] > 0:
                least = self.sizes.least.get(root, 0)
                if least and not self.sizes.has_letter(node):
                    self.sizes.exact.setdefault(root, least)
        known = set(self.sizes.parent)
        for f in used:
            self._learn_new(f, known)
        defined = {d.target for d in found}
        names = dict.fromkeys([*defined, *(n for d in found for n in _names(d.rhs))])
        for f in used:
            names.update(dict.fromkeys(_names(f)))
        if self.widths:
            names.pop("s", None)
        recursive = self._recursions(found)
        quantities: dict[str, Quantity] = {}
        for n in names:
            quantities[n] = self._quantity(n, n in defined, found, recursive)
        sympy = ToSympy(
            self.size_names | self.made | {self.last, self.last_time},
            frozenset(f.name for f in self.functions),
            self.widths,
        )
        equations: list[Equation] = []
        bases: list[Equation] = []
        for d in found:
            equations.append(self._equation(d, quantities, sympy, recursive))
        for n in sorted(recursive):
            if n in defined and not self._has_base(n, found):
                base, free = self._base(n, quantities[n])
                bases.append(base)
                quantities[free.name] = free
        for n, by in self.unknown.items():
            if n in quantities and n not in defined:
                equations.append(self._linear(n, by, quantities))
        if cost not in quantities:
            quantities[cost] = Quantity(cost, "cost")
            equations.append(Equation(cost, (), self._abstract(found, quantities, cost)))
        q = quantities[cost]
        quantities[cost] = Quantity(q.name, "cost", q.axes, q.layer, q.facts, q.meaning)
        ordered = in_order(bases + equations)
        symbols: set[sp.Symbol] = set()
        for e in ordered:
            symbols |= {
                s for s in e.rhs.free_symbols if s.is_Symbol and s.is_positive and s.is_integer
            }
        for one in quantities.values():
            for axis in one.axes:
                symbols |= {
                    s for s in (axis.upper - axis.lower).free_symbols
                    if s.is_Symbol and s.is_positive and s.is_integer
                }  # fmt: skip
        return System(
            name=name,
            quantities=tuple(quantities.values()),
            equations=tuple(ordered),
            cost=cost,
            functions=self.functions,
            sizes=tuple(sorted((s for s in symbols if s.name != "s"), key=lambda s: str(s.name))),
        )

    def _learn_new(self, f: Formula, known: set[tuple[str, int]]) -> None:
        """Claims give sizes only to names that no definition mentions: a claim may be wrong."""
        fresh = any((n, k) not in known for n in _names(f) for k in range(self.arity.get(n, 0)))
        if not fresh:
            return
        members = tuple(self._in_entries(m) for m in getattr(f, "members", None) or (f,))
        self._find_peers(f, {n for n, _ in known})
        trial = Sizes(self.by_layer, self.sizes.size_names, self.first)
        trial.learn(members, {})
        groups: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for node in list(trial.parent):
            groups.setdefault(trial.find(node)[0], []).append(node)
        for root, nodes in groups.items():
            old = [n for n in nodes if n in known]
            new = [n for n in nodes if n not in known]
            for n in new:
                self.sizes.find(n)
                anchor = old[0] if old else new[0]
                # One claim settles the size of a new name: a second, wrong one must not join two sizes.
                if anchor != n and n not in self.settled:
                    if old:
                        self.settled.add(n)
                    gap = trial.find(n)[1] - trial.find(anchor)[1]
                    self.sizes.join(n, anchor, gap)
            if not old and new:
                r, _ = self.sizes.find(new[0])
                if root in trial.named:
                    self.sizes.named.setdefault(r, trial.named[root])
                if root in trial.exact:
                    self.sizes.exact.setdefault(r, trial.exact[root])
                if root in trial.least:
                    self.sizes.least[r] = max(self.sizes.least.get(r, 0), trial.least[root])
                if root in trial.lowest:
                    self.sizes.lowest[r] = min(self.sizes.lowest.get(r, 1), trial.lowest[root])
            for n in new:
                if n in trial._links:
                    self.sizes._links.setdefault(n, trial._links[n])

    def _in_entries(self, f: Formula) -> Formula:
        e = self.entries()
        try:
            rank = e.rank(f)
            return e.at(f, tuple(Idx(x) for x in LETTERS[:rank]))
        except ReadingError:
            return f

    def _find_peers(self, f: Formula, known: set[str]) -> None:
        """A layered name that only claims mention exists where its neighbours exist."""
        layered = [
            (r.name, *affine_of(r.indices[0]))
            for r in _refs(f)
            if r.name in self.by_layer and r.indices
        ]
        for name, letter, shift in layered:
            if name in known or name in self.peers or letter is None:
                continue
            for other, its, at in layered:
                if other in known and its == letter:
                    self.peers[name] = (other, shift - at)
                    break

    def _recursions(self, found: list[Definition]) -> frozenset[str]:
        """Names that an equation reads at a shifted first index: they need a value to start from."""
        return (
            frozenset(
                ref.name
                for d in found
                for ref in _refs(d.rhs)
                if ref.indices
                and d.indices
                and affine_of(ref.indices[0])[1] < 0
                and affine_of(ref.indices[0])[0] is not None
                and affine_of(ref.indices[0])[0] == affine_of(d.indices[0])[0]
            )
            & (self.by_layer | self.by_time)
            & {d.target for d in found}
        )

    def _limits(self, name: str) -> tuple[int, str]:
        return (self.first, self.last) if name in self.by_layer else (0, self.last_time)

    def _quantity(
        self, name: str, defined: bool, found: list[Definition], recursive: frozenset[str]
    ) -> Quantity:
        axes: list[Axis] = []
        arity = self.arity.get(name, 0)
        letter = "l" if name in self.by_layer else "t"
        for k in range(arity):
            node = (name, k)
            if k == 0 and name in self.by_layer | self.by_time:
                first, last = self._limits(name)
                low, high = self._reach(name, found, recursive, first)
                upper = size(last) + high + (first if name in self.by_layer else 0)
                kind = "layer" if name in self.by_layer else "time"
                axes.append(Axis(index(letter), upper, sp.Integer(low), kind))
                continue
            own = index("l") if name in self.by_layer else None
            own_letter = index(LETTERS[k])
            if name in self.row_vectors and k == arity - 2:
                axes.append(Axis(own_letter, sp.Integer(1)))
                continue
            upper = self._upper(node, own)
            axes.append(Axis(own_letter, upper, self.sizes.lower(node), "unit"))
        role = "intermediate" if defined else "parameter"
        meaning = self.names.get(name, name)
        return Quantity(name, role, tuple(axes), None, self.facts.get(name, frozenset()), meaning)

    def _upper(self, node: tuple[str, int], own: sp.Expr | None) -> sp.Expr:
        found = self.sizes.upper(node, own)
        if found == 0:
            root, _ = self.sizes.find(node)
            least = self.sizes.least.get(root, 0)
            if least and not self.sizes.has_letter(node):
                return sp.Integer(least)
            name = f"n_{root[0]}{root[1] if root[1] else ''}"
            self.made.add(name)
            return size(name)
        if found.is_Symbol and found.name in self.fixed_sizes:
            return sp.Integer(self.fixed_sizes[found.name])
        return found

    def _reach(
        self, name: str, found: list[Definition], recursive: frozenset[str], first: int
    ) -> tuple[int, int]:
        """Lowest value of the first axis, and how far its top is from the last layer."""
        if name in recursive:
            return first, 0
        if any(d.target == name for d in found):
            return first + 1, 0
        if name in self.peers:
            other, gap = self.peers[name]
            low, high = self._reach(other, found, recursive, first)
            return max(low - gap, first), min(high - gap, 0)
        shifts = [
            affine_of(r.indices[0])[1]
            for d in found
            for r in _refs(d.rhs)
            if r.name == name and r.indices and d.indices
            and affine_of(r.indices[0])[0] == affine_of(d.indices[0])[0] is not None
        ]  # fmt: skip
        if shifts and all(s == -1 for s in shifts):
            return first, -1
        return first + 1, 0

    def _equation(
        self,
        d: Definition,
        quantities: Mapping[str, Quantity],
        sympy: ToSympy,
        recursive: frozenset[str],
    ) -> Equation:
        q = quantities[d.target]
        rhs = self.fill_sums(d.rhs, quantities)
        ranges = []
        for i, axis in zip(d.indices, q.axes, strict=True):
            letter, _ = affine_of(i)
            if letter is None or letter in self.size_names:
                continue
            lower: sp.Expr = axis.lower
            if axis.kind in ("layer", "time") and d.target in recursive:
                lower = axis.lower + 1
            upper = axis.upper
            swap = {a.index: sympy(k) for a, k in zip(q.axes, d.indices, strict=True)}
            upper = upper.subs(swap, simultaneous=True) if swap else upper
            ranges.append((index(letter), lower, upper))
        return Equation(
            d.target, tuple(sympy(i) for i in d.indices), sympy(rhs), tuple(ranges), d.label
        )

    def fill_sums(self, f: Formula, quantities: Mapping[str, Quantity]) -> Formula:
        """Sums without bounds get those of the axis on which their letter stands."""

        def change(node: Formula) -> Formula | None:
            if not isinstance(node, Sum | Prod) or (
                node.lower is not None and node.upper is not None
            ):
                return None
            body = self.fill_sums(node.body, quantities)
            bounds = self._bounds(node.index.name, body, quantities)
            if bounds is None:
                raise ReadingError(f"nothing tells what the sum over {node.index.name} runs over")
            low, high = bounds
            return type(node)(body, node.index, node.lower or low, node.upper or high)

        return f.rewrite(change)

    def _bounds(
        self, letter: str, body: Formula, quantities: Mapping[str, Quantity]
    ) -> tuple[Formula, Formula] | None:
        for ref in _refs(body):
            q = quantities.get(ref.name)
            if q is None:
                continue
            for k, i in enumerate(ref.indices):
                name, shift = affine_of(i)
                if name == letter and k < len(q.axes):
                    axis = q.axes[k]
                    swap = {a.index.name: x for a, x in zip(q.axes, ref.indices, strict=False)}
                    low = from_sympy(axis.lower - shift, swap)
                    high = from_sympy(axis.upper - shift, swap)
                    if low is not None and high is not None:
                        return low, high
        return None

    def _has_base(self, name: str, found: list[Definition]) -> bool:
        first, _ = self._limits(name)
        return any(
            d.target == name and d.indices and d.indices[0] == Num(str(first)) for d in found
        )

    def _base(self, name: str, q: Quantity) -> tuple[Equation, Quantity]:
        """The value that a recursion starts from: a free input of its own."""
        first, _ = self._limits(name)
        at = sp.Integer(first)
        rest = tuple(
            Axis(a.index, a.upper.subs(q.axes[0].index, at), a.lower, a.kind) for a in q.axes[1:]
        )
        free = Quantity(f"{name}_start", "input", rest, meaning=f"{name} at {first}")
        letters = tuple(a.index for a in rest)
        ranges = tuple((a.index, a.lower, a.upper) for a in rest)
        return Equation(name, (at, *letters), entry(free.name, *letters), ranges), free

    def _linear(self, name: str, by: Iterable[str], quantities: dict[str, Quantity]) -> Equation:
        """An undefined quantity that is only differentiated: linear in what it is differentiated by.

        Exact for first derivatives, as for an unknown cost.
        """
        q = quantities[name]
        quantities[name] = Quantity(q.name, "intermediate", q.axes, None, q.facts, q.meaning)
        own = [index(f"u{k}") for k in range(len(q.axes))]
        terms = []
        for other in by:
            if other not in quantities:
                continue
            b = quantities[other]
            axes = tuple(
                Axis(x, a.upper, a.lower, a.kind) for x, a in zip(own, q.axes, strict=True)
            )
            slope = Quantity(
                f"slope_{name}_{other}", "parameter", (*axes, *b.axes), meaning="a slope"
            )
            quantities[slope.name] = slope
            term: sp.Expr = entry(slope.name, *own, *b.indices) * entry(other, *b.indices)
            for axis in reversed(b.axes):
                term = sp.Sum(term, (axis.index, axis.lower, axis.upper))
            terms.append(term)
        ranges = tuple((x, a.lower, a.upper) for x, a in zip(own, q.axes, strict=True))
        return Equation(name, tuple(own), sp.Add(*terms), ranges)

    def _abstract(
        self, found: list[Definition], quantities: dict[str, Quantity], cost: str
    ) -> sp.Expr:
        """An unknown cost that depends on all quantities at the end of the forward pass.

        Its first derivatives are free numbers: a linear function with free coefficients stands for
        it, which is exact for every claim that has first derivatives of the cost only.
        """
        used = {n for d in found for n in _names(d.rhs) if n != d.target}
        ends = [n for n in dict.fromkeys(d.target for d in found) if n not in used]
        terms = []
        for n in ends:
            q = quantities[n]
            slope = Quantity(f"slope_{n}", "parameter", q.axes, meaning=f"d {cost} / d {n}")
            quantities[slope.name] = slope
            letters = q.indices
            term: sp.Expr = entry(slope.name, *letters) * entry(n, *letters)
            for axis in reversed(q.axes):
                term = sp.Sum(term, (axis.index, axis.lower, axis.upper))
            terms.append(term)
        return sp.Add(*terms)


def in_order(equations: list[Equation]) -> list[Equation]:
    """Equations so that what one reads is defined before (families together). Raises IllFormedSystem."""
    targets = {e.target for e in equations}
    reads: dict[str, set[str]] = {t: set() for t in targets}
    for e in equations:
        for atom in e.rhs.atoms(sp.Indexed) | {s for s in e.rhs.free_symbols if s.is_Symbol}:
            name = str(atom.base.label) if isinstance(atom, sp.Indexed) else atom.name
            if name in targets and name != e.target:
                reads[e.target].add(name)
    done: list[str] = []
    state: dict[str, int] = {}

    def visit(name: str) -> None:
        if state.get(name) == 2:
            return
        if state.get(name) == 1:
            return  # a recurrence through a shifted index: the judge follows entries
        state[name] = 1
        for other in sorted(reads[name]):
            visit(other)
        state[name] = 2
        done.append(name)

    for e in equations:
        visit(e.target)
    rank = {n: i for i, n in enumerate(done)}
    return sorted(equations, key=lambda e: (rank[e.target], not _is_base(e)))


def _is_base(e: Equation) -> bool:
    return bool(e.indices) and not e.indices[0].free_symbols


def from_sympy(e: sp.Expr, swap: Mapping[str, Formula]) -> Formula | None:
    e = sp.expand(e)
    if e.is_Integer:
        return _signed(int(e))
    if e.is_Symbol:
        return swap.get(e.name, Idx(e.name))
    if isinstance(e, sp.Indexed):
        inner = [from_sympy(i, swap) for i in e.indices]
        if any(i is None for i in inner):
            return None
        return Ref("size:" + str(e.base.label), tuple(i for i in inner if i is not None))
    if e.is_Add:
        parts = [from_sympy(a, swap) for a in e.args]
        if any(p is None for p in parts):
            return None
        return add(*[p for p in parts if p is not None])
    return None


def _signed(n: int) -> Formula:
    return Num(str(n)) if n >= 0 else Neg(Num(str(-n)))


def _refs(f: Formula) -> list[Ref | Array]:
    return [n for n in f.walk() if isinstance(n, Ref | Array)]


def _names(f: Formula) -> list[str]:
    return [r.name for r in _refs(f) if not r.name.startswith(("d.", "size:"))]


def rename(f: Formula, letters: Mapping[str, Formula]) -> Formula:
    """Free index letters replaced; bound ones of the same name are left alone."""

    def change(node: Formula) -> Formula | None:
        if isinstance(node, Idx):
            return letters.get(node.name)
        if isinstance(node, Sum | Prod) and node.index.name in letters:
            inner = {k: v for k, v in letters.items() if k != node.index.name}
            return type(node)(
                rename(node.body, inner),
                node.index,
                rename(node.lower, letters) if node.lower is not None else None,
                rename(node.upper, letters) if node.upper is not None else None,
            )
        if isinstance(node, Sum | Prod):
            return type(node)(
                rename(node.body, letters),
                node.index,
                rename(node.lower, letters) if node.lower is not None else None,
                rename(node.upper, letters) if node.upper is not None else None,
            )
        return None

    return f.rewrite(change)


def tidy(f: Formula) -> Formula:
    """Index sums with their numbers added: (l - 1) + 1 is l."""

    def change(node: Formula) -> Formula | None:
        if isinstance(node, Ref | Array) and node.indices:
            return type(node)(
                node.name, tuple(_tidy_index(i) for i in node.indices), span=node.span
            )
        return None

    return f.rewrite(change)


def _tidy_index(i: Formula) -> Formula:
    letter, shift = affine_of(i)
    if letter is None:
        return _signed(shift) if affine_constant(i) else i
    if shift == 0:
        return Idx(letter)
    return add(Idx(letter), _signed(shift))


def affine_constant(i: Formula) -> bool:
    return all(not isinstance(n, Idx | Ref) for n in i.walk())


__all__ = ["Builder", "Definition", "IllFormedSystem", "in_order", "rename", "tidy"]
