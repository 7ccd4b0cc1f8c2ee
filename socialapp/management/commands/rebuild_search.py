"""`manage.py rebuild_search`: makes the search index anew, beside a running site."""

from typing import Any

from django.core.management.base import BaseCommand

from videos.search import indexing


class Command(BaseCommand):
    help = "Make the search index anew. While it runs, searches find what is indexed already."

    def handle(self, *args: Any, **options: Any) -> None:
        done = indexing.rebuild(lambda count: self.stdout.write(f"{count} …"))
        self.stdout.write(f"Indexed {done}.")
