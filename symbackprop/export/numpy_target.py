"""The NumPy target: one module, in-place where nobody reads the old value any more."""

from __future__ import annotations

from collections.abc import Sequence

from symbackprop.export.emit import Dialect, Emitter
from symbackprop.export.module import Module, quoted
from symbackprop.export.program import Program


def _transpose(texts: Sequence[str], attrs: tuple[object, ...], e: Emitter) -> str:
    order = attrs[0]
    assert isinstance(order, tuple)
    if order == tuple(reversed(range(len(order)))):
        return f"{texts[0]}.T"
    return f"{texts[0]}.transpose{order}"


def expanded(texts: Sequence[str], attrs: tuple[object, ...], e: Emitter) -> str:
    pattern = attrs[0]
    assert isinstance(pattern, tuple)
    parts = [":" if keep else "None" for keep in pattern]
    return f"{texts[0]}[{', '.join(parts)}]"


def sliced(texts: Sequence[str], attrs: tuple[object, ...], e: Emitter) -> str:
    return f"{texts[0]}[{e.index(attrs)}]"


def shape_text(dims: object, e: Emitter) -> str:
    assert isinstance(dims, tuple)
    sizes = [e.size(d) for d in dims]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def axes_text(axes: object) -> str:
    assert isinstance(axes, tuple)
    return str(axes[0]) if len(axes) == 1 else str(axes)


def _reduce(texts: Sequence[str], attrs: tuple[object, ...], e: Emitter) -> str:
    how, axes = attrs
    function = {"sum": "np.add.reduce", "max": "np.maximum.reduce"}[str(how)]
    return f"{function}({texts[0]}, {axes_text(axes)})"


UNARY = (
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
)
BINARY = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "maximum",
    "minimum",
    "power",
    "logical_and",
    "logical_or",
)

CALLS = {name: f"np.{name}({{0}})" for name in UNARY}
CALLS |= {name: f"np.{name}({{0}}, {{1}})" for name in BINARY}
CALLS |= {"where_numbers": "np.where({0}, {1}, {2}).astype(dtype)"}
CALLS |= {"where": "np.where({0}, {1}, {2})", "softplus": "np.logaddexp(0.0, {0})"}
CALLS |= {f"out:{name}": f"np.{name}({{0}}, out={{out}})" for name in UNARY}
CALLS |= {f"out:{name}": f"np.{name}({{0}}, {{1}}, out={{out}})" for name in BINARY}
CALLS |= {"out:softplus": "np.logaddexp(0.0, {0}, out={out})"}

NUMPY = Dialect(
    prefix="np",
    in_place=True,
    calls=CALLS,
    shaped={
        "transpose": _transpose,
        "expand": expanded,
        "slice": sliced,
        "broadcast": lambda t, a, e: f"np.broadcast_to({t[0]}, {shape_text(a[0], e)})",
        "full": lambda t, a, e: f"np.full({shape_text(a[0], e)}, {t[0]}, dtype)",
        "vdot": lambda t, a, e: f"np.vdot({t[0]}, {t[1]})",
        "tensordot": lambda t, a, e: f"np.tensordot({t[0]}, {t[1]}, axes={a!r})",
        "einsum": lambda t, a, e: f"np.einsum({a[0]!r}, {', '.join(t)})",
        "reduce": _reduce,
        "iota": lambda t, a, e: f"np.arange({e.size(a[0])}, {e.size(a[1])} + 1)",
        "gather": lambda t, a, e: f"{t[0]}[{', '.join(t[1:])}]",
    },
    store=lambda name, index, value: f"{name}[{index}] = {value}",
    allocate=lambda name, shape: f"{name} = np.empty({shape}, dtype)",
)


def numpy_source(program: Program, dtype: str = "float64") -> str:
    """The module as text."""
    module = Module(program, NUMPY, dtype)
    both = module.body(backward=True, copies="np.array({0})")
    only = module.body(backward=False, copies="")
    cost = program.cost
    lines = [
        *module.docstring("NumPy"),
        "",
        "import numpy as np",
        "",
        *module.table("SHAPES", program.parameters),
        *module.table("INPUTS", program.inputs),
        *module.table("TARGETS", program.targets),
        *module.constants(),
        "",
        "",
        *init_parameters(module),
        "",
        "",
        *module.function(
            "cost", "The cost, as a float.", only, [f"    return float({only.results[cost]})"]
        ),
        "",
        "",
        f"def gradient({module.arguments}):",
        '    """The derivatives of the cost by every parameter, by name."""',
        f"    return value_and_grad({module.arguments})[1]",
        "",
        "",
        *module.function(
            "value_and_grad",
            "The cost and its gradient, sharing their common work.",
            both,
            [
                f"    return float({both.results[cost]}), {{",
                *module.table_of(program.parameters, both.results),
                "    }",
            ],
        ),
        "",
        "",
        *packing(),
        "",
        "",
        *module.misfit(),
        "",
        "",
        *self_check(module),
    ]
    return "\n".join(lines) + "\n"


def init_parameters(module: Module) -> list[str]:
    """Weights normal with variance 1/fan-in, biases 0."""
    lines = [
        f'def init_parameters(seed=0, dtype="{module.dtype}"):',
        '    """Parameters to start from: weights normal, scaled by their fan-in; biases 0."""',
        "    entries = sum(int(np.prod(shape, dtype=object)) for shape in SHAPES.values())",
        "    if entries * np.dtype(dtype).itemsize > _memory():",
        '        raise MemoryError(f"{entries:,} parameters do not fit into memory")',
        "    generator = np.random.default_rng(seed)",
        "    parameters = {}",
    ]
    for q in module.program.parameters:
        array = module.program.arrays[q.name]
        key = quoted(q.name)
        if len(q.axes) == 1 or q.role == "bias":
            lines.append(f"    parameters[{key}] = np.zeros(SHAPES[{key}], dtype)")
            continue
        senders = [p for p in range(1, len(q.axes))]
        stored = array.stored or tuple(range(len(q.axes)))
        places = [stored.index(s) for s in senders]
        fan = " * ".join(f"SHAPES[{key}][{p}]" for p in places) or "1"
        lines.append(f"    value = generator.normal(size=SHAPES[{key}]) / np.sqrt({fan})")
        lines.append(f"    parameters[{key}] = np.asarray(value, dtype)")
    lines += [
        "    return parameters",
        "",
        "",
        "def _memory():",
        '    """Bytes of this machine\'s memory (no bound where the system does not tell)."""',
        "    try:",
        "        import os",
        "",
        '        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")',
        "    except (AttributeError, ImportError, OSError, ValueError):",
        '        return float("inf")',
    ]
    return lines


def packing() -> list[str]:
    return [
        "def pack(parameters):",
        '    """All parameters (or a gradient) as one flat vector, in the order of SHAPES."""',
        "    return np.concatenate([np.ravel(parameters[name]) for name in SHAPES])",
        "",
        "",
        "def unpack(vector):",
        '    """The inverse of `pack`: arrays that are views of the vector."""',
        "    stop = sum(int(np.prod(shape)) for shape in SHAPES.values())",
        "    if vector.shape != (stop,):",
        '        raise ValueError(f"the vector has shape {tuple(vector.shape)}, not ({stop},)")',
        "    parameters, start = {}, 0",
        "    for name, shape in SHAPES.items():",
        "        stop = start + int(np.prod(shape))",
        "        parameters[name] = vector[start:stop].reshape(shape)",
        "        start = stop",
        "    return parameters",
    ]


def self_check(module: Module) -> list[str]:
    """Central differences of fourth order at a sample of entries, in float64."""
    return [
        "def _self_check(seed=0, step=1e-3, tolerance=1e-7, entries=40):",
        '    """Compare the gradient with central differences; the largest relative error."""',
        "    generator = np.random.default_rng(seed)",
        '    parameters = init_parameters(seed, "float64")',
        "    for value in parameters.values():",
        "        value += generator.normal(scale=0.1, size=value.shape)",
        "    data = []",
        *module.example_lines(),
        "    _, found = value_and_grad(parameters, *data)",
        "    worst = 0.0",
        "    for name, value in parameters.items():",
        "        flat = value.reshape(-1)",
        "        chosen = range(flat.size)",
        "        if flat.size > entries:",
        "            chosen = generator.choice(flat.size, size=entries, replace=False)",
        "        for i in chosen:",
        "            kept = flat[i]",
        "            errors = []",
        "            for h in (step, step / 16, step / 256):",
        "                values = []",
        "                for k in (-2, -1, 1, 2):",
        "                    flat[i] = kept + k * h",
        "                    values.append(cost(parameters, *data))",
        "                flat[i] = kept",
        "                slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * h)",
        "                exact = float(np.reshape(found[name], -1)[i])",
        "                errors.append(abs(slope - exact) / max(1.0, abs(exact)))",
        "                if errors[-1] <= tolerance:",
        "                    break  # a smaller step serves only beside a kink",
        "            worst = max(worst, min(errors) if np.all(np.isfinite(errors)) else np.inf)",
        "    return worst, tolerance",
        "",
        "",
        'if __name__ == "__main__":',
        "    worst, tolerance = _self_check()",
        '    print(f"largest error / max(1, |gradient|): {worst:.2e} (tolerance {tolerance:.0e})")',
        "    raise SystemExit(0 if worst <= tolerance else 1)",
    ]
