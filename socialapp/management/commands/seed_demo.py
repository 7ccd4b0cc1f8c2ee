"""`manage.py seed_demo`: the demo's people, clips and history. The work is socialapp.demo.seeding's."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from socialapp import preparation
from socialapp.demo.seeding import draw_ahead, refusal, seed


class Command(BaseCommand):
    help = "Make the demo people, their clips and sixty days of history. Running it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--quick", action="store_true", help="three clips of a second and a small crowd, for tests"
        )
        parser.add_argument(
            "--before-tables",
            action="store_true",
            help="draw the first clips, then wait until another process has made the tables",
        )
        parser.add_argument("--people-only", action="store_true", help="people and follows, without clips")
        parser.add_argument(
            "--cache", type=Path, help="where drawn clips are kept (DATA_DIR/demo-cache, or DEMO_CACHE)"
        )
        parser.add_argument(
            "--workers", type=int, help="processes that draw (one a core); 0 draws in this one"
        )

    def handle(self, **options: Any) -> None:
        why_not = refusal()
        if why_not:
            raise CommandError(why_not)
        cache = options["cache"] or (Path(os.environ["DEMO_CACHE"]) if os.environ.get("DEMO_CACHE") else None)
        if options["before_tables"]:
            draw_ahead(cache)
            preparation.wait_for_tables()
        how = {
            "cache": cache,
            "quick": options["quick"],
            "people_only": options["people_only"],
            "workers": options["workers"],
        }
        if os.environ.get("PROGRESS") == "lines":  # the supervisor draws the bar
            seed(lambda done, of, what: self.stdout.write(f"[{done}/{of}] {what}"), **how)
            return
        columns = (
            TextColumn("demo"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f} {task.description}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("people", total=1)
            seed(
                lambda done, of, what: progress.update(bar, completed=done, total=of, description=what), **how
            )
