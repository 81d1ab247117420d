# ruff: noqa: E501
"""How other people write: one line a habit, with the reading it must have."""

from __future__ import annotations

import pytest

from symbackprop.errors import ReadingError
from symbackprop.formula import tree as t
from symbackprop.formula.hints import Hints
from symbackprop.formula.latex_reader import (
    CONTINUES,
    read,
    read_alternatives,
    read_display,
    read_formula,
)
from symbackprop.formula.tree import Opaque, Sym

from .spelling import spell

ONE_LINE = [
    (r"a^{[l]} = g^{[l]}(z^{[l]})", "a^[l]  =  g^{[ l ]}(z^[l])"),
    (r"dW^{[l]} = \frac{1}{m} dZ^{[l]} A^{[l-1]T}", "dW^[l]  =  [{1}/{m} [dZ^[l] @ Transpose(A^[l-1])]]"),
    (r"h_t = \tanh(W_\textrm{hh} h_{t-1} + b)", "h_t  =  tanh(([W_hh h_t-1] + b))"),
    (r"f_t = \sigma(W_f \cdot [h_{t-1}, x_t] + b_f)", "f_t  =  sigma(([W_f list(h_t-1, x_t)] + b_f))"),
    (r"c_t = f_t \circ c_{t-1} + i_t \bullet \tilde{c}_t", "c_t  =  ([f_t o c_t-1] + [i_t o c~tilde_t])"),
    (r"p_i = \frac{e^{z_i}}{\sum_{j} e^{z_j}}", "p_i  =  {exp(z_i)}/{Sum(j: -..-; exp(z_j))}"),
    (r"p_i (1\{i=j\} - p_j)", "[p_i (Bracket(i  =  j) + -p_j)]"),
    (r"p_i (\mathbb{1}_{i=j} - p_j)", "[p_i (Bracket(i  =  j) + -p_j)]"),
    (r"1_{i=j} - [k = l]", "(Bracket(i  =  j) + -Bracket(k  =  l))"),
    (r"f'(x) = \begin{cases} 1, & x > 0 \\ 0, & \text{otherwise} \end{cases}", "f'(x)  =  Cases(1, x  >  0, 0)"),
    (r"relu(z) = max(0,z)", "relu(z)  =  max(0, z)"),
    (r"L = - y log(a) - (1-y) log(1-a)", "L  =  (-[y log(a)] + -[(1 + -y) log((1 + -a))])"),
    (r"[y\log\hat{y} + (1-y)\log(1-\hat{y})]", "([y log(y~hat)] + [(1 + -y) log((1 + -y~hat))])"),
    (r"\frac{\partial L}{\partial \sigma^2}", "D(L by sigma**2)"),
    (r"\text{softmax}\left(\frac{QK^T}{\sqrt{d_k}}\right)V", "[softmax({[Q @ Transpose(K)]}/{sqrt(d_k)}) @ V]"),
    (r"\nabla_\theta J = \frac1m X^\top (X\theta - y)", "Grad(J, theta)  =  [{1}/{m} [Transpose(X) @ ([X theta] + -y)]]"),
    (r"\theta \leftarrow \theta - \eta\,\nabla_\theta J(\theta)", "theta  <-  (theta + -[eta Grad(J(theta), theta)])"),
    (r"\| X\theta - y \|^2_2", "Norm(([X theta] + -y))**2"),
    (r"||x||_2^2 + |y|", "(Norm(x)**2 + abs(y))"),
    (r"\frac{\partial^2 J}{\partial w^2}", "D(D(J by w) by w)"),
    (r"\frac{d}{dx} \sigma(x)", "D(sigma(x) by x)"),
    (r"\frac{\mathrm{d}\sigma(x)}{\mathrm{d}x}", "D(sigma(x) by x)"),
    (r"\partial J/\partial w", "D(J by w)"),
    (r"\pdv{J}{w} x", "[D(J by w) x]"),
    (r"∂L/∂W = δ aᵀ", "D(L by W)  =  [delta @ Transpose(a)]"),
    (r"δˡ = (Wᵀδ) ⊙ σ′(z)", "delta^l  =  [[Transpose(W) @ delta] o sigma'(z)]"),
    (r"½ (y − a)²", "[{1}/{2} (y + -a)**2]"),
    (r"\color{red}{a} = \underbrace{W x}_{z} + \cancel{b}", "a  =  ([W x] + b)"),
    (r"a \overset{def}{=} \sigma\big(z\big)", "a  :=  sigma(z)"),
    (r"net_{h1} = w_1 * i_1 + b_1 * 1", "net_h1  =  ([w_1 i_1] + [b_1 1])"),
    (r"(t - o)^{2 - 1} * -1 + 0", "([(t + -o)**(2 + -1) -1] + 0)"),
    (r"s = x_i^\top w_j / \tau", "s  =  {[Transpose(x_i) @ w_j]}/{tau}"),
    (r"\sum_{i \neq j} a_i", "Sum(i: -..-; [Bracket(i  !=  j) a_i])"),
    (r"\sum_{i,j} a_{ij}^2", "Sum(i: -..-; Sum(j: -..-; a_ij**2))"),
    (r"\prod_{i=1}^n p_i^{y_i}", "Prod(i: 1..n; p_i**y_i)"),
    (r"\sum y \log a", "Sum(: -..-; [y log(a)])"),
    (r"\sin^2 x + \tanh^2(x)", "(sin(x)**2 + tanh(x)**2)"),
    (r"2x(x+1)(x-1)", "[2 x (x + 1) (x + -1)]"),
    (r"\mathbf{do} = \mathbf{y} - \mathbf{t}", "do  =  (y + -t)"),
    (r"\frac{1}{1+e^{-net}} = 0.59", "{1}/{(1 + exp(-net))}  =  0.59"),
    (r"-x^2 + x^{-1}", "(-x**2 + x**-1)"),
    (r"a - b - c", "(a + -b + -c)"),
    (r"\frac{a}{b}c/d", "[{a}/{b} {c}/{d}]"),
    (r"g'(z) = 1 - g(z)^2", "g'(z)  =  (1 + -g(z)**2)"),
    (r"\delta (a)^T", "[delta @ Transpose(a)]"),
    (r"h(1 - h)", "[h (1 + -h)]"),
    (r"w_{ij}^{(l)T} x", "[Transpose(w_ij^(l)) @ x]"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "reading"), ONE_LINE)
def test_one_line(latex: str, reading: str) -> None:
    assert [spell(c) for c in read(latex)] == [reading]


SEVERAL = [
    (r"\begin{align*} a &= b + c \\ &+ d \\ e &= f(x) \end{align*}", ["a  =  (b + c + d)", "e  =  f(x)"]),
    (r"\begin{aligned} J = &-(a + b) \\ &-(c + d) \end{aligned}", ["J  =  (-(a + b) + -(c + d))"]),
    (r"\begin{aligned} a &= \bigl( b \\ &\quad + c \bigr) d \end{aligned}", ["a  =  [(b + c) d]"]),
    (r"x = g(s) \qquad y = h(s)", ["x  =  g(s)", "y  =  h(s)"]),
    (r"x = 1, \quad y = 2.", ["x  =  1", "y  =  2"]),
    (r"l = L-1, L-2, \ldots, 2", [r"l  =  sequence((L + -1), (L + -2), <<\ldots>>, 2)"]),
    (r"a = b \text{ and } c = d", ["a  =  b", "c  =  d"]),
    (r"\Rightarrow a = b", ["a  =  b"]),
    (r"a = b \; \; c = d", ["a  =  b", "c  =  d"]),
    (r"a = b \quad c", [r"a  =  <<b \quad c>>"]),
    (r"a = b \qquad (l = 2)", ["a  =  b"]),
    (r"O1 = x (35)", ["O1  =  x"]),
    (r"\Delta x \to \Delta y", ["Delta x  to  Delta y"]),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "readings"), SEVERAL)
def test_several_statements(latex: str, readings: list[str]) -> None:
    assert [spell(c) for c in read(latex)] == readings


def test_a_display_that_begins_with_a_relation_continues_the_one_before() -> None:
    (chain,) = read(r"&= a + b \\ &= c")
    assert chain.members[0] == CONTINUES
    assert [spell(m) for m in chain.members[1:]] == ["(a + b)", "c"]


def test_a_condition_in_words_is_no_claim() -> None:
    display = read_display(r"\delta^l = a^l \quad \text{for } l = 2, 3 \tag{7}")
    claim, condition = display.statements
    assert (claim.condition, condition.condition) == (False, True)
    assert claim.label == "7"
    assert len(read(r"\delta^l = a^l \quad \text{for } l = 2, 3")) == 1


NOT_UNDERSTOOD = [
    r"\mathbb{E}[x]", r"E[x] + 1", r"x_1 2", r"\frac{a}{}", r"a \pm b", r"(a", r"a)", r"a^{", r"\unknown x",
    r"\frac{\partial J}{\partial}", r"x!", r"[0, 1)_j", r"\sum_{ij} a", r"\frac{\partial}{\partial w}",
    r"\begin{vmatrix} a & b \\ c & d \end{vmatrix}", r"a \cdot", r"--a", r"\|x\|_1", r"\left. f \right|_{x=0}",
    "a\x00b", r"\tanh^{-1}(x)",
]  # fmt: skip


@pytest.mark.parametrize("latex", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_said_and_never_shortened(latex: str) -> None:
    with pytest.raises(ReadingError) as refused:
        read_formula(latex)
    assert refused.value.place is not None
    (chain,) = read(latex)
    assert isinstance(chain.members[0], Opaque)
    assert chain.members[0].reason


def test_one_bad_member_leaves_the_others_readable() -> None:
    (chain,) = read(r"a = \unknown x = c")
    assert [type(m) for m in chain.members] == [Sym, Opaque, Sym]
    bad = chain.members[1]
    assert bad.span is not None
    assert r"a = \unknown x = c"[bad.span.start : bad.span.end] == r"\unknown x"


def test_doubtful_readings_come_side_by_side() -> None:
    first, *others = [spell(c[0]) for c in read_alternatives(r"\sum_n y^n - t^n")]
    assert first == "(Sum(n: -..-; y^n) + -t^n)"
    assert "Sum(n: -..-; (y^n + -t^n))" in others
    assert [spell(c[0]) for c in read_alternatives(r"\sigma z")] == ["sigma(z)", "[sigma z]"]
    assert "[{1}/{2} m]" in [spell(c[0]) for c in read_alternatives("1/2m")]
    assert "Bracket(i  =  j)" in [spell(c[0]) for c in read_alternatives(r"\delta_{ij}")]
    assert "D(J by w)" in [spell(c[0]) for c in read_alternatives(r"\frac{\delta J}{\delta w}")]
    assert len(read_alternatives("a + b")) == 1


@pytest.mark.parametrize(
    ("latex", "hints", "reading"),
    [
        ("a^2", Hints(), "a**2"),
        ("a^2", Hints(index_superscripts=frozenset({"a"})), "a^2"),
        ("a^l", Hints(), "a^l"),
        ("a^l", Hints(powers=frozenset({"a"})), "a**l"),
        ("V11", Hints(), "V11"),
        ("V11", Hints(letter_digits=False), "[V 11]"),
        ("AB x", Hints(names=frozenset({"AB"})), "[AB x]"),
        ("W a", Hints(), "[W a]"),
        ("W a", Hints(arrays=frozenset({"W", "a"})), "[W @ a]"),
        (r"W \cdot a", Hints(arrays=frozenset({"W", "a"}), dot="hadamard"), "[W o a]"),
        ("J(W, b; x, y)", Hints(), "J(W, b, x, y)"),
        ("J(W, b; x, y)", Hints(dropped=frozenset({"J"})), "J"),
        (r"\delta_{ij}", Hints(kronecker=frozenset({"delta"})), "Bracket(i  =  j)"),
        ("u(1 - u)", Hints(), "[u (1 + -u)]"),
        ("u(1 - u)", Hints(functions=frozenset({"u"})), "u((1 + -u))"),
        ("z'(x)", Hints(primes="name"), "z'(x)"),
        ("dW", Hints(differentials="product"), "[d W]"),
        ("dW", Hints(differentials="differential"), "Diff(W)"),
        ("a^T", Hints(transpose=False), "a^T"),
    ],
)
def test_hints_decide(latex: str, hints: Hints, reading: str) -> None:
    assert spell(read_formula(latex, hints)) == reading


def test_primes_are_counted_apart_from_derivatives() -> None:
    assert read_formula("z''") == Sym("z", primes=2)
    assert read_formula(r"\sigma''(z)") == t.Call("sigma", (Sym("z"),), primes=2)
    assert read_formula(r"z^{\prime\prime}") == Sym("z", primes=2)
