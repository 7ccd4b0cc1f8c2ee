"""The index keeps step with what it is made of, and whoever changes something neither waits for it nor fails with it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from videos.hashtags import apply_tags
from videos.models import SearchDocument, SearchPosting, SearchVariant, SearchWord, Sound, Tag, Video
from videos.search import indexing
from videos.search.finding import find

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
NOBODY = AnonymousUser()


@pytest.fixture(autouse=True)
def _as_in_use(settings):
    """Nothing is indexed but what was queued."""
    settings.SEARCH_IN_BACKGROUND = True


def found(kind, text):
    return find(NOBODY, kind, text).page.items


def words():
    return set(SearchWord.objects.values_list("text", flat=True))


def test_what_appears_changes_and_goes_is_queued_and_indexed(cast, make_video):
    clip = make_video(cast.alice, caption="harbour")
    assert found("videos", "harbour") == []
    assert indexing.index_due() > 0
    assert found("videos", "harbour") == [clip]
    clip.caption = "mountain #peak"
    clip.save(update_fields=["caption"])
    apply_tags(clip)
    indexing.index_due()
    assert found("videos", "harbour") == []
    assert found("videos", "mountain") == [clip]
    assert [tag.name for tag in found("tags", "peak")] == ["peak"]
    clip.delete()
    indexing.index_due()
    assert not SearchPosting.objects.filter(kind=1).exists()
    assert not words() & {"harbour", "mountain"}
    assert not SearchVariant.objects.filter(key="harbour").exists()
    assert indexing.index_due() == 0


def test_people_and_sounds_keep_step_with_their_names(cast):
    sound = Sound.objects.create(title="Tides", owner=None)
    indexing.index_due()
    cast.dave.display_name = "Davina"
    cast.dave.save()
    sound.title = "Ebb"
    sound.save(update_fields=["title"])
    indexing.index_due()
    assert found("people", "davina") == [cast.dave]
    assert (found("sounds", "tides"), found("sounds", "ebb")) == ([], [sound])


def test_nothing_of_an_erased_person_stays_in_the_index(make_person):
    person = make_person("uniquename77", display_name="Zinnia Quux")
    indexing.index_due()
    assert {"uniquename77", "zinnia", "quux"} <= words()
    person.delete()
    indexing.index_due()
    assert not SearchDocument.objects.filter(subject=person.pk).exists()
    assert not words() & {"uniquename77", "zinnia", "quux"}
    assert not SearchVariant.objects.filter(key__startswith="zinn").exists()


def test_a_word_stays_as_long_as_something_holds_it(cast, make_video):
    one, two = make_video(cast.alice, caption="shared words"), make_video(cast.bob, caption="shared")
    indexing.index_due()
    assert SearchWord.objects.get(text="shared").uses == 2
    one.delete()
    indexing.index_due()
    assert SearchWord.objects.get(text="shared").uses == 1
    assert found("videos", "shared") == [two]
    assert "words" not in words()


def test_what_changed_without_a_word_is_found_by_the_reconciliation(cast, make_video):
    clip = make_video(cast.alice, caption="harbour")
    indexing.catch_up()
    assert indexing.reconcile() == 0
    Video.objects.filter(pk=clip.pk).update(caption="quay", views_count=5000)
    Tag.objects.bulk_create([Tag(name="silent")])
    assert indexing.reconcile() == 2
    indexing.index_due()
    document = SearchDocument.objects.get(kind=1)
    assert (document.text, document.rank) == ("quay", indexing.rank_of(5000))
    assert set(SearchPosting.objects.filter(kind=1).values_list("rank", flat=True)) == {document.rank}
    Tag.objects.filter(name="silent")._raw_delete(using="default")
    assert indexing.reconcile(size=2) == 1
    indexing.index_due()
    assert not SearchDocument.objects.filter(kind=4).exists()
    assert "silent" not in words()


def test_the_index_can_be_made_anew(cast, make_video):
    clip = make_video(cast.alice, caption="harbour")
    indexing.catch_up()
    SearchPosting.objects.all().delete()
    assert found("videos", "harbour") == []
    told = []
    assert indexing.rebuild(told.append) >= 1 + User.objects.count()
    assert told
    assert found("videos", "harbour") == [clip]


def test_indexing_twice_changes_nothing(cast, make_video):
    make_video(cast.alice, caption="harbour at dusk")
    indexing.catch_up()
    before = (sorted(SearchPosting.objects.values_list()), sorted(SearchWord.objects.values_list()))
    SearchDocument.objects.update(due_at="2026-01-01T00:00Z")
    indexing.index_due()
    assert (sorted(SearchPosting.objects.values_list()), sorted(SearchWord.objects.values_list())) == before


def test_publishing_writes_one_row_for_the_index_whatever_it_says(cast, make_video):
    with CaptureQueriesContext(connection) as queries:
        clip = make_video(cast.alice, caption="many different words " * 20)
    assert len([q for q in queries if "videos_search" in q["sql"]]) == 1
    with CaptureQueriesContext(connection) as queries:
        clip.views_count = 5
        clip.save(update_fields=["views_count"])
    assert not [q for q in queries if "videos_search" in q["sql"]]


@pytest.mark.django_db(transaction=True)
def test_publishing_works_while_the_broker_is_away_and_the_sweep_indexes(cast, make_video, monkeypatch):
    from videos import tasks

    def away(**options):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.index_search, "apply_async", away)
    clip = make_video(cast.alice, caption="harbour")
    assert Video.objects.filter(pk=clip.pk).exists()
    assert tasks.index_search() > 0
    assert found("videos", "harbour") == [clip]


@pytest.mark.django_db(transaction=True)
def test_an_indexer_that_fails_leaves_its_rows_waiting(cast, make_video, monkeypatch):
    clip = make_video(cast.alice, caption="harbour")
    monkeypatch.setattr(indexing, "words_of", lambda text: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        indexing.index_due()
    assert SearchDocument.objects.get(kind=1).due_at is not None
    monkeypatch.undo()
    indexing.index_due()
    assert found("videos", "harbour") == [clip]
