"""Requests per second, latency, memory and start of the container's program, against other servers or itself.

    python -m benchmarks.serving.run                     every server, every payload; writes the tables of README.md
    python -m benchmarks.serving.run REVISION ...        the container's program against other revisions of itself

Every server in turn has one worker and one core; wrk asks it from another core and checks each answer. The servers take
turns, round after round, so that a busy machine is busy for all of them. Needs wrk, nginx and Java (Debian: apt-get
install wrk nginx-light default-jre-headless); each server gets a virtual environment below `.benchmarks`.
"""

import argparse
import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.serving import report
from benchmarks.serving.environment import CACHE, bin_of
from benchmarks.serving.load import measure
from benchmarks.serving.payload import MODELS, Payload, bodies, in_process, lay_out
from benchmarks.serving.peer import BASELINE, CONTAINER, ROOT, Peer, all_peers
from benchmarks.serving.process import Running, ServerError, running
from benchmarks.serving.results import Results

WARM_SECONDS = 1
PAYLOADS = ["1 row", "1 row, with ids", "100 rows", "JPEG"]
PATH = f"{os.environ['PATH']}:/usr/sbin"
"""Debian's nginx is in a folder that is not in everybody's PATH."""


def main() -> None:
    """Measure, print, write."""
    options = _options()
    missing = [program for program in ("wrk", "taskset") if shutil.which(program) is None]
    if missing:
        sys.exit(f"{', '.join(missing)} must be there: apt-get install wrk nginx-light default-jre-headless util-linux")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        peers = _chosen(options, Path(name))
        asked = [payload for payload in bodies(options.models) if payload.name in options.payloads]
        bases = {
            model: lay_out(options.models / model, Path(name) / model / "ml")
            for model in dict.fromkeys(payload.model for payload in asked)
        }
        results = Results(titles={peer.name: peer.title for peer in peers})
        for peer in peers:
            lacking = [program for program in peer.needs if shutil.which(program, path=PATH) is None]
            if lacking:
                results.failed[peer.name] = f"{', '.join(lacking)} is not installed"
            else:
                bin_of(peer)
        payloads = [_answered(payload, bases[payload.model], options, results) for payload in asked]
        with contextlib.suppress(KeyboardInterrupt):  # what is there by then is reported
            _measure_all(peers, bases, payloads, options, results)
            if payloads and payloads[0].model == "iris":
                for peer in peers:
                    _weigh(peer, bases["iris"], payloads[0], options, results)
    results.minutes = (time.monotonic() - began) / 60
    baseline = options.revisions[0] if options.revisions else BASELINE
    text = report.tables(results, baseline)
    print(text)
    results.write(CACHE / "results.json")
    if options.write:
        report.write(text)


def _options() -> argparse.Namespace:
    names = list(all_peers())
    parser = argparse.ArgumentParser(description="Measures the container's program against other servers or itself.")
    parser.add_argument("revisions", nargs="*", help="revisions to compare the working tree with, and nothing else")
    parser.add_argument("--servers", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--payloads", nargs="+", default=PAYLOADS, metavar="NAME")
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 8, 64], metavar="NUMBER")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--workers", nargs="*", type=int, default=[1, 2, 4], help="how many to weigh, nothing for none")
    parser.add_argument("--server-core", type=int, default=0, help="the core of the servers")
    parser.add_argument("--load-core", type=int, default=1, help="the core of wrk")
    parser.add_argument("--models", type=Path, default=MODELS, help="the folder with iris and recycling")
    parser.add_argument("--write", action="store_true", help="write the tables into benchmarks/serving/README.md")
    return parser.parse_args()


def _chosen(options: argparse.Namespace, folder: Path) -> list[Peer]:
    peers = all_peers()
    if options.revisions:
        container = peers[CONTAINER]
        return [*(container.at(each, _program(each, folder)) for each in options.revisions), container]
    return [peer for name, peer in peers.items() if name in options.servers]


def _program(revision: str, folder: Path) -> Path:
    """The container's program of a revision."""
    archive = subprocess.run(
        ["git", "-C", str(ROOT), "archive", revision, "container"], capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder / "revisions" / revision, filter="data")
    return folder / "revisions" / revision / "container"


def _answered(payload: Payload, base: Path, options: argparse.Namespace, results: Results) -> Payload:
    """The payload with the answer of the model without a server."""
    container = all_peers()[CONTAINER]
    answer, results.limits[payload.name] = in_process(container, payload, base, options.server_core)
    return replace(payload, expected=answer)


def _measure_all(
    peers: Sequence[Peer],
    bases: Mapping[str, Path],
    payloads: Sequence[Payload],
    options: argparse.Namespace,
    results: Results,
) -> None:
    """Round after round, a turn of every server with every model that it serves."""
    for number in range(1, options.rounds + 1):
        for peer in peers:
            for model, base in bases.items():
                if model in peer.models and peer.name not in results.failed:
                    print(f"round {number} of {options.rounds}: {peer.name}, {model}", file=sys.stderr, flush=True)
                    _measure(peer, base, [each for each in payloads if each.model == model], options, results)
                    results.write(CACHE / "results.json")


def _measure(
    peer: Peer, base: Path, payloads: Sequence[Payload], options: argparse.Namespace, results: Results
) -> None:
    """One turn of a server with one model."""
    try:
        with running(peer, base=base, model=payloads[0].model, core=options.server_core) as server:
            results.ready[peer.name].append(server.ready_seconds)
            for payload in payloads:
                _wait(server, payload)
                measure(server, payload, connections=8, seconds=WARM_SECONDS, core=options.load_core)
                for connections in options.connections:
                    results.measured[payload.name, connections, peer.name].append(
                        measure(
                            server, payload, connections=connections, seconds=options.seconds, core=options.load_core
                        )
                    )
            results.memory[peer.name, payloads[0].model].append(server.memory_mib())
    except ServerError as reason:
        results.fail(peer.name, reason)


def _weigh(peer: Peer, base: Path, payload: Payload, options: argparse.Namespace, results: Results) -> None:
    """The memory of a server with more than one worker, after each had something to do."""
    if peer.name in results.failed or not peer.scales:
        return
    for workers in options.workers:
        try:
            with running(peer, base=base, model="iris", core=options.server_core, workers=workers) as server:
                _wait(server, payload)
                measure(server, payload, connections=8, seconds=WARM_SECONDS, core=options.load_core)
                results.workers[peer.name][workers] = server.memory_mib()
        except ServerError as reason:
            results.fail(peer.name, reason)
            return


def _wait(server: Running, payload: Payload) -> None:
    """Some are healthy before their model is loaded: wait for the first answer."""
    until = time.monotonic() + 60
    while (answer := server.ask(payload)) != (200, payload.expected):
        if time.monotonic() > until:
            raise ServerError(f"{server.peer.name} answers {payload.name} with {answer}")
        time.sleep(0.1)


if __name__ == "__main__":
    main()
