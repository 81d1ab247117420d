"""Formulas spelled out with every bracket, for expected readings; no code of the writers."""

from __future__ import annotations

from symbackprop.formula import tree as t


def spell(f: t.Formula | None) -> str:
    """[a b] product, (a + b) sum, {a}/{b} fraction, D(J by w) derivative, <<…>> not understood."""
    match f:
        case None:
            return "-"
        case t.Sym():
            text = f.base + (f"~{f.accent}" if f.accent else "") + "'" * f.primes
            text += "_" + "".join(f.sub) if f.sub else ""
            return text + ("^" + "".join(f.sup) if f.sup else "")
        case t.Num(text=text):
            return text
        case t.Idx(name=name):
            return name
        case t.Opaque(text=text):
            return f"<<{text}>>"
        case t.Add(terms=terms):
            return "(" + " + ".join(map(spell, terms)) + ")"
        case t.Mul(factors=factors):
            return "[" + " ".join(map(spell, factors)) + "]"
        case t.MatMul(factors=factors):
            return "[" + " @ ".join(map(spell, factors)) + "]"
        case t.Hadamard(factors=factors):
            return "[" + " o ".join(map(spell, factors)) + "]"
        case t.Neg(body=body):
            return "-" + spell(body)
        case t.Div(num=num, den=den):
            return f"{{{spell(num)}}}/{{{spell(den)}}}"
        case t.Pow(base=base, exponent=exponent):
            return f"{spell(base)}**{spell(exponent)}"
        case t.Call(name=name, args=args, primes=primes):
            return f"{name}{chr(39) * primes}({', '.join(map(spell, args))})"
        case t.Deriv(of=of, by=by):
            return f"D({spell(of)} by {spell(by)})"
        case t.Sum() | t.Prod():
            bounds = f"{f.index.name}: {spell(f.lower)}..{spell(f.upper)}"
            return f"{type(f).__name__}({bounds}; {spell(f.body)})"
        case t.Chain(members=members, relations=relations):
            text = spell(members[0])
            for relation, member in zip(relations, members[1:], strict=True):
                text += f"  {relation}  {spell(member)}"
            return text
        case _:
            return f"{type(f).__name__}({', '.join(map(spell, f.children()))})"
