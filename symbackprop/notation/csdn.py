r"""The fifth source (a CSDN article): X1, V11, H1, P1, W11, Q1, O1, Y1, b1, b2, E_{total}.

Letter and digits are one name. V leads from input to hidden layer, W from hidden to output layer,
the sender's number first: V21 leads from X2 to H1. H and Q are pre-activations, P and O
activations. There are letters for two weight layers only. Numbers of two digits are subscripts:
V_{10,2}.
"""

from __future__ import annotations

from symbackprop.formula.tree import Add, Neg, Sym
from symbackprop.notation.base import Alternative, Notation, Pattern
from symbackprop.notation.slots import ERROR, Network
from symbackprop.notation.style import WritingStyle

SAMPLE = "[^{(<sample>)}]"


def _vector(role: str, letter: str, layer: int | None = None) -> tuple[Pattern, ...]:
    """`H1`, `H_j`, `H`; of all samples `H_{all}`; the adjoint is `\\delta_{H1}`."""
    error = (
        []
        if role in ("input", "target")
        else [
            Pattern(
                ERROR + role,
                rf"\delta_{{{letter}<unit>}}{SAMPLE}",
                rf"\delta_{{{letter}}}{SAMPLE}",
                rf"\delta_{{{letter},all}}",
                layer=layer,
            )
        ]
    )
    return (
        Pattern(
            role, f"{letter}<unit>{SAMPLE}", f"{letter}{SAMPLE}", f"{letter}_{{all}}", layer=layer
        ),
        Pattern(role, f"{letter}_{{<unit>}}{SAMPLE}", layer=layer),
        *error,
    )


def _parameters(letter: str, layer: int) -> tuple[Pattern, ...]:
    return (
        Pattern("weight", f"{letter}<from><to>", letter, layer=layer),
        Pattern("weight", f"{letter}_{{<from,to>}}", layer=layer),
        Pattern("bias", f"b{layer}_{{<unit>}}", f"b{layer}", layer=layer),
        Pattern("bias", f"b{layer}", layer=layer),
    )


PATTERNS = (
    *_vector("input", "X"),
    *_parameters("V", 1),
    *_vector("pre-activation", "H", 1),
    *_vector("activation", "P", 1),
    *_parameters("W", 2),
    *_vector("pre-activation", "Q", 2),
    *_vector("activation", "O", 2),
    *_vector("target", "Y"),
    Pattern("cost", "E_{total}"),
    Pattern("cost part", "E<unit>"),
    Pattern("sample cost", "E^{(<sample>)}"),
)


def _domain(system: Network) -> str:
    about = system.about
    if about.kind != "mlp" or about.depth != 2:
        return "it has letters for one hidden layer and one output layer only"
    if not all(width.is_Integer for width in about.widths):
        return "its letters name single neurons, so every layer needs a number of neurons"
    return ""


NOTATION = Notation(
    name="csdn",
    title="a CSDN article",
    patterns=PATTERNS,
    domain=_domain,
    functions={"sigmoid": "sigmoid f"},
    letters={"m": "N", "N": "m"},
    alternatives=(
        Alternative(
            "difference",
            Add((Sym("?output"), Neg(Sym("?target")))),
            Neg(Add((Sym("?target"), Neg(Sym("?output"))))),
        ),
    ),
    views=("neuron", "matrix"),
    table={role: "entries" for role in ("input", "target", "pre-activation", "activation", "bias")}
    | {"weight": "example"},
    corners=(),
    written=WritingStyle(
        product="*",
        difference="target first",
        update="=",
        weights="sender first",
        activation="both",
        errors=(),
    ),
)
