r"""The UFLDL tutorial (Stanford): W_{ij}^{(l)} leads from unit j of layer l to unit i of layer l+1.

Layer 1 is the input and layer n_l the output; weights and biases have the number of the layer that
they leave.
"""

from __future__ import annotations

from symbackprop.formula.tree import Add, Idx, Neg, Num, Sym
from symbackprop.notation.base import Alternative, Notation, Pattern
from symbackprop.notation.slots import ERROR
from symbackprop.notation.style import WritingStyle

PATTERNS = (
    Pattern("input", "x_{<unit>}[^{(<sample>)}]", "x[^{(<sample>)}]", "X"),
    Pattern("target", "y_{<unit>}[^{(<sample>)}]", "y[^{(<sample>)}]", "Y"),
    Pattern("weight", "W_{<to,from>}^{(<layer>)}", "W^{(<layer>)}"),
    Pattern("bias", "b_{<unit>}^{(<layer>)}", "b^{(<layer>)}"),
    Pattern("bias", "b^{(<layer>)}"),
    Pattern(
        "pre-activation",
        "z_{<unit>}^{(<layer+1>[,<sample>])}",
        "z^{(<layer+1>[,<sample>])}",
        "Z^{(<layer+1>)}",
    ),
    Pattern(
        "activation",
        "a_{<unit>}^{(<layer+1>[,<sample>])}",
        "a^{(<layer+1>[,<sample>])}",
        "A^{(<layer+1>)}",
    ),
    Pattern(
        ERROR + "pre-activation",
        r"\delta_{<unit>}^{(<layer+1>[,<sample>])}",
        r"\delta^{(<layer+1>[,<sample>])}",
        "D^{(<layer+1>)}",
    ),
    Pattern("activation", whole="h_{W,b}", layer="last"),
    Pattern("cost", "J"),
    Pattern("sample cost", "J^{(<sample>)}"),
    Pattern("size", "s_{<layer+1>}"),
)

LETTERS = {"j": "i", "k": "j", "i": "k", "n": "t", "t": "n", "L": "n_l"}
"""The tutorial's i is the receiver and j the sender; its samples share the letter i, which we
avoid."""

NOTATION = Notation(
    name="ufldl",
    title="UFLDL tutorial (Stanford)",
    patterns=PATTERNS,
    letters=LETTERS,
    shift=1,
    functions={"*": "f"},
    rate=r"\alpha",
    alternatives=(
        Alternative(
            "difference",
            Add((Sym("?output"), Neg(Sym("?target")))),
            Neg(Add((Sym("?target"), Neg(Sym("?output"))))),
        ),
    ),
    corners=(),
    written=WritingStyle(
        hadamard="bullet",
        derivative="operator",
        difference="target first",
        factors="value first",
        exp="exp",
        update="=",
        output="h_{W,b}",
        cost_of_one=("W", "b", "x", "y"),
        cost_of_all=("W", "b"),
        forward_layer=Add((Idx("l"), Num("1"))),
    ),
)
