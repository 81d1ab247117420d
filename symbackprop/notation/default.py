r"""The plain notation: W_{jk}^{(l)}, b_j^{(l)}, z_j^{(l)}, a_j^{(l)}, x_k, y_j, J; l counts weight
layers from the input.

It writes every network: what has no layers is written by its own names (h_{t,i}, U_{ij}, \lambda).
"""

from __future__ import annotations

from symbackprop.notation.base import Notation, Pattern
from symbackprop.notation.slots import ERROR, Network
from symbackprop.notation.style import WritingStyle

ERRORS = (
    Pattern(
        ERROR + "pre-activation",
        r"\delta_{[<sample>,]<unit>}^{(<layer>)}",
        r"\delta[_{<sample>}]^{(<layer>)}",
        "D^{(<layer>)}",
    ),
)

LAYERED = (
    Pattern("input", "x_{[<sample>,]<unit>}", "x[_{<sample>}]", "X"),
    Pattern("target", "y_{[<sample>,]<unit>}", "y[_{<sample>}]", "Y"),
    Pattern("weight", "W_{<to,from>}^{(<layer>)}", "W^{(<layer>)}"),
    Pattern("bias", "b_{<unit>}^{(<layer>)}", "b^{(<layer>)}"),
    Pattern("bias", "b^{(<layer>)}"),
    Pattern(
        "pre-activation",
        "z_{[<sample>,]<unit>}^{(<layer>)}",
        "z[_{<sample>}]^{(<layer>)}",
        "Z^{(<layer>)}",
    ),
    Pattern(
        "activation",
        "a_{[<sample>,]<unit>}^{(<layer>)}",
        "a[_{<sample>}]^{(<layer>)}",
        "A^{(<layer>)}",
    ),
    Pattern("cost", "J"),
    Pattern("sample cost", "J_{<sample>}"),
    Pattern("size", "s_{<layer>}"),
)


def _layered(system: Network) -> tuple[Pattern, ...]:
    return LAYERED if any(q.layer is not None for q in system.quantities) else ()


NOTATION = Notation(
    name="default",
    title="plain notation",
    patterns=ERRORS,
    adapt=_layered,
    corners=(),
    written=WritingStyle(),
)
