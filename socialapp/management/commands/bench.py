"""`manage.py bench`: takes the figures of docs and quality targets. The scripts are in tests/benchmarks."""

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Run the benchmarks and print one table: our figure, its baseline, the ratio and the target."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scripts", nargs="*", help="only these; all of them when none is named")
        parser.add_argument("--quick", action="store_true", help="smaller inputs, for a first impression")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.BASE_DIR / "tests" / "benchmarks").is_dir():
            raise CommandError("tests/benchmarks is not here: run this from a checkout of the sources.")
        quick = ["--quick"] if options["quick"] else []
        # A process of its own: the scripts bring their own databases, and this one's settings must not reach them.
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks", *options["scripts"], *quick],
            cwd=settings.BASE_DIR,
            check=False,
        )
        sys.exit(done.returncode)
