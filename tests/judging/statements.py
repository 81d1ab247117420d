"""True statements of the five sources' mathematics, written by hand, by network."""

from __future__ import annotations

from symbackprop.formula.tree import (
    ONE,
    ZERO,
    Add,
    Array,
    Bracket,
    Call,
    Cases,
    Chain,
    Deriv,
    Div,
    Formula,
    Hadamard,
    Idx,
    MatMul,
    Neg,
    Num,
    Ones,
    Pow,
    Ref,
    Sum,
    Transpose,
    add,
    equal,
    mul,
    ref,
    sub,
)

TWO = Num("2")
HALF = Div(ONE, TWO)


def D(of: Formula, by: Formula) -> Deriv:
    return Deriv(of, by)


def J() -> Ref:
    return ref("J")


def plus(letter: str, n: int = 1) -> Formula:
    return Add((Idx(letter), Num(str(n)) if n > 0 else Neg(Num(str(-n)))))


def over(letter: str, body: Formula) -> Sum:
    return Sum(body, Idx(letter))


def log(f: Formula) -> Call:
    return Call("log", (f,))


def exp(f: Formula) -> Call:
    return Call("exp", (f,))


def square(f: Formula) -> Pow:
    return Pow(f, TWO)


def relation(left: Formula, sign: str, right: Formula) -> Chain:
    return Chain((left, right), (sign,))


def slope(a: Formula) -> Formula:
    """a (1 - a)"""
    return mul(a, sub(ONE, a))


def chang() -> list[Chain]:
    """The 2-2-2 network with sigmoid and binary cross-entropy, entry by entry."""
    found: list[Chain] = []
    for j in (1, 2):
        a, y, z = ref("a2", j), ref("y", j), ref("z2", j)
        error = sub(a, y)
        found += [
            equal(z, add(*(mul(ref("W2", j, k), ref("a1", k)) for k in (1, 2)), ref("b2", j))),
            equal(a, Div(ONE, add(ONE, exp(Neg(z))))),
            equal(
                D(a, z),
                D(Div(ONE, add(ONE, exp(Neg(z)))), z),
                Div(exp(Neg(z)), square(add(ONE, exp(Neg(z))))),
                mul(Div(ONE, add(ONE, exp(Neg(z)))), Div(exp(Neg(z)), add(ONE, exp(Neg(z))))),
                slope(a),
            ),
            equal(
                D(J(), a),
                sub(Div(sub(ONE, y), sub(ONE, a)), Div(y, a)),
                Div(add(Neg(mul(y, sub(ONE, a))), mul(sub(ONE, y), a)), slope(a)),
                Div(error, slope(a)),
            ),
            equal(ref("d.z2", j), mul(D(J(), a), D(a, z)), error),
            equal(D(J(), ref("b2", j)), ref("d.z2", j)),
        ]
        for k in (1, 2):
            w = ref("W2", j, k)
            found.append(
                equal(
                    D(J(), w),
                    mul(D(J(), a), D(a, z), D(z, w)),
                    mul(Div(error, slope(a)), slope(a), ref("a1", k)),
                    mul(error, ref("a1", k)),
                    mul(ref("d.z2", j), ref("a1", k)),
                )
            )
    for k in (1, 2):
        back = add(*(mul(sub(ref("a2", j), ref("y", j)), ref("W2", j, k)) for j in (1, 2)))
        paths = add(*(mul(D(J(), ref("a2", j)), D(ref("a2", j), ref("a1", k))) for j in (1, 2)))
        found += [
            equal(ref("d.a1", k), paths, back),
            equal(ref("d.a1", k), add(*(mul(ref("W2", j, k), ref("d.z2", j)) for j in (1, 2)))),
            equal(ref("d.z1", k), mul(ref("d.a1", k), slope(ref("a1", k)))),
            equal(D(J(), ref("b1", k)), mul(back, slope(ref("a1", k)))),
        ]
        for i in (1, 2):
            w = ref("W1", k, i)
            found.append(
                equal(
                    D(J(), w),
                    mul(back, slope(ref("a1", k)), ref("x", i)),
                    mul(ref("d.z1", k), ref("x", i)),
                )
            )
    cost = add(
        *(
            Neg(
                add(
                    mul(ref("y", j), log(ref("a2", j))),
                    mul(sub(ONE, ref("y", j)), log(sub(ONE, ref("a2", j)))),
                )
            )
            for j in (1, 2)
        )
    )
    found.append(equal(J(), cost))
    return found


def layered(f: str, half_sse: bool = True) -> list[Chain]:
    """A two-layer MLP with activation f in index form; a{l} in terms of its own slope f'."""

    def prime(z: Formula) -> Formula:
        return Call(f, (z,), 1)

    z1, z2 = ref("z1", "k"), ref("z2", "j")
    error = sub(ref("a2", "j"), ref("y", "j"))
    found = [
        equal(
            ref("d.z1", "k"), mul(over("j", mul(ref("W2", "j", "k"), ref("d.z2", "j"))), prime(z1))
        ),
        equal(ref("d.W2", "j", "k"), mul(ref("d.z2", "j"), ref("a1", "k"))),
        equal(ref("d.W1", "k", "i"), mul(ref("d.z1", "k"), ref("x", "i"))),
        equal(D(z2, ref("z1", "k")), mul(ref("W2", "j", "k"), prime(z1))),
        equal(
            ref("z2", "j"), add(over("k", mul(ref("W2", "j", "k"), ref("a1", "k"))), ref("b2", "j"))
        ),
        equal(
            D(ref("z2", "j"), ref("W2", "i", "k")),
            mul(Bracket(equal(Idx("i"), Idx("j"))), ref("a1", "k")),
        ),
        equal(Array("d.W1"), MatMul((Array("d.z1"), Transpose(Array("x"))))),
        equal(
            Array("d.z1"),
            Hadamard((MatMul((Transpose(Array("W2")), Array("d.z2"))), prime(Array("z1")))),
        ),
        equal(Array("z2"), Add((MatMul((Array("W2"), Array("a1"))), Array("b2")))),
    ]
    if half_sse:
        found += [
            equal(ref("d.z2", "j"), mul(error, prime(z2))),
            equal(J(), mul(HALF, over("j", square(error)))),
            equal(D(J(), ref("a2", "j")), error),
            equal(
                Array("d.z2"), Hadamard((Add((Array("a2"), Neg(Array("y")))), prime(Array("z2"))))
            ),
        ]
    return found


def nielsen() -> list[Chain]:
    """BP1-BP4 at any depth, in index and matrix form."""
    here, up, down = Idx("l"), plus("l"), plus("l", -1)

    def prime(z: Formula) -> Formula:
        return Call("sigma", (z,), 1)

    return [
        equal(
            ref("z", "l", "j"),
            add(
                over("k", mul(ref("w", "l", "j", "k"), Ref("a", (down, Idx("k"))))),
                ref("b", "l", "j"),
            ),
        ),
        equal(ref("d.z", "L", "j"), mul(D(J(), ref("a", "L", "j")), prime(ref("z", "L", "j")))),
        equal(
            ref("d.z", "L", "j"),
            mul(sub(ref("a", "L", "j"), ref("y", "j")), prime(ref("z", "L", "j"))),
        ),
        equal(
            ref("d.z", "l", "j"),
            over(
                "k",
                mul(Ref("d.z", (up, Idx("k"))), D(Ref("z", (up, Idx("k"))), ref("z", "l", "j"))),
            ),
            mul(
                over("k", mul(Ref("w", (up, Idx("k"), Idx("j"))), Ref("d.z", (up, Idx("k"))))),
                prime(ref("z", "l", "j")),
            ),
        ),
        equal(ref("d.b", "l", "j"), ref("d.z", "l", "j")),
        equal(ref("d.w", "l", "j", "k"), mul(Ref("a", (down, Idx("k"))), ref("d.z", "l", "j"))),
        equal(
            Array("d.z", (here,)),
            Hadamard(
                (
                    MatMul((Transpose(Array("w", (up,))), Array("d.z", (up,)))),
                    prime(Array("z", (here,))),
                )
            ),
        ),
        equal(
            Array("d.w", (here,)), MatMul((Array("d.z", (here,)), Transpose(Array("a", (down,)))))
        ),
    ]


def softmax() -> list[Chain]:
    """Softmax regression: the Jacobian and p - y (targets sum to 1)."""
    a, z, y = ref("a1", "j"), ref("z1", "j"), ref("y", "j")
    jacobian = mul(a, sub(Bracket(equal(Idx("i"), Idx("j"))), ref("a1", "i")))
    return [
        equal(D(a, ref("z1", "i")), jacobian),
        equal(ref("d.z1", "j"), sub(mul(a, over("i", ref("y", "i"))), y), sub(a, y)),
        equal(ref("d.W1", "j", "k"), mul(sub(a, y), ref("x", "k"))),
        equal(log(a), sub(z, log(over("i", exp(ref("z1", "i")))))),
        equal(over("j", a), ONE),
    ]


def bptt() -> list[Chain]:
    """The Elman network with three steps: one step back in time, and the sum over time of a shared weight."""
    nxt, last = plus("t"), plus("t", -1)
    return [
        equal(ref("d.q", "t", "o"), sub(ref("p", "t", "o"), ref("y", "t", "o"))),
        equal(
            ref("d.h", "t", "i"),
            add(
                over("o", mul(ref("V", "o", "i"), ref("d.q", "t", "o"))),
                over("j", mul(ref("U", "j", "i"), Ref("d.z", (nxt, Idx("j"))))),
            ),
        ),
        equal(ref("d.h", 3, "i"), over("o", mul(ref("V", "o", "i"), ref("d.q", 3, "o")))),
        equal(
            ref("d.z", "t", "i"), mul(ref("d.h", "t", "i"), sub(ONE, square(ref("h", "t", "i"))))
        ),
        equal(
            ref("d.U", "i", "j"), over("t", mul(ref("d.z", "t", "i"), Ref("h", (last, Idx("j")))))
        ),
        equal(ref("d.W", "i", "k"), over("t", mul(ref("d.z", "t", "i"), ref("x", "t", "k")))),
        equal(ref("d.b", "i"), over("t", ref("d.z", "t", "i"))),
    ]


def batch() -> list[Chain]:
    """m samples (rows), mean cost, weight decay."""
    m = Idx("m")
    decay = mul(Ref("lambda"), ref("W1", "k", "i"))
    return [
        equal(
            ref("d.W1", "k", "i"),
            add(over("n", mul(ref("d.z1", "n", "k"), ref("x", "n", "i"))), decay),
        ),
        equal(ref("d.b2", "j"), over("n", ref("d.z2", "n", "j"))),
        equal(
            ref("d.z2", "n", "j"),
            mul(
                Div(ONE, m),
                sub(ref("a2", "n", "j"), ref("y", "n", "j")),
                slope(ref("a2", "n", "j")),
            ),
        ),
        equal(
            Array("d.W1"),
            Add((MatMul((Transpose(Array("d.z1")), Array("x"))), mul(Ref("lambda"), Array("W1")))),
        ),
        equal(Array("d.b2"), MatMul((Transpose(Array("d.z2")), Ones(m)))),
    ]


def relu() -> list[Chain]:
    z, a = ref("z1", "k"), ref("a1", "k")
    positive = relation(z, ">", ZERO)
    return [
        equal(a, Call("max", (ZERO, z)), mul(z, Bracket(positive))),
        equal(D(a, z), Bracket(positive), Cases(((ONE, positive), (ZERO, None)))),
        equal(a, mul(HALF, add(z, Call("abs", (z,))))),
    ]
