"""The builders give the canonical systems."""

import pytest
import sympy as sp

from symbackprop.errors import FileError, SpecError, SymbackpropError, UnknownName
from symbackprop.networks import (
    BUILTINS,
    elman,
    find,
    generic_mlp,
    mlp,
    names,
    neuron,
    notation_of,
    residual,
    softmax_regression,
)
from symbackprop.system.instantiate import with_sizes
from symbackprop.system.model import entry, index, size
from symbackprop.system.shapes import count, shape
from symbackprop.system.values import completed, default_values

j, k, n, layer, r = (index(c) for c in "jknlr")
L, m = size("L"), size("m")
s = sp.IndexedBase(sp.Symbol("s", integer=True, positive=True))
sigmoid = sp.Function("sigmoid", real=True)
half = sp.Rational(1, 2)


def right(system, target, at=0):
    return system.equations_of[target][at].rhs


def test_a_2_3_2_network_is_these_five_equations():
    net = mlp([2, 3, 2], cost="half-sse")
    assert right(net, "z1") == sp.Sum(entry("W1", j, k) * entry("x", k), (k, 1, 2)) + entry("b1", j)
    assert right(net, "a1") == sigmoid(entry("z1", j))
    assert right(net, "z2") == sp.Sum(entry("W2", j, k) * entry("a1", k), (k, 1, 3)) + entry(
        "b2", j
    )
    assert right(net, "a2") == sigmoid(entry("z2", j))
    assert right(net, "J") == sp.Sum(half * (entry("a2", j) - entry("y", j)) ** 2, (j, 1, 2))
    assert [q.name for q in net.quantities] == [
        "x",
        "W1",
        "b1",
        "z1",
        "a1",
        "W2",
        "b2",
        "z2",
        "a2",
        "y",
        "J",
    ]
    assert shape(net["W1"]) == (3, 2)
    assert shape(net["W2"]) == (2, 3)
    assert net["W2"].layer == 2


def test_bias_of_a_layer_and_no_bias():
    assert shape(mlp([2, 3], bias="layer")["b1"]) == ()
    assert right(mlp([2, 3], bias="layer"), "z1").has(entry("b1"))
    assert "b1" not in mlp([2, 3], bias="none").by_name


def test_mean_over_samples_and_weight_decay():
    net = mlp([3, 2], "tanh", cost="half-sse", reduction="mean", weight_decay=True)
    squares = sp.Sum(entry("W1", j, k) ** 2, (k, 1, 3), (j, 1, 2))
    one = half * (entry("a1", n, j) - entry("y", n, j)) ** 2
    assert right(net, "J") == sp.Sum(one, (j, 1, 2), (n, 1, m)) / m + entry("lambda") / 2 * squares
    assert net["x"].axes[0].kind == "sample"
    assert net.about.over_samples == "mean"
    assert net.about.over_outputs == "sum"
    assert net["lambda"].role == "constant"


def test_softmax_cross_entropy():
    net = softmax_regression(4, 3)
    z = lambda i: entry("z1", i)  # noqa: E731
    assert right(net, "a1") == sp.exp(z(j)) / sp.Sum(sp.exp(z(r)), (r, 1, 3))
    assert right(net, "J") == -sp.Sum(entry("y", j) * sp.log(entry("a1", j)), (j, 1, 3))


def test_any_depth_is_a_family_with_a_base_case():
    net = generic_mlp(cost="half-sse")
    base, family = net.equations_of["a"]
    assert (base.indices, base.rhs) == ((0, j), entry("x", j))
    assert family.ranges == ((layer, 1, L), (j, 1, s[layer]))
    z = net.equations_of["z"][0]
    assert z.rhs == sp.Sum(
        entry("w", layer, j, k) * entry("a", layer - 1, k), (k, 1, s[layer - 1])
    ) + entry("b", layer, j)
    assert net.functions[0].expression is None


def test_any_depth_with_another_output_activation():
    net = generic_mlp("tanh", output_activation="sigmoid", cost="bce")
    hidden, last = net.equations_of["a"][1:]
    assert hidden.ranges[0] == (layer, 1, L - 1)
    assert last.indices == (L, j)
    assert last.rhs == sigmoid(entry("z", L, j))


@pytest.mark.parametrize("cost", ["half-sse", "softmax-ce"])
@pytest.mark.parametrize(
    "options", [{}, {"weight_decay": True, "reduction": "mean"}, {"bias": "layer"}]
)
def test_any_depth_made_concrete_is_the_network_of_that_depth(cost, options):
    """with_sizes(generic) and mlp are written independently; they must agree to the letter."""
    general = generic_mlp("tanh", cost=cost, **options)
    widths = [2, 4, 3, 5]
    made = with_sizes(general, {"L": 3, "s": widths})
    built = mlp(widths, "tanh", cost=cost, **options)
    assert made.equations == built.equations
    assert made.quantities == built.quantities or cost == "softmax-ce"
    assert {q.name: q.axes for q in made.quantities} == {q.name: q.axes for q in built.quantities}
    assert made.about.widths == built.about.widths


def test_elman_shares_its_weights_over_time():
    net = elman()
    t, i, o = (index(c) for c in "tio")
    assert right(net, "h", 1) == sp.tanh(entry("z", t, i))
    assert net["W"].axes[0].index == i
    assert net["h"].axes[0].lower == 0
    assert right(net, "z").has(entry("h", t - 1, j))
    assert right(net, "J").args[1].limits[0][0] == o


def test_the_residual_block_has_a_path_around_its_layers():
    assert right(residual(), "r") == entry("a1", j) + entry("z3", j)


def test_a_neuron_is_a_network_of_one():
    net = neuron(3, cost="half-sse")
    assert shape(net["W1"]) == (1, 3)
    assert net.about.kind == "neuron"


@pytest.mark.parametrize("name", names())
def test_every_builtin_builds_has_numbers_and_a_notation(name):
    net = find(name)
    assert net.name == name == net.about.title
    values, sizes = completed(net)
    for q in net.quantities:
        assert (q.name in values) == (
            q.role in ("input", "target", "weight", "bias", "parameter", "constant")
        )
        if q.name in values and q.role in ("weight", "bias", "parameter"):
            assert len(list(flat(values[q.name]))) == count(q, sizes)
    parameters = [v for q in net.parameters for v in flat(values[q.name])]
    if name not in ("chang", "chang-neuron", "mazur"):
        assert len(set(parameters)) == len(parameters), "a swapped index would not show"
    assert notation_of(name) in ("chang", "ufldl", "lee", "nielsen", "csdn", "default")


def flat(value):
    return [x for part in value for x in flat(part)] if isinstance(value, list) else [value]


def test_the_promised_builtins():
    assert set(names()) == {
        "chang-neuron", "chang", "ufldl", "ufldl-4", "ufldl-any", "lee", "nielsen", "csdn", "mazur",
        "softmax-regression", "elman", "residual",
    }  # fmt: skip
    assert all(name == row.name for name, row in BUILTINS.items())


def test_one_hot_targets_sum_to_one():
    y = default_values(find("elman"))["y"]
    assert all(sum(row) == 1 for row in y)
    assert y[0] != y[1]


def test_chang_has_the_numbers_of_the_model_passage():
    values = default_values(find("chang"))
    assert values["W2"] == [[0.7, -0.6], [-0.3, 0.8]]
    assert values["learning rate"] == 0.5


def test_a_line_of_sizes():
    net = find("784-512-10", activation="relu", cost="softmax-ce")
    assert net.about.widths == (784, 512, 10)
    assert net.name == "784-512-10"
    assert find("2-2-2").about.cost == "bce"
    assert find("2-2-2", activation="relu").about.cost == "half-sse"


def test_absurd_sizes_are_fine_where_no_work_depends_on_them():
    assert find(f"{10**9}-{10**9}-{10**9}")["W1"].axes[0].upper == 10**9
    with pytest.raises(SymbackpropError, match="at most"):
        default_values(find(f"{10**9}-2"))


def test_symbolic_widths():
    net = mlp(["n0", "n1"], cost="half-sse")
    assert net.sizes == (size("n0"), size("n1"))
    assert shape(with_sizes(net, {"n0": 4, "n1": 2})["W1"]) == (2, 4)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: find("2-0-2"), "size 2 must be at least 1, not 0"),
        (lambda: find("chagn"), "did you mean chang"),
        (lambda: find("2-2", activation="swish"), "unknown activation 'swish'"),
        (lambda: find("2-2", cost="mse2"), "unknown cost 'mse2'\n  did you mean mse"),
        (lambda: find("chang", cost="mse"), "has its own cost"),
        (lambda: find("no/such/file.toml"), "there is no file no/such/file.toml"),
        (lambda: find("1" * 30 + "-2"), "more than 18 digits"),
        (lambda: mlp([2]), "at least two sizes"),
        (lambda: mlp([2, 2], bias="both"), "unknown bias 'both'"),
        (lambda: mlp([2, 2], reduction="max"), "unknown reduction 'max'"),
        (lambda: mlp([2, 2, 2], activation=["tanh"]), "1 activations for 2 layers"),
        (lambda: mlp(["../x", 2]), "neither a whole number nor a name"),
        (lambda: with_sizes(find("nielsen"), {"M": 3}), "unknown size 'M'"),
        (lambda: with_sizes(find("nielsen"), {"L": 0}), "must be at least 1"),
    ],
)
def test_a_clear_message_for(call, words):
    with pytest.raises((SpecError, UnknownName, FileError)) as error:
        call()
    assert words in str(error.value)


def test_a_very_deep_network_has_a_name_that_fits_a_file():
    assert len(mlp([3] * 101).name) < 100
