"""The JAX target: pure functions; `cost` carries the derived gradient as its reverse rule."""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.export.emit import Dialect, Emitter
from symbackprop.export.module import Module
from symbackprop.export.numpy_target import (
    BINARY,
    UNARY,
    axes_text,
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
    assert isinstance(order, tuple)
    if order == tuple(reversed(range(len(order)))):
        return f"{texts[0]}.T"
    return f"{texts[0]}.transpose{order}"


def _reduce(texts: Sequence[str], attrs: tuple[object, ...], e: Emitter) -> str:
    how, axes = attrs
    return f"jnp.{how}({texts[0]}, axis={axes_text(axes)})"


CALLS = {name: f"jnp.{name}({{0}})" for name in UNARY}
CALLS |= {name: f"jnp.{name}({{0}}, {{1}})" for name in BINARY}
CALLS |= {"where_numbers": "jnp.where({0}, {1}, {2}).astype(dtype)"}
CALLS |= {"where": "jnp.where({0}, {1}, {2})", "softplus": "jnp.logaddexp(0.0, {0})"}

JAX = Dialect(
    prefix="jnp",
    in_place=False,
    calls=CALLS,
    shaped={
        "transpose": _transpose,
        "expand": expanded,
        "slice": sliced,
        "broadcast": lambda t, a, e: f"jnp.broadcast_to({t[0]}, {shape_text(a[0], e)})",
        "full": lambda t, a, e: f"jnp.full({shape_text(a[0], e)}, {t[0]}, dtype)",
        "vdot": lambda t, a, e: f"jnp.vdot({t[0]}, {t[1]})",
        "tensordot": lambda t, a, e: f"jnp.tensordot({t[0]}, {t[1]}, axes={a!r})",
        "einsum": lambda t, a, e: f"jnp.einsum({a[0]!r}, {', '.join(t)})",
        "reduce": _reduce,
        "iota": lambda t, a, e: f"jnp.arange({e.size(a[0])}, {e.size(a[1])} + 1)",
        "gather": lambda t, a, e: f"{t[0]}[{', '.join(t[1:])}]",
    },
    store=lambda name, index, value: f"{name} = {name}.at[{index}].set({value})",
    allocate=lambda name, shape: f"{name} = jnp.zeros({shape}, dtype)",
)

SECOND_ORDER = (
    "`cost` has the derived gradient as its reverse rule (jax.custom_vjp), by parameters and inputs;",
    "targets count as given numbers, their derivative is 0. Second order: jax.hessian(cost) and",
    "jax.jacfwd(gradient) differentiate the derived gradient, which is made of plain operations;",
    "forward mode of `cost` itself (jax.jvp) is not defined. Data-parallel: put inputs and targets",
    "on a jax.sharding.Mesh along the sample axis, then jit as usual.",
    "",
)


def jax_source(program: Program, dtype: str = "float64") -> str:
    """The module as text."""
    module = Module(program, JAX, dtype)
    both, only = module.body(backward=True), module.body(backward=False)
    whole = module.body(backward=True, inputs=True)
    cost = program.cost
    arguments = module.arguments
    inputs = [ADJOINT + q.name for q in program.inputs]
    targets = ", ".join(module.names[q.name] for q in program.targets)
    lines = [
        *module.docstring("JAX", SECOND_ORDER),
        "",
        "import jax",
        "import jax.numpy as jnp",
        "import numpy as np",
        "",
        *module.table("SHAPES", program.parameters),
        *module.table("INPUTS", program.inputs),
        *module.table("TARGETS", program.targets),
        *module.constants(),
        "",
        "",
        *(
            line.replace("np.zeros(", "jnp.zeros(").replace("np.asarray(", "jnp.asarray(")
            for line in init_parameters(module)
        ),
        "",
        "",
        *module.function("_cost", "The cost.", only, [f"    return {only.results[cost]}"]),
        "",
        "",
        "@jax.custom_vjp",
        f"def cost({arguments}):",
        '    """The cost, a scalar array; its reverse rule is the derived gradient."""',
        f"    return _cost({arguments})",
        "",
        "",
        f"def gradient({arguments}):",
        '    """The derivatives of the cost by every parameter, by name."""',
        f"    return value_and_grad({arguments})[1]",
        "",
        "",
        *module.function(
            "value_and_grad",
            "The cost (a scalar array) and its gradient, sharing their common work.",
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
        f"def _forward({arguments}):",
        f"    value, by_parameters, by_inputs = _with_inputs({arguments})",
        f"    return value, (by_parameters, by_inputs, ({targets},))",
        "",
        "",
        "def _backward(saved, factor):",
        "    by_parameters, by_inputs, targets = saved",
        "    scaled = {name: factor * value for name, value in by_parameters.items()}",
        "    of_inputs = tuple(factor * value for value in by_inputs)",
        "    return scaled, *of_inputs, *(jnp.zeros_like(value) for value in targets)",
        "",
        "",
        "cost.defvjp(_forward, _backward)",
        "",
        "",
        "def pack(parameters):",
        '    """All parameters (or a gradient) as one flat vector, in the order of SHAPES."""',
        "    return jnp.concatenate([jnp.ravel(parameters[name]) for name in SHAPES])",
        "",
        "",
        "def unpack(vector):",
        '    """The inverse of `pack`."""',
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
        *converted(self_check(module), "jnp.asarray", "jax.config.update('jax_enable_x64', True)"),
    ]
    return "\n".join(lines) + "\n"


def converted(lines: list[str], make: str, before: str = "") -> list[str]:
    """The self-check, keeping NumPy arrays that are converted at every call."""
    found = []
    for line in lines:
        line = line.replace(
            'parameters = init_parameters(seed, "float64")',
            "parameters = {k: np.array(v) for k, v in init_parameters(seed, FLOAT64).items()}",
        )
        for name in ("cost", "value_and_grad"):
            line = line.replace(
                f"{name}(parameters, *data)",
                f"{name}({{k: {make}(v) for k, v in parameters.items()}}, *data)",
            )
        line = (
            line.replace("data.append(", f"data.append({make}(")
            if "append(gen" in line or ("data.append(np" in line)
            else line
        )
        if f"data.append({make}(" in line:
            line += ")"
        line = line.replace("values.append(cost", "values.append(float(cost")
        if "values.append(float(cost" in line:
            line += ")"
        found.append(line)
        if line.startswith("if __name__") and before:
            found.append(f"    {before}")
    return [line.replace("FLOAT64", '"float64"') for line in found]
