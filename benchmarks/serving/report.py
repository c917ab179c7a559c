"""The tables."""

import statistics
from collections.abc import Iterable
from pathlib import Path

from benchmarks.serving.load import Measurement
from benchmarks.serving.results import Results

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
MANY = 64
ENOUGH = 0.9

SUMMARY = (
    ("1 row, 1 connection", "1 row", 1),
    ("1 row, 64", "1 row", MANY),
    ("with ids, 64", "1 row, with ids", MANY),
    ("100 rows, 64", "100 rows", MANY),
    ("JPEG, 64", "JPEG", MANY),
)


def tables(results: Results, baseline: str) -> str:
    """Ratios, a table for each payload, one for start and memory, and what to know about this run."""
    parts = [_summary(results, baseline)]
    parts += [_payload(results, payload, baseline) for payload in results.limits]
    parts += [_cost(results), _limits(results)]
    parts += [f"Not measured: {results.titles[server]}: {reason}." for server, reason in results.failed.items()]
    parts.append(_conditions(results))
    return "\n\n".join(parts)


def write(text: str) -> None:
    """Put the tables between the marks of the page."""
    page = README.read_text()
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    README.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")


def _summary(results: Results, baseline: str) -> str:
    """The table that the project's page quotes: requests per second relative to the baseline."""
    head = ["server", *(title for title, _, _ in SUMMARY), "p99 / p50, 1 row, 64", "MiB per worker"]
    rows = []
    for server, title in results.titles.items():
        row = [title]
        row += [_times(results, payload, connections, server, baseline) for _, payload, connections in SUMMARY]
        spread = results.median("1 row", MANY, server)
        row.append(f"{spread.p99 / spread.p50:.1f}" if spread is not None else "")
        row.append(_number(results.per_worker(server), ".0f"))
        rows.append(row)
    base = results.titles.get(baseline, baseline)
    return f"Requests per second, as multiples of {base}:\n\n{_table(head, rows)}"


def _payload(results: Results, payload: str, baseline: str) -> str:
    found = sorted({connections for name, connections, _ in results.measured if name == payload})
    head = ["server"]
    for connections in found:
        head += [f"{connections} conn.: requests/s", "times", "p50 ms", "p99 ms"]
    head += ["per CPU second", "times"]
    rows = []
    for server, title in results.titles.items():
        cells = [_cells(results, payload, connections, server, baseline) for connections in found]
        if any(map(any, cells)):
            cost = _costs(results.median(payload, found[-1], server), results.median(payload, found[-1], baseline))
            rows.append([title, *(cell for group in cells for cell in group), *cost])
    return f"### {payload}\n\n{_table(head, rows)}"


def _cells(results: Results, payload: str, connections: int, server: str, baseline: str) -> list[str]:
    one = results.median(payload, connections, server)
    if one is None:
        return ["", "", "", ""]
    times = _times(results, payload, connections, server, baseline)
    return [f"{one.rate:,.0f}", times, f"{one.p50:.2f}", f"{one.p99:.2f}"]


def _costs(one: Measurement | None, base: Measurement | None) -> list[str]:
    if one is None:
        return ["", ""]
    times = f"{one.per_cpu_second / base.per_cpu_second:.1f}" if base is not None else ""
    return [f"{one.per_cpu_second:,.0f}", times]


def _cost(results: Results) -> str:
    counts = sorted({count for weights in results.workers.values() for count in weights})
    head = ["server", "first healthy ping, s", "MiB after the load"]
    head += [*(f"MiB, workers: {count}" for count in counts), "MiB per further worker"]
    rows = []
    for server, title in results.titles.items():
        weights = results.workers.get(server, {})
        row = [title, _number(_median(results.ready.get(server, [])), ".2f")]
        row.append(_number(_median(results.memory.get((server, "iris"), [])), ".0f"))
        row += [_number(weights.get(count), ".0f") for count in counts]
        rows.append([*row, _number(results.per_worker(server), ".0f")])
    return f"### Start and memory\n\n{_table(head, rows)}"


def _limits(results: Results) -> str:
    head = ["payload", "one request per call", "64 requests per call"]
    rows = [[name, f"{limit['1']:,.0f}", f"{limit['64']:,.0f}"] for name, limit in results.limits.items()]
    text = "Requests per second of `predict` on one core, without reading and writing:"
    return f"### The model alone, in process\n\n{text}\n\n{_table(head, rows)}"


def _conditions(results: Results) -> str:
    rounds = max(map(len, results.measured.values()), default=0)
    text = f"Medians of {rounds} rounds, {results.minutes:.0f} minutes. "
    many = max((connections for _, connections, _ in results.measured), default=0)
    found = [all_of_it for (_, connections, _), all_of_it in results.measured.items() if connections == many]
    busy = [each.busy < ENOUGH for all_of_it in found for each in all_of_it]
    if not any(busy):
        return f"{text}With {many} connections, every server had its core for itself."
    return (
        f"{text}In {statistics.mean(busy):.0%} of the measurements with {many} connections the server had less than "
        f"{ENOUGH:.0%} of its core: the machine was busy with other work, or wrk was the limit. Then ratios count, and "
        "requests per CPU second, not the other figures."
    )


def _times(results: Results, payload: str, connections: int, server: str, baseline: str) -> str:
    base = results.median(payload, connections, baseline)
    one = results.median(payload, connections, server)
    return f"{one.rate / base.rate:.1f}" if base is not None and one is not None else ""


def _median(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)


def _table(head: list[str], rows: Iterable[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
