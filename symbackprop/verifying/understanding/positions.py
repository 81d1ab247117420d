r"""Positions of a kernel: T inputs and K taps give T - K + 1 of them, `\sum_{t=0}^{T-K}`.

Where a definition reads `x_{t+k}` with k up to K - 1 and a text counts t up to `T - K`, the T is the
length of x. How many positions there are is then the free size, which is at least 1, and T follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from symbackprop.documents.scan import Piece
from symbackprop.formula.tree import Add, Chain, Formula, Idx, Mul, Neg, Num, Prod, Sum, Sym, add
from symbackprop.verifying.names.scripts import items_of
from symbackprop.verifying.understanding.size_relations import Linear, linear, put
from symbackprop.verifying.understanding.statement import Statement, has_derivative

NAMES = "PQRSUVXYZABGHIEF"


def count_positions(statements: Sequence[Statement], pieces: Iterable[Piece]) -> dict[str, Linear]:
    """Writes each such length as positions + taps - 1, in all statements; what these positions are."""
    found: dict[str, Linear] = {}
    chains = [s.chain for s in statements]
    taps = _taps(chains)
    if not taps:
        return found
    written = {c for p in pieces for c in p.latex}
    for length, kernel in _lengths(statements, taps).items():
        if any(c.members[0] == Sym(length) for c in chains if c.relations) or any(
            n.base == length and (n.sub or n.sup) for c in chains for n in c.walk()
            if isinstance(n, Sym)
        ):  # fmt: skip
            continue  # it is a quantity, or the text tells it in its own way
        if any(_relates(c, length, kernel) for c in chains):
            continue
        name = next((x for x in NAMES if x not in written), "")
        if not name:
            break
        found[name] = Linear({length: 1, kernel: -1, "": 1})
        written.add(name)
        value = Linear({name: 1, kernel: 1, "": -1})
        for s in statements:
            chain = _with(s.chain, length, value)
            assert isinstance(chain, Chain)
            s.chain = chain
            s.ranges = tuple((x, low, _with(high, length, value)) for x, low, high in s.ranges)
    return found


def as_written(f: Formula, positions: Mapping[str, Linear]) -> Formula:
    """The formula with the document's own letters for the numbers of positions."""
    for name, value in positions.items():
        f = _with(f, name, value)
    return f


def _taps(chains: Iterable[Chain]) -> set[str]:
    """The K of `Σ_{k=0}^{K-1} … x_{t+k}` and of `Σ_{k=1}^K … x_{t+k-1}`."""
    found: set[str] = set()
    for c in chains:
        if has_derivative(c):
            continue
        for n in c.walk():
            if not isinstance(n, Sum) or n.upper is None or not _slides(n):
                continue
            end = linear(n.upper)
            letters = [x for x in end or () if x]
            first = end[""] if end is not None else 1
            whole = (n.lower, first) in ((Num("0"), -1), (Num("1"), 0), (None, 0))
            if end and whole and len(letters) == 1 and end[letters[0]] == 1:
                found.add(letters[0])
    return found


def _slides(f: Sum) -> bool:
    """Whether the letter of a sum stands beside another one in a subscript."""
    inner = {n.index.name for n in f.body.walk() if isinstance(n, Sum)}
    for n in f.body.walk():
        if isinstance(n, Sym) and "+" in n.sub:
            for item in items_of(n.sub):
                beside = set(item.letters) - {f.index.name}
                if f.index.name in item.letters and beside and not beside & inner:
                    return True
    return False


def _lengths(statements: Iterable[Statement], taps: set[str]) -> dict[str, str]:
    """The T of `T - K`, with its K."""
    ends: list[Formula] = [high for s in statements for _, _, high in s.ranges]
    for s in statements:
        for n in s.chain.walk():
            if isinstance(n, Sum | Prod) and n.upper is not None:
                ends.append(n.upper)
    found: dict[str, str] = {}
    for end in ends:
        parts: Linear = linear(end) or Linear()
        plus = [x for x, n in parts.items() if x and n == 1]
        minus = [x for x, n in parts.items() if x and n == -1]
        if len(plus) == len(minus) == 1 and minus[0] in taps and plus[0] not in taps:
            found.setdefault(plus[0], minus[0])
    return found


def _relates(chain: Chain, length: str, kernel: str) -> bool:
    """`m = n - K + 1`: the text has a name for the number of positions."""
    if chain.relations not in (("=",), (":=",)) or not isinstance(chain.members[0], Sym):
        return False
    right = linear(chain.members[1])
    return right is not None and {length, kernel} <= set(right)


def _with(f: Formula, length: str, value: Linear) -> Formula:
    """The formula with a sum for the length; ends of sums are added up."""

    def change(n: Formula) -> Formula | None:
        if n in (Sym(length), Idx(length)):
            return _written(value)
        parts = linear(n) if isinstance(n, Add) else None
        return _written(put(parts, length, value)) if parts and length in parts else None

    return f.rewrite(change)


def _written(parts: Linear) -> Formula:
    terms: list[Formula] = []
    for name, n in parts.items():
        one: Formula = Sym(name) if name else Num(str(abs(n)))
        if name and abs(n) > 1:
            one = Mul((Num(str(abs(n))), one))
        if n:
            terms.append(Neg(one) if n < 0 else one)
    return add(*terms) if terms else Num("0")
