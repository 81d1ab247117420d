"""The PyTorch target: plain functions over tensors, and an autograd.Function of the derived gradient."""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.export.emit import Dialect, Emitter
from symbackprop.export.jax_target import converted
from symbackprop.export.module import Module
from symbackprop.export.numpy_target import (
    expanded,
    init_parameters,
    self_check,
    shape_text,
    sliced,
)
from symbackprop.export.program import Program
from symbackprop.system.model import ADJOINT


def _transpose(texts: Sequence[str], attrs: tuple[object, ...], e: Emitter) -> str:
    order = attrs[0]
    return f"{texts[0]}.T" if order == (1, 0) else f"{texts[0]}.permute{order}"


def _reduce(texts: Sequence[str], attrs: tuple[object, ...], e: Emitter) -> str:
    how, axes = attrs
    return f"torch.{'sum' if how == 'sum' else 'amax'}({texts[0]}, dim={axes})"


CALLS = {
    name: f"torch.{name}({{0}})"
    for name in (
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
    )
}
CALLS |= {
    "maximum": "_larger({0}, {1})",
    "minimum": "_smaller({0}, {1})",
    "power": "torch.pow({0}, {1})",
    "logical_and": "torch.logical_and({0}, {1})",
    "logical_or": "torch.logical_or({0}, {1})",
    "where": "torch.where({0}, {1}, {2})",
    "where_numbers": "torch.where({0}, torch.tensor({1}, dtype=dtype, device=device), {2})",
    # Above the threshold the difference, exp(-50), is below the last digit of a double.
    "softplus": "torch.nn.functional.softplus({0}, threshold=50.0)",
}

TORCH = Dialect(
    prefix="torch",
    in_place=False,
    calls=CALLS,
    shaped={
        "transpose": _transpose,
        "expand": expanded,
        "slice": sliced,
        "broadcast": lambda t, a, e: f"torch.broadcast_to({t[0]}, {shape_text(a[0], e)})",
        "full": lambda t, a, e: (
            f"torch.full({shape_text(a[0], e)}, {t[0]}, dtype=dtype, device=device)"
        ),
        "vdot": lambda t, a, e: (
            f"torch.sum({t[0]} * {t[1]})" if t[0] != t[1] else f"torch.sum(torch.square({t[0]}))"
        ),
        "tensordot": lambda t, a, e: f"torch.tensordot({t[0]}, {t[1]}, dims={a!r})",
        "einsum": lambda t, a, e: f"torch.einsum({a[0]!r}, {', '.join(t)})",
        "reduce": _reduce,
        "iota": lambda t, a, e: f"torch.arange({e.size(a[0])}, {e.size(a[1])} + 1)",
        "gather": lambda t, a, e: f"{t[0]}[{', '.join(t[1:])}]",
    },
    store=lambda name, index, value: f"{name}[{index}] = {value}",
    allocate=lambda name, shape: f"{name} = torch.empty({shape}, dtype=dtype, device=device)",
)

NOTES = (
    "`differentiable_cost` is an autograd.Function with the derived gradient, by parameters and inputs;",
    "targets count as given numbers. It is differentiable once; for second order, differentiate the",
    "plain functions, which are made of ordinary tensor operations.",
    "",
)


def torch_source(program: Program, dtype: str = "float64") -> str:
    """The module as text."""
    module = Module(program, TORCH, dtype)
    both, only = module.body(backward=True), module.body(backward=False)
    whole = module.body(backward=True, inputs=True)
    cost, arguments = program.cost, module.arguments
    data = ", ".join(module.names[q.name] for q in module.data)
    inputs = [ADJOINT + q.name for q in program.inputs]
    first = module.names[program.parameters[0].name] if program.parameters else "None"
    used = "\n".join([*both.lines, *only.lines])
    lines = [
        *module.docstring("PyTorch", NOTES),
        "",
        "import numpy as np",
        "import torch",
        "",
        *module.table("SHAPES", program.parameters),
        *module.table("INPUTS", program.inputs),
        *module.table("TARGETS", program.targets),
        *module.constants(),
        "",
        "",
        *_initial(init_parameters(module)),
        "",
        "",
        *module.function("_cost", "The cost.", only, [f"    return {only.results[cost]}"]),
        "",
        "",
        f"def cost({arguments}):",
        '    """The cost, a tensor without dimensions, by plain operations."""',
        f"    return _cost({arguments})",
        "",
        "",
        f"def gradient({arguments}):",
        '    """The derivatives of the cost by every parameter, by name."""',
        f"    return value_and_grad({arguments})[1]",
        "",
        "",
        f"def value_and_grad({arguments}):",
        '    """The cost as a float and its gradient, sharing their common work."""',
        "    with torch.no_grad():",
        f"        value, found = _value_and_grad({arguments})",
        "    return float(value), found",
        "",
        "",
        *module.function(
            "_value_and_grad",
            "The cost as a tensor, and the gradient.",
            both,
            [
                f"    return {both.results[cost]}, {{",
                *module.table_of(program.parameters, both.results),
                "    }",
            ],
        ),
        "",
        "",
        *module.function(
            "_with_inputs",
            "The cost, its gradient, and its derivatives by the inputs.",
            whole,
            [
                f"    return {whole.results[cost]}, {{",
                *module.table_of(program.parameters, whole.results),
                f"    }}, ({''.join(whole.results[n] + ', ' for n in inputs)})",
            ],
        ),
        "",
        "",
        "class Cost(torch.autograd.Function):",
        '    """The cost with the derived gradient: Cost.apply(inputs, targets, parameters in order)."""',
        "",
        "    @staticmethod",
        f"    def forward(ctx, {data}, *values):",
        "        parameters = dict(zip(SHAPES, values, strict=True))",
        f"        if any(ctx.needs_input_grad[: {len(program.inputs)}]):",
        f"            value, found, by_inputs = _with_inputs({arguments})",
        "        else:",
        f"            value, found = _value_and_grad({arguments})",
        f"            by_inputs = (None,) * {len(program.inputs)}",
        "        ctx.found = (*by_inputs, *(found[name] for name in SHAPES))",
        "        return value",
        "",
        "    @staticmethod",
        "    @torch.autograd.function.once_differentiable",
        "    def backward(ctx, factor):",
        f"        by_inputs, found = ctx.found[: {len(program.inputs)}], "
        f"ctx.found[{len(program.inputs)} :]",
        "        scaled = [None if v is None else factor * v for v in by_inputs]",
        f"        return (*scaled, *[None] * {len(program.targets)}, *(factor * v for v in found))",
        "",
        "",
        f"def differentiable_cost({arguments}):",
        '    """The cost as a tensor whose backward pass is the derived gradient."""',
        f"    return Cost.apply({data}, *(parameters[name] for name in SHAPES))",
        "",
        "",
        *_extremes(used),
        "def pack(parameters):",
        '    """All parameters (or a gradient) as one flat vector, in the order of SHAPES."""',
        "    return torch.cat([parameters[name].reshape(-1) for name in SHAPES])",
        "",
        "",
        "def unpack(vector):",
        '    """The inverse of `pack`: tensors that are views of the vector."""',
        "    stop = sum(int(np.prod(shape)) for shape in SHAPES.values())",
        "    if vector.shape != (stop,):",
        '        raise ValueError(f"the vector has shape {tuple(vector.shape)}, not ({stop},)")',
        "    parameters, start = {}, 0",
        "    for name, shape in SHAPES.items():",
        "        stop = start + int(np.prod(shape))",
        "        parameters[name] = vector[start:stop].reshape(shape)",
        "        start = stop",
        "    return parameters",
        "",
        "",
        *module.misfit(),
        "",
        "",
        *converted(self_check(module), "torch.as_tensor"),
    ]
    text = "\n".join(lines) + "\n"
    old = module.dtype_line()
    return text.replace(old, f"    dtype, device = {first}.dtype, {first}.device")


def _initial(lines: list[str]) -> list[str]:
    """The same numbers as the NumPy module gives, as tensors."""
    found = []
    for line in lines:
        line = line.replace(
            "return parameters", "return {k: torch.as_tensor(v) for k, v in parameters.items()}"
        )
        found.append(line)
    return found


def _extremes(used: str) -> list[str]:
    """Helpers for max and min with a number, where they are used."""
    lines: list[str] = []
    for name, function in (("_larger", "maximum"), ("_smaller", "minimum")):
        bound = "min" if function == "maximum" else "max"
        if f"{name}(" in used:
            lines += [
                f"def {name}(left, right):",
                "    if isinstance(right, float):",
                f"        return torch.clamp(left, {bound}=right)",
                f"    return torch.{function}(left, right)",
                "",
                "",
            ]
    return lines
