"""How a document writes: which letters name words, which scripts are names, which digits indices."""

from __future__ import annotations

import re
from dataclasses import replace

from symbackprop.formula.tree import (
    Add,
    Bracket,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    MatMul,
    Num,
    Pow,
    Prod,
    Sum,
    Sym,
)
from symbackprop.verifying.names.letters import CANDIDATES, COSTS
from symbackprop.verifying.understanding.gate_names import computes
from symbackprop.verifying.understanding.size_relations import linear


def biases_apart(chains: list[Chain]) -> bool:
    """`w_{j0}` is a bias of its own unless a sum runs from 0 (with x_0 = 1)."""
    return not any(isinstance(n, Sum) and n.lower == Num("0") for c in chains for n in c.walk())


def letters_in_words(chains: list[Chain]) -> frozenset[str]:
    """Letters in scripts that the definition of a plain symbol leaves free: parts of names.

    `J = -log sigma(s_o) - sum_k …`: o names one word, it runs over nothing. So does the r of `W_r`
    where the gate is `r = σ(v)`.
    """
    found: set[str] = set()
    for c in chains:
        head = c.members[0]
        if len(c.members) < 2 or c.relations[0] not in ("=", ":=") or not isinstance(head, Sym):
            continue
        if head == Sym(head.base) and any(map(computes, c.members[1].walk())):
            found.add(head.base)
        if len(c.members) != 2:
            continue
        if head.sub or head.sup or head.base not in COSTS:
            continue
        bound = {n.index.name for n in c.walk() if isinstance(n, Sum | Prod)}
        for n in c.members[1].walk():
            if isinstance(n, Sym) and len(n.sub) == 1 and n.sub[0].isalpha():
                found.add(n.sub[0])
        found -= bound
    return frozenset(found)


def inner_letters(chains: list[Chain]) -> frozenset[str]:
    """Letters that a function is applied to and that something is differentiated by: no costs."""
    under = {
        n.by.base
        for c in chains
        for n in c.walk()
        if isinstance(n, Deriv) and isinstance(n.by, Sym)
    }
    inside = {
        a.base for c in chains for n in c.walk() if isinstance(n, Call) for a in n.args
        if isinstance(a, Sym)
    }  # fmt: skip
    return frozenset(under & inside)


def compared_letters(chains: list[Chain]) -> frozenset[str]:
    """Letters of `[j = k]`, which a Kronecker delta is: both are indices."""
    found: set[str] = set()
    heads = heads_of(chains)
    for c in chains:
        for n in c.walk():
            if not isinstance(n, Bracket) or not isinstance(n.condition, Chain):
                continue
            letters = [
                m.base for m in n.condition.members if isinstance(m, Sym) and m == Sym(m.base)
            ]
            if len(letters) == 2 and set(letters) <= CANDIDATES - heads:
                found |= set(letters)
            elif letters and n.condition.relations in (("=",), ("!=",)):  # [s = 2t + k]
                sums = [linear(m) for m in n.condition.members]
                every = {x for one in sums for x in one or () if x}
                if None not in sums and len(every) > 1 and every <= CANDIDATES - heads:
                    found |= every
    return frozenset(found)


def heads_of(chains: list[Chain]) -> frozenset[str]:
    """Letters that the text says to be something; a step `W <- W - …` says nothing of what W is."""
    return frozenset(
        c.members[0].base for c in chains
        if c.relations and isinstance(c.members[0], Sym)
        and c.relations[0] != "<-" and c.members[0] not in c.members[-1].walk()
    )  # fmt: skip


def other_dress(chains: list[Chain]) -> dict[str, str]:
    r"""Costs that are defined in one dress and differentiated in another: `\mathcal{C}` for `C`."""
    heads = heads_of(chains)
    numerators = {
        n.of.base
        for c in chains
        for n in c.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym)
    }
    found: dict[str, str] = {}
    for base in numerators - heads:
        plain = base.removeprefix("mathcal ")
        other = plain if plain != base else f"mathcal {base}"
        if other in heads and {base, other} & COSTS:
            found[base] = other
    return found


def in_one_dress(chain: Chain, dress: dict[str, str]) -> Chain:
    """The chain with each such cost in the dress of its definition."""
    if not dress:
        return chain

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym) and n.of.base in dress:
            return replace(n, of=replace(n.of, base=dress[n.of.base]))
        return None

    return chain.rewrite_members(change)


def named_by_letter(chains: list[Chain]) -> frozenset[str]:
    """Bases whose index letter says which quantity it is: `delta_k = dE/dy_k`, `delta_j = dE/da_j`."""
    seen: dict[str, dict[str, set[str]]] = {}
    for c in chains:
        head = c.members[0]
        if not c.relations or not isinstance(head, Sym) or len(head.sub) != 1 or head.sup:
            continue
        for m in c.members[1:]:
            if isinstance(m, Deriv) and isinstance(m.by, Sym) and m.by.sub == head.sub:
                seen.setdefault(head.base, {}).setdefault(head.sub[0], set()).add(m.by.base)
    return frozenset(
        base
        for base, letters in seen.items()
        if len(letters) > 1 and len({frozenset(v) for v in letters.values()}) > 1
    )


def named_squares(chain: Chain, squares: frozenset[tuple[str, tuple[str, ...]]]) -> Chain:
    """`sigma^2` where a document defines it is one name, not a power."""
    if not squares:
        return chain

    def change(f: Formula) -> Formula | None:
        if (
            isinstance(f, Pow)
            and isinstance(f.base, Sym)
            and isinstance(f.exponent, Num)
            and not f.base.sup
            and (f.base.base, (f.exponent.text,)) in squares
        ):
            return Sym(f.base.base, f.base.sub, (f.exponent.text,), f.base.primes, f.base.accent)
        return None

    return chain.rewrite_members(change)


_DIGITS = re.compile(r"([A-Za-z])([0-9]{1,2})")


def plain_letters(symbols: list[Sym]) -> frozenset[str]:
    """Letters that a document writes alone or with a subscript only."""
    return frozenset(s.base for s in symbols if len(s.base) == 1 and not s.sup and not s.primes)


def attached_digits(symbols: list[Sym], letters: frozenset[str]) -> frozenset[str]:
    """Letters whose indices the document writes right behind them: W of `W11`."""
    found = (_DIGITS.fullmatch(s.base) for s in symbols if not s.sub)
    return frozenset(m[1] for m in found if m and m[1] in letters)


def digits_as_indices(chain: Chain, letters: frozenset[str]) -> Chain:
    """`H1` is H_1 where the document also writes `H_j` or the vector `H` (`letters`); else it is a name."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and not n.sub:
            m = _DIGITS.fullmatch(n.base)
            if m and m[1] in letters:
                return Sym(m[1], tuple(m[2]), n.sup, n.primes, n.accent, span=n.span)
        return None

    return chain.rewrite_members(change)


def numbered_layers(chains: list[Chain]) -> frozenset[str]:
    """Letters of which a document writes `Z_2` and, entry by entry, `Z_{2,nk}`: 2 tells the layer."""
    symbols = {n for c in chains for n in c.walk() if isinstance(n, Sym) and not n.sup}
    whole = {s.base for s in symbols if len(s.sub) == 1 and s.sub[0].isdigit()}
    entries = {
        s.base
        for s in symbols
        if len(s.sub) > 2 and s.sub[0].isdigit() and s.sub[1] == "," and s.sub[2].isalpha()
    }
    return frozenset((whole & entries) | _layer_heads(chains))


def _layer_heads(chains: list[Chain]) -> set[str]:
    """Bases of `z_1 = W x + b_1` or `z_1 = x W + b_1`: a matrix times a vector is no entry of z.

    What such a vector is multiplied by a matrix, made of or differentiated to has layers as well:
    `z_2 = W_2 a_1 + b_2`, `a_1 = σ(z_1)`, `δ_1 = ∂J/∂z_1`.
    """
    found: set[str] = set()
    heads: list[tuple[Sym, Formula]] = []
    for c in chains:
        head = c.members[0]
        if not c.relations or not isinstance(head, Sym) or not _numbered(head):
            continue
        for m in c.members[1:]:
            heads.append((head, m))
            terms = m.terms if isinstance(m, Add) else (m,)
            products = [
                t for t in terms
                if isinstance(t, MatMul) and (_capital(t.factors[0]) or _capital(t.factors[-1]))
            ]  # fmt: skip
            if products:
                found.add(head.base)
                factors = (f for t in products if isinstance(t, MatMul) for f in t.factors)
                inside = (*terms, *factors)
                found |= {t.base for t in inside if isinstance(t, Sym) and _numbered(t)}
    grown = bool(found)
    while grown:
        grown = False
        for head, m in heads:
            of = m.args[0] if isinstance(m, Call) and len(m.args) == 1 else None
            of = m.by if isinstance(m, Deriv | Grad) else of
            same = isinstance(of, Sym) and of.sub == head.sub and of.base in found
            if same and head.base not in found:
                found.add(head.base)
                grown = True
    return found


def _numbered(s: Sym) -> bool:
    small = len(s.base) == 1 and s.base.islower()
    return small and len(s.sub) == 1 and s.sub[0].isdigit() and not s.sup


def _capital(f: Formula) -> bool:
    return isinstance(f, Sym) and f.base.isupper() and len("".join(f.sub)) < 2  # W_{11} is a number


def with_layers(chain: Chain, bases: frozenset[str]) -> Chain:
    """`Z_2` and `Z_{2,nk}` as `Z^{[2]}` and `Z^{[2]}_{nk}`."""
    if not bases:
        return chain

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.base in bases and n.sub and n.sub[0].isdigit() and not n.sup:
            rest = tuple(t for t in n.sub[1:] if t != ",")
            if len(n.sub) == 1 or n.sub[1] == ",":
                return Sym(n.base, rest, ("[", n.sub[0], "]"), n.primes, n.accent, span=n.span)
        return None

    return chain.rewrite_members(change)


def layer_letter(chains: list[Chain]) -> str:
    """The letter of layers where it is not l: k in `a^{(k)} = W^{(k)} h^{(k-1)} + b^{(k)}`."""
    for c in chains:
        head = c.members[0]
        if not c.relations or not isinstance(head, Sym) or len(head.sup) != 3:
            continue
        letter = head.sup[1]
        if letter not in ("k", "i", "j", "m", "n", "d") or head.sup[0] not in "([":
            continue
        inside = [n for m in c.members[1:] for n in m.walk() if isinstance(n, Sym)]
        below = any(n.sup[1:4] == (letter, "-", "1") for n in inside)
        if below and any(n.sup == head.sup for n in inside):
            return letter
    return ""


def _over_layers(f: Formula, letter: str) -> bool:
    return any(isinstance(n, Sym) and letter in n.sup for n in f.walk())


def with_layer_letter(chain: Chain, letter: str) -> Chain:
    """Layers lettered l, the last one L, as most texts write them."""
    if not letter:
        return chain
    new_names = {letter: "l", "l": "L"}

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.sup and n.sup[0] in ("(", "["):
            sup = tuple(new_names.get(t, t) for t in n.sup)
            return Sym(n.base, n.sub, sup, n.primes, n.accent, span=n.span)
        if isinstance(n, Sum) and n.index.name == letter and _over_layers(n.body, letter):
            upper = Sym("L") if n.upper == Sym("l") else n.upper
            return Sum(n.body.rewrite(change), Idx("l"), n.lower, upper, span=n.span)
        return None

    return chain.rewrite_members(change)


def applied_functions(chain: Chain, functions: frozenset[str]) -> Chain:
    r"""`dσ/dz = σ(1 - σ)`: the function at the argument that it is differentiated by."""
    first = chain.members[0]
    if not isinstance(first, Deriv) or not isinstance(first.of, Sym | Call):
        return chain
    f, v = first.of, first.by
    name = f.base if isinstance(f, Sym) else f.name
    plain = isinstance(f, Call) or not (f.sub or f.sup or f.primes or f.accent)
    if name not in functions or not plain or not isinstance(v, Sym):
        return chain
    if isinstance(f, Call) and f.args != (v,):
        return chain

    def change(n: Formula) -> Formula | None:
        return Call(name, (v,), span=n.span) if n == Sym(name) else None

    return chain.rewrite_members(change)


def with_reach(chain: Chain) -> Chain:
    r"""`Σ_i y_i log h_i + (1 - y_i) log(1 - h_i)` in a definition: the sum goes over all terms with i."""
    head = chain.members[0]
    if not isinstance(head, Sym) or any(isinstance(n, Deriv) for n in chain.walk()):
        return chain

    def change(n: Formula) -> Formula | None:
        if not isinstance(n, Add):
            return None
        for k, term in enumerate(n.terms):
            if not isinstance(term, Sum) or term.index.name in (*head.sub, *head.sup):
                continue
            rest = n.terms[k + 1 :]
            if rest and all(_carries(t, term.index.name) for t in rest):
                whole = Sum(Add((term.body, *rest)), term.index, term.lower, term.upper)
                return Add((*n.terms[:k], whole), span=n.span) if k else whole
        return None

    return chain.rewrite_members(change)


def _carries(f: Formula, letter: str) -> bool:
    """Whether the letter stands free in a script."""
    if isinstance(f, Sum | Prod) and f.index.name == letter:
        return False
    if isinstance(f, Sym):
        return letter in f.sub or letter in f.sup
    return any(_carries(x, letter) for x in f.children())
