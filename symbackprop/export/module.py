"""What every exported Python module has, whatever its array library.

SHAPES, INPUTS, TARGETS   init_parameters(seed)   cost   gradient   value_and_grad
pack, unpack              `python FILE` checks itself
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from symbackprop.export.blocks import Blocks
from symbackprop.export.emit import Dialect, Emitter
from symbackprop.export.names import Names
from symbackprop.export.plain import plain, safe
from symbackprop.export.program import Program
from symbackprop.system.model import ADJOINT, Quantity

RESERVED = [
    "np",
    "jnp",
    "jax",
    "torch",
    "math",
    "os",
    "sys",
    "annotations",
    "SHAPES",
    "INPUTS",
    "TARGETS",
    "CONSTANTS",
    "parameters",
    "seed",
    "cost",
    "gradient",
    "value_and_grad",
    "_cost",
    "_forward",
    "_backward",
    "_with_inputs",
    "differentiable_cost",
    "saved",
    "value",
    "init_parameters",
    "pack",
    "unpack",
    "vector",
    "fits",
    "dtype",
    "_misfit",
    "_examples",
    "_self_check",
    "_memory",
    "main",
    "J_value",
    "functools",
    "d_cost",
    "Gradient",
    "apply",
    "grad",
    "self",
    "ctx",
]


@dataclass(frozen=True)
class Body:
    """One function's text: the lines, and the expressions of its results."""

    lines: tuple[str, ...]
    results: dict[str, str]
    dtype: bool
    sizes: frozenset[str]


@dataclass
class Module:
    """Names and texts that the writers of all Python targets share."""

    program: Program
    dialect: Dialect
    dtype: str

    def __post_init__(self) -> None:
        self.names = Names(RESERVED)
        p = self.program
        for q in (*p.parameters, *p.inputs, *p.targets):
            self.names[q.name]
        for name in p.constants:
            self.names[name]
        for name, _, _ in p.runtime:
            self.names[name]

    @property
    def data(self) -> tuple[Quantity, ...]:
        """Inputs, then targets: the arguments behind `parameters`."""
        return (*self.program.inputs, *self.program.targets)

    @property
    def arguments(self) -> str:
        return ", ".join(["parameters", *(self.names[q.name] for q in self.data)])

    def body(self, backward: bool, copies: str = "", inputs: bool = False) -> Body:
        """The lines that compute the cost, and the gradient if `backward`.

        copies: a format that makes an array of its own out of a view ('' where none is needed).
        """
        blocks = Blocks(self.program, backward, inputs)
        emitter = Emitter(self.dialect, self.names.copy())
        emitter.prepare(blocks.code, list(blocks.results.values()))
        emitter.run(blocks.code)
        results: dict[str, str] = {}
        seen: set[int] = set()
        for name, node in blocks.results.items():
            text = emitter.operand(node, 0)
            shared = node.root.op in ("array", "number", "stored") or id(node.root) in seen
            if copies and node.rank and (shared or node.op in ("broadcast", "expand")):
                text = copies.format(text)
            seen.add(id(node.root))
            results[name] = text
        return Body(
            tuple(emitter.lines), results, emitter.needs_dtype, frozenset(emitter.used_sizes)
        )

    # --- shapes ------------------------------------------------------------------------------

    def shape(self, q: Quantity, names: bool = False) -> str:
        """The shape of a quantity as a tuple; run-time sizes as variables, or as quoted names."""
        parts = []
        for count in self.program.arrays[q.name].counts:
            if count.is_Integer:
                parts.append(str(int(count)))
            elif names:
                parts.append(quoted(plain(count)))
            else:
                emitter = Emitter(self.dialect, self.names)
                parts.append(emitter.size(count))
        return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"

    def table(self, name: str, quantities: Sequence[Quantity]) -> list[str]:
        lines = [f"{name} = {{"]
        lines += [f"    {quoted(q.name)}: {self.shape(q, names=True)}," for q in quantities]
        return [*lines, "}"]

    def unpacking(self) -> list[str]:
        """Parameters by name, sizes from shapes, and a check of every shape."""
        p = self.program
        lines = ["    try:"]
        for q in p.parameters:
            lines.append(f"        {self.names[q.name]} = parameters[{quoted(q.name)}]")
        for size, array, axis in p.runtime:
            lines.append(f"        {self.names[size]} = {self.names[array]}.shape[{axis}]")
        tests = [
            f"{self.names[q.name]}.shape == {self.shape(q)}" for q in (*p.parameters, *self.data)
        ]
        lines.append("        fits = (")
        lines += [f"            {'and ' if i else ''}{t}" for i, t in enumerate(tests)]
        lines += [
            "        )",
            "    except (AttributeError, IndexError, KeyError, TypeError):",
            "        fits = False",
            "    if not fits:",
            f"        raise _misfit({self.arguments})",
        ]
        return lines

    def misfit(self) -> list[str]:
        """A function that says which shape is wrong."""
        given = ", ".join(f"{quoted(q.name)}: {self.names[q.name]}" for q in self.data)
        return [
            f"def _misfit({self.arguments}):",
            '    """The error for arguments of a wrong shape: which one, and what was expected."""',
            f"    given = {{{given}}}",
            "    for name, shape in SHAPES.items():",
            "        try:",
            "            found = tuple(parameters[name].shape)",
            "        except (AttributeError, KeyError, TypeError):",
            '            return ValueError(f"parameter {name!r} is missing or is not an array")',
            "        if found != shape:",
            '            return ValueError(f"parameter {name!r} has shape {found}, not {shape}")',
            "    sizes = {}",
            "    for name, shape in {**INPUTS, **TARGETS}.items():",
            "        found = getattr(given[name], 'shape', None)",
            "        if found is None:",
            '            return TypeError(f"{name!r} is not an array")',
            "        expected = tuple(sizes.setdefault(s, n) if isinstance(s, str) else s",
            "                         for s, n in zip(shape, found))",
            "        if len(found) != len(shape) or tuple(found) != expected:",
            '            return ValueError(f"{name!r} has shape {tuple(found)}, expected {shape}"',
            '                              f" with {sizes}")',
            '    return ValueError("the shapes do not fit")',
        ]

    def constants(self) -> list[str]:
        return [f"{self.names[k]} = {v!r}" for k, v in self.program.constants.items()]

    def function(self, name: str, note: str, body: Body, last: Sequence[str]) -> list[str]:
        """One function: shapes checked, the body, the last lines."""
        lines = [f"def {name}({self.arguments}):", f'    """{note}"""', *self.unpacking()]
        if body.dtype:
            lines.append(self.dtype_line())
        return [*lines, *body.lines, *last]

    def dtype_line(self) -> str:
        operands = [self.names[q.name] for q in (*self.program.parameters, *self.data)]
        return f"    dtype = {self.dialect.prefix}.result_type({', '.join(operands)})"

    def table_of(self, quantities: Sequence[Quantity], results: dict[str, str]) -> list[str]:
        """Lines of a dictionary display: derivatives by name."""
        return [f"        {quoted(q.name)}: {results[ADJOINT + q.name]}," for q in quantities]

    # --- words -------------------------------------------------------------------------------

    def docstring(self, library: str, extra: Sequence[str] = ()) -> list[str]:
        """Shapes, cost, reduction, convention, and how the module was and can be checked."""
        p = self.program
        about = p.system.about
        title = safe(about.title or p.system.name, 80)
        lines = [f'"""The cost of {title} and its gradient, over {library} arrays.', ""]
        for e in p.batched.equations:
            if e.target == p.cost:
                lines.append(f"    {safe(e.target)} = {safe(plain(e.rhs), 90)}")
        lines.append("")
        samples = {"mean": "averaged", "sum": "summed"}.get(p.batched.about.over_samples, "summed")
        outputs = {"mean": "averaged over outputs, ", "sum": "summed over outputs, "}
        lines.append(f"The cost is {outputs.get(about.over_outputs, '')}{samples} over samples.")
        lines.append("Samples are rows: the first axis of every input and target.")
        if any(q.role == "weight" for q in p.parameters):
            order = "(sender, receiver)" if p.sender_first else "(receiver, sender)"
            lines.append(f"Weights have the axes {order}.")
        lines += ["", "Shapes:"]
        for q in (*p.parameters, *self.data):
            lines.append(f"    {safe(q.name):8} {self.shape(q, names=True).replace(chr(39), '')}")
        facts = [
            f"    {safe(q.name)}: {safe(', '.join(sorted(fact_text(f.kind, f.over) for f in q.facts)))}"
            for q in self.data
            if q.facts
        ]
        if facts:
            lines += ["", "What is used of the data (not checked here):", *facts]
        lines += ["", *extra]
        lines += [
            "`d_z` names the derivative of the cost by z. Each group of lines carries its equation.",
            "The gradient was derived symbolically; running this file compares it with central",
            "differences of the cost at random values, and exits with 0 or 1.",
            '"""',
        ]
        return lines

    def example_lines(self) -> list[str]:
        """Statements that fill `data` with random arrays which fit the facts (NumPy generator)."""
        lines = []
        sizes = {size: 3 + i for i, (size, _, _) in enumerate(self.program.runtime)}
        for q in self.data:
            shape = []
            for count in self.program.arrays[q.name].counts:
                value = count.subs({s: sizes[s.name] for s in count.free_symbols})
                shape.append(int(value))
            lines.append(f"    data.append({_drawn(q, tuple(shape))})")
        return lines


def fact_text(kind: str, over: str) -> str:
    return f"{kind} over {over}" if over else kind


def _drawn(q: Quantity, shape: tuple[int, ...]) -> str:
    facts = {f.kind: f.over for f in q.facts}
    if "in {-1,1}" in facts:
        return f"generator.choice([-1.0, 1.0], size={shape})"
    if "in {0,1}" in facts:
        return f"generator.choice([0.0, 1.0], size={shape})"
    if "sums to 1" in facts:
        letters = [axis.index.name for axis in q.axes]
        axis = letters.index(facts["sums to 1"]) if facts["sums to 1"] in letters else -1
        rest = tuple(n for i, n in enumerate(shape) if i != axis % len(shape))
        drawn = f"generator.dirichlet(np.ones({shape[axis]}), size={rest})"
        return drawn if axis in (-1, len(shape) - 1) else f"np.moveaxis({drawn}, -1, {axis})"
    if facts.keys() & {"in (0,1)", "in [0,1]", "positive", "nonnegative", ">0", ">=0"}:
        return f"generator.uniform(0.1, 0.9, size={shape})"
    if "in (-1,1)" in facts:
        return f"generator.uniform(-0.9, 0.9, size={shape})"
    return f"generator.normal(size={shape})"


def quoted(text: str) -> str:
    """A Python string literal in ASCII, for any text."""
    return ascii(text).replace("'", '"') if "'" not in text and '"' not in text else ascii(text)
