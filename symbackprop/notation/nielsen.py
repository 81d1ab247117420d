r"""Michael Nielsen, "Neural Networks and Deep Learning": w_{jk}^l, b_j^l, z_j^l, a_j^l, \delta_j^l,
C.

His layer 1 is the input: w^l leads from layer l-1 to layer l, for l = 2, ..., L.
"""

from __future__ import annotations

from symbackprop.formula.tree import Mul, Sym
from symbackprop.notation.base import Alternative, Notation, Pattern
from symbackprop.notation.slots import ERROR
from symbackprop.notation.style import WritingStyle

PATTERNS = (
    Pattern("input", "x_{<unit>}[^{<sample>}]", "x[^{<sample>}]", "X"),
    Pattern("target", "y_{<unit>}[^{<sample>}]", "y[^{<sample>}]", "Y"),
    Pattern("weight", "w_{<to,from>}^{<layer+1>}", "w^{<layer+1>}"),
    Pattern("weight", whole="W^{<layer+1>}"),
    Pattern("bias", "b_{<unit>}^{<layer+1>}", "b^{<layer+1>}"),
    Pattern("bias", "b^{<layer+1>}"),
    Pattern(
        "pre-activation",
        "z_{<unit>}^{<layer+1>[,<sample>]}",
        "z^{<layer+1>[,<sample>]}",
        "Z^{<layer+1>}",
    ),
    Pattern(
        "activation",
        "a_{<unit>}^{<layer+1>[,<sample>]}",
        "a^{<layer+1>[,<sample>]}",
        "A^{<layer+1>}",
    ),
    Pattern(
        ERROR + "pre-activation",
        r"\delta_{<unit>}^{<layer+1>[,<sample>]}",
        r"\delta^{<layer+1>[,<sample>]}",
        r"\Delta^{<layer+1>}",
    ),
    Pattern("cost", "C"),
    Pattern("sample cost", "C_{<sample>}"),
    Pattern("size", "s_{<layer+1>}"),
)

NOTATION = Notation(
    name="nielsen",
    title="Michael Nielsen, Neural Networks and Deep Learning",
    patterns=PATTERNS,
    shift=1,
    functions={"*": "sigma"},
    alternatives=(
        Alternative(
            "error last",
            Mul((Sym("?value"), Sym("?error"))),
            Mul((Sym("?error"), Sym("?value"))),
        ),
    ),
    corners=(),
    written=WritingStyle(
        sums="bare",
    ),
)
