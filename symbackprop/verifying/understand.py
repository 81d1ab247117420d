"""Two passes over a document: its definitions become Systems, everything else a claim about them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import sympy as sp

from symbackprop.documents.scan import Piece, Scan
from symbackprop.errors import ReadingError, SymbackpropError
from symbackprop.formula.tree import (
    Add,
    Array,
    Call,
    Chain,
    Deriv,
    Formula,
    Grad,
    Idx,
    Matrix,
    Mul,
    Norm,
    Num,
    Opaque,
    Pow,
    Prod,
    Ref,
    Sum,
    Sym,
    Transpose,
)
from symbackprop.system.model import Fact, Function, System
from symbackprop.verifying.affine import affine_of
from symbackprop.verifying.build import Builder, Definition, rename
from symbackprop.verifying.costs import with_names
from symbackprop.verifying.profile import Profile
from symbackprop.verifying.resolve import Resolver, Unclear
from symbackprop.verifying.scripts import items_of
from symbackprop.verifying.symbols import COSTS, SIZE_LETTERS, Symbols

Sort = Literal[
    "definition", "claim", "update", "cost", "numeric", "shape", "function", "fact", "remark"
]


@dataclass(slots=True)
class Statement:
    """One statement of a piece, as read and as meant."""

    place: int
    piece: Piece
    chain: Chain
    label: str = ""
    sort: Sort = "claim"
    meant: Chain | None = None
    reason: str = ""
    lost: str = ""
    defines: list[Definition] = field(default_factory=list)


@dataclass(slots=True)
class Understanding:
    """Everything that is known of a document before any claim is judged."""

    scan: Scan
    profile: Profile
    statements: list[Statement]
    resolver: Resolver
    definitions: list[Definition]
    functions: dict[str, list[Function]]
    facts: dict[str, set[Fact]]
    errors: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    size_values: dict[str, int] = field(default_factory=dict)


def read_all(scan: Scan, profile: Profile) -> tuple[list[Statement], list[tuple[int, str]]]:
    """All statements, and what could not be read at all (piece number, reason)."""
    from symbackprop.formula.latex_reader import CONTINUES, read_display

    found: list[Statement] = []
    failed: list[tuple[int, str]] = []
    previous: Formula | None = None
    for number, piece in enumerate(scan.pieces):
        if piece.problem:
            failed.append((number, piece.problem))
            continue
        try:
            display = read_display(piece.latex, profile.hints)
        except ReadingError as error:
            failed.append((number, error.message))
            continue
        except RecursionError:
            failed.append((number, "nested too deeply"))
            continue
        for s in display.statements:
            if s.condition:
                continue
            chain = with_names(s.chain, profile.costs)
            if chain.members[0] == CONTINUES:
                if previous is None:
                    continue
                chain = Chain((previous, *chain.members[1:]), chain.relations, span=chain.span)
            chain = _sample_calls(chain, piece.latex)
            if chain.relations:
                previous = chain.members[0] if piece.display else previous
            found.append(Statement(number, piece, chain, s.label or piece.label))
    return found, failed


_SAMPLE_CALL = re.compile(r"[A-Za-z}]\s*\(\s*(?:\\mathbf\s*\{)?\s*x\}?\^\{?\(")


def _sample_calls(chain: Chain, latex: str) -> Chain:
    """`h(x^{(i)})`, the output for another input, is not the h of the other equations."""
    if not _SAMPLE_CALL.search(latex):
        return chain

    def change(m: Formula) -> Formula:
        text = latex[m.span.start : m.span.end] if m.span is not None else ""
        return (
            Opaque(text, "the output for one of several inputs", span=m.span)
            if _SAMPLE_CALL.search(text)
            else m
        )

    return Chain(tuple(change(m) for m in chain.members), chain.relations, span=chain.span)


def understand(scan: Scan, profile: Profile, statements: list[Statement]) -> Understanding:
    """Both passes: names, functions and sizes first, then what each statement is."""
    chains = [s.chain for s in statements if s.chain.relations] or [s.chain for s in statements]
    bound = frozenset(n.index.name for c in chains for n in c.walk() if isinstance(n, Sum | Prod))
    numerators = frozenset(
        n.of.base
        for c in chains
        for n in c.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Sym)
    )
    symbols = [n for c in chains for n in c.walk() if isinstance(n, Sym)]
    squares: frozenset[tuple[str, tuple[str, ...]]] = frozenset(
        (c.members[0].base.base, (c.members[0].exponent.text,))
        for c in chains
        if c.relations and isinstance(c.members[0], Pow) and isinstance(c.members[0].base, Sym)
        and isinstance(c.members[0].exponent, Num)
    )  # fmt: skip
    squares |= frozenset(
        (c.members[0].base, c.members[0].sup)
        for c in chains
        if c.relations and isinstance(c.members[0], Sym)
        and c.members[0].base in profile.hints.index_superscripts
    )  # fmt: skip
    for s in statements:
        s.chain = _named_squares(s.chain, squares)
    if squares:
        symbols += [Sym(b, (), e) for b, e in squares]
    split = _named_by_letter(chains)
    for s in statements:
        s.chain = _digits_as_indices(s.chain, symbols)
    chains = [s.chain for s in statements if s.chain.relations] or [s.chain for s in statements]
    symbols = [n for c in chains for n in c.walk() if isinstance(n, Sym)]
    if squares:
        symbols += [Sym(b, (), e) for b, e in squares]
    numbered = _numbered_arrays(symbols, profile, numerators) if profile.arrays else frozenset()
    table = Symbols(
        symbols,
        bound,
        numerators,
        squares,
        split=split,
        arrays=profile.arrays,
        heads=_heads(chains),
        numbered=numbered,
        biases=_biases_apart(chains),
        loose=_loose(chains),
    )
    sizes, widths = _sizes(chains, table)
    functions = _functions(statements, profile)
    resolver = Resolver(
        table,
        sizes,
        widths,
        {},
        {name: _function_name(name) for name in functions},
        profile.kronecker,
    )
    if profile.arrays:
        resolver.ranks = _ranks(symbols, table, profile, numerators, _scalars(chains))
    u = Understanding(scan, profile, statements, resolver, [], functions, {})
    for s in statements:
        _classify(s, u)
    _deltas(u)
    return u


def _biases_apart(chains: list[Chain]) -> bool:
    """`w_{j0}` is a bias of its own unless a sum runs from 0 (with x_0 = 1)."""
    return not any(isinstance(n, Sum) and n.lower == Num("0") for c in chains for n in c.walk())


def _loose(chains: list[Chain]) -> frozenset[str]:
    """Letters in scripts that the definition of a plain symbol leaves free: parts of names.

    `J = -log sigma(s_o) - sum_k …`: o names one word, it runs over nothing.
    """
    found: set[str] = set()
    for c in chains:
        head = c.members[0]
        if len(c.members) != 2 or c.relations[0] not in ("=", ":=") or not isinstance(head, Sym):
            continue
        if head.sub or head.sup or head.base not in COSTS:
            continue
        bound = {n.index.name for n in c.walk() if isinstance(n, Sum | Prod)}
        for n in c.members[1].walk():
            if isinstance(n, Sym) and len(n.sub) == 1 and n.sub[0].isalpha():
                found.add(n.sub[0])
        found -= bound
    return frozenset(found)


def _heads(chains: list[Chain]) -> frozenset[str]:
    return frozenset(
        c.members[0].base for c in chains if c.relations and isinstance(c.members[0], Sym)
    )


def _named_by_letter(chains: list[Chain]) -> frozenset[str]:
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


def _named_squares(chain: Chain, squares: frozenset[tuple[str, tuple[str, ...]]]) -> Chain:
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

    new = chain.rewrite(change)
    assert isinstance(new, Chain)
    return new


def _sizes(chains: list[Chain], table: Symbols) -> tuple[frozenset[str], frozenset[str]]:
    """Names of sizes (upper ends of sums, layer numbers) and letters of layer widths."""
    sizes: set[str] = set()
    widths: set[str] = set()
    for c in chains:
        for n in c.walk():
            if isinstance(n, Sum | Prod) and n.upper is not None:
                for x in n.upper.walk():
                    if isinstance(x, Sym):
                        if not x.sub and not x.sup:
                            sizes.add(x.base)
                        elif not x.sup:
                            items = items_of(x.sub)
                            if len(items) == 1 and items[0].letters:
                                known = set(items[0].letters) & (
                                    {"l"} | table.letters | SIZE_LETTERS
                                )
                                if x.base == "n" and items[0].text == "l":
                                    sizes.add("n_l")
                                elif known:
                                    widths.add(x.base)
                    elif isinstance(x, Idx):
                        sizes.add(x.name)
    for group in table.groups.values():
        for name in group.sup_letters | group.sub_letters:
            if name in SIZE_LETTERS:
                sizes.add(name)
    return frozenset(sizes), frozenset(widths)


_DIGITS = re.compile(r"([A-Za-z])([0-9]{1,2})")


def _digits_as_indices(chain: Chain, symbols: list[Sym]) -> Chain:
    """`H1` is H_1 where the document also writes `H_j` or the vector `H`; else it is a name."""
    letters = {s.base for s in symbols if len(s.base) == 1 and not s.sup and not s.primes}

    def change(n: Formula) -> Formula | None:
        if isinstance(n, Sym) and not n.sub:
            m = _DIGITS.fullmatch(n.base)
            if m and m[1] in letters:
                return Sym(m[1], tuple(m[2]), n.sup, n.primes, n.accent, span=n.span)
        return None

    new = chain.rewrite(change)
    assert isinstance(new, Chain)
    return new


def _numbered_arrays(
    symbols: list[Sym], profile: Profile, numerators: frozenset[str]
) -> frozenset[str]:
    """Bases that are written as `z_1` and, as a whole vector, as `z`: the digits are indices."""
    from symbackprop.verifying.profile import looks_array

    whole = {
        s.base for s in symbols
        if not s.sub and looks_array(s) and not (s.base in COSTS and s.base in numerators)
    }  # fmt: skip
    digits = {s.base for s in symbols if s.sub and all(t.isdigit() for t in s.sub)}
    return frozenset(whole & digits)


def _scalars(chains: list[Chain]) -> frozenset[tuple[str, tuple[str, ...]]]:
    """Bare symbols in equations of single entries (`z_1 = W_{11} x_1 + b`): numbers, not vectors."""
    found = set()
    for c in chains:
        head = c.members[0]
        if not c.relations or not isinstance(head, Sym) or not head.sub:
            continue
        if not all(t.isdigit() for t in head.sub):
            continue
        for m in c.members[1:]:
            if isinstance(m, Sym) or any(isinstance(n, Norm | Transpose) for n in m.walk()):
                continue
            found |= {(n.base, n.sup) for n in m.walk() if isinstance(n, Sym) and not n.sub}
    return frozenset(found)


def _ranks(
    symbols: list[Sym],
    table: Symbols,
    profile: Profile,
    numerators: frozenset[str],
    scalars: frozenset[tuple[str, tuple[str, ...]]],
) -> dict[str, int]:
    """Matrix style: capital letters are matrices, small ones vectors, cost letters numbers."""
    from symbackprop.verifying.profile import looks_array

    found: dict[str, int] = {}
    for s in dict.fromkeys(symbols):
        w = table.resolve(s)
        if w.missing or not looks_array(s) or (s.base, s.sup) in scalars:
            continue
        if s.sub and table.groups[(s.base, s.accent, s.primes)].sub_arities:
            items = table.index_items(s.sub)
            if items is not None and not all(
                i.letters and set(i.letters) <= {"t", "T", "tau"} for i in items
            ):
                continue
        if s.base in COSTS and s.base in numerators:
            continue
        base = s.base.split()[-1]
        found[w.name] = 2 if base[:1].isupper() else 1
    return found


def _function_name(letter: str) -> str:
    return letter.replace("-", "_")


def builtin(name: str) -> Function | None:
    """A function that everybody knows, by its word."""
    from symbackprop.networks.activations import ACTIVATIONS

    name = {
        "logistic": "sigmoid",
        "swish": "silu",
        "gelu": "gelu-tanh",
        "leaky_relu": "leaky-relu",
    }.get(name, name)
    row = ACTIVATIONS.get(name)
    return row.function() if row is not None and row.expression is not None else None


def _functions(statements: list[Statement], profile: Profile) -> dict[str, list[Function]]:
    """What each applied letter is: the document's own formula, a word in its prose, or unknown."""
    from symbackprop.verifying.sympyform import ToSympy

    found: dict[str, list[Function]] = {}
    used: set[str] = set()
    for s in statements:
        for n in s.chain.walk():
            if isinstance(n, Call):
                used.add(n.name)
    words = {name for name in profile.functions.values()}
    for s in statements:
        first = s.chain.members[0]
        if not (
            len(s.chain.members) > 1
            and s.chain.relations[0] in ("=", ":=", "equiv")
            and isinstance(first, Call)
            and not first.primes
            and len(first.args) == 1
            and isinstance(first.args[0], Sym)
        ):
            continue
        argument = first.args[0]
        if argument.sub or argument.sup:
            continue
        variable = sp.Symbol("v", real=True)
        for rhs in reversed(s.chain.members[1:]):
            if any(isinstance(n, Sym) and n != argument for n in rhs.walk()):
                continue
            if any(isinstance(n, Deriv) for n in rhs.walk()):
                continue
            plain = _in_v(rhs, argument)
            calls = {n.name for n in plain.walk() if isinstance(n, Call)}
            if first.name in calls:
                continue
            try:
                expression = ToSympy(frozenset(), frozenset())(plain)
            except (ReadingError, TypeError, ValueError):
                continue
            if not expression.has(variable):
                continue
            s.sort = "function"
            own = Function(_function_name(first.name), variable, expression)
            if own not in found.setdefault(first.name, []):
                found[first.name].append(own)
            break
    for s in statements:
        for left, right in zip(s.chain.members, s.chain.members[1:], strict=False):
            if (
                s.sort == "function"
                or not isinstance(left, Call)
                or left.primes
                or len(left.args) != 1
            ):
                continue
            if builtin(left.name) is not None or left.name in ("exp", "log", "softmax", "sqrt"):
                continue
            inner = left.args[0]
            if not isinstance(inner, Sym):
                continue
            plain = _in_v(right, inner)
            if any(
                isinstance(n, Sym | Deriv) or (isinstance(n, Call) and n.name == left.name)
                for n in plain.walk()
            ):
                continue
            try:
                expression = ToSympy(frozenset(), frozenset())(plain)
            except (ReadingError, TypeError, ValueError):
                continue
            own = Function(_function_name(left.name), sp.Symbol("v", real=True), expression)
            if expression.has(own.variable) and own not in found.setdefault(left.name, []):
                found[left.name].append(own)
    known_calls = {
        "exp",
        "log",
        "tanh",
        "sin",
        "cos",
        "sqrt",
        "abs",
        "max",
        "min",
        "sign",
        "sinh",
        "cosh",
        "tan",
        "softmax",
    }
    for name in used - known_calls:
        if name in found:
            continue
        own_name = builtin(str(profile.fixed.get(name, name)))
        if own_name is not None:
            found[name] = [
                Function(
                    _function_name(name),
                    own_name.variable,
                    own_name.expression,
                    own_name.constants,
                    own_name.facts,
                )
            ]
        elif name == "sigma" and "sigmoid" in words:
            f = builtin("sigmoid")
            assert f is not None
            found[name] = [Function(name, f.variable, f.expression)]
        else:
            found[name] = [Function(_function_name(name), sp.Symbol("v", real=True), None)]
    return found


def _in_v(f: Formula, argument: Sym) -> Formula:
    return f.rewrite(lambda n: Ref("v") if n == argument else None)


# --- what a statement is -----------------------------------------------------------------------------


def _classify(s: Statement, u: Understanding) -> None:
    chain = s.chain
    if not chain.relations:
        s.sort = "remark"
        return
    if _is_collection(s.piece.latex) or _is_gradient_list(s.piece.latex):
        s.sort = "shape"
        return
    fine = [m for m in chain.members if not any(isinstance(n, Opaque) for n in m.walk())]
    partly = 2 <= len(fine) < len(chain.members) and fine[0] is chain.members[0]
    if partly and set(chain.relations) <= {"=", ":=", "equiv"}:
        lost = next(n for n in chain.walk() if isinstance(n, Opaque))
        if "ellipsis" in lost.reason:
            s.reason = lost.reason  # what goes on "and so on" cannot be judged by its start
            return
        s.lost = (lost.reason or "a part was not understood") + f": '{lost.text[:60]}'"
        s.chain = chain = Chain(tuple(fine), ("=",) * (len(fine) - 1), span=chain.span)
    if any(isinstance(n, Opaque) for n in chain.walk()):
        opaque = next(n for n in chain.walk() if isinstance(n, Opaque))
        s.reason = opaque.reason or "a part was not understood"
        if opaque.text:
            s.reason += f": '{opaque.text[:60]}'"
    if chain.relations[0] in ("in",):
        s.sort = "shape"
        return
    if _INDEX_RANGE.fullmatch(s.piece.latex):
        s.sort, s.reason = "remark", ""
        return
    first = chain.members[0]
    if (
        isinstance(first, Call)
        and first.name == "tuple"
        and all(isinstance(a, Sym) and not a.sub and not a.sup for a in first.args)
    ):
        s.sort, s.reason = "shape", ""  # (W, b) = (W^1, b^1, ...): a name for a collection
        return
    spread = _entry_by_entry(chain)
    if spread is not None:
        s.chain = chain = spread
    if all(r == "to" for r in chain.relations):
        s.sort = "remark"
        if "\\mapsto" in s.piece.latex and s.piece.latex.count("mathbb") > 1:
            s.sort = "shape"
        elif s.piece.display and any(isinstance(n, Sum) for n in chain.members[-1].walk()):
            s.sort = "cost"  # a cost without a left side
        return
    if "to" in chain.relations:
        # "a = sigma(z) -> a is the output": what follows the arrow is a remark
        at = chain.relations.index("to")
        if at == 0:
            s.chain = chain = Chain(chain.members[1:], chain.relations[1:], span=chain.span)
        else:
            s.chain = chain = Chain(chain.members[: at + 1], chain.relations[:at], span=chain.span)
        if not chain.relations:
            s.sort = "remark"
            return
    if s.sort == "function":
        _meaning(s, u)
        return
    if is_update(chain):
        s.sort = "update"
        _meaning(s, u)
        return
    if not any(isinstance(n, Sym) for m in chain.members[1:] for n in m.walk()) and isinstance(
        chain.members[0], Sym
    ):
        s.sort = "numeric"
        head, value = chain.members[0], chain.members[-1]
        assert isinstance(head, Sym)
        name = head.base + (f"_{''.join(head.sub)}" if head.sub else "")
        if name in SIZE_LETTERS and isinstance(value, Num) and value.text.isdigit():
            u.size_values[name] = int(value.text)
        return
    if not any(isinstance(n, Sym) for m in chain.members for n in m.walk()):
        s.sort = "numeric"
        return
    if s.reason:
        return
    _meaning(s, u)
    if s.meant is None:
        return
    fact = _fact(s.meant)
    if fact is not None and not _is_defined(fact[0], u):
        u.facts.setdefault(fact[0], set()).add(fact[1])
        s.sort = "fact"
        return
    _define(s, u)


def _is_collection(latex: str) -> bool:
    r"""`\theta = \{w_1, …\}`: a name for a collection."""
    return bool(re.fullmatch(r"\s*\\?[A-Za-z]+\s*=\s*\\\{[^{}=]*\\\}\s*[.,]?\s*", latex))


def _is_gradient_list(latex: str) -> bool:
    r"""`\nabla L = [∂L/∂w_1; ∂L/∂w_2; …]`: what a gradient is."""
    m = re.fullmatch(
        r"\s*\\nabla\s*([A-Za-z](?:\([^()]*\))?)\s*=\s*\\begin\{[bp]matrix\}(.*)\\end\{[bp]matrix\}\s*[.,]?\s*",
        latex, re.DOTALL,
    )  # fmt: skip
    if m is None:
        return False
    top = re.escape("\\frac{\\partial " + m[1] + "}")
    rows = [r.strip() for r in m[2].split("\\\\") if r.strip()]
    return all(
        r == "\\vdots" or re.fullmatch(top + r"\{\\partial [A-Za-z](?:_\{?\w+\}?)?\}", r)
        for r in rows
    )


_INDEX_RANGE = re.compile(r"\s*[a-z]\s*=\s*\w+\s*,.*(?:dots|\.\.\.)\s*,?.*")
"""`j = 1, \\ldots, n`: a range of an index, no claim."""


def _entry_by_entry(chain: Chain) -> Chain | None:
    """`f([z_1, z_2]) = [f(z_1), f(z_2)]`: the two lists are compared entry by entry, as one vector."""

    def rows(f: Formula) -> list[Formula] | None:
        if isinstance(f, Call) and f.name in ("list", "tuple"):
            return list(f.args)
        if isinstance(f, Call) and len(f.args) == 1:
            inside = rows(f.args[0])
            if inside is not None:
                return [Call(f.name, (x,), f.primes) for x in inside]
        return None

    found = [rows(m) for m in chain.members]
    if any(r is None for r in found) or len({len(r) for r in found if r is not None}) != 1:
        return None
    members = tuple(Matrix(tuple((x,) for x in r)) for r in found if r is not None)
    return Chain(members, chain.relations, span=chain.span)


def is_update(chain: Chain) -> bool:
    """`w <- …`, `w := w - …`, or `w = w - …` with the left side on the right."""
    if chain.relations[0] == "<-":
        return True
    first = chain.members[0]
    if chain.relations[0] not in ("=", ":=") or not isinstance(first, Sym):
        return False
    if any(isinstance(n, Deriv | Grad | Sum) for n in first.walk()):
        return False
    return first in _outer_terms(chain.members[1])


def _outer_terms(f: Formula) -> tuple[Formula, ...]:
    from symbackprop.formula.tree import Add, Mul, Neg

    if isinstance(f, Add):
        return tuple(x for t in f.terms for x in _outer_terms(t))
    if isinstance(f, Neg):
        return _outer_terms(f.body)
    if isinstance(f, Mul):
        return (*f.factors, f)
    return (f,)


def _meaning(s: Statement, u: Understanding) -> None:
    s.chain = _argument_is_a_number(s.chain)
    try:
        members = tuple(u.resolver(m) for m in s.chain.members)
    except (Unclear, SymbackpropError) as error:
        s.reason = getattr(error, "reason", "") or getattr(error, "message", "not understood")
        return
    s.meant = Chain(members, s.chain.relations, span=s.chain.span)


ARGUMENT = Ref("arg")


def _argument_is_a_number(chain: Chain) -> Chain:
    """`f'(x) = f(x)(1 - f(x))` speaks of any number x, whatever x is elsewhere."""
    symbols = {n for n in chain.walk() if isinstance(n, Sym)}
    if len(symbols) != 1 or not any(isinstance(n, Call) for n in chain.walk()):
        return chain
    only = next(iter(symbols))
    if only.sub or only.sup or chain.members[0] == only:
        return chain
    new = chain.rewrite(lambda n: ARGUMENT if n == only else None)
    assert isinstance(new, Chain)
    return new


def _fact(chain: Chain) -> tuple[str, Fact] | None:
    """`sum_k y_k = 1`: a fact of y."""
    if len(chain.members) != 2 or chain.members[1] != Num("1"):
        return None
    left = chain.members[0]
    if isinstance(left, Sum) and isinstance(left.body, Ref):
        for i in left.body.indices:
            if i == left.index:
                return left.body.name, Fact("sums to 1", over=f"#{left.body.indices.index(i)}")
    return None


def _is_defined(name: str, u: Understanding) -> bool:
    return any(d.target == name for d in u.definitions)


def _define(s: Statement, u: Understanding) -> None:
    """If the left side is a new name, the statement defines it."""
    assert s.meant is not None
    members, relations = s.meant.members, s.meant.relations
    if any(r not in ("=", ":=", "equiv") for r in relations):
        return
    heads: list[Ref | Array] = []
    for m in members[:-1]:
        if isinstance(m, Ref | Array) and (
            s.piece.file == "<sidecar>"
            or not _has_target(m, u, members)
            or _is_new_scope(m, members, u, s.place)
        ):
            heads.append(m)
        else:
            break
    if not heads:
        return
    rest = members[len(heads) :]
    rhs = _best_rhs(rest, u, heads)
    if rhs is None:
        return
    for head in heads:
        if _mentions(rhs, head):
            return
    s.sort = "cost" if not heads[0].indices and _base(heads[0], u) in COSTS else "definition"
    last = heads[-1]
    rhs = _unknown_function(rhs, last.name)
    for head in heads:
        d = Definition(
            head.name,
            head.indices,
            isinstance(head, Array),
            rhs if head == last or len(heads) == 1 else _as_value(last),
            s.place,
            s.label,
            isinstance(head, Array) and isinstance(last, Ref),
        )
        s.defines.append(d)
        u.definitions.append(d)


def _unknown_function(rhs: Formula, target: str) -> Formula:
    """`k(x, y)` of an unknown k: for first derivatives, a linear function with free slopes."""
    if not isinstance(rhs, Call) or len(rhs.args) < 2 or rhs.primes or rhs.name in ("max", "min"):
        return rhs
    return Add(tuple(Mul((Ref(f"slope{i}_{target}"), a)) for i, a in enumerate(rhs.args, start=1)))


def _as_value(head: Ref | Array) -> Formula:
    return head


def _base(head: Ref | Array, u: Understanding) -> str:
    shown = u.resolver.symbols.names.get(head.name, head.name)
    return shown.lstrip("\\").split("_")[0].split("^")[0].split("{")[-1].rstrip("}")


def _has_target(head: Ref | Array, u: Understanding, members: tuple[Formula, ...] = ()) -> bool:
    """Whether an earlier definition covers this left side."""
    for d in u.definitions:
        if d.target != head.name or d.weak:
            continue
        if _covers(d, head, members):
            return True
    return False


_SCOPE = re.compile(
    r"\b(?:case|example|figure|network)\s*\(?[2-9ivIV]|(?:情况|例|图|圖)\s*[二三四2-9]",
    re.IGNORECASE,
)
"""Prose that begins another case: names may be used anew."""


def _is_new_scope(
    head: Ref | Array, members: tuple[Formula, ...], u: Understanding, place: int
) -> bool:
    """A second definition that shares nothing with the first one speaks of another network.

    `J = …` of figure 1 and `J = …` of figure 2: no quantity is in both, and none leads to the other.
    """
    if head.indices or len(members) < 2:
        return False
    old = [d for d in u.definitions if d.target == head.name and not d.weak and _covers(d, head)]
    if not old:
        return False
    if _SCOPE.search(u.scan.pieces[place].before[-200:]) and not head.indices:
        return True
    new_names = _reach({n for m in members[1:] for n in _names_of(m)}, u)
    if not new_names or any(has_derivative(m) for m in members[1:]):
        return False
    return not new_names & _reach(_names_of(old[-1].rhs), u)


def _names_of(f: Formula) -> set[str]:
    return {n.name for n in f.walk() if isinstance(n, Ref | Array)}


def _reach(names: set[str], u: Understanding) -> set[str]:
    """Names and the defined names that they are made of (free inputs may be shared by networks)."""
    table: dict[str, set[str]] = {}
    for d in u.definitions:
        table.setdefault(d.target, set()).update(_names_of(d.rhs))
    found: set[str] = set()
    stack = list(names)
    while stack:
        name = stack.pop()
        if name not in found:
            found.add(name)
            stack.extend(table.get(name, ()))
    inner = {n for n in found if n in table}
    return inner or found


def _covers(d: Definition, head: Ref | Array, members: tuple[Formula, ...] = ()) -> bool:
    for k, (a, b) in enumerate(zip(d.indices, head.indices, strict=False)):
        la, na = affine_of(a)
        lb, nb = affine_of(b)
        if la is None and lb is None and na != nb:
            return False
        if (la in SIZE_LETTERS) != (lb in SIZE_LETTERS) and (la is not None and lb is not None):
            return False
        if la is None and lb is not None:
            # Entry by entry first, then in general: the same again, unless the entry was the base
            # case of a recurrence over layers or time.
            recurs = any(head.name in _names_of(m) for m in members[1:])
            if recurs or na == 0 or (k == 0 and head.name.endswith("_up")):
                return False
    return True


def _best_rhs(
    rest: tuple[Formula, ...], u: Understanding, heads: list[Ref | Array]
) -> Formula | None:
    """The member that defines: the one most tied to what is defined already; at a tie the first."""
    del heads
    if not rest:
        return None
    defined = Counter(d.target for d in u.definitions)

    def score(f: Formula) -> tuple[int, int]:
        names = {n.name for n in f.walk() if isinstance(n, Ref | Array)}
        derivative = any(isinstance(n, Deriv | Grad) for n in f.walk())
        count = len([n for n in names if n in defined or n.removesuffix("_up") + "_" in defined])
        return (0 if derivative else 1, count)

    best = max(range(len(rest)), key=lambda i: (score(rest[i]), -i))
    if any(isinstance(n, Deriv | Grad) for n in rest[0].walk()):
        return rest[0]
    return rest[best]


def _mentions(f: Formula, head: Ref | Array) -> bool:
    return any(
        isinstance(n, Ref | Array) and n.name == head.name and n.indices == head.indices
        for n in f.walk()
    )


def _deltas(u: Understanding) -> None:
    """Named errors: a delta that is said to be a derivative at one layer is it at every layer."""
    kept: list[Definition] = []
    for d in u.definitions:
        rhs = d.rhs
        if (
            isinstance(rhs, Deriv | Grad)
            and isinstance(rhs.of, Ref)
            and isinstance(rhs.by, Ref | Array)
            and len(rhs.by.indices) == len(d.indices)
            and rhs.by.indices == d.indices
            and not rhs.of.indices
        ):
            u.errors.setdefault(d.target, rhs.by.name)
        kept.append(d)
    for s in u.statements:
        if s.meant is None or s.sort == "remark":
            continue
        head = s.meant.members[0]
        if not isinstance(head, Ref | Array) or not _base(head, u).startswith("delta"):
            continue
        for m in s.meant.members[1:]:
            if (
                isinstance(m, Deriv | Grad)
                and isinstance(m.of, Ref)
                and not m.of.indices
                and isinstance(m.by, Ref | Array)
                and m.by.indices == head.indices
                and head.indices
            ):
                u.errors.setdefault(head.name, m.by.name)
    u.definitions[:] = kept


def has_derivative(f: Formula) -> bool:
    return any(isinstance(n, Deriv | Grad) for n in f.walk())


__all__ = [
    "Builder",
    "Mapping",
    "Statement",
    "System",
    "Understanding",
    "has_derivative",
    "read_all",
    "rename",
    "understand",
]
