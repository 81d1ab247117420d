"""Sums of exponentials (softmax, log-sum-exp), shifted by their largest exponent.

    M[n] = max(r, z[n,r])      E[n,r] = exp(z[n,r] - M[n])      S[n] = sum(r, E[n,r])
    sum(r, exp(z[n,r])) = exp(M[n]) S[n],   a[n,j] = E[n,j] / S[n],   log(...) = M[n] + log(S[n])

The factor exp(M) cancels in every quotient; it is never computed unless a bare sum is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sympy as sp

from symbackprop.calculus.letters import product, put, rebuilt
from symbackprop.export.program import Array, Range, Statement
from symbackprop.system.model import entry

LARGEST = "largest_"
"""A marker: largest_(u, r) is max over r of u; the range stands in the statement's `ranges`."""


@dataclass(frozen=True, slots=True)
class Family:
    """One sum over `letter` of exp(exponent); `free` are the letters it depends on, with ranges."""

    free: tuple[Range, ...]
    letter: sp.Symbol
    lower: sp.Expr
    upper: sp.Expr
    exponent: sp.Expr
    names: tuple[str, str, str]

    def shift(self, where: dict[sp.Expr, sp.Expr]) -> sp.Expr:
        return entry(self.names[0], *(where.get(r[0], r[0]) for r in self.free))

    def part(self, where: dict[sp.Expr, sp.Expr], at: sp.Expr) -> sp.Expr:
        return entry(self.names[1], *(where.get(r[0], r[0]) for r in self.free), at)

    def total(self, where: dict[sp.Expr, sp.Expr]) -> sp.Expr:
        return entry(self.names[2], *(where.get(r[0], r[0]) for r in self.free))


@dataclass
class Exponentials:
    """Finds the families in a list of statements and folds every statement over them."""

    taken: set[str]
    families: list[Family] = field(default_factory=list)

    def run(self, rules: list[Statement]) -> tuple[list[Statement], dict[str, Array]]:
        """The statements with sums of exponentials replaced, new ones first; the new arrays."""
        for rule in rules:
            self._collect(rule)
        if not self.families:
            return rules, {}
        named = self._named_shares(rules)
        folded = [self._folded(rule, named) for rule in rules]
        made: list[Statement] = []
        arrays: dict[str, Array] = {}
        for family in self.families:
            made += self._statements(family)
            outer = tuple((lo, up) for _, lo, up in family.free)
            shift, part, total = family.names
            arrays[shift] = Array(shift, outer, "temporary")
            arrays[part] = Array(part, (*outer, (family.lower, family.upper)), "temporary")
            arrays[total] = Array(total, outer, "temporary")
        return [*made, *folded], arrays

    # --- finding -----------------------------------------------------------------------------

    def _collect(self, rule: Statement) -> None:
        for node in sorted(rule.rhs.atoms(sp.Sum), key=str):
            if not isinstance(node.function, sp.exp) or len(node.limits) != 1:
                continue
            if self.match(node) is not None:
                continue
            letter, lower, upper = node.limits[0]
            exponent = node.function.args[0]
            letters = {i for a in exponent.atoms(sp.Indexed) for i in a.free_symbols}
            known = {r[0]: r for r in (*rule.ranges, *bound_ranges(rule.rhs))}
            free = tuple(r for x, r in known.items() if x in letters and x != letter)
            stem = next(
                (str(a.base.label) for a in sorted(exponent.atoms(sp.Indexed), key=str)), "u"
            )
            names = tuple(self._name(f"{stem}_{kind}") for kind in ("max", "exp", "sum"))
            self.families.append(
                Family(free, letter, lower, upper, exponent, (names[0], names[1], names[2]))
            )

    def _name(self, wanted: str) -> str:
        while wanted in self.taken:
            wanted += "_"
        self.taken.add(wanted)
        return wanted

    def match(self, node: sp.Sum) -> tuple[Family, dict[sp.Expr, sp.Expr]] | None:
        """The family of this sum, and what its free letters are here."""
        letter, lower, upper = node.limits[0]
        for family in self.families:
            if (lower, upper) != (family.lower, family.upper):
                continue
            where = self.unify(family, node.function.args[0])
            if where is not None and where.pop(family.letter) == letter:
                return family, where
        return None

    def unify(self, family: Family, exponent: sp.Expr) -> dict[sp.Expr, sp.Expr] | None:
        """What the family's letters must be for its exponent to be this one; None if they cannot."""
        letters = [r[0] for r in family.free] + [family.letter]
        mine = [a for a in sp.preorder_traversal(family.exponent) if isinstance(a, sp.Indexed)]
        own = [a for a in sp.preorder_traversal(exponent) if isinstance(a, sp.Indexed)]
        if len(mine) != len(own):
            return None
        where: dict[sp.Expr, sp.Expr] = {}
        for pattern, actual in zip(mine, own, strict=True):
            if pattern.base != actual.base or len(pattern.indices) != len(actual.indices):
                return None
            for p, a in zip(pattern.indices, actual.indices, strict=True):
                if p in letters and where.setdefault(p, a) != a:
                    return None
        if set(letters) - set(where):
            return None
        return where if put(family.exponent, where) == exponent else None

    def _named_shares(self, rules: list[Statement]) -> dict[str, tuple[Statement, Family]]:
        """Statements a[...] = exp(u) / sum(exp(u)): their values serve wherever the share occurs."""
        found: dict[str, tuple[Statement, Family]] = {}
        for rule in rules:
            top, bottom = rule.rhs.as_numer_denom()
            if not (isinstance(top, sp.exp) and isinstance(bottom, sp.Sum)):
                continue
            if not isinstance(bottom.function, sp.exp):
                continue
            match = self.match(bottom)
            if match is None:
                continue
            here = self.unify(match[0], top.args[0])
            letters = [r[0] for r in match[0].free]
            if here is not None and all(here[x] == match[1][x] for x in letters):
                found.setdefault(match[0].names[0], (rule, match[0]))
        return found

    # --- folding -----------------------------------------------------------------------------

    def _folded(self, rule: Statement, named: dict[str, tuple[Statement, Family]]) -> Statement:
        if not rule.rhs.has(sp.exp):
            return rule
        is_share = any(rule is share for share, _ in named.values())
        shifts: dict[sp.Expr, sp.Expr] = {}

        def scale(m: sp.Expr) -> sp.Expr:
            # exp(M) as a positive symbol: SymPy cancels its powers.
            for symbol, value in shifts.items():
                if value == m:
                    return symbol
            symbol = sp.Dummy("X", positive=True)
            shifts[symbol] = m
            return symbol

        def fold(expr: sp.Expr) -> sp.Expr:
            if isinstance(expr, sp.Sum) and isinstance(expr.function, sp.exp):
                match = self.match(expr)
                if match is not None:
                    family, where = match
                    return scale(family.shift(where)) * family.total(where)
            if isinstance(expr, sp.exp):
                for family in self.families:
                    found = self.unify(family, expr.args[0])
                    if found is None:
                        continue
                    where = found
                    at = where[family.letter]
                    shift = scale(family.shift(where))
                    share = named.get(family.names[0])
                    if share is None or is_share:
                        return shift * family.part(where, at)
                    return shift * family.total(where) * _value_of(share, where)
                return expr
            if isinstance(expr, sp.Indexed) or not expr.args:
                return expr
            if isinstance(expr, sp.Sum):
                return pulled_out(sp.Sum(fold(expr.function), *expr.limits))
            args = tuple(fold(a) for a in expr.args)
            if isinstance(expr, sp.log):
                return _split_log(args[0], shifts)
            return expr if args == expr.args else rebuilt(expr, args)

        rhs = fold(rule.rhs)
        if shifts:
            rhs = rhs.xreplace({s: sp.exp(m) for s, m in shifts.items()})
        return Statement(rule.target, rule.indices, rule.ranges, rhs, rule.note)

    def _statements(self, family: Family) -> list[Statement]:
        own = tuple(r[0] for r in family.free)
        last = (family.letter, family.lower, family.upper)
        shift, part, total = family.names
        largest = sp.Function(LARGEST)(family.exponent, *last)
        return [
            Statement(shift, own, family.free, largest, ""),
            Statement(
                part,
                (*own, family.letter),
                (*family.free, last),
                sp.exp(family.exponent - entry(shift, *own)),
            ),
            Statement(total, own, family.free, sp.Sum(entry(part, *own, family.letter), last)),
        ]


def _value_of(share: tuple[Statement, Family], where: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    """The entry a[...] that holds exp(u)/sum(exp(u)) at these letters."""
    rule, family = share
    exponent = rule.rhs.as_numer_denom()[0].args[0]
    names = Exponentials(set()).unify(family, exponent) or {}
    back = {names[x]: where[x] for x in names}
    return entry(rule.target, *(put(i, back) for i in rule.indices))


def _split_log(value: sp.Expr, shifts: dict[sp.Expr, sp.Expr]) -> sp.Expr:
    """log(X*S) = M + log(S)."""
    outside: list[sp.Expr] = []
    inside: list[sp.Expr] = []
    for factor in sp.Mul.make_args(value):
        base, power = factor.as_base_exp()
        if base in shifts:
            outside.append(power * shifts[base])
        else:
            inside.append(factor)
    rest = sp.Mul(*inside)
    return sp.Add(*outside) + (sp.log(rest) if rest != 1 else 0)


def pulled_out(expr: sp.Sum) -> sp.Expr:
    """Factors without a summed letter stand before the sum."""
    letters = {limit[0] for limit in expr.limits}
    outside: list[sp.Expr] = []
    inside: list[sp.Expr] = []
    for factor in sp.Mul.make_args(expr.function):
        (inside if factor.free_symbols & letters else outside).append(factor)
    if not outside or not inside:
        return expr
    return product((*outside, sp.Sum(sp.Mul(*inside), *expr.limits)))


def bound_ranges(expr: sp.Expr) -> list[Range]:
    """The ranges of all bound letters of an expression."""
    return [(x, lo, up) for s in expr.atoms(sp.Sum) for x, lo, up in s.limits]
