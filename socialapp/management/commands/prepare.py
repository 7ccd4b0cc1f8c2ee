"""`manage.py prepare`: everything that must be done once before processes of a many-process installation start."""

from typing import Any

from django.core.management.base import BaseCommand

from socialapp import preparation


class Command(BaseCommand):
    help = "Compile translations, create or update the tables, gather page files, make push key and admin. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"translations compiled: {preparation.compile_translations()}")
        self.stdout.write(f"migrations applied: {preparation.migrate()}")
        self.stdout.write(f"page files gathered: {preparation.collect_static()}")
        self.stdout.write(f"bucket made: {'yes' if preparation.ensure_bucket() else 'no'}")
        self.stdout.write(f"push key made: {'yes' if preparation.ensure_push_key() else 'no'}")
        password, new = preparation.ensure_admin()
        if new:
            self.stdout.write(
                f"admin made. Log in at /admin/ as {preparation.ADMIN} with password: {password}"
            )
