"""The inferred profile, for people: functions, index superscripts, names, primes, shapes, scopes."""

from __future__ import annotations

from symbackprop.formula.tree import Call, Deriv, Grad, Ref
from symbackprop.verifying.names.letters import FRESH, latex_of
from symbackprop.verifying.understanding.statement import Understanding

READ_AS_CALLS = frozenset({"list", "tuple", "set", "sequence", "Normal"})
"""Names that the reader gives to brackets and the like; no functions of the document."""

RANKS = {0: "number", 1: "vector", 2: "matrix"}


def profile_of(u: Understanding) -> dict[str, object]:
    """What was inferred of a document, under fixed keys; every name as the document writes it.

    index superscripts   letters whose superscripts are indices (layers, times, examples)
    names                symbols whose scripts are part of their name
    primes               functions that are derived with a prime; names that carry one
    shapes               'number', 'vector', 'matrix' or the number of indices
    scopes               lines from which a name means something else than before
    undefined            what claims differentiate and nothing defines
    """
    symbols = u.resolver.symbols
    chains = [s.chain for s in u.statements]
    derived = {n.name for c in chains for n in c.walk() if isinstance(n, Call) and n.primes}
    groups = symbols.groups.values()
    return {
        "functions": {
            n: [str(f.expression) if f.expression is not None else "abstract" for f in rows]
            for n, rows in sorted(u.functions.items())
            if n not in READ_AS_CALLS
        },
        "index letters": sorted(symbols.letters - {FRESH}),
        "index superscripts": sorted({g.key[0] for g in groups if g.sup_arities}),
        "names": sorted(_names(u)),
        "primes": {
            "derivatives": sorted(derived),
            "names": sorted({latex_of(s) for s in symbols.symbols if s.primes}),
        },
        "shapes": _shapes(u),
        "sizes": sorted(u.resolver.sizes),
        "errors": {symbols.names.get(k, k): symbols.names.get(v, v) for k, v in u.errors.items()},
        "defined": sorted({symbols.names.get(d.target, d.target) for d in u.definitions}),
        "kronecker": sorted(u.profile.kronecker),
        "scopes": _scopes(u),
        "undefined": _undefined(u),
    }


def _names(u: Understanding) -> set[str]:
    """Symbols with scripts that are no indices."""
    symbols = u.resolver.symbols
    found = set()
    for s in symbols.symbols:
        if s.sub or s.sup:
            w = symbols.resolve(s)
            if not w.indices and w.power is None:
                found.add(latex_of(s))
    return found


def _shapes(u: Understanding) -> dict[str, str]:
    symbols = u.resolver.symbols
    arity: dict[str, int] = {}
    for s in symbols.symbols:
        w = symbols.resolve(s)
        arity[w.name] = max(arity.get(w.name, 0), len(w.indices) + w.missing)
    found = {}
    for name, count in arity.items():
        rank = u.resolver.ranks.get(name)
        indices = f"{count} {'index' if count == 1 else 'indices'}"
        if rank is None:
            shape = indices if count else RANKS[0]
        else:
            shape = (
                f"{RANKS.get(rank, rank)} with {indices}" if count else str(RANKS.get(rank, rank))
            )
        found[symbols.names.get(name, name)] = shape
    return dict(sorted(found.items()))


def _scopes(u: Understanding) -> list[dict[str, object]]:
    """Where a name is defined anew, for another network."""
    first: dict[tuple[str, tuple[str, ...]], int] = {}
    found: dict[int, list[str]] = {}
    for d in u.definitions:
        if d.indices or d.weak:
            continue
        key = d.target, ()
        if key in first and first[key] != d.place:
            line = u.scan.pieces[d.place].line
            found.setdefault(line, []).append(u.resolver.symbols.names.get(d.target, d.target))
        first.setdefault(key, d.place)
    return [{"line": line, "names": sorted(set(names))} for line, names in sorted(found.items())]


def _undefined(u: Understanding) -> list[str]:
    known = {d.target for d in u.definitions} | set(u.errors)
    found = {
        n.of.name
        for s in u.statements
        if s.meant is not None
        for n in s.meant.walk()
        if isinstance(n, Deriv | Grad) and isinstance(n.of, Ref) and n.of.name not in known
    }
    return sorted(u.resolver.symbols.names.get(name, name) for name in found)
