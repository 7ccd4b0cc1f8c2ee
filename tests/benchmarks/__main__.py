"""`make bench`: runs every script of this folder, prints one table of figures beside their baselines, and writes it as JSON.

A script is a module with a `__main__` part that takes `--quick` and prints one JSON object a line: `name`, `ours`,
`baseline`, `unit`, `ratio`, `target` ("≤ 1.2", "≥ 0.25"; or empty). Both sides are measured in the same minutes on
the same machine; the figures are medians of at least five interleaved runs. Names given as arguments run only
those scripts.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
RESULT = ROOT / "artifacts" / "benchmarks.json"
FIELDS = {"name", "ours", "baseline", "unit", "ratio", "target"}


def scripts():
    """The names of the scripts here, in alphabetical order."""
    return sorted(
        path.stem for path in FOLDER.glob("[a-z]*.py") if "__main__" in path.read_text(encoding="utf-8")
    )


def run(name, quick):
    """The rows of one script and whether it ended well."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *(["--quick"] if quick else [])]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for row in rows:
        assert row.keys() >= FIELDS, f"{name}: {row} lacks {FIELDS - row.keys()}"
    return rows, done.returncode == 0


def held(row):
    """Whether the ratio meets its target; None when there is none."""
    sign, _space, limit = str(row["target"]).partition(" ")
    if sign not in ("≤", "≥") or row["ratio"] is None:
        return None
    return row["ratio"] <= float(limit) if sign == "≤" else row["ratio"] >= float(limit)


def show(console, rows):
    table = Table(title="Figures", title_justify="left", show_edge=False, pad_edge=False)
    for heading, justify in (
        ("what", "left"),
        ("ours", "right"),
        ("baseline", "right"),
        ("unit", "left"),
        ("ratio", "right"),
        ("target", "left"),
        ("", "left"),
    ):
        table.add_column(heading, justify=justify, overflow="fold")
    for row in rows:
        verdict = {True: "[green]✓[/green]", False: "[red]✗[/red]", None: ""}[held(row)]
        table.add_row(
            row["name"],
            _figure(row["ours"]),
            _figure(row["baseline"]),
            row["unit"],
            _figure(row["ratio"]),
            str(row["target"]),
            verdict,
        )
    console.print(table)


def _figure(number):
    return f"{number:,}" if isinstance(number, int | float) else str(number if number is not None else "—")


def main():
    quick = "--quick" in sys.argv
    wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")] or scripts()
    unknown = set(wanted) - set(scripts())
    if unknown:
        sys.exit(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(scripts())}.")
    console = Console(width=None if sys.stdout.isatty() else 140)
    rows, failed = [], []
    for name in wanted:
        began = time.monotonic()
        with console.status(f"{name} …"):
            found, well = run(name, quick)
        console.print(
            f"  {name}: {len(found)} figures in {time.monotonic() - began:.0f} s{'' if well else ', then it failed'}"
        )
        rows += [{**row, "script": name} for row in found]
        failed += [] if well else [name]
    show(console, rows)
    RESULT.parent.mkdir(exist_ok=True)
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    RESULT.write_text(
        json.dumps({"quick": quick, "taken_on": machine, "rows": rows}, indent=1, ensure_ascii=False) + "\n"
    )
    console.print(f"written to {RESULT.relative_to(ROOT)}")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
