r"""Quantities written with what they depend on: `v_j(n)`, `y(x; w)`, `h_\theta(x)`, `a^{(k)}(x)`.

A letter is a quantity, and its arguments only say what it depends on, where it is always applied to
the same symbols, never with a prime, and (for one argument) its own formula holds other quantities
too. `f(x) = 1/(1 + e^{-x})` is a function: nothing but x is in its formula.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from symbackprop.formula.hints import FUNCTIONS
from symbackprop.formula.tree import Bracket, Call, Chain, Formula, Num, Prod, Sum, Sym

WORDS = frozenset(
    ["exp", "log", "ln", "tanh", "sin", "cos", "sqrt", "abs", "max", "min", "sign", "sinh", "cosh", "erf",
     "tan", "softmax", "sigmoid", "relu", "diag", "list", "tuple", "logistic", "softplus", "sum"]
)  # fmt: skip
ACCENTS = frozenset({"hat", "tilde", "bar", "vec", "widehat", "widetilde", "dot", "check"})
PARAMETERS = frozenset({"theta", "Theta", "W", "w", "b", "phi", "beta"})
OUTPUTS = frozenset({"h", "f", "J", "L", "C", "E", "F", "G", "p", "y", "ell"})


def quantities_with_arguments(chains: Iterable[Chain]) -> frozenset[str]:
    """Bases of the letters whose arguments only say what they depend on."""
    uses: dict[str, list[Call]] = {}
    told: set[str] = set()
    entries: set[str] = set()
    headed: set[str] = set()
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sym) and n.sub:
                entries.add(n.base)
            if isinstance(n, Call) and n.args:
                uses.setdefault(base_of(n.name), []).append(n)
        headed |= {
            base_of(m.name) for m in c.members[:-1] if isinstance(m, Call) and len(m.args) > 1
        }
        first = c.members[0]
        if isinstance(first, Call) and len(c.members) > 1:
            base = base_of(first.name)
            headed.add(base)
            own = {s.base for a in first.args for s in a.walk() if isinstance(s, Sym)}
            for m in c.members[1:]:
                if any(isinstance(n, Sym) and n.base not in own for n in m.walk()):
                    told.add(base)
    found = set()
    for base, calls in uses.items():
        if base.lower() in WORDS or any(k.primes for k in calls):
            continue
        arguments = {tuple(_plain(a) for a in k.args) for k in calls}
        if len(arguments) != 1 or not all(isinstance(a, Sym) for a in next(iter(arguments))):
            continue
        one = next(iter(arguments))
        several = len(one) > 1
        step = not several and base not in FUNCTIONS and _is_step(one[0])
        if step or base in (headed if several else told | entries):
            found.add(base)
    return frozenset(found)


def functions_defined(chains: Iterable[Chain]) -> frozenset[str]:
    r"""Letters that a formula of their one argument defines: `\zeta(x) = \log(1 + \exp x)`."""
    found = set()
    for c in chains:
        first = c.members[0]
        if not isinstance(first, Call) or len(first.args) != 1 or first.primes or not c.relations:
            continue
        argument = first.args[0]
        if c.relations[0] not in ("=", ":=", "equiv") or not isinstance(argument, Sym):
            continue
        inside = {n for n in c.members[1].walk() if isinstance(n, Sym)}
        if inside == {argument} and c.members[1] != argument:
            found.add(base_of(first.name))
    return frozenset(found - WORDS)


def base_of(name: str) -> str:
    """The letter of a call: `hat y_{j}` is `y`, `mathcal E` is `mathcal E`."""
    words = name.split("_")[0].split("^")[0].split()
    return " ".join(w for w in words if w not in ACCENTS) or name


def _plain(a: Formula) -> Formula:
    """The argument without the superscript of an example."""
    if isinstance(a, Sym) and len(a.sup) >= 3 and a.sup[-3] == "(":
        return replace(a, sup=a.sup[:-3])
    return a


def _is_step(a: Formula) -> bool:
    """`(n)`: the number of an iteration or a time."""
    return isinstance(a, Sym) and a.base in ("n", "t") and not a.sub and not a.sup


def word_letters(chains: Iterable[Chain]) -> frozenset[str]:
    r"""Letters of parameters that are indices: the w of `p_w = e^{s_w} / \sum_x e^{s_x}` is a word.

    It stands below several letters, or is summed over, and is no quantity of its own.
    """
    equal = [c for c in chains if c.relations and set(c.relations) <= {"=", ":=", "<-"}]
    below: dict[str, set[str]] = {}
    summed: set[str] = set()
    alone: set[str] = set()

    stack: list[Formula] = list(equal)
    while stack:
        n = stack.pop()
        if isinstance(n, Bracket):
            continue
        if isinstance(n, Sum | Prod):
            summed.add(n.index.name)
        if isinstance(n, Sym):
            alone.add(n.base)
            if len(n.sub) == 1:
                below.setdefault(n.sub[0], set()).add(n.base)
        stack += n.children()
    found = {x for x in PARAMETERS if len(x) == 1 and x.islower() and x not in alone}
    return frozenset(x for x in found if len(below.get(x, ())) > (0 if x in summed else 1))


def without_parameters(chain: Chain, indices: frozenset[str] = frozenset()) -> Chain:
    r"""`h_\theta` and `J_{W,b}` beside `h` and `J`: the parameters are no indices, but for `indices`."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and n.sub and n.base in OUTPUTS:
            rest = [t for t in n.sub if t not in (",", ";")]
            if all(t in PARAMETERS - indices for t in rest) and (
                len(rest) > 1 or rest[0] not in ("b", "W")
            ):
                return replace(n, sub=())
        return None

    return chain.rewrite_members(change)


def of_one_function(chain: Chain) -> Chain:
    r"""`\varphi_j(v_j)`, the activation of neuron j: the same function for every neuron."""

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Call) and "_{" in n.name and len(n.args) == 1:
            base, _, sub = n.name.partition("_{")
            letter = sub.rstrip("}").strip()
            inside = {t for s in n.args[0].walk() if isinstance(s, Sym) for t in s.sub}
            if base in FUNCTIONS | {"g"} and len(letter) == 1 and letter in inside:
                return Call(base, tuple(a.rewrite(change) for a in n.args), n.primes, span=n.span)
        return None

    return chain.rewrite_members(change)


def is_example(n: Formula) -> bool:
    """A call at one of several inputs: `f(x^{(i)})`."""
    return isinstance(n, Call) and any(
        isinstance(a, Sym) and len(a.sup) >= 3 and a.sup[-3] == "(" and not isinstance(a, Num)
        and a.base in ("x", "mathbf x")
        for a in n.args
    )  # fmt: skip
