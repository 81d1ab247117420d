"""What binds letters and what holds in some cases only: sums, products, conditions, cases."""

from __future__ import annotations

from symbackprop.formula import tree as t
from symbackprop.judging.arena import Condition, Node, holds
from symbackprop.judging.arithmetic import Arithmetic
from symbackprop.judging.lowering import MOST_TERMS
from symbackprop.judging.problems import NotUnderstood
from symbackprop.judging.values import Env, Value


class Binders(Arithmetic):
    """Formulas with letters of their own or with conditions."""

    def _bodies(self, f: t.Sum | t.Prod, env: Env) -> list[tuple[Value, tuple[Node, ...]]]:
        """The terms, each with the mark of its index (in a marked instance)."""
        outer = {k: v for k, v in env.items() if k != f.index.name}
        key = self.letters.key(f.index.name, f.body, outer)
        layers = self.instance.marks is not None and key in self.instance.marks.deep
        if f.lower is not None and f.upper is not None:
            values = range(self.integer(f.lower, env), self.integer(f.upper, env) + 1)
            if self.instance.marks is not None and not layers:
                axis, key = key, self._size_name(f.upper, env)
                if (key and values.start != 1) or (axis and axis != key):
                    self._refuse("a sum over part of an axis")
        else:
            found = self.letters.of(f.index.name, f.body, outer)
            if found is None:
                raise NotUnderstood(f"no axis tells what the letter {f.index.name} runs over")
            if f.lower is not None:
                found = range(self.integer(f.lower, env), found.stop)
            if f.upper is not None:
                found = range(found.start, self.integer(f.upper, env) + 1)
            if not layers and (f.lower is not None or f.upper is not None):
                self._refuse("a sum over part of an axis")
            values = found
        if len(values) > MOST_TERMS:
            raise NotUnderstood("a sum or product of too many terms")
        marks = self.instance.marks
        terms: list[tuple[Value, tuple[Node, ...]]] = []
        for i in values:
            self.arena.clock.step()
            mark = (marks.mark(key, i),) if marks is not None and key else ()
            terms.append((self.of(f.body, {**env, f.index.name: i}), mark))
        return terms

    def sum(self, f: t.Sum, env: Env) -> Value:
        values = [
            self._each(lambda c, m=m: self.arena.marked(c, m), v) if m else v  # type: ignore[misc]
            for v, m in self._bodies(f, env)
        ]
        return self._together(values, self.arena.add, "added") if values else self.arena.zero

    def prod(self, f: t.Prod, env: Env) -> Value:
        self._refuse("a product over an axis")
        return self._product([v for v, _ in self._bodies(f, env)])

    # --- conditions -----------------------------------------------------------------------------

    def conditions(self, c: t.Formula, env: Env) -> tuple[Condition, ...] | None:
        """A chain of relations between numbers; None if it never holds."""
        if not isinstance(c, t.Chain):
            raise NotUnderstood("a condition that is no relation")
        found: list[Condition] = []
        values = [self._side(m, env) for m in c.members]
        for left, right, relation in zip(values, values[1:], c.relations, strict=False):
            if relation not in ("=", "!=", "<", "<=", ">", ">="):
                raise NotUnderstood(f"the condition '{relation}'")
            unit = self._compares_units(c)
            if unit and self.instance.marks is not None and self.instance.marks.counting:
                found.append(self.instance.marks.guard())
                continue
            gap = self.arena.sub(left, right)
            constant = self.arena.number(gap)
            if relation not in ("=", "!=") and unit:
                self._refuse("a condition on indices that is no equality")
            if constant is None:
                found.append((gap, relation))
            elif not holds(constant, relation):
                return None
        return tuple(found)

    def _compares_units(self, c: t.Chain) -> bool:
        """Whether a condition compares index letters, and not only those of layers or times."""
        if any(isinstance(n, t.Ref | t.Array) for n in c.walk()):
            return False
        letters = {n.name for n in c.walk() if isinstance(n, t.Idx)}
        return bool(letters) and not letters <= self.layers | self.deep

    def _side(self, f: t.Formula, env: Env) -> Node:
        """One side of a condition: an index formula or a number."""
        if any(isinstance(n, t.Idx) for n in f.walk()) and not any(
            isinstance(n, t.Ref | t.Array) for n in f.walk()
        ):
            return self.arena.num(self.integer(f, env))
        return self.scalar(f, env)

    def bracket(self, f: t.Bracket, env: Env) -> Value:
        if any(isinstance(n, t.Array) for n in f.condition.walk()):
            return self._entry_by_entry(f.condition, env)
        conditions = self.conditions(f.condition, env)
        if conditions is None:
            return self.arena.zero
        return self.arena.piece([(conditions, self.arena.one), ((), self.arena.zero)])

    def _entry_by_entry(self, c: t.Formula, env: Env) -> Value:
        """`1[u > 0]` of a vector: for each entry 1 where it holds, else 0."""
        if not isinstance(c, t.Chain) or len(c.members) != 2:
            raise NotUnderstood("a condition on arrays that is no relation of two")
        relation = c.relations[0]
        if relation not in ("=", "!=", "<", "<=", ">", ">="):
            raise NotUnderstood(f"the condition '{relation}'")
        arena = self.arena

        def one(sides: list[Node]) -> Node:
            gap = arena.sub(sides[0], sides[1])
            constant = arena.number(gap)
            if constant is not None:
                return arena.one if holds(constant, relation) else arena.zero
            return arena.piece([(((gap, relation),), arena.one), ((), arena.zero)])

        return self._together([self.of(m, env) for m in c.members], one, "compared", spread=True)

    def cases(self, f: t.Cases, env: Env) -> Value:
        rows = []
        for value, condition in f.rows:
            conditions = () if condition is None else self.conditions(condition, env)
            if conditions is not None:
                rows.append((conditions, self.scalar(value, env)))
                if not conditions:
                    break
        return self.arena.piece(rows)
