"""Small edits that may change the value of a formula."""

from __future__ import annotations

import random
from dataclasses import replace

from symbackprop.formula import tree as t

OPERATORS = (
    "sign", "factor", "index", "name", "drop factor", "drop term", "sum for product",
    "derivative", "bracket", "adjoint", "slope", "square",
)  # fmt: skip


def mutants(f: t.Formula, names: dict[str, list[str]], rng: random.Random) -> list[t.Formula]:
    """One mutant for each operator that applies somewhere in `f`."""
    found = []
    for operator in OPERATORS:
        places = [n for n in f.walk() if edited(n, operator, names, random.Random(0)) is not None]
        if places:
            place = rng.choice(places)
            new = edited(place, operator, names, rng)
            assert new is not None
            found.append(swapped(f, place, new))
    return found


def swapped(f: t.Formula, place: t.Formula, new: t.Formula) -> t.Formula:
    done = False

    def change(node: t.Formula) -> t.Formula | None:
        nonlocal done
        if node is place and not done:
            done = True
            return new
        return None

    return f.rewrite(change)


def edited(
    n: t.Formula, operator: str, names: dict[str, list[str]], rng: random.Random
) -> t.Formula | None:
    numeric = isinstance(n, t.Ref | t.Mul | t.Add | t.Sum | t.Deriv | t.Call | t.Div)
    if operator == "sign" and numeric:
        return t.Neg(n)
    if operator == "factor" and numeric:
        return t.mul(t.Num(rng.choice(("2", "3"))), n)
    if operator == "index" and isinstance(n, t.Ref) and len(n.indices) > 1:
        return replace(n, indices=n.indices[::-1])
    if operator == "name" and isinstance(n, t.Ref) and names.get(n.name):
        return replace(n, name=rng.choice(names[n.name]))
    if operator == "drop factor" and isinstance(n, t.Mul):
        k = rng.randrange(len(n.factors))
        return t.mul(*(n.factors[:k] + n.factors[k + 1 :]))
    if operator == "drop term" and isinstance(n, t.Add):
        k = rng.randrange(len(n.terms))
        return t.add(*(n.terms[:k] + n.terms[k + 1 :]))
    if operator == "sum for product" and isinstance(n, t.Mul):
        return t.add(*n.factors)
    if operator == "derivative" and isinstance(n, t.Deriv):
        return t.Deriv(n.by, n.of) if isinstance(n.of, t.Ref) and n.of.name != "J" else n.of
    if operator == "bracket" and isinstance(n, t.Add) and len(n.terms) > 1:
        first, *rest = n.terms
        return t.mul(first, t.add(*rest))
    if operator == "adjoint" and isinstance(n, t.Ref):
        name = n.name[2:] if n.name.startswith("d.") else f"d.{n.name}"
        return replace(n, name=name)
    if operator == "slope" and isinstance(n, t.Call) and n.name in ("f", "sigma", "sigmoid"):
        return replace(n, primes=0 if n.primes else 1)
    if operator == "square" and isinstance(n, t.Ref):
        return t.Pow(n, t.Num("2"))
    return None


def same_shape(system: object) -> dict[str, list[str]]:
    """For each quantity (and its error) the others with as many indices."""
    found: dict[str, list[str]] = {}
    quantities = system.quantities  # type: ignore[attr-defined]
    for q in quantities:
        others = [r.name for r in quantities if len(r.axes) == len(q.axes) and r.name != q.name]
        found[q.name] = others
        found[f"d.{q.name}"] = [f"d.{o}" for o in others]
    return found
