"""The migrations of the first version were folded into one an app: sites that ran each by itself go on without a change."""

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


def applied(app):
    return {name for label, name in MigrationRecorder(connection).applied_migrations() if label == app}


def test_tables_made_by_the_single_migrations_are_in_step(folded):
    for app, name in folded.replaces:
        MigrationRecorder(connection).record_applied(app, name)
    assert preparation.migrate() == 0
    assert folded.name in applied("videos")


def test_tables_that_lack_some_of_them_are_refused_with_what_to_do(folded):
    for app, name in folded.replaces[:-1]:
        MigrationRecorder(connection).record_applied(app, name)
    before = applied("videos")
    with pytest.raises(
        CommandError, match=f"tables of videos .* Start version {preparation.BEFORE_THE_FOLD}"
    ):
        preparation.migrate()
    assert applied("videos") == before
