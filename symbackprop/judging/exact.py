"""Exact values of nodes: rational functions of atoms, as a polynomial times powers of bases.

An atom is a free entry, an entry whose definition is left closed, E = e^t for one term t, a logarithm,
a root, sin, cos, or an unknown function's value. Atoms are treated as independent, which is sound for a proof:
what holds for all values of the atoms holds for those that they take. Only these relations are used:
e^(s+t) = e^s e^t, log over factors known to be positive, r^q = u for a root, cos^2 = 1 - sin^2.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint

from symbackprop.judging.arena import Node
from symbackprop.judging.clock import NEVER, SPENT, WORK, Deadline
from symbackprop.judging.instance import Instance
from symbackprop.judging.numbers import sign_holds
from symbackprop.judging.polynomials import Powers, TooFewAtoms, Val, frac
from symbackprop.judging.problems import NotUnderstood, OverBudget, Undefined
from symbackprop.judging.switches import NeedScale, NeedSign, Switches


class Ring(Switches):
    """Values of nodes for one way of resolving vars, one case of signs, one size of ring."""

    def __init__(
        self,
        instance: Instance,
        resolve: Callable[[Node], Node | None],
        size: int = 16,
        signs: tuple[int, ...] = (),
        scales: dict[Any, int] | None = None,
        deadline: Deadline = NEVER,
        binary: bool = False,
        closed: frozenset[Node] = frozenset(),
        indicated: bool = False,
    ) -> None:
        super().__init__(size, deadline, signs, scales if scales is not None else {})
        self.instance, self.arena, self.resolve = instance, instance.arena, resolve
        self.values: dict[Node, Val] = {}
        self.exponents: dict[int, Val] = {}  # gen of an E atom -> its exponent
        self.logs: dict[int, int] = {}  # gen of a log atom -> base whose log it is
        self.squares: list[tuple[int, int, Val]] = []  # (gen, q, value of gen^q)
        self.unknowns: dict[tuple[Any, ...], list[tuple[Val, int]]] = {}
        self.binary = binary
        self.closed = closed
        self.indicated = indicated  # cases by indicators, all at once

    # --- nodes ----------------------------------------------------------------------------------

    def of(self, root: Node) -> Val:
        """The value of a node. Raises Undefined, OverBudget and the three requests above."""
        values, arena = self.values, self.arena
        if root in values:
            return values[root]
        stack = [root]
        steps = 0
        while stack:
            node = stack[-1]
            if node in values:
                stack.pop()
                continue
            op, args = arena.op[node], arena.args[node]
            if node in self.closed and op not in ("num", "var"):
                values[node] = (self.gens[self.atom(("node", node))], {})
                stack.pop()
                continue
            if op == "var":
                meant = None if node in self.closed else self.resolve(node)
                if meant is None:
                    values[node] = (self.gens[self._entry(node, args)], {})
                    stack.pop()
                    continue
                if meant in values:
                    values[node] = values[meant]
                    stack.pop()
                else:
                    stack.append(meant)
                continue
            if op == "piece" and not self.indicated:
                # Only the chosen row is looked at: others may not exist here.
                needed = self._row(args, stack)
                if needed is not None:
                    values[node] = values[needed]
                    stack.pop()
                continue
            missing = [c for c in arena.children(node) if c not in values]
            if missing:
                stack.extend(missing)
                continue
            steps += 1
            WORK.done += 5
            if steps % 16 == 0 and self.deadline.passed:
                raise OverBudget(SPENT)
            values[node] = self._compute(op, args)
            stack.pop()
        return values[root]

    def _entry(self, node: Node, key: Any) -> int:
        # Facts of computed entries are not used: they would be claims themselves.
        free = node not in self.instance.definition
        kinds = {f.kind for f in self.instance.facts(key[0])} if free else set()
        gen = self.atom(("var", node), bool(kinds & {"positive", "in (0,1)"}))
        if self.binary and "in {0,1}" in kinds:
            self.discrete[gen] = 1
        elif self.binary and "in {-1,1}" in kinds:
            self.discrete[gen] = 2
        return gen

    def _compute(self, op: str, args: Any) -> Val:
        values = self.values
        if op == "num":
            return self.constant(args)
        if op == "pi":
            return self.gens[self.atom("pi", positive=True)], {}
        if op == "+":
            return self.add([values[a] for a in args])
        if op == "*":
            return self.mul([values[a] for a in args])
        if op == "^":
            return self.power(values[args[0]], args[1])
        if op == "exp":
            return self.exponential(values[args])
        if op == "log":
            return self.logarithm(values[args])
        if op == "root":
            return self._root(values[args[0]], args[1])
        if op == "piece":
            return self._indicated(args)
        if op == "app":
            return self.gens[self._unknown(("app", args[0], args[1]), values[args[2]])], {}
        if op == "erf":
            return self.gens[self._unknown(("erf",), values[args])], {}
        if op in ("sin", "cos"):
            return self._wave(op, values[args])
        raise NotUnderstood(f"the operation {op}")

    def _unknown(self, kind: tuple[Any, ...], argument: Val) -> int:
        """The atom for an unknown function at an argument: the same for equal arguments."""
        known = self.unknowns.setdefault(kind, [])
        for other, gen in known:
            if self.same(other, argument):
                return gen
        gen = self.atom((*kind, len(known)), positive=kind[0] == "root" or self._range(kind))
        known.append((argument, gen))
        return gen

    def _range(self, kind: tuple[Any, ...]) -> bool:
        if kind[0] != "app" or kind[2] != 0:
            return False
        f = self.instance.system.function_by_name.get(kind[1])
        return f is not None and any(x.kind in ("positive", "in (0,1)") for x in f.facts)

    def _wave(self, op: str, argument: Val) -> Val:
        sine = self._unknown(("sin",), argument)
        if op == "sin":
            return self.gens[sine], {}
        fresh = ("cos", sine) not in self.atoms
        cosine = self.atom(("cos", sine))
        if fresh:
            self.squares.append((cosine, 2, (self.unit - self.gens[sine] ** 2, {})))
        return self.gens[cosine], {}

    def _root(self, value: Val, q: int) -> Val:
        before = len(self.atoms)
        gen = self._unknown(("root", q), value)
        if gen == before:
            self.squares.append((gen, q, value))
        return self.gens[gen], {}

    # --- exp and log ----------------------------------------------------------------------------

    def exponential(self, value: Val) -> Val:
        """e^(sum of terms) = product of e^term; e^(c t) = (e^t)^c for an integer c."""
        poly, powers = self.reduced(value)
        tail = tuple(sorted(powers.items()))
        factor = self.unit
        result: Powers = {}
        for monom, coefficient in poly.to_dict().items():
            c = frac(coefficient)
            names = [(g, e) for g, e in enumerate(monom) if e]
            one = not tail and len(names) == 1 and names[0][1] == 1
            if one and names[0][0] in self.logs and c.denominator == 1:  # e^(c log u) = u^c
                base = self.logs[names[0][0]]
                self.no_indicator(self.bases[base])
                result[base] = result.get(base, 0) + int(c)
                continue
            key = ("E", tuple(names), tail)
            scale = self.scales.get(key, 1)
            if (c * scale).denominator != 1:
                self.scales[key] = scale * (c * scale).denominator
                raise NeedScale
            gen = self.atom(key, positive=True)
            term = self.ctx.from_dict({monom: flint.fmpq(1, scale)})
            self.exponents.setdefault(gen, (term, powers))
            n = int(c * scale)
            if n > 0:
                factor = factor * self.gens[gen] ** n
            else:
                base = self.atom_base(gen)
                result[base] = result.get(base, 0) + n
        return factor, {b: e for b, e in result.items() if e}

    def logarithm(self, value: Val) -> Val:
        """Split over the factors known to be positive; the rest stays one logarithm."""
        poly, powers = self.reduced(value)
        if poly == 0:
            raise Undefined("a logarithm of 0")
        lead, found = self.split(poly)
        factors = dict(powers)
        for b, e in found.items():
            factors[b] = factors.get(b, 0) + e
        terms: list[Val] = []
        rest: list[tuple[int, int]] = []
        for b, e in sorted(factors.items()):
            if not e:
                continue
            gen = self._gen_of(b)
            if gen is not None and gen in self.exponents:
                p, w = self.exponents[gen]
                terms.append((p * e, w))
            elif self.base_is_positive(b):
                terms.append((self._log_atom(b) * e, {}))
            else:
                rest.append((b, e))
        c = frac(lead)
        if not rest and c < 0:
            raise Undefined("a logarithm of a negative number")
        for prime, e in _primes(abs(c)):
            terms.append((self.gens[self.atom(("log number", prime))] * e, {}))
        if len(rest) == 1 and rest[0][1] in (1, -1) and c > 0:
            terms.append((self._log_atom(rest[0][0]) * rest[0][1], {}))
        elif rest:
            gen = self.atom(("log rest", tuple(rest), c > 0))
            terms.append((self.gens[gen], {}))
        return self.add(terms) if terms else (self.nil, {})

    def _log_atom(self, base: int) -> Any:
        gen = self.atom(("log", base))
        self.logs[gen] = base
        return self.gens[gen]

    def _gen_of(self, base: int) -> int | None:
        return next((g for g, b in self.gen_base.items() if b == base), None)

    # --- cases ----------------------------------------------------------------------------------

    def _row(self, args: Any, stack: list[Node]) -> Node | None:
        """The value node of the chosen row, once its conditions and it are known; else pushes what is needed."""
        rows, is_open = args
        for conditions, value in rows:
            held = True
            for node, relation in conditions:
                if node not in self.values:
                    stack.append(node)
                    return None
                sign = self.sign(self.values[node])
                if is_open and sign == 0:
                    raise Undefined("no derivative at a kink")
                if not sign_holds(sign, relation):
                    held = False
                    break
            if held:
                if value not in self.values:
                    stack.append(value)
                    return None
                return int(value)
        raise Undefined("no case holds")

    def _indicated(self, args: Any) -> Val:
        """The first row whose conditions hold: rows times indicators, e_k = 1 where switch k is positive."""
        rows, is_open = args
        left: Val = (self.unit, {})
        terms: list[Val] = []
        for conditions, value in rows:
            held: Val = (self.unit, {})
            for node, relation in conditions:
                one = self.indicator(self.values[node], relation, is_open)
                held = (self.discretely(self.times(held[0], one)), {})
            chosen = self.discretely(self.times(left[0], held[0]))
            poly, powers = self.values[value]
            terms.append((self.discretely(self.times(poly, chosen)), powers))
            left = (self.discretely(left[0] - chosen), {})
        if left[0] != 0:
            raise Undefined("no case holds")
        return self.add(terms)

    # --- zero test ------------------------------------------------------------------------------

    def is_zero(self, value: Val) -> bool:
        """Whether the value is 0 by the relations above and the zero switches of the present case."""
        if self.deadline.passed:
            raise OverBudget(SPENT)
        poly = value[0]
        if self.discrete:
            poly = self.discretely(poly)
        for (k, sign), negative in self.indicators.items():
            if sign < 0 and poly != 0:
                poly = self.at_zero(poly, k, self.indicators[k, 1], negative)
        if poly == 0:
            return True
        for gen, q, meant in reversed(self.squares):
            groups: dict[int, list[Val]] = {}
            high = False
            for monom, c in poly.to_dict().items():
                e = monom[gen]
                high = high or e >= q
                low = (*monom[:gen], 0, *monom[gen + 1 :])
                term: Val = (self.ctx.from_dict({low: c}), {})
                if e >= q:
                    term = self.mul([term, self.power(meant, e // q)])
                groups.setdefault(e % q, []).append(term)
            if high:
                return all(self.is_zero(self.add(terms)) for terms in groups.values())
        for k, sign in enumerate(self.signs[: len(self.switches)]):
            if sign == 0:
                poly = divmod(poly, self.switches[k])[1]
        return bool(poly == 0)


def _primes(value: Fraction) -> list[tuple[int, int]]:
    """The prime factors of a positive rational with exponents."""
    found: dict[int, int] = {}
    for n, sign in ((value.numerator, 1), (value.denominator, -1)):
        for p, e in flint.fmpz(n).factor():
            found[int(p)] = found.get(int(p), 0) + sign * int(e)
    return sorted((p, e) for p, e in found.items() if e)


__all__ = ["NeedScale", "NeedSign", "Ring", "TooFewAtoms"]
