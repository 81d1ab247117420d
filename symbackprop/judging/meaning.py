"""What a Formula means at concrete sizes: a scalar (a node of the arena) or an array of scalars.

Arrays are matrices; a vector is a column. A quantity with a sample axis and one more axis is a matrix
in the order of its axes (samples as rows); `Layout("columns")` turns it, and `Layout(weights="sender")`
turns weight matrices (sender first). `d.X` and Grad have the shape of X.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from symbackprop.formula import tree as t
from symbackprop.judging.binders import Binders
from symbackprop.judging.problems import IllFormed, NotUnderstood
from symbackprop.judging.values import Arr, Env, Layout, Value
from symbackprop.system.model import ADJOINT

__all__ = ["Arr", "Env", "Layout", "Meaning", "Value"]


class Meaning(Binders):
    """Evaluates formulas of one instance. `named` are definitions of names that the system lacks."""

    def of(self, f: t.Formula, env: Env) -> Value:
        """The value of `f`. Raises IllFormed, NotUnderstood."""
        handler = _HANDLERS.get(type(f))
        if handler is None:
            raise NotUnderstood(f"a {type(f).__name__} in a formula")
        return handler(self, f, env)

    # --- arrays ---------------------------------------------------------------------------------

    def matmul(self, f: t.MatMul, env: Env) -> Value:
        return self._product([self.of(x, env) for x in f.factors])

    def transpose(self, f: t.Transpose, env: Env) -> Value:
        value = self.of(f.body, env)
        return value.turned() if isinstance(value, Arr) else value

    def matrix(self, f: t.Matrix, env: Env) -> Value:
        if not f.rows or any(len(r) != len(f.rows[0]) for r in f.rows):
            raise IllFormed("the rows of a matrix differ in length")
        cells = tuple(self.scalar(c, env) for r in f.rows for c in r)
        return Arr(len(f.rows), len(f.rows[0]), cells)

    def norm(self, f: t.Norm, env: Env) -> Value:
        value = self.of(f.body, env)
        if not isinstance(value, Arr):
            return self.arena.abs(value)
        if 1 not in (value.rows, value.cols):
            self._refuse("the norm of a matrix")
        return self.arena.root(self.arena.add(self._squares(value)), 2)

    # --- derivatives ----------------------------------------------------------------------------

    def deriv(self, f: t.Deriv, env: Env) -> Value:
        return self._derivative(f.of, f.by, env)

    def grad(self, f: t.Grad, env: Env) -> Value:
        return self._derivative(f.of, f.by, env)

    def _derivative(self, of: t.Formula, by: t.Formula, env: Env) -> Value:
        """d of / d by: `by` must be an entry or a whole array of the system."""
        if not isinstance(by, t.Ref | t.Array) or by.name.startswith(ADJOINT):
            raise NotUnderstood("a derivative by something that is not a quantity")
        if by.name in self.named and by.name not in self.instance.system.by_name:
            raise NotUnderstood(f"a derivative by {by.name}, which is only a name for a formula")
        target = self.of(by, env)
        for v in target.cells if isinstance(target, Arr) else (target,):
            if self.arena.op[v] != "var":
                raise NotUnderstood("a derivative by something that is not a quantity")
        value = self.of(of, env)
        total = self.instance.total
        if not isinstance(value, Arr):
            return self._each(lambda v: total(value, v), target)
        if not isinstance(target, Arr):
            return self._each(lambda c: total(c, target), value)
        if (value.rows, value.cols) == (1, 1):
            return self._each(lambda v: total(value.cells[0], v), target)
        if value.cols == 1 and target.cols == 1:
            cells = tuple(total(c, v) for c in value.cells for v in target.cells)
            return Arr(value.rows, target.rows, cells, (value.keys[0], target.keys[0]))
        raise NotUnderstood("the derivative of an array by a matrix has no agreed shape")


_HANDLERS: dict[type[t.Formula], Callable[[Meaning, Any, Env], Value]] = {
    t.Opaque: Meaning.opaque,
    t.Num: Meaning.num,
    t.Sym: Meaning.sym,
    t.Idx: Meaning.idx,
    t.Ref: Meaning.ref,
    t.Array: Meaning.array,
    t.Ones: Meaning.ones,
    t.Neg: Meaning.neg,
    t.Add: Meaning.add,
    t.Mul: Meaning.mul,
    t.Div: Meaning.div,
    t.Pow: Meaning.pow,
    t.Call: Meaning.call,
    t.Sum: Meaning.sum,
    t.Prod: Meaning.prod,
    t.Bracket: Meaning.bracket,
    t.Cases: Meaning.cases,
    t.Norm: Meaning.norm,
    t.Deriv: Meaning.deriv,
    t.Grad: Meaning.grad,
    t.MatMul: Meaning.matmul,
    t.Hadamard: Meaning.hadamard,
    t.Transpose: Meaning.transpose,
    t.Matrix: Meaning.matrix,
}
