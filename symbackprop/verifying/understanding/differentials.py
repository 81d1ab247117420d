r"""`dW`, `db`, `dz`: shorthands of courses and programs for derivatives of the cost.

`dz = a - y` says what ∂L/∂z is, so it is a claim and no definition. Where the cost is a mean over m
examples and `dW = (1/m) dZ A^T`, the factor stands with the parameters: `dZ` is then the derivative
of the sum, m times that of the cost; `dW` and `db` are derivatives of the cost itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from symbackprop.formula.alphabet import GREEK
from symbackprop.formula.tree import (
    Add,
    Chain,
    Deriv,
    Diff,
    Div,
    Formula,
    Grad,
    MatMul,
    Mul,
    Neg,
    Num,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.verifying.names.letters import COSTS
from symbackprop.verifying.understanding.statement import Statement, rewrite_all

DATA = frozenset({"x", "X", "y", "Y"})


Layered = tuple[str, str, tuple[str, ...]]
"""A letter with its accent and what stands above it."""


@dataclass(frozen=True, slots=True)
class Shorthand:
    """What d-names mean in one document.

    loss, cost   the cost of one example and the one of all; the same where there is only one
    size         the number of examples, None where the cost is no mean
    shared       the factor 1/m stands with the parameters
    inner        written symbols that an equation of the document defines
    """

    loss: Sym
    cost: Sym
    size: Sym | None
    shared: bool
    inner: frozenset[Layered]


def expand_differentials(statements: Sequence[Statement]) -> None:
    """Replaces d-names by the derivatives that they stand for."""
    names = _names(statements)
    if read_changes(statements, names):
        return
    symbols = {n for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    meaning = _meaning([s.chain for s in statements], names) if names else None
    if meaning is None:
        return
    for s in statements:
        here = [n for n in s.chain.walk() if isinstance(n, Sym) and n in names]
        if here:
            s.chain = _expanded(s.chain, names, meaning)
        for n in here:
            if _example(n) and Sym(n.base[1:].upper(), n.sub, n.sup[:-3], 0, n.accent) in symbols:
                s.reason = "a derivative by one column of a matrix"


def read_changes(statements: Sequence[Statement], names: set[Sym]) -> bool:
    """`dC = (a - y) da`: where the cost itself has a d before it, all d-names are small changes."""
    symbols = {n for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    bases = {(n.base, n.accent) for n in symbols}
    costs = {
        n for n in symbols
        if n.base[:1] == "d" and n.base[1:] in COSTS and (n.base[1:], n.accent) in bases
    } - names  # fmt: skip
    if not costs or not any(s.chain.members[0] in costs for s in statements):
        return False

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or n not in names | costs:
            return None
        return Diff(replace(n, base=n.base[1:], span=None), span=n.span)

    rewrite_all(statements, change)
    return True


def shorthand_of(statements: Sequence[Statement]) -> Shorthand | None:
    """What d-names mean in these statements; None where they have none or no cost."""
    names = _names(statements)
    return _meaning([s.chain for s in statements], names) if names else None


def _names(statements: Sequence[Statement]) -> set[Sym]:
    symbols = {n for s in statements for n in s.chain.walk() if isinstance(n, Sym)}
    bases = {(n.base, n.accent) for n in symbols}
    costs = COSTS - _matrices([s.chain for s in statements])
    return {n for n in symbols if _is_shorthand(n, bases, costs)}


def _matrices(chains: Sequence[Chain]) -> set[str]:
    """Letters of factors in products of matrices: their `Q` is no cost."""
    return {
        n.base for c in chains for x in c.walk() if isinstance(x, MatMul | Transpose)
        for n in x.children() if isinstance(n, Sym)
    }  # fmt: skip


RATES = frozenset({"eta", "alpha", "gamma", "epsilon", "varepsilon", "rho", "mu", "lambda"})


UNTOLD = "the document does not say what the step of this update is"


def expand_steps(statements: Sequence[Statement]) -> None:
    """`Δw = η δ x`: the step of a weight is minus the rate times the derivative of the cost.

    Not where steps accumulate (`Δw := Δw + …`), where no rate stands in them, or without a cost. The
    same step in `w ← w + Δw` is this derivative; a step that is told nowhere is not judged.
    """
    chains = [s.chain for s in statements if s.chain.relations]
    of = [
        n.of for c in chains for n in c.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym) and not n.of.sub
        and n.of.base.split()[-1] in COSTS
    ]  # fmt: skip
    heads = [c.members[0] for c in chains if isinstance(c.members[0], Sym)]
    defined = set(heads)
    plain = [h for h in heads if h.base.split()[-1] in COSTS and not h.sub]
    costs = [s for s in dict.fromkeys(of or plain) if s in defined and not s.sup]
    read = {n.base for c in chains for n in c.walk() if isinstance(n, Sym)}
    made = {
        n for c in chains if not any(isinstance(n, Deriv | Grad) for n in c.walk())
        for m in c.members[1:] for n in m.walk() if isinstance(n, Sym)
    }  # fmt: skip
    weighed = {  # the λ of a cost is no learning rate
        n for c in chains if c.members[0] in costs for m in c.members[1:] for n in m.walk()
        if isinstance(n, Sym)
    }  # fmt: skip
    steps: dict[str, Sym] = {}
    for s in statements if len(costs) == 1 else ():
        c = s.chain
        head = c.members[0]
        if not c.relations or c.relations[0] not in ("=", ":=") or not isinstance(head, Sym):
            continue
        base = head.base.removeprefix("Delta ")
        if base == head.base or base not in read or head.primes:
            continue
        if not head.sub and replace(head, base=base) not in made:
            continue  # any weight: w stands for none that the network has
        inside = [n for m in c.members[1:] for n in m.walk() if isinstance(n, Sym)]
        rates = {n for n in inside if n.base in RATES and not n.sub and not n.sup} - weighed
        if len(rates) != 1 or any(n.base == head.base for n in inside):
            continue
        steps[head.base] = next(iter(rates))
        s.chain = Chain((_step(head, steps, costs[0]), *c.members[1:]), c.relations, span=c.span)
    for s in statements:
        s.chain, told = _with_step(s.chain, steps, costs, defined)
        if not told:
            s.reason = s.reason or UNTOLD


def _step(s: Sym, steps: Mapping[str, Sym], cost: Sym) -> Formula:
    slope = Deriv(cost, replace(s, base=s.base.removeprefix("Delta "), span=None))
    return Neg(Mul((steps[s.base], slope)), span=s.span)


def _with_step(
    c: Chain, steps: Mapping[str, Sym], costs: Sequence[Sym], defined: set[Sym]
) -> tuple[Chain, bool]:
    """`w ← w + Δw` with the step written out; False where nothing tells what Δw is."""
    head = c.members[0]
    if not c.relations or not isinstance(head, Sym) or c.relations[0] not in ("=", ":=", "<-"):
        return c, True
    added = [m for m in c.members[1:] if isinstance(m, Add) and head in m.terms]
    own = {
        t for m in added for t in m.terms if isinstance(t, Sym) and t.base == f"Delta {head.base}"
    }
    if not own:
        return c, True
    known = {t for t in own if t.base in steps}
    new = c.rewrite_members(lambda n: _step(n, steps, costs[0]) if n in known else None)
    return new, own - known <= defined


def _is_shorthand(s: Sym, bases: set[tuple[str, str]], costs: Set[str]) -> bool:
    """`dZ` of a Z; not the dC of a cost, unless its letter is that of a matrix among factors."""
    rest = s.base[1:]
    return (
        (len(rest) in (1, 2) or rest in GREEK)
        and s.base[0] == "d"
        and rest.isalnum()
        and rest not in costs
        and (rest, s.accent) in bases
    )


def _meaning(chains: Sequence[Chain], names: set[Sym]) -> Shorthand | None:
    told = _told(chains, names)
    heads = {
        c.members[0]: c for c in reversed(chains)
        if c.relations and isinstance(c.members[0], Sym) and c.members[0] not in names
        and c.relations[0] in ("=", ":=", "equiv")
        and not any(n == c.members[0] for m in c.members[1:] for n in m.walk())
    }  # fmt: skip
    letters = COSTS - _matrices(chains)
    costs = [h for h in heads if h.base in letters and not h.sub and not h.sup]
    costs.sort(key=lambda h: [c.members[0] for c in chains].index(h))
    inner = frozenset((h.base, h.accent, h.sup) for h in heads)
    bases = {h.base for h in heads}
    if told and told[0] not in heads and told[0].base in COSTS:
        return Shorthand(told[0], told[0], None, False, inner)  # of a cost that is left open
    if not costs:
        return None
    means = [h for h in costs if _mean_size(heads[h]) is not None]
    cost = means[-1] if means else costs[-1]
    plain = [
        h for h in costs
        if h != cost and h not in means and (_reads(heads[h], bases) or _reads(heads[cost], {h.base}))
    ]  # fmt: skip
    loss = told[0] if told and told[0] in costs else plain[0] if plain else cost
    size = _mean_size(heads[cost])
    shared = size is not None and _stands_with_parameters(chains, names, size, inner)
    # `dZ = ∂J/∂Z` with the mean itself says that the factor is in dZ.
    shared = shared and not any(
        isinstance(m, Deriv | Grad) and m.of == cost and isinstance(m.by, Sym)
        and (m.by.base, m.by.accent, m.by.sup) in inner
        for c in chains if c.members[0] in names for m in c.members[1:]
    )  # fmt: skip
    return Shorthand(loss, cost, size, shared, inner)


def _stands_with_parameters(
    chains: Sequence[Chain], names: Set[Sym], size: Sym, inner: frozenset[Layered]
) -> bool:
    """Whether the 1/m stands in the equations of dW and db, not in those of dZ; so where neither has it."""
    of_units: list[bool] = []
    of_parameters: list[bool] = []
    for c in chains:
        if not any(n in names for n in c.walk()):
            continue
        head = c.members[0]
        plain = (
            replace(head, base=head.base[1:]) if isinstance(head, Sym) and head in names else None
        )
        unit = plain is not None and (_is_inner(plain, inner) or plain.base in DATA)
        (of_units if unit else of_parameters).append(_divides(c, size))
    return any(of_parameters) or not (any(of_units) or of_parameters)


def _told(chains: Sequence[Chain], names: set[Sym]) -> list[Sym]:
    """The L of each `dA = ∂L/∂A`."""
    return [
        m.of for c in chains if any(n in names for n in c.members)
        for m in c.members if isinstance(m, Deriv | Grad) and isinstance(m.of, Sym)
    ]  # fmt: skip


def _mean_size(c: Chain) -> Sym | None:
    """The m of `1/m Σ …` in the definition of a cost."""
    for n in c.walk():
        if isinstance(n, Mul) and any(isinstance(x, Sum) for x in n.factors):
            for x in n.factors:
                if isinstance(x, Div) and isinstance(x.num, Num):
                    dens = x.den.factors if isinstance(x.den, Mul) else (x.den,)
                    found = [d for d in dens if isinstance(d, Sym) and not d.sub and not d.sup]
                    if found:
                        return found[-1]
    return None


def _is_inner(s: Sym, inner: frozenset[Layered]) -> bool:
    """Whether an equation defines the symbol, at this layer or at any, as `Z^{[l]} = …` does for `Z^{[L]}`."""
    return (s.base, s.accent, s.sup) in inner or any(
        (s.base, s.accent) == (base, accent) and s.sup and {"l", "ell"} & set(sup)
        for base, accent, sup in inner
    )


def _reads(c: Chain, bases: Set[str]) -> bool:
    """Whether the right side holds one of these letters: a loss of nothing that is computed is a mere formula."""
    return any(isinstance(n, Sym) and n.base in bases for m in c.members[1:] for n in m.walk())


def _divides(c: Chain, size: Sym) -> bool:
    return any(isinstance(n, Div) and any(x == size for x in n.den.walk()) for n in c.walk())


def _example(s: Sym) -> tuple[str, ...]:
    """The superscript `(i)` of one example, if there is one."""
    return s.sup[-3:] if len(s.sup) >= 3 and s.sup[-3] == "(" and s.sup[-2].isalpha() else ()


def _expanded(c: Chain, names: set[Sym], meaning: Shorthand) -> Chain:
    over_all = meaning.size is not None and (
        _divides(c, meaning.size) or any(isinstance(n, Sum) for n in c.walk())
    )
    told = [m.of for m in c.members if isinstance(m, Deriv | Grad) and m.of == meaning.loss]
    update = c.relations[:1] == ("<-",) or c.members[0] not in names

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Sym) or n not in names:
            return None
        by = replace(n, base=n.base[1:], span=None)
        example = _example(n)
        if example and meaning.loss != meaning.cost:
            return Deriv(replace(meaning.loss, sup=example, span=None), by, span=n.span)
        inner = _is_inner(by, meaning.inner) or by.base in DATA
        batch = by.base.isupper() or bool(example)
        if not inner:
            whole = not told and (over_all or update or meaning.loss == meaning.cost)
            return Deriv(meaning.cost if whole else meaning.loss, by, span=n.span)
        if meaning.loss != meaning.cost and not batch and not over_all:
            return Deriv(meaning.loss, by, span=n.span)
        one = Deriv(meaning.cost, by, span=n.span)
        if meaning.shared and meaning.size is not None:
            return Mul((replace(meaning.size, span=None), one), span=n.span)
        return one

    return c.rewrite_members(change)
