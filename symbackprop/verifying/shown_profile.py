"""The inferred profile, for people."""

from __future__ import annotations

from symbackprop.verifying.understanding.statement import Understanding


def profile_of(u: Understanding) -> dict[str, object]:
    """The inferred profile, for people."""
    symbols = u.resolver.symbols
    return {
        "functions": {
            n: [str(f.expression) if f.expression is not None else "abstract" for f in rows]
            for n, rows in u.functions.items()
        },
        "index letters": sorted(symbols.letters),
        "sizes": sorted(u.resolver.sizes),
        "vectors and matrices": {
            symbols.names.get(n, n): r for n, r in sorted(u.resolver.ranks.items())
        },
        "errors": {symbols.names.get(k, k): symbols.names.get(v, v) for k, v in u.errors.items()},
        "defined": sorted({symbols.names.get(d.target, d.target) for d in u.definitions}),
        "kronecker": sorted(u.profile.kronecker),
    }
