r"""Hung-yi Lee's lecture: x_1 w_1 + x_2 w_2 + b = z, a = \sigma(z), z' = a w_3 + b', y_1 =
\sigma(z'), \hat y_1, C.

Weights are numbered through, layer by layer, receiver by receiver. A hidden neuron has z and a,
several have z_1, z_2, ...; the output neurons have z', z'', z'''. So there are letters for two
weight layers and three outputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from symbackprop.formula.tree import Neg, Sym, add, mul
from symbackprop.notation.base import Alternative, Notation, Pattern
from symbackprop.notation.slots import Network, has_samples
from symbackprop.notation.style import WritingStyle

OUTPUTS = 3
WEIGHTS = 200


def _widths(system: Network) -> tuple[int, ...]:
    return tuple(int(width) for width in system.about.widths)


def _patterns(system: Network) -> tuple[Pattern, ...]:
    return tuple(_all(_widths(system), any(has_samples(q) for q in system.quantities)))


def _all(widths: tuple[int, ...], samples: bool) -> Iterator[Pattern]:
    last = len(widths) - 1
    at = "[^{<sample>}]"
    number = 0
    for layer in range(1, last + 1):
        for to in range(1, widths[layer] + 1):
            for sender in range(1, widths[layer - 1] + 1):
                number += 1
                yield Pattern("weight", f"w_{{{number}}}", layer=layer, at=(to, sender))
            if layer == last and (last > 1 or widths[last] > 1):
                mark = "'" * to
            else:
                mark = "" if widths[layer] == 1 else f"_{{{to}}}"
            yield Pattern("bias", f"b{mark}", layer=layer, at=(to,))
            yield Pattern("pre-activation", f"z{mark}{at}", layer=layer, at=(to,))
            if layer < last:
                yield Pattern("activation", f"a{mark}{at}", layer=layer, at=(to,))
        # one bias for the whole layer
        yield Pattern("bias", "b'" if layer == last and last > 1 else "b", layer=layer)
    yield Pattern("activation", f"y_{{<unit>}}{at}", layer=last)
    yield Pattern("cost", "L" if samples else "C")
    yield Pattern("sample cost", "C^{<sample>}")


PATTERNS = (
    Pattern("input", "x_{<unit>}[^{<sample>}]", "x[^{<sample>}]"),
    Pattern("target", r"\hat{y}_{<unit>}[^{<sample>}]", r"\hat{y}[^{<sample>}]"),
)


def _domain(system: Network) -> str:
    about = system.about
    if about.kind not in ("mlp", "neuron") or not all(w.is_Integer for w in about.widths):
        return "its letters name the neurons of a small layered network"
    widths = _widths(system)
    if len(widths) > 3:
        return "it has letters for two weight layers only"
    if widths[-1] > OUTPUTS:
        return f"its primes name at most {OUTPUTS} output neurons"
    if sum(a * b for a, b in pairwise(widths)) > WEIGHTS:
        return f"it numbers at most {WEIGHTS} weights"
    return ""


NOTATION = Notation(
    name="lee",
    title="Hung-yi Lee's lecture",
    patterns=PATTERNS,
    adapt=_patterns,
    domain=_domain,
    letters={"m": "N", "N": "m"},
    functions={"*": "sigma"},
    alternatives=(
        Alternative(
            "difference",
            add(Sym("?output"), Neg(Sym("?target"))),
            Neg(add(Sym("?target"), Neg(Sym("?output")))),
        ),
        Alternative(
            "weight last", mul(Sym("?weight"), Sym("?value")), mul(Sym("?value"), Sym("?weight"))
        ),
    ),
    views=("neuron",),
    table=dict.fromkeys(
        ("input", "target", "pre-activation", "activation", "bias", "weight"), "entries"
    ),
    corners=(),
    written=WritingStyle(
        log="ln",
        factors="value first",
        chain="cost last",
        errors=(),
        total="L",
        cost_of_all=("theta",),
    ),
)
