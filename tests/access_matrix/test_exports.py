"""The download of one's data asks the gate again: it holds what is one's own, and nothing that others keep to themselves."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage

from privacy import actions
from privacy.actions import exporting

from .secrets_kept import PEOPLE

# What somebody wrote is theirs, also where nobody reads it any more.
WRITTEN = {
    "friend": ("waiting", "hidden", "taken down", "site-held"),
    "restricted": ("restricted",),
    "blocked": ("blocked person's",),
}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    monkeypatch.setattr(exporting, "_nudge", lambda: None)


def archive_of(person):
    row = actions.ask_export(person)
    assert actions.make_export()
    row.refresh_from_db()
    assert row.state == "ready", row.stage
    return zipfile.ZipFile(io.BytesIO(default_storage.open(row.file).read()))


@pytest.mark.django_db(transaction=True)
def test_ones_data_holds_nothing_of_what_others_keep(secrets):
    leaks = {}
    for kind in PEOPLE:
        if kind == "suspended":
            continue
        archive = archive_of(secrets.people[kind])
        for name in archive.namelist():
            text = f"{name}\n{archive.read(name).decode(errors='replace')}"
            for what in secrets.found(kind, text):
                if not what.startswith(WRITTEN.get(kind, ())) or " comment under " not in what:
                    leaks.setdefault(what, set()).add((kind, name))
    assert leaks == {}


@pytest.mark.django_db(transaction=True)
def test_a_download_is_fetched_by_its_person_only(secrets, api, browser):
    keeper = secrets.owners["keeper"]
    row = actions.ask_export(keeper)
    assert actions.make_export()
    addresses = [f"/api/v1/exports/{row.pk}/file/", f"/settings/data/{row.pk}/file/"]
    for address in addresses:
        for kind in PEOPLE:
            if kind != "suspended":
                assert api.as_(secrets.people[kind]).get(address).status_code == 404
        assert browser.get(address).status_code in {302, 401}
        assert api.as_(keeper).get(address).status_code == 200
