r"""Mark Chang's blog: n_{21(in)}, n_{21(out)}, w_{21,11} (to n_{21} from n_{11}), \delta_{21(in)}.

A label is the layer's number and the unit's: n_{21} is unit 1 of layer 2; inputs have no layer
number. From ten units or layers on the two are parted by commas, n_{2,10(in)} and w_{2,10;1,3}. Two
inputs are x and y, otherwise x_1, x_2, ...; targets are z_1, z_2, .... A single neuron is written
n_{in}, n_{out}, w_1, w_b, with the target y.
"""

from __future__ import annotations

from symbackprop.notation.base import Notation, Pattern
from symbackprop.notation.slots import ERROR, Network
from symbackprop.notation.style import WritingStyle

NEURON = (
    Pattern("input", "x_{<unit>}[^{(<sample>)}]", r"\vec{x}[^{(<sample>)}]", "X"),
    Pattern("target", "y[^{(<sample>)}]", at=(1,)),
    Pattern("weight", "w_{<from>}", r"\vec{w}", at=(1, None)),
    Pattern("bias", "w_b", at=(1,)),
    Pattern("bias", "w_b"),
    Pattern("pre-activation", "n_{in}[^{(<sample>)}]", at=(1,)),
    Pattern("activation", "n_{out}[^{(<sample>)}]", at=(1,)),
    Pattern(ERROR + "pre-activation", r"\delta_{in}[^{(<sample>)}]", at=(1,)),
    Pattern(ERROR + "activation", r"\delta_{out}[^{(<sample>)}]", at=(1,)),
    Pattern("cost", "J"),
    Pattern("sample cost", "J^{(<sample>)}"),
)

TWO_INPUTS = (
    Pattern("input", "x[^{(<sample>)}]", at=(1,)),
    Pattern("input", "y[^{(<sample>)}]", at=(2,)),
    Pattern("weight", "w_{<layer><to>,x}", layer=1, at=(None, 1)),
    Pattern("weight", "w_{<layer><to>,y}", layer=1, at=(None, 2)),
    Pattern("weight", "w_{<layer>,<to>;x}", layer=1, at=(None, 1)),
    Pattern("weight", "w_{<layer>,<to>;y}", layer=1, at=(None, 2)),
)


def _value(role: str, letter: str, end: str) -> tuple[Pattern, ...]:
    sample = "[^{(<sample>)}]"
    return (
        Pattern(
            role,
            f"{letter}_{{<layer><unit>({end})}}{sample}",
            rf"\vec{{{letter}}}_{{<layer>({end})}}{sample}",
        ),
        Pattern(role, f"{letter}_{{<layer>,<unit>({end})}}{sample}"),
    )


NETWORK = (
    Pattern("input", "x_{<unit>}[^{(<sample>)}]", r"\vec{x}[^{(<sample>)}]", "X"),
    Pattern("target", "z_{<unit>}[^{(<sample>)}]", r"\vec{z}[^{(<sample>)}]", "Z"),
    Pattern("weight", "w_{<layer><to>,x_{<from>}}", "W_{<layer>}", layer=1),
    Pattern("weight", "w_{<layer>,<to>;x_{<from>}}", layer=1),
    Pattern("weight", "w_{<layer><to>,<layer-1><from>}", "W_{<layer>}"),
    Pattern("weight", "w_{<layer>,<to>;<layer-1>,<from>}"),
    Pattern("bias", "w_{<layer><unit>,b}", r"\vec{w}_{<layer>,b}"),
    Pattern("bias", "w_{<layer>,<unit>;b}"),
    Pattern("bias", "w_{<layer>,b}"),
    *_value("pre-activation", "n", "in"),
    *_value("activation", "n", "out"),
    *_value(ERROR + "pre-activation", r"\delta", "in"),
    *_value(ERROR + "activation", r"\delta", "out"),
    Pattern("cost", "J"),
    Pattern("sample cost", "J^{(<sample>)}"),
)


def _patterns(system: Network) -> tuple[Pattern, ...]:
    if system.about.kind == "neuron":
        return NEURON
    two = any(q.role == "input" and q.axes[-1].upper == 2 for q in system.quantities)
    return (*TWO_INPUTS, *NETWORK) if two else NETWORK


def _domain(system: Network) -> str:
    about = system.about
    if about.kind not in ("neuron", "mlp", "softmax-regression"):
        return "its letters name the neurons of a layered network of fixed depth"
    if not all(width.is_Integer for width in about.widths):
        return "its letters name single neurons, so every layer needs a number of neurons"
    return ""


def _one_neuron(system: Network) -> str:
    return "" if system.about.kind == "neuron" else "it has letters for a single neuron only"


STYLE = WritingStyle(activation="written", errors=("pre-activation", "activation"))
LETTERS = {"n": "i", "i": "n"}
"""n is the letter of the neurons, so the sample index is i."""

NOTATION = Notation(
    name="chang",
    title="Mark Chang's blog",
    patterns=(),
    adapt=_patterns,
    domain=_domain,
    letters=LETTERS,
    views=("neuron",),
    table={"input": "entries", "target": "entries", "weight": "example", "bias": "example"},
    table_letters=("p", "q", "r"),
    corners=(),
    written=STYLE,
)

NEURON_NOTATION = Notation(
    name="chang-neuron",
    title="Mark Chang's blog, a single neuron",
    patterns=NEURON,
    domain=_one_neuron,
    letters=LETTERS,
    views=("neuron",),
    table={"input": "entries", "target": "entries", "weight": "example", "bias": "example"},
    table_letters=("p", "q", "r"),
    corners=(),
    written=STYLE,
)
