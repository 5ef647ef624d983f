"""Medians and ratios of what ops/bench/run measured, as a table, as JSON or as the page RESULTS.md.

usage: report.py table|json|page FOLDER

FOLDER holds `measurements`, a line a measurement: way, round, rows, wall seconds, user seconds, system seconds, peak RSS in
kilobytes, bytes of WAL; `facts`, a line a fact: name, tab, text; and where one was taken `profile`, lines of Markdown.
"""

import collections
import json
import os
import statistics
import sys

WAYS = {
    "copy": "psql `\\copy`, text, one file",
    "insert": "one prepared, autocommitted INSERT per row, the same rows (`bench insert`)",
    "pgbench": "one prepared, autocommitted INSERT of a row of constants (pgbench)",
    "one": "drainer, one stream",
    "two": "drainer, two streams, `WORKERS=2`",
    "defaults": "drainer, one stream, default settings",
    "insert-road": "drainer, one stream, INSERT only (`COPY_BATCH_SIZE=0`)",
    "sequential": "drainer, one stream, one by one (`BATCHED_CREATE_ENABLED=false`)",
    "mq-bridge": "mq-bridge, `redis_streams` to `sqlx`, `bulk_copy`",
    "psycopg": "redis-py with hiredis, psycopg 3 COPY",
}
GOALS = [
    ("one", "copy", 0.90),
    ("two", "copy", 1.30),
    ("one", "insert", 25),
    # For comparison: no row of ours.
    ("one", "pgbench", None),
    ("one", "mq-bridge", 1.5),
    ("one", "psycopg", 1.4),
]


class Measurement:
    def __init__(self, line):
        self.way, self.round, *numbers = line.rstrip("\n").split("\t")
        self.rows, wall, user, system, rss, wal = (float(number) for number in numbers)
        self.rate = self.rows / wall
        self.seconds = wall
        self.cpu = (user + system) * 1e6 / self.rows
        self.rss = rss / 1024
        self.wal = wal / self.rows


def read(folder):
    ways, sizes = collections.defaultdict(dict), collections.defaultdict(lambda: collections.defaultdict(list))
    with open(os.path.join(folder, "measurements")) as lines:
        for line in lines:
            measurement = Measurement(line)
            if ":" in measurement.way:
                way = measurement.way.split(":")[0]
                sizes[int(measurement.rows)][way].append(measurement)
            else:
                ways[measurement.way][measurement.round] = measurement
    if sizes:
        # What all ways were measured with is one of the sizes.
        for way in ("copy", "one"):
            for measurement in ways[way].values():
                sizes[int(measurement.rows)][way].append(measurement)
    with open(os.path.join(folder, "facts")) as lines:
        facts = dict(line.rstrip("\n").split("\t", 1) for line in lines)
    return ways, sizes, facts


def median(measurements, figure):
    return statistics.median(getattr(measurement, figure) for measurement in measurements)


def ratio(ways, left, right):
    """The median of the ratios round by round, since a machine's speed drifts; None where one was not measured."""
    common = ways.get(left, {}).keys() & ways.get(right, {}).keys()
    ratios = [ways[left][number].rate / ways[right][number].rate for number in common]
    return round(statistics.median(ratios), 3) if ratios else None


def shown(found):
    return "–" if found is None else f"{found:.2f}"


def rows_of(ways):
    for way in WAYS:
        if way in ways:
            values = list(ways[way].values())
            yield way, {
                "rows": int(values[0].rows),
                "rowsPerSecond": round(median(values, "rate")),
                "toCopy": ratio(ways, way, "copy"),
                "clientCPUMicrosecondsPerRow": round(median(values, "cpu"), 2),
                "peakRSSMegabytes": round(max(value.rss for value in values), 1),
                "walBytesPerRow": round(median(values, "wal")),
            }


def goals(ways):
    for left, right, goal in GOALS:
        found = ratio(ways, left, right)
        if found is not None:
            yield {"ratio": f"{left} to {right}", "measured": found, "goal": goal}


def series(sizes):
    for rows in sorted(sizes):
        drained, copied = sizes[rows]["one"], sizes[rows]["copy"]
        yield {
            "rows": rows,
            "rounds": len(drained),
            "copyRowsPerSecond": round(median(copied, "rate")),
            "rowsPerSecond": round(median(drained, "rate")),
            "microsecondsPerRow": round(median(drained, "seconds") * 1e6 / rows, 2),
            "clientCPUMicrosecondsPerRow": round(median(drained, "cpu"), 2),
            "peakRSSMegabytes": round(max(value.rss for value in drained), 1),
        }


def as_json(folder):
    ways, sizes, facts = read(folder)
    return json.dumps(
        {"facts": facts, "ways": dict(rows_of(ways)), "goals": list(goals(ways)), "sizes": list(series(sizes))}
    )


def as_table(folder):
    ways, sizes, facts = read(folder)
    lines = ["", f"  {facts['rounds']} rounds, medians; ratios round by round; peak RSS is the highest", ""]
    lines.append(f"  {'way':<12} {'rows':>9} {'rows/s':>9} {'to copy':>8} {'CPU µs/row':>11} {'RSS MB':>7} {'WAL B/row':>10}")
    for way, row in rows_of(ways):
        lines.append(
            f"  {way:<12} {row['rows']:>9,} {row['rowsPerSecond']:>9,} {shown(row['toCopy']):>8}"
            f" {row['clientCPUMicrosecondsPerRow']:>11.2f} {row['peakRSSMegabytes']:>7.1f} {row['walBytesPerRow']:>10}"
        )
    lines.append("")
    for goal in goals(ways):
        aim = f"  (goal {goal['goal']}x)" if goal["goal"] else ""
        lines.append(f"  {goal['ratio']:<18} {goal['measured']:>6.2f}x{aim}")
    if sizes:
        lines += ["", f"  {'rows':>10} {'copy rows/s':>12} {'rows/s':>9} {'µs/row':>7} {'CPU µs/row':>11} {'RSS MB':>7}"]
        for row in series(sizes):
            lines.append(
                f"  {row['rows']:>10,} {row['copyRowsPerSecond']:>12,} {row['rowsPerSecond']:>9,}"
                f" {row['microsecondsPerRow']:>7.2f} {row['clientCPUMicrosecondsPerRow']:>11.2f} {row['peakRSSMegabytes']:>7.1f}"
            )
    return "\n".join(lines)


def as_page(folder):
    ways, sizes, facts = read(folder)
    lines = ["# What `ops/bench/run --record` measured", ""]
    lines += [f"- {name}: {text}" for name, text in facts.items()]
    lines += [
        "",
        "All ways write the same rows into the same table (12 columns, a uuid key, one more index) through Unix sockets, on the",
        "same durable PostgreSQL, whole processes from start to end; their order changes from round to round. Figures are medians,",
        "the ratio to `\\copy` is the median of the rounds' own ratios, peak RSS is the highest.",
        "",
        "| way | rows | rows/s | to `\\copy` | client CPU µs/row | peak RSS MB | WAL bytes/row |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for way, row in rows_of(ways):
        lines.append(
            f"| {WAYS[way]} | {row['rows']:,} | {row['rowsPerSecond']:,} | {shown(row['toCopy'])} |"
            f" {row['clientCPUMicrosecondsPerRow']:.2f} | {row['peakRSSMegabytes']:.1f} | {row['walBytesPerRow']} |"
        )
    lines += ["", "| ratio | measured | goal | |", "|---|---:|---:|---|"]
    for goal in goals(ways):
        verdict = "" if not goal["goal"] else "reached" if goal["measured"] >= goal["goal"] else "**missed**"
        lines.append(f"| {goal['ratio']} | {goal['measured']:.2f} | {goal['goal'] or '-'} | {verdict} |")
    if sizes:
        lines += [
            "",
            "## From few entries to many",
            "",
            "One stream, the settings of the first table; 'rounds' says how often each size was measured.",
            "",
            "| rows | rounds | `\\copy` rows/s | drainer rows/s | µs/row | client CPU µs/row | peak RSS MB |",
            "|---:|---:|---:|---:|---:|---:|---:|",
        ]
        for row in series(sizes):
            lines.append(
                f"| {row['rows']:,} | {row['rounds']} | {row['copyRowsPerSecond']:,} | {row['rowsPerSecond']:,} |"
                f" {row['microsecondsPerRow']:.2f} | {row['clientCPUMicrosecondsPerRow']:.2f} | {row['peakRSSMegabytes']:.1f} |"
            )
    profile = os.path.join(folder, "profile")
    if os.path.exists(profile):
        with open(profile) as text:
            lines += ["", "## Where the client's time goes", "", text.read().rstrip("\n")]
    return "\n".join(lines)


if __name__ == "__main__":
    print({"table": as_table, "json": as_json, "page": as_page}[sys.argv[1]](sys.argv[2]))
