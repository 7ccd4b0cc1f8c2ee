"""`manage.py rebuild_search`: makes the search index anew, beside a running site."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from videos.search import cluster, indexing


class Command(BaseCommand):
    help = "Make the search index anew. While it runs, searches find what is indexed already."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = indexing.rebuild(lambda count: self.stdout.write(f"{count} …"))
        except cluster.Unreachable as error:
            raise CommandError(
                f"The cluster of SEARCH_URL did not answer, so nothing was changed: {error}"
            ) from error
        self.stdout.write(f"Indexed {done}.")
