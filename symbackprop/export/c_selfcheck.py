"""The parts of an exported C file that start and check it: initial parameters, the program `main`."""

from __future__ import annotations

import sympy as sp

from symbackprop.errors import UnsupportedForm
from symbackprop.export.names import Names
from symbackprop.export.plain import safe
from symbackprop.export.program import Array, Program
from symbackprop.system.model import Quantity


class SelfCheck:
    """Lines of `init_parameters` and of `main`, for a program whose names are known."""

    program: Program
    names: Names
    prefix: str
    upper: str
    real: str
    single: bool
    sizes: list[str]
    offsets: dict[str, int]
    data: tuple[Quantity, ...]

    def _init(self) -> list[str]:
        real, prefix = self.real, self.prefix
        cast = f"({real})"
        lines = [
            f"static {real} {prefix}_uniform(unsigned long *state)",
            "{",
            "    *state = (*state * 1664525UL + 1013904223UL) & 0xffffffffUL;",
            f"    return {cast}((double)(*state >> 8) / 8388608.0 - 1.0);",
            "}",
            "",
            f"void {prefix}_init_parameters(unsigned long seed, {real} *parameters)",
            "{",
            "    unsigned long state = (seed + 1UL) * 2654435761UL;",
            "    size_t i;",
        ]
        for q in self.program.parameters:
            count = entries(self.program.arrays[q.name])
            place = self.offsets[q.name]
            fan = 1
            for axis in q.axes[1:]:
                fan *= int(axis.count)
            scale = 0.0 if len(q.axes) == 1 or q.role == "bias" else (3.0 / max(fan, 1)) ** 0.5
            value = f"{cast}{scale!r} * {prefix}_uniform(&state)" if scale else f"{cast}0"
            lines += [
                f"    for (i = {place}; i < {place + count}; ++i) {{",
                f"        parameters[i] = {value};",
                "    }",
            ]
        return [*lines, "    (void)state;", "}"]

    def _main(self) -> list[str]:
        p, upper, prefix, real = self.program, self.upper, self.prefix, self.real
        fixed = {size: 3 + i for i, size in enumerate(self.sizes)}
        counts = {
            q.name: int(
                sp.Mul(*p.arrays[q.name].counts).subs(
                    {s: fixed[s.name] for c in p.arrays[q.name].counts for s in c.free_symbols}
                )
            )
            for q in self.data
        }
        data = ", ".join(self.names[q.name] for q in self.data)
        sizes = ", ".join(str(fixed[s]) for s in self.sizes)
        call = ", ".join(x for x in (data, sizes) if x)
        tolerance, step = ("2e-2", "1e-2") if self.single else ("1e-6", "1e-5")
        lines = [f"#ifdef {upper}_MAIN", "#include <stdio.h>", "", "int main(void)", "{"]
        lines += [
            f"    static {real} parameters[{upper}_PARAMETERS], gradient[{upper}_PARAMETERS];",
            f"    static {real} workspace[{upper}_WORKSPACE({sizes})];",
        ]
        for q in self.data:
            lines.append(f"    static {real} {self.names[q.name]}[{counts[q.name]}];")
        lines += [
            "    unsigned long state = 1UL;",
            "    double worst = 0.0;",
            f"    size_t i, stride = {upper}_PARAMETERS / 200 + 1;",
            f"    {prefix}_init_parameters(1UL, parameters);",
            f"    for (i = 0; i < {upper}_PARAMETERS; ++i) {{",
            f"        parameters[i] += ({real})0.1 * {prefix}_uniform(&state);",
            "    }",
        ]
        for q in self.data:
            lines += self._drawn(q, counts[q.name], fixed)
        lines += [
            f"    (void){prefix}_value_and_grad(parameters, {call}, gradient, workspace);",
            f"    for (i = 0; i < {upper}_PARAMETERS; i += stride) {{",
            f"        const {real} kept = parameters[i], step = ({real}){step};",
            "        double up, down, slope, error, scale;",
            "        parameters[i] = kept + step;",
            f"        up = (double){prefix}_cost(parameters, {call}, workspace);",
            "        parameters[i] = kept - step;",
            f"        down = (double){prefix}_cost(parameters, {call}, workspace);",
            "        parameters[i] = kept;",
            "        slope = (up - down) / (2.0 * (double)step);",
            "        scale = fabs((double)gradient[i]) > 1.0 ? fabs((double)gradient[i]) : 1.0;",
            "        error = fabs(slope - (double)gradient[i]) / scale;",
            "        if (!(error <= worst)) {",
            "            worst = error;",
            "        }",
            "    }",
            f'    printf("largest error / max(1, |gradient|): %.2e (tolerance {tolerance})\\n", worst);',
            f"    return worst <= {tolerance} ? 0 : 1;",
            "}",
            "#endif",
        ]
        return lines

    def _drawn(self, q: Quantity, count: int, fixed: dict[str, int]) -> list[str]:
        """Random data that fit the facts."""
        own, uniform = self.names[q.name], f"{self.prefix}_uniform(&state)"
        facts = {f.kind: f.over for f in q.facts}
        cast = f"({self.real})"
        value = uniform
        if "in {-1,1}" in facts:
            value = f"{uniform} > 0 ? {cast}1 : {cast}-1"
        elif "in {0,1}" in facts:
            value = f"{uniform} > 0 ? {cast}1 : {cast}0"
        elif facts.keys() & {
            "in (0,1)",
            "in [0,1]",
            "positive",
            ">0",
            "nonnegative",
            ">=0",
            "sums to 1",
        }:
            value = f"{cast}0.5 + {cast}0.4 * {uniform}"
        lines = [f"    for (i = 0; i < {count}; ++i) {{", f"        {own}[i] = {value};", "    }"]
        if "sums to 1" in facts:
            axes = self.program.arrays[q.name].counts
            letters = [axis.index.name for axis in q.axes]
            if facts["sums to 1"] != letters[-1]:
                raise UnsupportedForm("targets that sum to 1 over an axis that is not the last")
            last = int(axes[-1])
            lines += [
                f"    for (i = 0; i < {count // last}; ++i) {{",
                f"        {self.real} total = 0;",
                "        size_t k;",
                f"        for (k = 0; k < {last}; ++k) {{",
                f"            total += {own}[i * {last} + k];",
                "        }",
                f"        for (k = 0; k < {last}; ++k) {{",
                f"            {own}[i * {last} + k] /= total;",
                "        }",
                "    }",
            ]
        return lines


def entries(array: Array) -> int:
    """The number of entries of an array all of whose sizes are numbers."""
    total = 1
    for count in array.counts:
        if not count.is_Integer:
            raise UnsupportedForm(f"the size {safe(str(count))} of a parameter has no number")
        total *= int(count)
    return total
