"""The C target: C99, no allocation, no dependency but libm; a source file and its header."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import sympy as sp

from symbackprop.errors import TooLarge
from symbackprop.export.c_expressions import CWriter
from symbackprop.export.c_selfcheck import SelfCheck, entries
from symbackprop.export.fuse import Fused, fuse
from symbackprop.export.names import Names, identifier
from symbackprop.export.plain import plain, safe
from symbackprop.export.program import Loop, Program, statements
from symbackprop.system.model import ADJOINT

LARGEST = 2**31 - 1

RESERVED = [
    "parameters",
    "gradient",
    "workspace",
    "value",
    "seed",
    "i",
    "total",
    "stride",
    "scale",
    "step",
    "worst",
    "tolerance",
    "kept",
    "up",
    "down",
    "slope",
    "error",
    "state",
]


def c_source(program: Program, name: str = "network", dtype: str = "float64") -> dict[str, str]:
    """{'NAME.h': ..., 'NAME.c': ...}; `name` becomes the prefix of everything."""
    writer = _Files(program, identifier(name), dtype)
    return {f"{name}.h": writer.header(), f"{name}.c": writer.source()}


class _Files(SelfCheck):
    """The two files of one program."""

    def __init__(self, program: Program, prefix: str, dtype: str) -> None:
        self.program = program
        self.prefix = prefix
        self.upper = prefix.upper()
        self.single = dtype == "float32"
        self.real = f"{prefix}_real"
        functions = ("cost", "value_and_grad", "gradient", "init_parameters", "uniform")
        own = [f"{prefix}_{f}" for f in (*functions, "sigmoid", "softplus", "sign")]
        self.names = Names([*RESERVED, *own, prefix, self.real], c=True)
        self.data = (*program.inputs, *program.targets)
        self.sizes = [size for size, _, _ in program.runtime]
        for q in (*program.parameters, *self.data):
            self.names[q.name]
        for size in (*self.sizes, *program.constants):
            self.names[size]
        self.helpers: set[str] = set()
        keep = {program.cost} | {ADJOINT + p.name for p in program.parameters}
        self.only = fuse(program, program.forward, keep)
        self.both = fuse(program, (*program.forward, *program.backward), keep)
        self.offsets: dict[str, int] = {}
        total = 0
        for q in program.parameters:
            self.offsets[q.name] = total
            total += entries(program.arrays[q.name])
        if total > LARGEST:
            raise TooLarge(f"{total:,} parameters; code in C has at most {LARGEST:,}")
        self.total = total
        self.bodies = {
            "cost": self._body(self.only, False),
            "value_and_grad": self._body(self.both, True),
        }

    # --- workspace ---------------------------------------------------------------------------

    def _temporaries(self, fused: Fused) -> list[tuple[str, sp.Expr]]:
        """Arrays that need room, with their number of entries."""
        steps = (*fused.start, *fused.each)
        given = {q.name for q in (*self.program.parameters, *self.data)} | {self.program.cost}
        given |= {ADJOINT + p.name for p in self.program.parameters}
        found: dict[str, sp.Expr] = {}
        for rule in statements(steps):
            if rule.target in given or rule.target in found:
                continue
            counts = self.program.arrays[rule.target].counts
            if rule.target in fused.dropped:
                counts = counts[1:]
            if counts:
                found[rule.target] = sp.Mul(*counts)
        return list(found.items())

    def _workspace(self) -> str:
        """The number of entries that the larger function needs."""
        total, other = (
            sp.expand(sp.Add(*(n for _, n in self._temporaries(f)))) for f in (self.both, self.only)
        )
        if not sp.expand(total - other).is_nonnegative:
            total = other if sp.expand(other - total).is_nonnegative else total + other
        if total.is_Integer and int(total) > LARGEST:
            raise TooLarge(f"{int(total):,} numbers of workspace; at most {LARGEST:,}")
        writer = self._writer(frozenset())
        text = writer.size(total) if total != 0 else "1"
        for size in self.sizes:
            text = re.sub(rf"\b{self.names[size]}\b", f"({self.names[size]})", text)
        return text

    def _writer(self, dropped: frozenset[str]) -> CWriter:
        return CWriter(
            self.program.arrays,
            self.names.copy(),
            self.prefix,
            self.single,
            dropped,
            constants=self.program.constants,
        )

    # --- functions ---------------------------------------------------------------------------

    def _body(self, fused: Fused, backward: bool) -> list[str]:
        program = self.program
        w = self._writer(fused.dropped)
        w.inlined = fused.inlined
        cost = program.cost
        w.scalars.add(cost)
        given = {q.name for q in (*program.parameters, *self.data)}
        for rule in statements((*fused.start, *fused.each)):
            counts = program.arrays[rule.target].counts
            if rule.target in fused.dropped:
                counts = counts[1:]
            if not counts and not rule.target.startswith(ADJOINT):
                w.scalars.add(rule.target)
            is_gradient = rule.target.removeprefix(ADJOINT) in {p.name for p in program.parameters}
            if not counts and rule.target.startswith(ADJOINT) and not is_gradient:
                w.scalars.add(rule.target)
        zero = w.number(sp.S.Zero)
        pointers: list[tuple[str, str]] = []
        for q in program.parameters:
            pointers.append((w.names[q.name], f"parameters + {self.offsets[q.name]}"))
        start = sp.S.Zero
        room: list[tuple[str, str]] = []
        for name, count in self._temporaries(fused):
            room.append((w.names[name], f"workspace + {w.size(start)}"))
            start = sp.expand(start + count)
        if backward:
            for q in program.parameters:
                room.append((w.names[ADJOINT + q.name], f"gradient + {self.offsets[q.name]}"))
        w.line(f"{self.real} {w.names[cost]} = {zero};")
        local = sorted(w.scalars - {cost} - given)
        for name in local:
            w.line(f"{self.real} {w.names[name]} = {zero};")
        grown = {g.target for g in fused.grow} - {cost}
        w.steps([r for r in fused.start if isinstance(r, Loop) or r.target not in grown])
        if fused.sample is not None:
            self._samples(w, fused)
        w.line(f"return {w.names[cost]};")
        self.helpers |= w.helpers
        text = words("\n".join(w.lines))
        head = []
        for own, place in pointers:
            if own in text:
                head.append(f"    const {self.real} *restrict {own} = {place};")
        for own, place in room:
            if own in text:
                head.append(f"    {self.real} *restrict {own} = {place};")
        used = text | words("\n".join(head))
        arguments = ["parameters", *(w.names[q.name] for q in self.data)]
        arguments += [w.names[s] for s in self.sizes] + ["workspace"]
        unused = [a for a in arguments if a not in used]
        return [*head, *(f"    (void){a};" for a in unused), *w.lines]

    def _samples(self, w: CWriter, fused: Fused) -> None:
        """The pass over the samples: the first one sets the sums, the others add to them."""
        assert fused.sample is not None
        _, lower, upper = fused.sample
        cost = self.program.cost
        grow = [g for g in fused.grow if g.target != cost]
        names = {g.target for g in grow}
        once = {r.target: r for r in fused.start if not isinstance(r, Loop) and r.target in names}
        if grow:
            w.line(f"if ({w.size(sp.expand(upper - lower + 1))} == 0) {{")
            w.indent += "    "
            w.steps([replace(r, note="") for r in once.values()])
            w.indent = w.indent[:-4]
            w.line("}")
        w.open(*fused.sample)
        w.steps(fused.each)
        w.steps([g for g in fused.grow if g.target == cost], adding=True)
        if grow:
            w.line(f"if ({w.opened[-1][0]} == 0) {{")
            w.indent += "    "
            seen: set[str] = set()
            for g in grow:
                first = g.target not in seen
                seen.add(g.target)
                start = once[g.target].rhs if first else sp.S.Zero
                w.statement(replace(g, rhs=sp.Add(start, g.rhs)), adding=not first)
            w.indent = w.indent[:-4]
            w.line("} else {")
            w.indent += "    "
            w.steps([replace(g, note="") for g in grow], adding=True)
            w.indent = w.indent[:-4]
            w.line("}")
        w.close()

    def signature(self, function: str, gradient: bool) -> str:
        arguments = [f"const {self.real} *restrict parameters"]
        arguments += [f"const {self.real} *restrict {self.names[q.name]}" for q in self.data]
        arguments += [f"size_t {self.names[s]}" for s in self.sizes]
        if gradient:
            arguments.append(f"{self.real} *restrict gradient")
        arguments.append(f"{self.real} *restrict workspace")
        head = f"{self.real} {self.prefix}_{function}("
        return head + (",\n" + " " * len(head)).join(arguments) + ")"

    # --- files -------------------------------------------------------------------------------

    def header(self) -> str:
        p, upper = self.program, self.upper
        about = p.system.about
        lines = [
            f"/* The cost of {safe(about.title or p.system.name, 80)} and its gradient.",
            " *",
        ]
        for e in p.batched.equations:
            if e.target == p.cost:
                lines.append(f" *     {safe(e.target)} = {safe(plain(e.rhs), 90)}")
        samples = "averaged" if p.batched.about.over_samples == "mean" else "summed"
        order = "(sender, receiver)" if p.sender_first else "(receiver, sender)"
        lines += [
            " *",
            f" * The cost is {samples} over samples; samples are rows (the first axis of all data).",
            f" * Weights have the axes {order}. All arrays are row-major.",
            " *",
        ]
        for q in (*p.parameters, *self.data):
            shape = ", ".join(plain(c) for c in p.arrays[q.name].counts)
            facts = ", ".join(sorted(f"{f.kind} {f.over}".strip() for f in q.facts))
            lines.append(f" *     {safe(q.name):8} ({shape}) {safe(facts)}".rstrip())
        macro = f"{upper}_WORKSPACE({', '.join(self.names[s] for s in self.sizes)})"
        lines += [
            " *",
            " * Parameters and gradient are one vector; the macros below say where each array starts.",
            f" * The caller hands a workspace of {macro} numbers; nothing is allocated.",
            f" * Compile the source with -D{upper}_MAIN for a program that compares the gradient with",
            " * central differences and exits with 0 or 1.",
            " */",
            f"#ifndef {upper}_H",
            f"#define {upper}_H",
            "",
            "#include <stddef.h>",
            "",
            "#ifdef __cplusplus",
            '#error "this header is C99"',
            "#endif",
            "",
            f"typedef {'float' if self.single else 'double'} {self.real};",
            "",
            f"#define {upper}_PARAMETERS {self.total}",
        ]
        for q in p.parameters:
            own = self.names[q.name]
            lines.append(f"#define {upper}_AT_{own} {self.offsets[q.name]}")
        lines += [
            f"#define {macro} ({self._workspace()})",
            "",
            "/* The cost. */",
            self.signature("cost", False) + ";",
            "",
            "/* The cost; `gradient` gets the derivatives by all parameters. */",
            self.signature("value_and_grad", True) + ";",
            "",
            "/* Only the gradient. */",
            self.signature("gradient", True).replace(self.real, "void", 1) + ";",
            "",
            "/* Parameters to start from: weights scaled by their fan-in, biases 0. */",
            f"void {self.prefix}_init_parameters(unsigned long seed, {self.real} *parameters);",
            "",
            f"#endif /* {upper}_H */",
        ]
        return "\n".join(lines) + "\n"

    def source(self) -> str:
        arguments = ", ".join(
            [
                "parameters",
                *(self.names[q.name] for q in self.data),
                *(self.names[s] for s in self.sizes),
                "gradient",
                "workspace",
            ]
        )
        w = self._writer(frozenset())
        lines = [
            f"/* See {self.prefix}.h. */",
            f'#include "{self.prefix}.h"',
            "",
            "#include <math.h>",
            "",
        ]
        body = words("\n".join(self.bodies["cost"] + self.bodies["value_and_grad"]))
        for name, number in self.program.constants.items():
            text = f"static const {self.real} {self.names[name]} = {w.number(sp.Float(number))};"
            if self.names[name] in body:
                lines.append(text)
        lines += self._helpers()
        lines += [self.signature("cost", False), "{", *self.bodies["cost"], "}", ""]
        lines += [self.signature("value_and_grad", True), "{", *self.bodies["value_and_grad"], "}"]
        lines += [
            "",
            self.signature("gradient", True).replace(self.real, "void", 1),
            "{",
            f"    (void){self.prefix}_value_and_grad({arguments});",
            "}",
            "",
            *self._init(),
            "",
            *self._main(),
        ]
        return "\n".join(lines) + "\n"

    def _helpers(self) -> list[str]:
        real, f = self.real, "f" if self.single else ""
        one, zero = ("1.0f", "0.0f") if self.single else ("1.0", "0.0")
        rows = {
            "sigmoid": f"return {one} / ({one} + exp{f}(-u));",
            "softplus": f"return u > {zero} ? u + log1p{f}(exp{f}(-u)) : log1p{f}(exp{f}(u));",
            "sign": f"return u > {zero} ? {one} : (u < {zero} ? -{one} : {zero});",
        }
        lines: list[str] = []
        for name in sorted(self.helpers):
            lines += [
                f"static {real} {self.prefix}_{name}({real} u)",
                "{",
                f"    {rows[name]}",
                "}",
                "",
            ]
        return lines


def words(text: str) -> set[str]:
    """All identifiers of a text, comments left out."""
    return set(re.findall(r"[A-Za-z_]\w*", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)))


__all__: Sequence[str] = ("c_source",)
