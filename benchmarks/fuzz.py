"""The fuzz run: generated and mutated inputs, none of which may crash, hang or make a file be read.

    python benchmarks/fuzz.py [--count 100000] [--workers 2] [--seed 0] [--seconds 20] [--save fuzz-failures]
    python benchmarks/fuzz.py --replay 1234 [--seed 0]      # one input by its number, shown, with its trace
    python benchmarks/fuzz.py --replay fuzz-failures/1234.md # one that was saved

What ends in an exception of `symbackprop.errors` is refused, which is right; any other exception is a crash.
Every input has a time limit; a worker that cannot be interrupted is killed and its input reported as a hang.
Files opened, processes started and connections made are watched by an audit hook: only the given file and the
modules of Python may be read. Memory beyond 3 GiB is a failure too. Exit code 1 where anything failed.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "verifying"))

from fuzzed import SPECS, Input, made

BUDGET = 0.5
"""Seconds for one statement: the run wants many inputs."""
MEMORY = 3 * 2**30
SHOWN = 60
"""So many failures are printed; all are saved."""
GRACE = 3
"""After so many times its limit a worker that does not stop is killed."""


class Hang(BaseException):
    """The time limit of one input; nothing catches it but the harness."""


@dataclass(slots=True)
class Outcome:
    number: int
    kind: str
    said: str
    seconds: float
    failure: str = ""
    trace: str = ""


# --- what an input is given to ----------------------------------------------------------------------


def as_file(item: Input, path: Path) -> str:
    from symbackprop.verifying.verify import verify

    return reported(verify(path, budget=BUDGET))


def as_text(item: Input, path: Path) -> str:
    from symbackprop.verifying.verify import verify

    return reported(verify(item.text, budget=BUDGET))


def reported(report: Any) -> str:
    """Every form of the report is made; the worst verdict is said."""
    for form in ("text", "json", "github"):
        report.render(form, show_profile=True, color=form == "text")
    # The program goes on where a statement could not be judged; what it met is a defect all the same.
    defects = [e.reason for e in report.equations if e.reason.startswith("could not be judged")]
    if defects:
        return defects[0]
    verdicts = {e.verdict for e in report.equations}
    order = (
        "refuted",
        "ill_formed",
        "inconsistent",
        "misprint",
        "not_understood",
        "agrees",
        "proved",
        "definition",
    )
    return next((v for v in order if v in verdicts), "nothing found")


def as_spec(item: Input, path: Path) -> str:
    from symbackprop.networks import find

    find(str(path))
    return "a network"


def as_word(item: Input, path: Path) -> str:
    from symbackprop.networks import find

    find(item.text)
    return "a network"


def as_judgement(item: Input, path: Path) -> str:
    from symbackprop.api.judging import judge

    network, notation = item.extra
    return str(judge(item.text, network, notation or None).kind)


def as_latex(item: Input, path: Path) -> str:
    from symbackprop.formula.latex_reader import read
    from symbackprop.formula.latex_writer import write

    chains = read(item.text)
    for chain in chains:
        write(chain)
    return "read" if chains else "nothing found"


TARGETS: dict[str, Callable[[Input, Path], str]] = {
    "md": as_file,
    "tex": as_file,
    "ipynb": as_file,
    "txt": as_file,
    "text": as_text,
    "toml": as_spec,
    "word": as_word,
    "judge": as_judgement,
    "latex": as_latex,
    "side": as_file,
}
DOCUMENT = r"$z = w x + b$ and $\frac{\partial z}{\partial w} = x$, so $a = \sigma(z)$."
FILES = ("md", "tex", "ipynb", "txt", "toml")

# --- watching ---------------------------------------------------------------------------------------

FORBIDDEN = (
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rename", "os.rmdir",
    "os.mkdir", "subprocess.Popen", "socket.connect", "socket.bind", "socket.getaddrinfo",
    "urllib.Request", "shutil.rmtree", "ctypes.dlopen", "webbrowser.open",
)  # fmt: skip


class Watch:
    """What the program does to the world while one input is run."""

    on = False
    given: tuple[str, ...] = ()
    seen: ClassVar[list[str]] = []

    @classmethod
    def hook(cls, event: str, args: tuple[Any, ...]) -> None:
        if not cls.on:
            return
        if event in FORBIDDEN:
            cls.seen.append(f"{event} {args!r}"[:200])
        elif event == "open" and isinstance(args[0], str | bytes):
            name = os.fsdecode(args[0])
            module = name.endswith((".py", ".pyc", ".so", "/entry_points.txt")) or ".pyc." in name
            if name not in cls.given and not module:
                cls.seen.append(f"open {name!r} {args[1]!r}"[:200])


def interrupt(number: int, frame: FrameType | None) -> None:
    raise Hang


def one(item: Input, folder: Path, seconds: float) -> Outcome:
    """One input under the time limit and the watch."""
    from symbackprop.errors import SymbackpropError

    path = folder / f"input.{item.kind}"
    if item.kind in FILES:
        path.write_bytes(item.content)
    if item.kind == "side":
        path = folder / "input.md"
        path.write_text(DOCUMENT, encoding="utf-8")
        path.with_suffix(".symbackprop.toml").write_bytes(item.content)
    named = item.text if item.kind == "word" else ""
    Watch.given = str(path), str(path.with_suffix(".symbackprop.toml")), named
    Watch.seen = []
    start = time.perf_counter()
    said, failure, trace = "", "", ""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    Watch.on = True
    try:
        said = TARGETS[item.kind](item, path)
    except SymbackpropError as error:
        said = "refused"
        if not str(error).strip():
            failure, trace = "crash", f"{type(error).__name__} without a message"
    except Hang:
        failure, trace = "hang", traceback.format_exc()
    except MemoryError:
        failure, trace = "memory", traceback.format_exc()
    except BaseException:
        failure, trace = "crash", traceback.format_exc()
    finally:
        Watch.on = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        path.with_suffix(".symbackprop.toml").unlink(missing_ok=True)
    if Watch.seen and not failure:
        failure, trace = "world", "\n".join(Watch.seen)
    return Outcome(item.number, item.kind, said, time.perf_counter() - start, failure, trace)


def warm() -> None:
    """Modules are imported before the watch begins."""
    from symbackprop.networks import find
    from symbackprop.verifying.verify import verify

    find("2-2")
    with tempfile.TemporaryDirectory() as name:
        for text in SPECS:
            path = Path(name) / "spec.toml"
            path.write_text(text, encoding="utf-8")
            find(str(path))
    verify(r"$z = w x$, $\frac{\partial z}{\partial w} = 2 x$")


def worker(tasks: Any, results: Any, seed: int, seconds: float, now: Any, since: Any) -> None:
    """Runs inputs by number until it is told to stop."""
    signal.signal(signal.SIGALRM, interrupt)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warm()
    sys.addaudithook(Watch.hook)
    with tempfile.TemporaryDirectory() as name:
        while (numbers := tasks.get()) is not None:
            found = []
            for number in numbers:
                item = made(number, seed)
                now.value, since.value = number, time.time()
                found.append(one(item, Path(name), seconds))
            now.value = -1
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            results.put((os.getpid(), peak, found))


# --- the whole run ------------------------------------------------------------------------------------


@dataclass(slots=True)
class Totals:
    count: int = 0
    seconds: float = 0.0
    peak: float = 0.0
    table: Counter[tuple[str, str]] = field(default_factory=Counter)
    slowest: list[Outcome] = field(default_factory=list)
    failures: list[Outcome] = field(default_factory=list)

    def add(self, o: Outcome) -> None:
        self.count += 1
        self.seconds += o.seconds
        self.table[(o.kind, o.failure.upper() or o.said)] += 1
        self.slowest = sorted([*self.slowest, o], key=lambda x: -x.seconds)[:10]
        if o.failure:
            self.failures.append(o)


class Crew:
    """The workers, each with what it is doing; one that hangs is replaced."""

    def __init__(self, size: int, seed: int, seconds: float) -> None:
        self.seed, self.seconds = seed, seconds
        self.context = mp.get_context("spawn")
        self.tasks, self.results = self.context.Queue(), self.context.Queue()
        self.members = [self._hire() for _ in range(size)]

    def _hire(self) -> tuple[Any, Any, Any]:
        now, since = self.context.Value("q", -1), self.context.Value("d", 0.0)
        process = self.context.Process(
            target=worker, args=(self.tasks, self.results, self.seed, self.seconds, now, since)
        )
        process.start()
        return process, now, since

    def lost(self) -> list[tuple[int, str]]:
        """Inputs of workers that hang beyond their grace, or died; those workers are replaced."""
        found = []
        for k, (process, now, since) in enumerate(self.members):
            number = now.value
            late = number >= 0 and time.time() - since.value > GRACE * self.seconds
            if late or not process.is_alive():
                process.kill()
                process.join()
                found.append((number, "hang" if late else "died"))
                self.members[k] = self._hire()
        return found


def fuzz(count: int, workers: int, seed: int, seconds: float, batch: int = 25) -> Totals:
    """All inputs from 0 to count - 1."""
    totals = Totals()
    crew = Crew(workers, seed, seconds)
    open_ = {k: list(range(k, min(k + batch, count))) for k in range(0, count, batch)}
    for numbers in open_.values():
        crew.tasks.put(numbers)
    start = shown = time.time()
    while open_:
        try:
            _, peak, found = crew.results.get(timeout=5)
        except Exception:
            for number, how in crew.lost():
                key = number - number % batch
                if number < 0 or key not in open_:
                    continue
                # What came before it in the batch is run again, what comes after it too.
                rest = [n for n in open_[key] if n != number]
                totals.add(
                    Outcome(number, made(number, seed).kind, "", seconds * GRACE, how, "killed")
                )
                open_[key] = rest
                if rest:
                    crew.tasks.put(rest)
                else:
                    del open_[key]
            continue
        totals.peak = max(totals.peak, peak)
        for o in found:
            totals.add(o)
        open_.pop(found[0].number - found[0].number % batch, None)
        if time.time() - shown > 30:
            shown = time.time()
            print(
                f"  {totals.count} inputs, {len(totals.failures)} failures, {shown - start:.0f} s",
                file=sys.stderr,
            )
    for _ in crew.members:
        crew.tasks.put(None)
    for process, _, _ in crew.members:
        process.join(10)
        process.kill()
    return totals


def show(totals: Totals, wall: float, seed: int, folder: Path) -> None:
    print(
        f"{totals.count} inputs (seed {seed}) in {wall:.0f} s, {totals.seconds:.0f} s of work; "
        f"peak memory of a worker {totals.peak:.0f} MiB"
    )
    print("\n| kind | inputs | outcomes |\n|---|---|---|")
    kinds = sorted({k for k, _ in totals.table})
    for kind in kinds:
        rows = sorted(
            ((n, said) for (k, said), n in totals.table.items() if k == kind), reverse=True
        )
        print(
            f"| {kind} | {sum(n for n, _ in rows)} | {', '.join(f'{said} {n}' for n, said in rows)} |"
        )
    print(
        "\nslowest: "
        + ", ".join(f"{o.number} ({o.kind}) {o.seconds:.1f} s" for o in totals.slowest)
    )
    print(f"failures: {len(totals.failures)}")
    for k, o in enumerate(sorted(totals.failures, key=lambda f: (f.failure, f.number))):
        item = made(o.number, seed)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{o.number}.{o.kind}"
        path.write_bytes(item.content)
        path.with_suffix(path.suffix + ".trace").write_text(
            f"seed {seed} number {o.number} {item.extra}\n{o.failure}\n{o.trace}", encoding="utf-8"
        )
        if k >= SHOWN:
            continue
        last = o.trace.strip().splitlines()[-1] if o.trace.strip() else ""
        print(f"  {o.number} {o.kind} {o.failure} after {o.seconds:.1f} s: {last[:160]}  -> {path}")


def replay(what: str, seed: int, seconds: float) -> int:
    """One input again, with everything that is known of it."""
    if what.isdigit():
        item = made(int(what), seed)
    else:
        path = Path(what)
        trace = path.with_suffix(path.suffix + ".trace")
        extra: tuple[str, ...] = ("chang", "")
        if trace.exists():
            words = trace.read_text(encoding="utf-8").split("\n")[0].split(" ", 4)
            extra = made(int(words[3]), int(words[1])).extra
        item = Input(0, path.suffix[1:], path.read_bytes(), extra)
    print(item.kind, item.extra, repr(item.content[:2000]))
    signal.signal(signal.SIGALRM, interrupt)
    warm()
    sys.addaudithook(Watch.hook)
    with tempfile.TemporaryDirectory() as name:
        o = one(item, Path(name), seconds)
    print(f"{o.said} {o.failure} {o.seconds:.2f} s\n{o.trace}")
    return int(bool(o.failure))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=20.0, help="time limit of one input")
    parser.add_argument("--save", type=Path, default=Path("fuzz-failures"))
    parser.add_argument("--replay", default="")
    given = parser.parse_args()
    if given.replay:
        return replay(given.replay, given.seed, given.seconds)
    start = time.time()
    totals = fuzz(given.count, given.workers, given.seed, given.seconds)
    show(totals, time.time() - start, given.seed, given.save)
    return int(bool(totals.failures))


if __name__ == "__main__":
    sys.exit(main())
