"""Random written formulas, seeded: what the round-trip tests are fed with."""

from __future__ import annotations

from random import Random

from symbackprop.formula import tree as t
from symbackprop.formula.tree import Formula, Sym

BASES = ("a", "b", "w", "x", "y", "z", "W", "J", "delta", "eta", "lambda", "theta", "H1", "dW")
FUNCTIONS = ("sigma", "f", "tanh", "exp", "log", "sigmoid", "max", "sqrt", "abs")


def symbol(r: Random) -> Sym:
    sub = r.choice([(), (), ("j",), ("1",), ("j", "k"), ("1", "1", "(", "i", "n", ")")])
    sup = r.choice([(), (), ("l",), ("(", "l", ")"), ("l", "+", "1"), ("L",), ("[", "2", "]")])
    primes = r.choice([0, 0, 0, 1, 2])
    return Sym(r.choice(BASES), sub, sup, primes, r.choice(["", "", "", "hat", "tilde"]))


def formula(r: Random, depth: int = 3) -> Formula:
    """A formula whose reading does not hang on hints; products are flat, as they are printed."""
    if depth == 0 or r.random() < 0.15:
        return symbol(r) if r.random() < 0.8 else t.Num(r.choice(["1", "2", "0.5", "10"]))
    below = depth - 1
    kind = r.randrange(15)
    if kind <= 2:
        return t.Add(tuple(_term(r, below) for _ in range(r.randint(2, 3))))
    if kind <= 5:
        return t.Mul(tuple(_factor(r, below) for _ in range(r.randint(2, 3))))
    if kind == 6:
        return t.Neg(formula(r, below))
    if kind == 7:
        return t.Div(formula(r, below), formula(r, below), inline=r.random() < 0.2)
    if kind == 8:
        return t.Pow(formula(r, below), t.Num(r.choice("23")))
    if kind == 9:
        return call(r, below)
    if kind == 10:
        bounds = r.choice([(None, None), (t.Num("1"), Sym("m")), (t.Num("0"), Sym("n", ("l",)))])
        kinds = r.choice([t.Sum, t.Sum, t.Prod])
        return kinds(formula(r, below), t.Idx(r.choice("ijk")), *bounds)
    if kind == 11:
        return t.Deriv(formula(r, below), symbol(r), operator=r.random() < 0.3)
    if kind == 12:
        return t.Hadamard(tuple(_factor(r, below) for _ in range(2)))
    if kind == 13:
        return t.Bracket(t.Chain((symbol(r), symbol(r)), (r.choice(["=", "!=", "<", ">="]),)))
    return t.Norm(formula(r, below))


def call(r: Random, depth: int) -> t.Call:
    name = r.choice(FUNCTIONS)
    primes = r.choice([0, 1]) if name in ("sigma", "f") else 0
    count = 2 if name == "max" else 1
    return t.Call(name, tuple(formula(r, depth) for _ in range(count)), primes)


def _term(r: Random, depth: int) -> Formula:
    return formula(r, depth)


def _factor(r: Random, depth: int) -> Formula:
    found = formula(r, depth)
    while isinstance(found, t.Mul | t.Num):
        found = formula(r, depth)
    return found
