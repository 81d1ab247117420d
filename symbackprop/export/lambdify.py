"""`lambdify`: the same array program, run by an interpreter over NumPy; no source, no `exec`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from symbackprop.errors import SpecError, printable
from symbackprop.export.blocks import Blocks
from symbackprop.export.graph import Allocate, Bind, For, Instruction, Node, Store
from symbackprop.export.lower import lower
from symbackprop.export.program import Program
from symbackprop.export.samples import has_samples
from symbackprop.system.model import ADJOINT, Quantity, System

Arrays = Mapping[str, Any]


class Lambdified:
    """Cost and gradients of a system over NumPy arrays, given by name.

    Inputs and targets have the system's own shapes, or one more leading axis for samples. Layers of
    a family are given as a list of arrays, and their gradients come as one.
    """

    def __init__(self, system: System, program: Program) -> None:
        self.system = system
        self.program = program

    @cached_property
    def _with(self) -> Blocks:
        return Blocks(self.program, backward=True)

    @cached_property
    def _without(self) -> Blocks:
        return Blocks(self.program, backward=False)

    def cost(self, values: Arrays) -> float:
        """The cost. Raises SpecError for a missing value or a wrong shape."""
        return float(_Run(self, self._without, values).results()[self.program.cost])

    def gradient(self, values: Arrays) -> dict[str, Any]:
        """The derivatives by all parameters, by name."""
        return self.value_and_grad(values)[1]

    def value_and_grad(self, values: Arrays) -> tuple[float, dict[str, Any]]:
        """The cost and the gradient, sharing their common work."""
        found = _Run(self, self._with, values).results()
        gradient: dict[str, Any] = {}
        for q in self.program.parameters:
            gradient[q.name] = np.array(found[ADJOINT + q.name])
        return float(found[self.program.cost]), self._as_given(gradient)

    def _as_given(self, gradient: dict[str, Any]) -> dict[str, Any]:
        """Layers of a family back in one list."""
        families = self.program.families
        return {
            q.name: gradient[q.name]
            if q.name in gradient
            else [gradient[member] for member in families[q.name]]
            for q in self.system.parameters
        }


def lambdify(
    system: System,
    sizes: Mapping[str, Any] | None = None,
    weights: str = "receiver-first",
) -> Lambdified:
    """Cost and gradients over NumPy arrays. `sizes` as in `symbackprop.export.lower.lower`."""
    return Lambdified(system, lower(system, sizes, weights, notes=False))


class _Run:
    """One evaluation: values of nodes, stored arrays, sizes."""

    def __init__(self, owner: Lambdified, blocks: Blocks, values: Arrays) -> None:
        self.owner = owner
        self.blocks = blocks
        self.values: dict[int, Any] = {}
        self.inner: list[dict[int, Any]] = [self.values]
        self.stored: dict[str, Any] = {}
        self.letters: dict[str, int] = {}
        self.given = _bound(owner, values)
        self.dtype = np.result_type(*self.given.values()) if self.given else np.float64
        for name, array, axis in owner.program.runtime:
            self.letters[name] = self.given[array].shape[axis]

    def results(self) -> dict[str, Any]:
        self._steps(self.blocks.code)
        return {name: self._node(node) for name, node in self.blocks.results.items()}

    def _steps(self, code: Sequence[Instruction]) -> None:
        for i in code:
            if isinstance(i, Bind):
                self._node(i.node)
            elif isinstance(i, Allocate):
                shape = tuple(self._size(d) for d in i.dims)
                self.stored[i.name] = np.empty(shape, self.dtype)
            elif isinstance(i, Store):
                self.stored[i.name][self._index(i.index)] = self._node(i.node)
            else:
                self._loop(i)

    def _loop(self, loop: For) -> None:
        steps = range(self._size(loop.lower), self._size(loop.upper) + 1)
        for value in reversed(steps) if loop.descending else steps:
            self.letters[loop.letter] = value
            self.inner.append({})
            for member in loop.body:
                if member.lower is not None and value < self._size(member.lower):
                    continue
                if member.upper is not None and value > self._size(member.upper):
                    continue
                self._steps(member.code)
            self.inner.pop()

    def _size(self, expr: Any) -> int:
        if isinstance(expr, sp.Symbol):
            return self.letters[expr.name]
        if isinstance(expr, sp.Integer | int):
            return int(expr)
        return int(expr.xreplace({s: sp.Integer(self.letters[s.name]) for s in expr.free_symbols}))

    def _index(self, pattern: tuple[Any, ...]) -> tuple[Any, ...]:
        found: list[Any] = []
        for p in pattern:
            if p[0] == "all":
                found.append(slice(None))
            elif p[0] == "at":
                found.append(self._size(p[1]))
            else:
                found.append(slice(self._size(p[1]), self._size(p[2])))
        return tuple(found)

    def _node(self, node: Node) -> Any:
        for table in self.inner:
            if id(node) in table:
                return table[id(node)]
        value = self._compute(node)
        self.inner[min(node.depth, len(self.inner) - 1)][id(node)] = value
        return value

    def _compute(self, node: Node) -> Any:
        if node.op == "number":
            return float(node.attrs[0])
        if node.op == "scalar":
            return self._size(node.attrs[0])
        if node.op == "scalar_constant":
            return self.owner.program.constants[node.attrs[0]]
        if node.op == "array":
            return self.given[node.attrs[0]]
        if node.op == "stored":
            return self.stored[node.attrs[0]]
        args = [self._node(a) for a in node.args]
        if node.op == "ew":
            return _FUNCTIONS[node.attrs[0]](*args)
        return _SHAPED[node.op](self, args, node)


def _bound(owner: Lambdified, values: Arrays) -> dict[str, Any]:
    """The given values as arrays of the program, a sample axis added where the caller has none."""
    program, system = owner.program, owner.system
    flat: dict[str, Any] = dict(values)
    for family, members in program.families.items():
        if family in values:
            if len(values[family]) != len(members):
                raise SpecError(
                    f"{printable(family)} has {len(members)} layers, not {len(values[family])}"
                )
            flat.update(zip(members, values[family], strict=True))
    found: dict[str, Any] = {}
    added = not has_samples(system)
    sizes: dict[sp.Expr, int] = {}
    for q in (*program.parameters, *program.inputs, *program.targets):
        if q.name not in flat:
            raise SpecError(f"no value is given for {printable(q.name)}")
        array = np.asarray(flat[q.name])
        if not np.issubdtype(array.dtype, np.inexact):
            array = array.astype(float)
        if added and not q.is_parameter and array.ndim == len(q.axes) - 1:
            array = array[None]
        _check_shape(q, program.arrays[q.name].counts, array, sizes)
        found[q.name] = array
    return found


def _check_shape(
    q: Quantity, counts: tuple[sp.Expr, ...], array: Any, sizes: dict[sp.Expr, int]
) -> None:
    fits = array.ndim == len(counts)
    for count, n in zip(counts, array.shape, strict=False):
        fits = fits and n == (int(count) if count.is_Integer else sizes.setdefault(count, n))
    if not fits:
        expected = ", ".join(str(sizes.get(c, c)) for c in counts)
        raise SpecError(f"{printable(q.name)} has the shape {array.shape}, expected ({expected})")


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in [
        "exp",
        "log",
        "tanh",
        "sinh",
        "cosh",
        "sin",
        "cos",
        "tan",
        "arctan",
        "sqrt",
        "square",
        "abs",
        "sign",
        "negative",
        "add",
        "subtract",
        "multiply",
        "divide",
        "maximum",
        "minimum",
        "power",
        "logical_and",
        "logical_or",
        "where",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
        "equal",
        "not_equal",
    ]
}
_FUNCTIONS["softplus"] = lambda u: np.logaddexp(0.0, u)


def _reduce(run: _Run, args: list[Any], node: Node) -> Any:
    how, axes = node.attrs
    return np.sum(args[0], axis=axes) if how == "sum" else np.max(args[0], axis=axes)


def _expand(run: _Run, args: list[Any], node: Node) -> Any:
    return args[0][tuple(slice(None) if keep else None for keep in node.attrs[0])]


_SHAPED: dict[str, Callable[[_Run, list[Any], Node], Any]] = {
    "transpose": lambda run, args, node: np.transpose(args[0], node.attrs[0]),
    "expand": _expand,
    "slice": lambda run, args, node: args[0][run._index(node.attrs)],
    "broadcast": lambda run, args, node: np.broadcast_to(
        args[0], tuple(run._size(d) for d in node.attrs[0])
    ),
    "matmul": lambda run, args, node: args[0] @ args[1],
    "vdot": lambda run, args, node: np.vdot(args[0], args[1]),
    "tensordot": lambda run, args, node: np.tensordot(args[0], args[1], axes=node.attrs),
    "einsum": lambda run, args, node: np.einsum(node.attrs[0], *args),
    "reduce": _reduce,
    "iota": lambda run, args, node: np.arange(
        run._size(node.attrs[0]), run._size(node.attrs[1]) + 1
    ),
    "gather": lambda run, args, node: args[0][tuple(args[1:])],
}
