"""TOML specs: both forms, every mistake with line, column and caret."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
import sympy as sp

from symbackprop.errors import FileError, ManyErrors, SymbackpropError, UnknownName
from symbackprop.networks import elman, find, generic_mlp, mlp
from symbackprop.networks.specs import load_spec, parse_spec
from symbackprop.system.model import Fact, entry, index, size
from symbackprop.system.values import completed

DOCS = Path(__file__).parents[2] / "docs" / "spec-language.md"


def toml_blocks():
    return re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


ELMAN = toml_blocks()[1]


def refused(text):
    with pytest.raises(SymbackpropError) as error:
        parse_spec(text, "net.toml")
    return error.value


def faults(text):
    error = refused(text)
    several = error.errors if isinstance(error, ManyErrors) else (error,)
    return [
        (e.place.line if e.place else 0, e.place.column if e.place else 0, f"{e.message}\n{e.hint}")
        for e in several
    ]


# --- what the documentation shows ---------------------------------------------------------------


def test_the_elman_example_of_the_page_is_the_builtin():
    net = parse_spec(ELMAN).system
    builtin = elman()
    assert [(e.lhs, e.rhs, e.ranges) for e in net.equations] == [
        (e.lhs, e.rhs, e.ranges) for e in builtin.equations
    ]
    assert net.sizes == builtin.sizes or set(net.sizes) == set(builtin.sizes)
    for q in net.quantities:
        same = builtin[q.name]
        assert (q.role, [(a.index, a.lower, a.upper, a.kind) for a in q.axes]) == (
            same.role,
            [(a.index, a.lower, a.upper, a.kind) for a in same.axes],
        )
    assert Fact("sums to 1", "o") in net["p"].facts
    assert Fact("sums to 1", "o") in net["y"].facts


def test_the_options_of_the_page():
    spec = parse_spec(toml_blocks()[0])
    net = spec.system
    assert spec.notation == "nielsen"
    assert net.about.widths == (2, 3, 1)
    assert net.about.activations == ("tanh", "sigmoid")
    assert net.values["lambda"] == 0.01
    assert net.values["learning rate"] == 0.5
    assert completed(net)[0]["b1"] == [0.1, -0.2, 0.3]


def test_every_function_that_the_page_names_is_understood():
    from symbackprop.networks.activations import ACTIVATIONS
    from symbackprop.system.translate import FUNCTIONS, SPECIAL

    text = DOCS.read_text(encoding="utf-8")
    for name in [*FUNCTIONS, *SPECIAL]:
        assert name == "ln" or re.search(rf"\b{name}\b", text), name
    for row in ACTIVATIONS.values():
        assert (
            row.expression is None
            or row.is_identity
            or re.search(rf"\b{row.function_name}\b", text)
        ), row.name


# --- the two forms --------------------------------------------------------------------------------


def test_options_give_what_the_builder_gives():
    net = parse_spec(
        'name="n"\nsizes=["n0", 3, 1]\nactivation=["tanh", "sigmoid"]\ncost="bce"'
    ).system
    assert net.equations == mlp(["n0", 3, 1], ["tanh", "sigmoid"], cost="bce").equations
    assert parse_spec('sizes = "4-2"').system.equations == mlp([4, 2]).equations
    assert parse_spec('depth = "L"').system.equations == generic_mlp().equations


GENERIC = (Path(__file__).parent / "generic.toml").read_text(encoding="utf-8")


def test_any_depth_can_be_written_as_raw_equations_in_any_order():
    net, built = parse_spec(GENERIC).system, generic_mlp(cost="half-sse")
    written = {(e.lhs, e.rhs, e.ranges) for e in net.equations if e.target != "J"}
    assert written == {(e.lhs, e.rhs, e.ranges) for e in built.equations if e.target != "J"}
    assert net["a"].axes[0].kind == "layer"
    assert net["z"].role == "pre-activation"
    assert [e.target for e in net.equations] == ["a", "z", "a", "J"]


def test_a_convolution():
    net = parse_spec(
        """
        [axes]
        t = "T"
        s = 3
        p = "T-2"
        [quantities]
        x = { role = "input", axes = ["t"] }
        c = { role = "weight", axes = "s" }
        [system]
        cost = "J"
        equations = ["u[p] = sum(s, c[s]*x[p+s-1])", "J = mean(p, u[p]^2)"]
        """
    ).system
    p, s = index("p"), index("s")
    assert net.equations[0].rhs == sp.Sum(entry("c", s) * entry("x", p + s - 1), (s, 1, 3))
    assert completed(net)[1]["T"] >= 3


def test_a_family_may_begin_later_or_run_ahead():
    head = '[axes]\nt = "T"\n[quantities]\nx = {role="input", axes="t"}\nv = {role="parameter"}\n'
    body = '[system]\ncost = "J"\nequations = ["h[1] = x[1]", "%s", "J = h[T]^2"]'
    t, big = index("t"), size("T")
    for line in (
        "h[t] = v*h[t-1] + x[t]",
        "h[t+1] = v*h[t] + x[t+1]",
        "h[t=2..T] = v*h[t-1] + x[t]",
    ):
        net = parse_spec(head + body % line).system
        family = net.equations_of["h"][1]
        assert family.indices == (t,)
        assert family.ranges == ((t, 2, big),)
        assert family.rhs == entry("v") * entry("h", t - 1) + entry("x", t)
        assert net["h"].axes[0].lower == 1


def test_own_functions_with_a_formula():
    net = parse_spec(GENERIC.replace('"f(z)"', '"f(u) = u*sigmoid(2*u)"')).system
    (f,) = net.functions
    u = sp.Symbol("u", real=True)
    assert f.expression == u / (1 + sp.exp(-2 * u))


def test_values_set_the_symbolic_sizes():
    net = parse_spec(ELMAN + "\n[values]\nx = [[1, 2, 3]]\nh0 = [0.5, 0.25]\n").system
    values, sizes = completed(net)
    assert (sizes["T"], sizes["D"], sizes["H"]) == (1, 3, 2)
    assert len(values["U"]) == 2


# --- mistakes -----------------------------------------------------------------------------------


def test_three_semantic_mistakes_are_all_reported_with_line_column_and_caret():
    text = ELMAN.replace('role = "target"', 'role = "tarket"').replace(
        "W[i,k]*x[t,k]", "W[i,k]*X[t,k]"
    )
    text = text.replace("tanh(z[t,i])", "tahn(z[t,i])")
    lines = text.split("\n")
    error = refused(text)
    expected = [("tarket", 13), ("X[t", 24), ("tahn", 25)]
    assert len(error.errors) == 3
    for found, (word, _) in zip(error.errors, expected, strict=True):
        line = next(n for n, source in enumerate(lines, 1) if word in source)
        column = lines[line - 1].index(word) + 1
        assert found.place.line == line
        assert found.place.column in (column, column - 1)  # a TOML value begins at its quote
        shown, caret = str(found).split("\n")[1:3]
        assert shown[caret.index("^") :].lstrip('"').startswith(word.split("[")[0])
    assert str(error).startswith("net.toml:")


def change(old, new):
    assert old in ELMAN, old
    return ELMAN.replace(old, new)


MISTAKES = {
    "unknown key": (lambda: change('facts = ["sums', 'fact = ["sums'), "unknown key 'fact'"),
    "unknown top key": (lambda: "nam = 2\n" + ELMAN, "unknown key 'nam'"),
    "unknown axis": (lambda: change('axes = "t,k"', 'axes = "t,q"'), "unknown axis 'q'"),
    "axis twice": (lambda: change('axes = "i,j"', 'axes = "i,i"'), "the axis i stands twice"),
    "unknown fact": (
        lambda: change("sums to 1 over o", "sums to one"),
        "unknown fact 'sums to one'",
    ),
    "fact over another axis": (lambda: change("1 over o", "1 over k"), "unknown axis 'k'"),
    "fact over nothing": (lambda: change("1 over o", "1"), "over which axis?"),
    "cost unknown": (lambda: change('cost = "J"', 'cost = "C"'), "unknown quantity 'C'"),
    "a cost with axes": (lambda: change('cost = "J"', 'cost = "p"'), "the cost must be one number"),
    "defined twice": (
        lambda: change('"h[t,i] = tanh', '"h[t,i] = 2*z[t,i]",\n  "h[t,i] = tanh'),
        "'h' is defined twice",
    ),
    "input defined": (
        lambda: change('"h[0,i] = h0[i]",', '"h[0,i] = h0[i]", "h0[i] = b[i]",'),
        "has the role input, so its value is given",
    ),
    "no base case": (lambda: change('  "h[0,i] = h0[i]",\n', ""), "is a base case missing"),
    "a cycle": (lambda: change("h[t-1,j]", "h[t,j]"), "a cycle: "),
    "a letter without a range": (lambda: change("+ b[i]", "+ b[k]"), "the index k has no range"),
    "a size that does not fit": (
        lambda: change("x[t,k]) + sum", "x[t,k]*b[k]) + sum"),
        "the sizes do not fit: 'b' has the index k with k = 1..D",
    ),
    "indices missing": (lambda: change("+ b[i]", "+ b"), "'b' has 1 index, but stands without any"),
    "other number of indices": (lambda: change('"q[t,o] =', '"q[t] ='), "'q' has"),
    "a letter twice": (lambda: change('"q[t,o] =', '"q[t,t] ='), "the letter t stands twice"),
    "unused": (
        lambda: change("[system]", 'g = { role = "input" }\n[system]'),
        "'g' is declared, but",
    ),
    "no equations": (
        lambda: re.sub(r"equations = \[.*?\n\]", "equations = []", ELMAN, flags=re.S),
        "there are no equations",
    ),
    "a size of 0": (lambda: change('k = "D"', "k = 0"), "a size must be at least 1"),
    "a negative size": (lambda: change('k = "D"', "k = -3"), "a size must be at least 1, not -3"),
    "a letter that is a word": (
        lambda: change('k = "D"', 'sum = "D"'),
        "is a word of the equation",
    ),
    "a bad name": (lambda: change("h0 = {", '"h 0" = {'), "'h 0' cannot be a name"),
    "a LaTeX name": (lambda: change("h0 = {", "'\\h' = {"), "cannot be a name"),
    "a letter as a quantity": (
        lambda: change("h0 = {", "t = {"),
        "is an index letter of [axes] and",
    ),
    "a size as a quantity": (lambda: change("h0 = {", "H = {"), "is the size of an axis"),
    "a role of the wrong type": (
        lambda: change('role = "target"', "role = 3"),
        "'role': a text in quotes is expected",
    ),
    "a role missing": (lambda: change('role = "target", ', ""), "the key 'role' is missing"),
    "a cost missing": (lambda: change('cost = "J"\n', ""), "the key 'cost' is missing"),
    "sizes too": (lambda: "sizes = [2,2]\n" + ELMAN, "sizes belong to the short form"),
    "a value too short": (
        lambda: ELMAN + "[values]\nh0=[1,2]\nb=[1,2,3]\n",
        "the value of 'b' has 3",
    ),
    "a value of what is computed": (lambda: ELMAN + "[values]\nz=1\n", "'z' is computed"),
    "a value that is text": (lambda: ELMAN + '[values]\nh0="a"\n', "must be a number or lists"),
    "a value that is infinite": (
        lambda: ELMAN + "[values]\nh0=[inf]\n",
        "must be a number or lists",
    ),
    "a name that escapes a path": (
        lambda: change('name = "elman"', 'name = "../elman"'),
        "cannot be the name of a network",
    ),
    "a title with LaTeX": (lambda: 'title = "\\\\input{x}"\n' + ELMAN, "a title is one line"),
    "not TOML": (lambda: ELMAN + "\n[axes\n", "this is not TOML"),
    "a kind of axis": (
        lambda: change('t = "T"', 't = {size="T", kind="tme"}'),
        "unknown kind of axis",
    ),
    "an empty file": (lambda: "", "this file describes no network"),
    "short: unknown activation": (lambda: 'sizes=[2,2]\nactivation="rellu"', "unknown activation"),
    "short: bce with relu": (
        lambda: 'sizes=[2,2]\nactivation="relu"\ncost="bce"',
        "the cost bce needs",
    ),
    "short: size 0": (lambda: "sizes=[2,0]", "a size must be at least 1, not 0"),
    "short: one size": (lambda: "sizes=[2]", "at least two sizes"),
    "short: bias": (lambda: 'sizes=[2,2]\nbias="no"', "unknown bias 'no'"),
    "short: reduction": (lambda: 'sizes=[2,2]\nreduction="avg"', "unknown reduction 'avg'"),
    "short: sizes text": (lambda: 'sizes="a-b"', "sizes are written"),
    "short: depth and sizes": (lambda: 'sizes=[2,2]\ndepth="L"', "not both"),
    "short: rate": (lambda: "sizes=[2,2]\nlearning_rate=-1", "must be a positive number"),
    "short: a value of nothing": (lambda: "sizes=[2,2]\n[values]\nW9=1", "unknown quantity 'W9'"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_has_a_message_and_a_place(case):
    make, words = MISTAKES[case]
    text = make()
    found = faults(text)
    assert any(words in message for _, _, message in found), found
    assert all(line >= 1 and column >= 1 for line, column, _ in found), found
    assert str(refused(text)).count("net.toml:") == len(found)


def test_the_caret_stands_under_the_word():
    error = refused(change("sum(j, U[i,j]", "sum(j, UU[i,j]"))
    _, shown, caret = str(error).split("\n")[:3]
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "UU"


def test_a_mistake_inside_a_long_line_keeps_its_caret_in_sight():
    long = " + ".join(["b[i]"] * 60)
    error = refused(change("+ b[i]", f"+ {long} + q0[i]"))
    _, shown, caret = str(error).split("\n")[:3]
    assert shown[caret.index("^") :].startswith("q0")
    assert len(shown) < 140


@pytest.mark.slow
def test_functions_that_call_functions_cannot_grow_without_end():
    own = ["f0(z) = z"] + [f"f{n}(z) = f{n - 1}(z)*sin(f{n - 1}(z))" for n in range(1, 60)]
    text = f"[quantities]\nv={{role='parameter'}}\n[system]\ncost='J'\nfunctions={own}\n"
    assert "this formula is too long" in str(refused(text + "equations=['J = f59(v)']"))


def test_an_own_function_brings_the_constants_of_what_it_calls():
    text = "[quantities]\nv={role='parameter'}\n[system]\ncost='J'\n"
    net = parse_spec(text + "functions=['g(z) = leaky_relu(2*z)']\nequations=['J = g(v)']").system
    assert net["alpha"].role == "constant"
    assert net.values["alpha"] == 0.01


# --- hostile files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000 + "]" * 50_000,
        "sizes = " + "[" * 500 + "2" + "]" * 500,
        "a" + ".a" * 5_000 + " = 1",
        "sizes = [2, " + "9" * 10_000 + "]",
        "sizes = [2, 2]\nsamples = " + "9" * 4_000,
        "sizes = [2, 2]\n[values]\nx = [" + "1," * 200_000 + "]",
        'sizes = [2, 2]\nname = "\\u0000"',
        "sizes = [2, nan]",
        "sizes = [1979-05-27, 2]",
        "sizes = [true, 2]",
        "sizes = [[2], 2]",
        "sizes = {a = 1}",
        "axes = 3",
        "system = 3",
        "[axes]\nt='" + "(" * 20_000 + "'\n[system]\ncost='J'\nequations=['J=1']",
        "[axes]\nt='T-T'\n[system]\ncost='J'\nequations=['J=1']",
        "[system]\ncost='J'\nequations=['" + "(" * 10_000 + "']",
        "[system]\ncost='J'\nequations=['J = 9^9^9^9^9']",
        "[system]\ncost='J'\nequations=['J = J']",
        "[system]\ncost='J'\nequations=[1, 2]",
        "[system]\ncost='J'\nfunctions=['f(', 'f(z) = f(z)', '=', 'exp(z)']\nequations=['J = 1']",
        "[[axes]]\n[system]\ncost=''\nequations=['']",
        "\x00",
        "[quantities]\n'__doc__' = {role='input'}\n[system]\ncost='J'\nequations=['J = __doc__']",
    ],
)
def test_hostile_files_end_in_a_message(text):
    # Some are harmless: what matters is that nothing else than a message can come out.
    with suppress(SymbackpropError):
        parse_spec(text)


def test_many_equations_are_read_in_time():
    lines = ["h0 = 1*v"] + [f"h{n} = sin(h{n - 1}) + v" for n in range(1, 300)] + ["J = h299^2"]
    quoted = ",\n".join(f'"{line}"' for line in lines)
    head = "[quantities]\nv={role='parameter'}\n[system]\ncost='J'\n"
    text = f"{head}equations=[{quoted}]"
    assert len(parse_spec(text).system.equations) == 301


def test_files(tmp_path):
    path = tmp_path / "net.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="not UTF-8"):
        load_spec(path)
    with pytest.raises(FileError, match="is a folder"):
        load_spec(tmp_path)
    with pytest.raises(FileError, match="no file"):
        load_spec(tmp_path / "missing\x1b[31m.toml")
    path.write_bytes(b"x" * 5_000_000)
    with pytest.raises(FileError, match="bytes"):
        load_spec(path)
    path.write_text('\ufeffsizes = [2, 2]\r\ncost = "mse"\r\n', encoding="utf-8")
    assert find(str(path)).name == "net"
    with pytest.raises(SymbackpropError, match="has its own activation"):
        find(str(path), activation="relu")


def test_unknown_name_errors_keep_their_place():
    error = refused('sizes=[2,2]\ncost="bcee"')
    assert isinstance(error, UnknownName)
    assert (error.place.line, error.place.column) == (2, 6)
