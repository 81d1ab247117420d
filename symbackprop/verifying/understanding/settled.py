"""Ranks that products tell: `z = w^T x + b` is a number, `u = A x + α` a vector.

Capital letters are taken for matrices and small ones for vectors first. Definitions know better: an
inner product is a number, and so is what it is added to, applied to or set equal to; a matrix times
a vector is a vector. Claims with derivatives tell nothing (they may be wrong).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from symbackprop.errors import SymbackpropError
from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Deriv,
    Div,
    Formula,
    Grad,
    Hadamard,
    Idx,
    MatMul,
    Matrix,
    Mul,
    Neg,
    Norm,
    Num,
    Ones,
    Pow,
    Ref,
    Sum,
    Transpose,
)
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.names.resolve import Resolver, Unclear
from symbackprop.verifying.names.row_vectors import from_the_right, stands_left
from symbackprop.verifying.understanding.profile import Profile
from symbackprop.verifying.understanding.samples import sample_pairs

ROUNDS = 8
"""Enough rounds for facts to pass along a chain of definitions."""


@dataclass(slots=True)
class Settling:
    """`ranks` of whole symbols by name; `whole` those whose entries are written too (sure).

    fixed   those that products tell
    """

    ranks: Mapping[str, int]
    whole: Mapping[str, int]
    fixed: dict[str, int] = field(default_factory=dict)

    def rank(self, f: Formula) -> int | None:
        """The rank that is sure; None where only the case of the letters tells."""
        if isinstance(f, Array) and f.name in self.whole:
            return self.whole[f.name]
        if isinstance(f, Array | Ref):
            return self.fixed.get(f.name) if not f.indices or isinstance(f, Array) else 0
        if isinstance(f, Norm):
            return 0
        if isinstance(f, Pow):
            return 0 if isinstance(f.base, Norm) else self.rank(f.base)
        if isinstance(f, Neg | Sum):
            return self.rank(f.body)
        if isinstance(f, Call):
            return self.rank(f.args[0]) if len(f.args) == 1 and f.name != "softmax" else None
        if isinstance(f, Div):
            return self.rank(f.num)
        if isinstance(f, MatMul | Mul):
            return self._product(f.factors)
        if isinstance(f, Add | Hadamard):
            parts = f.terms if isinstance(f, Add) else f.factors
            found = {r for r in map(self.rank, parts) if r is not None}
            return found.pop() if len(found) == 1 else None
        return None

    def _product(self, factors: tuple[Formula, ...]) -> int | None:
        arrays = [x for x in factors if self._likely(x)]
        if len(arrays) == 2:
            a, b = arrays
            if isinstance(a, Transpose) and self._likely(a.body) == 1 and self._likely(b) == 1:
                return None if isinstance(b, Transpose) else 0
            if self._likely(a) == 2 and self._likely(b) == 1 and not isinstance(b, Transpose):
                return 1
        if not arrays and all(_is_number(x) or self.rank(x) == 0 for x in factors):
            return 0
        return None

    def _likely(self, f: Formula) -> int:
        if isinstance(f, Transpose):
            return self._likely(f.body)
        if isinstance(f, Array):
            known = self.whole.get(f.name, self.fixed.get(f.name))
            return known if known is not None else self.ranks.get(f.name, 1)
        sure = self.rank(f)
        if sure is not None:
            return sure
        if isinstance(f, Call) and len(f.args) == 1:
            return self._likely(f.args[0])
        if isinstance(f, Neg):
            return self._likely(f.body)
        if isinstance(f, Add | Hadamard):
            return max(self._likely(x) for x in f.children())
        return 0

    def force(self, f: Formula, rank: int) -> None:
        """What follows for the symbols of a formula that has this rank."""
        if isinstance(f, Array | Ref) and (not f.indices or isinstance(f, Array)):
            free = f.name not in self.whole
            if free and (self.ranks.get(f.name, 0) != 2 or rank == 0):
                self.fixed.setdefault(f.name, rank)
        elif isinstance(f, Neg):
            self.force(f.body, rank)
        elif isinstance(f, Call) and len(f.args) == 1 and f.name != "softmax":
            self.force(f.args[0], rank)
        elif isinstance(f, Add):
            for t in f.terms:
                self.force(t, rank)
        elif isinstance(f, Hadamard):
            for x in f.factors:
                self.force(x, rank)
        elif isinstance(f, Mul | MatMul) and rank == 0 and not _has_transpose(f):
            for x in f.factors:
                self.force(x, 0)


def _is_number(f: Formula) -> bool:
    """`2`, `d`, `1/d`."""
    return isinstance(f, Num | Idx) or (
        isinstance(f, Div) and _is_number(f.num) and _is_number(f.den)
    )


def _has_transpose(f: Formula) -> bool:
    return any(isinstance(n, Transpose) for n in f.walk())


def settled(
    chains: Iterable[Chain],
    ranks: Mapping[str, int],
    whole: Mapping[str, int],
    numbers: frozenset[str],
    pairs: Mapping[str, str],
) -> dict[str, int]:
    """The ranks that definitions tell, by name; `numbers` are known to be numbers (the costs).

    pairs: names without and with the superscript of an example, which have one rank.
    """
    chains = list(chains)
    rows = [c for c in chains if _tells(c)]
    s = Settling(ranks, whole)
    for c in chains:
        _named_derivative(s, c)
    for c in rows:
        _sum_of_entries(s, c)
    for _ in range(ROUNDS):
        before = len(s.fixed)
        for c in rows:
            _step(s, c, numbers)
        for plain, each in pairs.items():
            for one, other in ((plain, each), (each, plain)):
                if one in s.fixed and other not in s.whole:
                    s.fixed.setdefault(other, s.fixed[one])
        if len(s.fixed) == before:
            break
    for name in _of_two_kinds(s, rows):
        del s.fixed[name]
    return s.fixed


def _of_two_kinds(s: Settling, chains: Iterable[Chain]) -> set[str]:
    """Numbers that elsewhere are equal to an array: the h of one neuron, and of a network later."""
    return {
        c.members[0].name for c in chains
        if isinstance(c.members[0], Array) and s.fixed.get(c.members[0].name) == 0
        and any(isinstance(m, Array) and s.whole.get(m.name, 0) > 0 for m in c.members[1:])
    }  # fmt: skip


def _named_derivative(s: Settling, c: Chain) -> None:
    """`ε = ∂C/∂v`: as many entries as v."""
    head = c.members[0]
    if not isinstance(head, Ref) or head.indices or head.name in s.whole:
        return
    for m in c.members[1:]:
        of_number = isinstance(m, Deriv | Grad) and isinstance(m.of, Ref)
        if isinstance(m, Deriv | Grad) and of_number and isinstance(m.by, Array):
            s.fixed.setdefault(head.name, s._likely(m.by))


def _sum_of_entries(s: Settling, c: Chain) -> None:
    r"""`R = ℓ + λ/2 Σ_c Σ_d W_{cd}^2`: a sum of entries is a number, and so is what it is added to."""
    head = c.members[0]
    if not isinstance(head, Array) or head.indices or head.name in s.whole:
        return
    for m in c.members[1:]:
        terms = m.terms if isinstance(m, Add) else (m,)
        factors = [x for t in terms for x in (t.factors if isinstance(t, Mul) else (t,))]
        whole = any(isinstance(n, Array | Matrix | Ones) for n in m.walk())
        if not whole and any(isinstance(x, Sum) for x in factors):
            s.fixed[head.name] = 0


def _tells(c: Chain) -> bool:
    equal = bool(c.relations) and all(r in ("=", ":=", "equiv") for r in c.relations)
    return equal and not any(isinstance(n, Deriv | Grad) for n in c.walk())


def _step(s: Settling, c: Chain, numbers: frozenset[str]) -> None:
    for m in c.members:
        for n in m.walk():
            if isinstance(n, Add | Hadamard):
                inside = s.rank(n)
                if inside is not None:
                    s.force(n, inside)
    head = c.members[0]
    if isinstance(head, Ref) and head.name in numbers:
        if s.fixed:  # `L = -y log a`: a number once a is known to be one
            for m in c.members[1:]:
                for n in m.walk():
                    if isinstance(n, Mul | MatMul) and 0 in [s.rank(x) for x in n.factors]:
                        s.force(n, 0)
        return
    known = [r for r in map(s.rank, c.members) if r is not None]
    if known:
        for m in c.members:
            s.force(m, known[0])


def resolved(resolver: Resolver, chains: Iterable[Chain]) -> list[Chain]:
    """The chains whose symbols all have a meaning, resolved."""
    meant: list[Chain] = []
    for c in chains:
        try:
            found = resolver(c)
        except (Unclear, SymbackpropError):
            continue
        assert isinstance(found, Chain)
        meant.append(found)
    return meant


def written_ranks(resolver: Resolver) -> dict[str, int]:
    """The open axes of names whose entries are written elsewhere."""
    every = [resolver.symbols.resolve(symbol) for symbol in resolver.symbols.symbols]
    return {w.name: w.missing for w in every if w.missing}


def multiply_from_the_left(chains: Iterable[Chain], resolver: Resolver) -> bool:
    """Whether vectors stand left of matrices in the document's definitions: `q = s W`."""
    ranks = {**resolver.ranks, **written_ranks(resolver)}
    return stands_left(resolved(resolver, chains), lambda a: ranks.get(a.name, 0))


def settle_ranks(
    resolver: Resolver,
    chains: Iterable[Chain],
    profile: Profile,
    said: Mapping[str, int],
    said_rows: bool = False,
) -> None:
    """Corrects the ranks of a document's symbols by what its definitions tell; `said` are sure.

    said_rows: the text says that its vectors are rows.
    """
    meant = resolved(resolver, chains)
    of_one_output(resolver, meant, said)
    if profile.rows and not said_rows:
        return  # x W: what stands left of a matrix is a row
    if said_rows:
        meant = [from_the_right(c) for c in meant]  # type: ignore[misc]
    table = resolver.symbols
    numbers = frozenset(
        table.resolve(s).name for s in table.symbols if s.base in COSTS and not s.sub and not s.sup
    )
    whole = {**said, **written_ranks(resolver)}
    sure = settled(meant, resolver.ranks, whole, numbers, sample_pairs(table))
    new = {n: r for n, r in sure.items() if r != resolver.ranks.get(n, 0)}
    if new:
        ranks = {n: r for n, r in {**resolver.ranks, **new}.items() if r}
        resolver.ranks = ranks
    resolver.sure = {**sure, **resolver.sure}


def of_one_output(resolver: Resolver, chains: Iterable[Chain], said: Mapping[str, int]) -> None:
    """Corrects the ranks in `y = σ(z)`, `z = H W + b`, where y has single entries: W is a column, b a number."""
    every = [resolver.symbols.resolve(symbol) for symbol in resolver.symbols.symbols]
    written: dict[str, int] = {}
    for w in every:  # Q beside its rows q_i
        written[w.name] = max(written.get(w.name, 0), w.missing)
    written = {n: r for n, r in written.items() if r}
    sure = {*said, *written}
    rows = [c for c in chains if _tells(c) and isinstance(c.members[0], Array)]
    new: dict[str, int] = {}
    for _ in range(ROUNDS):
        before = len(new)
        ranks = {**resolver.ranks, **written, **new}
        for c in rows:
            head, body = c.members[0], c.members[-1]
            assert isinstance(head, Array)
            if written.get(head.name, new.get(head.name)) == 1 and not head.indices:
                found = _column_of(body, ranks)
                new |= {n: r for n, r in found.items() if n not in sure}
        if len(new) == before:
            break
    if new:
        resolver.ranks = {n: r for n, r in {**resolver.ranks, **new}.items() if r}


def _column_of(f: Formula, ranks: Mapping[str, int]) -> dict[str, int]:
    """What has another rank than its letter tells, where the formula is a vector."""
    if isinstance(f, Call) and len(f.args) == 1 and f.name != "softmax":
        inner = f.args[0]
        whole = isinstance(inner, Array) and not inner.indices and ranks.get(inner.name) == 2
        return {inner.name: 1} if isinstance(inner, Array) and whole else {}
    terms = f.terms if isinstance(f, Add) else (f,)
    for n in terms:
        if not isinstance(n, MatMul) or len(n.factors) != 2:
            continue
        factors = [x for x in n.factors if isinstance(x, Array) and not x.indices]
        if len(factors) == 2 and all(ranks.get(x.name) == 2 for x in factors):
            rest = {t.name: 0 for t in terms if isinstance(t, Array)}
            return {**rest, factors[1].name: 1}
    return {}
