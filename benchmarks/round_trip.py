"""Every built-in network in every notation and view, written in every format and language, verified.

python benchmarks/round_trip.py [NETWORK ...]

One line for each network, notation and view: how many equations of each document are proved or
defined, agree only, or are worse (refuted, ill-formed, inconsistent, misprint, not understood).
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verifying"))

from round_trip import FORMATS, LANGUAGES, NETWORKS, checked, combinations, derivation, text_of


def main(networks: list[str]) -> int:
    kinds = [(f, lang) for lang in LANGUAGES for f in FORMATS]
    print(
        f"{'network':20}{'notation':10}{'view':22}" + "".join(f"{f'{f} {g}':>16}" for f, g in kinds)
    )
    total: Counter[str] = Counter()
    failed = 0
    seen: set[tuple[str, str, tuple[str, ...]]] = set()
    start = time.perf_counter()
    for network, notation, views in combinations():
        if network not in networks:
            continue
        told = derivation(network, notation, views)
        if told is None or (network, notation, told.told.views) in seen:
            continue
        seen.add((network, notation, told.told.views))
        cells, notes = [], []
        for format_, language in kinds:
            text = text_of(told, format_, language)
            if text is None:
                cells.append("-")
                continue
            found = checked(text)
            total.update(found.counts)
            worse = len(found.bad)
            failed += found.fails
            cells.append(f"{found.good}/{found.total - found.good - worse}/{worse}")
            notes += [
                f"    {format_} {language} line {e.line}: {e.verdict}: {(e.reason or e.diagnosis)[:100]}"
                for e in found.bad
            ]
        row = f"{network:20}{notation:10}{'+'.join(told.told.views):22}"
        print(row + "".join(f"{c:>16}" for c in cells), flush=True)
        for note in dict.fromkeys(notes):
            print(note, flush=True)
    every = sum(total.values())
    good = total["proved"] + total["definition"]
    print(f"{every} equations in {time.perf_counter() - start:.0f} s: {dict(total)}")
    print(f"{100 * good / max(every, 1):.2f}% proved or defined; {failed} documents fail")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(NETWORKS)))
