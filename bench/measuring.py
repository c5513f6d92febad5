"""Asking both servers in turns, so that what disturbs the machine disturbs both alike."""

import itertools
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles

from bench.script import Visit, fresh, hidden_of
from bench.servers import Browser

STATIC = re.compile(r'(?:href|src)="(/(?:static|tema|escudo)[^"#]*)')
Ask = Callable[[], object]


@dataclass
class Times:
    """Milliseconds of each answer of one server."""

    taken: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.taken)

    @property
    def p95(self) -> float:
        return quantiles(self.taken, n=20)[-1]


@dataclass
class Pair:
    """Ours and the twin's, asked in turns."""

    ours: Times = field(default_factory=Times)
    twin: Times = field(default_factory=Times)

    @property
    def ratio(self) -> float:
        """How many times the bare page's median ours takes."""
        return self.ours.median / self.twin.median


def timed(ask: Ask, into: list[float]) -> None:
    """One answer."""
    start = time.perf_counter()
    ask()
    into.append((time.perf_counter() - start) * 1000)


def alone(ours: Ask, twin: Ask, rounds: int) -> Pair:
    """One client: one answer of each in turns, whoever comes first."""
    pair = Pair()
    for ask in (ours, twin) * 3:
        ask()
    sides = [(ours, pair.ours.taken), (twin, pair.twin.taken)]
    for place in range(rounds):
        for ask, into in sides if place % 2 else reversed(sides):
            timed(ask, into)
    return pair


def together(clients: Sequence[tuple[Ask, Ask]], turns: int, each: int) -> Pair:
    """Several clients at once: all at ours, then all at the twin, in turns."""
    pair = Pair()
    gate = threading.Barrier(len(clients))

    def run(ours: Ask, twin: Ask) -> None:
        try:
            for _turn in range(turns):
                for ask, into in ((ours, pair.ours.taken), (twin, pair.twin.taken)):
                    gate.wait()
                    for _time in range(each):
                        timed(ask, into)
        except threading.BrokenBarrierError:
            pass
        except BaseException:
            gate.abort()
            raise

    threads = [threading.Thread(target=run, args=client) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if gate.broken:
        raise SystemExit("a client failed; see above")
    return pair


def asker(browser: Browser, paths: Sequence[str]) -> Ask:
    """Opens pages one after the other, from the first again."""
    going_round = itertools.cycle(paths)

    def ask() -> None:
        path = next(going_round)
        answer = browser.ask(path)
        assert answer.status == 200, f"{path}: {answer.status}"

    return ask


def filer(browser: Browser, path: str, form: dict[str, str]) -> Ask:
    """Files a request, each time another."""

    def ask() -> None:
        answer = browser.ask(path, form | fresh())
        assert answer.status == 303, f"{path}: {answer.status}"

    return ask


def askers(name: str, visits: Sequence[Visit], browser: Browser, twin: Browser) -> tuple[Ask, Ask]:
    """The same thing asked of ours and of the twin."""
    places = [f"/{name}/{place}" for place in range(len(visits))]
    if name != "create":
        return asker(browser, [visit.path for visit in visits]), asker(twin, places)
    form = visits[0].form | hidden_of(browser.text(visits[0].path))
    return filer(browser, visits[0].path, form), filer(twin, places[0], form)


def first_load(browser: Browser, path: str) -> int:
    """Bytes on the wire of a page and of everything it needs, with nothing kept from before."""
    files = set(STATIC.findall(browser.text(path)))
    return browser.ask(path).size + sum(browser.ask(file.replace("&amp;", "&")).size for file in files)
