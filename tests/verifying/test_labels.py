r"""Labels: `L = -\log p_y`, the hinge `\sum_{j \neq k} \max(0, 1 + s_j - s_k)`, words of word2vec.

Each right and wrong: a wrong claim is never accepted, a right one always is.
"""

import pytest

import symbackprop as sb

ACCEPTED = ("proved", "agrees", "definition")

CLASS = r"""
$$p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}, \qquad z_i = \sum_m w_{im} x_m$$

and for the true class $y$ the loss is $L = -\log p_y$.

"""
HINGE = r"""
The scores are $s = A h$. With $k$ denoting the correct class, the loss is

$$H = \sum_{j \neq k} \max(0, 1 + s_j - s_k)$$

"""
WORDS = r"""
The score of any word is a dot product

$$s_w = u_w^T v_c$$

and softmax makes it a probability

$$p_w = \frac{exp(s_w)}{\sum_{x=1}^{V} exp(s_x)}$$

Loss for our pair:

$$J = -log \, p_o$$

Let $y$ be the one-hot vector of the word $o$.

"""
NEGATIVE = r"""
With $\sigma(x) = 1/(1+e^{-x})$:

$$J = -\log \sigma(u_o^T v_c) - \sum_{k=1}^{K} \log \sigma(-u_{w_k}^T v_c)$$

"""
MEAN = r"$$h = \frac{1}{2m} \sum_{j=1}^{2m} v_{c_j}$$" + "\n\n"
Z = r"\frac{\partial L}{\partial z_i} = "
WEIGHT = r"\frac{\partial L}{\partial w_{im}} = "


@pytest.mark.parametrize(
    ("text", "claim", "right"),
    [
        (CLASS, Z + "p_i - [i = y]", True),
        (CLASS, Z + r"p_i - \mathbb{1}_{i=y}", True),
        (CLASS, Z + r"p_i - \mathbf{1}[i = y]", True),
        (CLASS, Z + r"p_i - \delta_{iy}", True),
        (CLASS, Z + r"p_i + \delta_{iy}", False),
        (CLASS, Z + r"p_i (1 - \delta_{iy})", False),
        (CLASS, Z + r"\begin{cases} p_i - 1 & i = y \\ p_i & i \neq y \end{cases}", True),
        (CLASS, Z + r"\begin{cases} p_i & i = y \\ p_i - 1 & i \neq y \end{cases}", False),
        (CLASS, Z + r"p_i \quad (i \neq y)", True),
        (CLASS, Z + r"p_i - 1 \quad (i \neq y)", False),
        (CLASS, Z + "p_i", False),
        (CLASS, r"\frac{\partial L}{\partial z_y} = p_y - 1", True),
        (CLASS, r"\frac{\partial L}{\partial z_y} = p_y", False),
        (CLASS, WEIGHT + r"(p_i - \delta_{iy}) x_m", True),
        (CLASS, WEIGHT + r"(p_i - \delta_{iy}) x_i", False),
        (CLASS, r"L = -z_y + \log \sum_j e^{z_j}", True),
        (CLASS, r"L = z_y - \log \sum_j e^{z_j}", False),
        (CLASS, r"w_{im} \leftarrow w_{im} - \eta (p_i - [i = y]) x_m", True),
        (CLASS, r"w_{im} \leftarrow w_{im} + \eta (p_i - [i = y]) x_m", False),
        (
            HINGE + "For the wrong classes $j \\neq k$\n\n",
            r"\frac{\partial H}{\partial s_j} = \mathbf{1}[1 + s_j - s_k > 0]",
            True,
        ),
        (
            HINGE + "For the wrong classes $j \\neq k$\n\n",
            r"\frac{\partial H}{\partial s_j} = -\mathbf{1}[1 + s_j - s_k > 0]",
            False,
        ),
        (
            HINGE,
            r"\frac{\partial H}{\partial s_k} = -\sum_{j \neq k} \mathbf{1}[1 + s_j - s_k > 0]",
            True,
        ),
        (
            HINGE,
            r"\frac{\partial H}{\partial s_k} = \sum_{j \neq k} \mathbf{1}[1 + s_j - s_k > 0]",
            False,
        ),
        (HINGE, r"\frac{\partial H}{\partial s_k} = -1", False),
        (WORDS, r"\frac{dJ}{ds_w} = p_w - y_w", True),
        (WORDS, r"\frac{dJ}{ds_w} = y_w - p_w", False),
        (WORDS, r"\frac{dJ}{dv_c} = -u_o + \sum_{w=1}^{V} p_w u_w", True),
        (WORDS, r"\frac{dJ}{dv_c} = u_o + \sum_{w=1}^{V} p_w u_w", False),
        (
            WORDS + "The words that did not show up ($w \\neq o$):\n\n",
            r"\frac{dJ}{du_w} = p_w v_c",
            True,
        ),
        (WORDS, r"\frac{dJ}{du_o} = (p_o - 1) v_c", True),
        (WORDS, r"\frac{dJ}{du_o} = p_o v_c", False),
        (NEGATIVE, r"\frac{dJ}{du_{w_k}} = \sigma(u_{w_k}^T v_c) v_c", True),
        (NEGATIVE, r"\frac{dJ}{du_{w_k}} = \sigma(-u_{w_k}^T v_c) v_c", False),
        (NEGATIVE, r"\frac{dJ}{du_{w_k}} = \sum_{k=1}^K \sigma(u_{w_k}^T v_c) v_c", False),
        (MEAN, r"\frac{\partial h}{\partial v_{c_j}} = \frac{1}{2m}", True),
        (MEAN, r"\frac{\partial h}{\partial v_{c_j}} = 1", False),
    ],
)
def test_claims_about_labels(text: str, claim: str, right: bool):
    found = sb.verify(f"{text}$${claim}$$", budget=20).equations[-1]
    assert (found.verdict in ACCEPTED) == right, found.reason


@pytest.mark.parametrize("claim", [Z + "p_i - t_i", r"\frac{\partial L}{\partial z_y} = p_y - t_y"])
def test_a_target_that_no_line_defines_is_left_open(claim: str):
    assert sb.verify(f"{CLASS}$${claim}$$").equations[-1].verdict == "not_understood"


SPLIT = r"""
$$z_k = \sum_m w_{km} x_m + b_k, \qquad p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$

$$L = -\log \frac{e^{z_y}}{\sum_j e^{z_j}}$$

"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial L}{\partial b_k} = p_k - [k = y]", True),
        (r"\frac{\partial L}{\partial b_k} = p_k", False),
        (r"L = -z_y + \log \sum_j e^{z_j}", True),
    ],
)
def test_a_label_inside_the_softmax(claim: str, right: bool):
    assert (sb.verify(f"{SPLIT}$${claim}$$").equations[-1].verdict in ACCEPTED) == right


def test_sums_over_other_words_leave_the_label_open():
    text = (
        r"$$J_{soft} = -u_o^T v + \log \sum_{w=1}^V \exp(u_w^T v)$$" + "\n\n"
        r"$$J = -\log \sigma(u_o^T v) - \sum_{k=1}^{K} \log \sigma(-u_k^T v)$$" + "\n\n"
    )
    right = r"$$\frac{\partial J}{\partial u_o} = (\sigma(u_o^T v) - 1) v$$"
    wrong = (
        r"$$\frac{\partial J_{soft}}{\partial u_w} = \frac{\exp(u_w^T v)}{\sum_x \exp(u_x^T v)} v$$"
    )
    found = sb.verify(f"{text}{right}\n\n{wrong}").equations
    assert found[-2].verdict != "refuted"
    assert found[-1].verdict == "not_understood"


def test_the_hinge_is_a_definition():
    assert sb.verify(HINGE).equations[-1].verdict == "definition"


def test_a_repair_has_the_label():
    found = sb.verify(CLASS + r"$$\frac{\partial L}{\partial z_y} = p_y$$").equations[-1]
    assert "p_y" in found.repair
    assert "1" not in found.repair.replace("p_y - 1", "")


def test_errors_of_two_costs_are_not_one():
    text = (
        r"$$u = W x + b, \quad h = \max(0, u), \quad s = A h, \quad R = \frac12 \|h\|^2$$" + "\n\n"
        r"$$H = \frac12 \|s\|^2$$" + "\n\n" + r"$$L = R + \alpha H$$" + "\n\n"
        r"With $g = \partial H / \partial s$ and $\delta = \partial L / \partial u$" + "\n\n"
    )
    right = r"$$\delta = (h + \alpha A^T g) \circ 1[u > 0]$$"
    wrong = r"$$\delta = (h + A^T g) \circ 1[u > 0]$$"
    assert sb.verify(text + right).equations[-1].verdict in ACCEPTED
    assert sb.verify(text + wrong).equations[-1].verdict not in ACCEPTED
