"""All mutants an operator: how many are accepted (must be none), how many get a true repair.

python benchmarks/mutations.py [COUNT]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verifying"))

from mutator import NETS, OPERATORS, document, mutants

from symbackprop.verifying.verify import verify

ACCEPTED = ("proved", "agrees", "definition")


def main(count: int) -> None:
    print(
        f"{'operator':16} {'tried':>6} {'accepted':>9} {'refuted':>8} {'unclear':>8} {'repaired':>9} {'s':>6}"
    )
    for operator in OPERATORS:
        tried = accepted = refuted = unclear = repaired = 0
        start = time.perf_counter()
        for net in NETS:
            wrong = mutants(net, operator, count // len(NETS) + 1)
            for k in range(0, len(wrong), 10):
                report = verify(document(net, wrong[k : k + 10]))
                for e in report.equations[len(net.definitions) :]:
                    tried += 1
                    accepted += e.verdict in ACCEPTED
                    refuted += e.verdict in ("refuted", "ill_formed", "misprint", "inconsistent")
                    unclear += e.verdict == "not_understood"
                    repaired += bool(e.repair)
        seconds = time.perf_counter() - start
        print(
            f"{operator:16} {tried:6} {accepted:9} {refuted:8} {unclear:8} {repaired:9} {seconds:6.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
