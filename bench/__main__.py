"""``python -m bench``: the municipality, both servers, the measurement, the table."""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench import measuring, town
from bench.report import Report, middle
from bench.script import DIRECTORS, OFFICE, Visit, record
from bench.servers import Browser, Server, free_port, running

ROUNDS, TURNS, EACH = 60, 8, 4


def main() -> int:
    """Measure each size and print."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--pages", nargs="+", help="only these: list, ticket, search, create, indicator")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="answers of each side, with one client")
    wanted = parser.parse_args()
    printed = [f"{time.strftime('%Y-%m-%d %H:%M')}, Python {sys.version.split()[0]}", ""]
    print(printed[0], flush=True)
    for count in wanted.tickets:
        lines = measure(count, wanted).lines()
        print("\n".join(lines), flush=True)
        printed += lines
    (town.FOLDER / "report.txt").write_text("\n".join(printed), encoding="utf-8")
    return 0


def measure(count: int, wanted: argparse.Namespace) -> Report:
    """One size of town."""
    print(f"\nPreparing {count:,} tickets…", file=sys.stderr, flush=True)
    noted = town.prepare(count, town.FOLDER / "recorded")
    visits = {
        name: found for name, found in record(noted).items() if not wanted.pages or name in wanted.pages
    }
    shutil.rmtree(noted.instance_path)
    report = Report(count, visits)
    with servers(count, visits) as (ours, twin):
        print("Measuring…", file=sys.stderr, flush=True)
        for name, found in visits.items():
            measure_page(report, name, found, ours, twin, wanted)
        head = Browser(ours.port).sign_in(OFFICE[0], town.PASSWORD)
        report.first_load = measuring.first_load(head, "/cola")
        report.memory, report.memory_peak = ours.memory(), ours.memory("VmHWM")
        report.memory_twin = twin.memory()
    return report


def measure_page(
    report: Report, name: str, visits: list[Visit], ours: Server, twin: Server, wanted: argparse.Namespace
) -> None:
    """One page with each number of clients, and its size."""
    people = DIRECTORS if name == "create" else OFFICE
    most = max(wanted.clients)
    browsers = [Browser(ours.port).sign_in(people[at % len(people)], town.PASSWORD) for at in range(most)]
    pairs = [measuring.askers(name, visits, browser, Browser(twin.port)) for browser in browsers]
    report.sizes[name] = middle([browsers[0].ask(visit.path).size for visit in visits])
    for clients in wanted.clients:
        report.pairs[name, clients] = (
            measuring.alone(*pairs[0], wanted.rounds)
            if clients == 1
            else measuring.together(pairs[:clients], TURNS, EACH)
        )


@contextmanager
def servers(count: int, visits: dict[str, list[Visit]]) -> Iterator[tuple[Server, Server]]:
    """Ours and the twin, each on a fresh copy of the same municipality."""
    ours = town.prepare(count, town.FOLDER / "ours")
    twin = town.prepare(count, town.FOLDER / "twin")
    script = town.FOLDER / "script.json"
    script.write_text(json.dumps(as_script(visits)), encoding="utf-8")
    with ExitStack() as stack:
        port = free_port()
        environ = {
            "INSTANCE_PATH": str(ours.instance_path),
            "PORT": str(port),
            "SECRET_KEY": "",
            "MAIL_SERVER": "",
        }
        served = stack.enter_context(
            running(["-m", "poa_tickets.server"], port, environ, town.FOLDER / "ours.log")
        )
        port = free_port()
        command = ["-m", "bench.twin", str(script), str(twin.instance_path / "poa.sqlite3"), str(port)]
        command.append(str(twin.threads))
        bare = stack.enter_context(running(command, port, {}, town.FOLDER / "twin.log"))
        yield served, bare


def as_script(visits: dict[str, list[Visit]]) -> dict[str, list[dict[str, object]]]:
    """What the twin is told."""
    return {
        name: [
            {
                "statements": [(statement.sql, statement.rows) for statement in visit.statements],
                "body": visit.body,
            }
            for visit in found
        ]
        for name, found in visits.items()
    }


if __name__ == "__main__":
    sys.exit(main())
