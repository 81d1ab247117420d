r"""What authors leave to the reader: bare sums, words for values, schemes, a differential of a word.

Each habit once right and once wrong: what is loosely written is no licence to accept.
"""

import pytest

import symbackprop as sb


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in sb.verify(text, budget=20).equations]


LAYERS = r"""
$z_j = \sum_i w_{ji} x_i$, $a_j = \sigma(z_j)$, $o_k = \sum v_{kj} a_j$ and
$E = \frac12 \sum (o_k - t_k)^2$.

$$\frac{\partial E}{\partial v_{kj}} = (o_k - t_k) a_j$$
"""


def test_a_bare_sum_runs_over_the_letter_that_stands_twice():
    claim = r"$$\frac{\partial E}{\partial a_j} = \sum (o_k - t_k) v_{kj}$$"
    assert verdicts(LAYERS + claim)[-2:] == ["proved", "proved"]


def test_a_bare_sum_is_no_sum_over_anything():
    claim = r"$$\frac{\partial E}{\partial a_j} = \sum (o_k - t_k) w_{ji}$$"
    assert verdicts(LAYERS + claim)[-1] not in ("proved", "agrees", "definition")


def test_nested_bare_sums():
    claim = r"$$o_k = \sum v_{kj} \sigma(\sum w_{ji} x_i)$$"
    assert verdicts(LAYERS + claim)[-1] == "proved"
    wrong = r"$$o_k = \sum v_{kj} \sigma(\sum v_{ji} x_i)$$"
    assert verdicts(LAYERS + wrong)[-1] not in ("proved", "agrees", "definition")


def test_a_word_says_what_a_quantity_is_and_defines_nothing():
    text = r"""
$x_1 = input$ and $y = output$, with $y = w x_1$ and $L = (y - t)^2$.

$$\frac{\partial L}{\partial w} = 2 (y - t) x_1$$

$$\frac{\partial L}{\partial w} = 2 (y - t) w$$
"""
    assert verdicts(text)[-2:] == ["proved", "refuted"]


def test_the_differential_of_a_word():
    text = r"""
$\hat y = \sigma(z)$ with $\sigma(v) = 1/(1+e^{-v})$, $Loss = -y \ln \hat y - (1-y) \ln(1 - \hat y)$

$$\frac{dLoss}{d\hat{y}} = \frac{\hat{y}-y}{\hat{y}(1-\hat{y})}$$

$$\frac{dLoss}{dz} = \hat y - y$$

$$\frac{dLoss}{dz} = y - \hat y$$
"""
    assert verdicts(text)[-3:] == ["proved", "proved", "refuted"]


def test_the_shape_at_the_end_of_a_chain_is_a_remark():
    text = r"""
$z = W x$, $L = \frac12 \|z - y\|^2$

$$\frac{\partial L}{\partial z} = z - y \in \mathbb{R}^n$$

$$\frac{\partial L}{\partial z} = z + y \in \mathbb{R}^n$$
"""
    assert verdicts(text)[-2:] == ["proved", "refuted"]


DEEP = r"""
$z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}$, $a^{(l)} = \sigma(z^{(l)})$, $C = \frac12 \|a^{(L)} - y\|^2$

$$\delta^{(l)} = \frac{\partial C}{\partial z^{(l)}}$$
"""


def test_a_chain_rule_in_the_order_of_numbers_is_neither_right_nor_wrong():
    text = r"$$\delta^{(l)} = \frac{\partial C}{\partial z^{(l+1)}} \frac{\partial z^{(l+1)}}{\partial z^{(l)}}$$"
    (*_, found) = sb.verify(DEEP + text).equations
    assert found.verdict == "not_understood"
    assert found.code == "N501"


def test_a_chain_rule_of_the_wrong_layer_is_wrong_in_any_order():
    text = r"$$\delta^{(l)} = \frac{\partial C}{\partial z^{(l)}} \frac{\partial z^{(l+1)}}{\partial z^{(l)}}$$"
    assert verdicts(DEEP + text)[-1] in ("refuted", "ill_formed")


def test_the_small_letter_of_a_weight_matrix_is_a_misprint():
    text = r"$$\frac{\partial C}{\partial w^{(l)}} = \delta^{(l)} (a^{(l-1)})^T$$"
    assert verdicts(DEEP + text)[-1] == "misprint"
    wrong = r"$$\frac{\partial C}{\partial w^{(l)}} = \delta^{(l)} (a^{(l)})^T$$"
    assert verdicts(DEEP + wrong)[-1] not in ("proved", "agrees", "misprint")


def test_a_left_side_that_the_text_never_introduces_cannot_be_wrong():
    text = r"""
$z = w x + b$, $a = \sigma(z)$

$$Loss(Error function) = -y \ln a - (1-y) \ln (1-a)$$
"""
    assert verdicts(text)[-1] == "not_understood"


def test_braces_print_nothing():
    text = r"$\frac{d}{dx} e^{-x} = { -e }^{ -x }$ and $\frac{d}{dx} e^{-x} = { e }^{ -x }$"
    assert verdicts(text) == ["proved", "refuted"]


def test_equal_indices_behind_a_formula_are_its_condition():
    text = r"""
$$a_j = \frac{e^{z_j}}{\sum_k e^{z_k}}$$

$$\frac{\partial a_j}{\partial z_i} = a_i (1 - a_i), \quad i = j$$

$$\frac{\partial a_j}{\partial z_i} = a_i (1 + a_i), \quad i = j$$
"""
    assert verdicts(text)[1:] == ["proved", "refuted"]


def test_a_weight_vector_and_the_samples_live_in_one_space():
    text = r"""
- $x_i \in \mathbb{R}^d$ is the feature vector, $w \in \mathbb{R}^d$ the weight vector

$$z_i = w^\top x_i + b$$

$\frac{\partial z_i}{\partial w} = x_i$ and $\frac{\partial z_i}{\partial x_i} = x_i$
"""
    assert verdicts(text)[-2] == "proved"
    assert verdicts(text)[-1] not in ("proved", "agrees")


@pytest.mark.parametrize(
    "z",
    [
        r"w_0 + w_1 x_1 + w_2 x_2 + \cdots + w_n x_n",
        r"w_0 + w_1 x_1 + \ldots + w_n x_n",
        "w_0 + w_1 x_1 + w_2 x_2 + w_3 x_3 + ... + w_n x_n",
    ],
)
def test_a_sum_with_dots_is_a_sum(z):
    text = rf"""
$z = {z}$, $a = \sigma(z)$ and $L = \frac12 (a - y)^2$.

$$\frac{{\partial L}}{{\partial w_j}} = (a - y) \sigma'(z) x_j$$

$$\frac{{\partial L}}{{\partial w_0}} = (a - y) \sigma'(z)$$

$$\frac{{\partial L}}{{\partial w_2}} = (a - y) \sigma'(z) x_1$$
"""
    assert verdicts(text)[-3:] == ["proved", "proved", "refuted"]


def test_dots_between_terms_of_different_form_are_not_understood():
    text = r"$z = w_1 x_1 + w_2 x_3 + \cdots + w_n x_n^2$"
    assert verdicts(text) == ["not_understood"]


def test_what_hangs_on_an_undefined_quantity_is_not_wrong():
    text = r"""
$\hat y^{(i)} = \sigma(s^{(i)})$, $L = \frac12 \sum_i (\hat y^{(i)} - y^{(i)})^2$

$$\frac{\partial L}{\partial w} = \sum_i (\hat y^{(i)} - y^{(i)}) \sigma'(s^{(i)})
  \frac{\partial s^{(i)}}{\partial w} = \sum_i (\hat y^{(i)} - y^{(i)}) \sigma'(s^{(i)}) x^{(i)}$$
"""
    assert verdicts(text)[-1] == "not_understood"


def test_a_capital_sigma_with_bounds_is_the_sign_of_a_sum():
    text = r"""
$\mu_B = \frac1m \Sigma^m_{i=1} x_i$ and $\sigma_B^2 = \frac1m \Sigma_{i=1}^m (x_i - \mu_B)^2$

$$\frac{\partial \mu_B}{\partial x_i} = \frac1m$$

$$\frac{\partial \sigma_B^2}{\partial x_i} = \frac2m (x_i - \mu_B)$$

$$\frac{\partial \sigma_B^2}{\partial x_i} = 2 (x_i - \mu_B)$$
"""
    assert verdicts(text)[-3:] == ["proved", "proved", "refuted"]


def test_mathematics_in_script_tags():
    text = r"""
<script type="math/tex">L = \frac12 (w x - y)^2</script> has

<script type="math/tex; mode=display">
\frac{\partial L}{\partial w} = (w x - y) x
</script>
"""
    found = sb.verify(text, budget=20).equations
    assert [e.verdict for e in found] == ["definition", "proved"]
    assert [e.line for e in found] == [2, 4]


DEEP_LOSS = r"""
$z^{(l)} = W^{(l)} h^{(l-1)} + b^{(l)}$, $h^{(l)} = f(z^{(l)})$ and $J = \ell(h^{(L)}, y)$

$$\delta^{(l)} = \frac{\partial J}{\partial z^{(l)}}$$

$$\frac{\partial J}{\partial W^{(l)}} = SIGN \delta^{(l)} (h^{(l-1)})^T$$
"""


def test_a_loss_of_which_only_the_arguments_are_told():
    assert verdicts(DEEP_LOSS.replace("SIGN", ""))[-1] in ("proved", "agrees")
    assert verdicts(DEEP_LOSS.replace("SIGN", "-"))[-1] == "refuted"


def test_bold_letters_with_one_index_are_vectors():
    text = r"""
$\mathbf{X}$ has the rows $\mathbf{x}_i^\top$, and $J_i(\mathbf{w}) = \frac12 (\mathbf{x}_i^\top \mathbf{w} - y_i)^2$.

$$\nabla_{\mathbf{w}} J_i = (\mathbf{x}_i^\top \mathbf{w} - y_i) \, \mathbf{x}_i$$

$$\nabla_{\mathbf{w}} J_i = (\mathbf{x}_i^\top \mathbf{w} + y_i) \, \mathbf{x}_i$$
"""
    assert verdicts(text)[-2:] == ["proved", "refuted"]


@pytest.mark.slow
def test_an_open_loss_does_not_hang_on_an_abbreviation():
    text = r"""
$m = \frac1d \sum_{i=1}^d x_i$, $v = \frac1d \sum_{i=1}^d (x_i - m)^2$, $y_i = \frac{x_i - m}{\sqrt{v}}$ and, for short,
$g_i := \frac{\partial L}{\partial y_i}$, $s := \sqrt{v}$.

$$\frac{\partial L}{\partial x_j} = \frac1s ( g_j - \frac1d \sum_{i=1}^d g_i - \frac{y_j}{d} \sum_{i=1}^d g_i y_i )$$

$$\frac{\partial L}{\partial x_j} = \frac1s ( g_j - \frac1d \sum_{i=1}^d g_i + \frac{y_j}{d} \sum_{i=1}^d g_i y_i )$$
"""
    assert verdicts(text)[-2:] == ["proved", "refuted"]


def test_what_holds_at_the_minimum_only_is_not_wrong():
    text = r"""
$J = \frac12 \|X w - y\|^2$. At the minimum the gradient vanishes, $X^T X w = X^T y$. The gradient is

$$\nabla_w J = X^T X w + X^T y$$
"""
    assert verdicts(text)[-2:] == ["not_understood", "refuted"]


def test_one_hot_targets_have_two_values():
    text = r"The target is $y_k = 1$ for the right class and $y_k = 0$ otherwise; $E = \sum_k (p_k - y_k)^2$."
    assert "refuted" not in verdicts(text)


def test_targets_with_attached_numbers_are_shares_too():
    net = sb.mlp([2, 2, 3], cost="softmax-ce", bias="none")
    text = sb.derive(net, notation="csdn", views=("neuron",)).text("md")
    assert "Y1 + Y2 + Y3 &= 1" in text
    found = sb.verify(text, budget=20).equations
    assert {e.verdict for e in found} <= {"proved", "definition"}
