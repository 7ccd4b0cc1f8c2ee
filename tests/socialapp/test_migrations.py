"""Making the tables: one migration an app since the first version; sites that ran the older ones go on without a change."""

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from socialapp import preparation

pytestmark = pytest.mark.django_db


@pytest.fixture
def folded():
    """The folded migration of videos; the database has no record of it, nor of what it replaces."""
    found = MigrationLoader(connection).replacements["videos", "0001_first_version"]
    for app, name in (("videos", found.name), *found.replaces):
        MigrationRecorder(connection).record_unapplied(app, name)
    return found


def record(migrations):
    for app, name in migrations:
        MigrationRecorder(connection).record_applied(app, name)


def applied(app):
    return {name for label, name in MigrationRecorder(connection).applied_migrations() if label == app}


def test_tables_made_by_the_single_migrations_are_in_step(folded):
    record(folded.replaces)
    assert preparation.migrate() == 0
    assert folded.name in applied("videos")


def test_tables_that_lack_some_of_them_are_refused_with_what_to_do(folded):
    record(folded.replaces[:-1])
    before = applied("videos")
    with pytest.raises(
        CommandError, match=f"tables of videos .* Start version {preparation.BEFORE_THE_FOLD}"
    ):
        preparation.migrate()
    assert applied("videos") == before


def test_who_waits_for_the_tables_goes_on_when_the_last_one_is_made(folded, monkeypatch):
    later = [("videos", name) for name in applied("videos")]
    for app, name in later:
        MigrationRecorder(connection).record_unapplied(app, name)
    left = [[], [*folded.replaces, *later]]
    monkeypatch.setattr(preparation.time, "sleep", lambda _seconds: record(left.pop(0)))
    preparation.wait_for_tables()
    assert left == []
