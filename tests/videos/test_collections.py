"""Collections of saved clips: their owner's alone, each clip once, nothing said about clips that became hidden."""

import threading

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from socialapp.lib.errors import Conflict, Invalid, NotFound, NotSignedIn
from videos import access, actions, counters
from videos.actions import collecting
from videos.models import Collection, CollectionItem, Save

pytestmark = pytest.mark.django_db


@pytest.fixture
def clip(cast, make_video):
    return make_video(cast.alice)


@pytest.fixture
def shelf(cast):
    return actions.create_collection(cast.bob, "Evening light")


def fresh(row):
    row.refresh_from_db()
    return row


def test_the_whole_life_of_a_collection_over_the_api(api, cast, clip):
    bob = api.as_(cast.bob)
    made = bob.post("/api/v1/collections/", {"name": "  Evening   light "}, format="json")
    assert made.status_code == 201
    shelf = made.json()
    assert (shelf["name"], shelf["count"], shelf["cover"]) == ("Evening light", 0, None)
    where = f"/api/v1/collections/{shelf['id']}/"
    assert bob.put(f"{where}videos/{clip.pk}/").json() == {"saved": True, "saves": 1}
    assert [row["id"] for row in bob.get(f"{where}videos/").json()["results"]] == [str(clip.pk)]
    listed = bob.get(f"/api/v1/collections/?video={clip.pk}").json()["results"]
    assert [(row["holds"], row["count"], bool(row["cover"])) for row in listed] == [(True, 1, True)]
    assert bob.patch(where, {"name": "Dusk"}, format="json").json()["name"] == "Dusk"
    assert bob.delete(f"{where}videos/{clip.pk}/").status_code == 204
    assert bob.get(where).json()["count"] == 0
    assert bob.delete(where).status_code == 204
    assert bob.get(where).status_code == 404
    assert Save.objects.filter(person=cast.bob).count() == 1  # what was collected stays saved


@pytest.mark.parametrize("name", ["", "  \u200f ", "x" * 61, "evening LIGHT"])
def test_a_name_has_to_fit_and_to_be_free(cast, shelf, name):
    other = actions.create_collection(cast.bob, "Other")
    if name.strip("\u200f "):
        with pytest.raises(Invalid):
            actions.create_collection(cast.bob, name)
        with pytest.raises(Invalid) as refusal:
            actions.rename_collection(cast.bob, other, name)
        assert "name" in refusal.value.fields
    else:
        with pytest.raises(Invalid):
            actions.create_collection(cast.bob, name.replace("\u200f", ""))
    assert actions.rename_collection(cast.bob, shelf, "EVENING light").name == "EVENING light"
    assert actions.create_collection(cast.carol, "Evening light")  # somebody else's names do not count


def test_there_is_an_end_to_it(cast, monkeypatch):
    monkeypatch.setattr(collecting, "COLLECTIONS", 2)
    for name in ("One", "Two"):
        actions.create_collection(cast.bob, name)
    with pytest.raises(Conflict):
        actions.create_collection(cast.bob, "Three")


def test_visitors_have_none(cast, clip, shelf):
    nobody = AnonymousUser()
    with pytest.raises(NotSignedIn):
        actions.create_collection(nobody, "Mine")
    with pytest.raises(NotFound):
        access.collections_of(nobody)


def test_nobody_else_learns_that_it_is_there(api, cast, clip, shelf):
    actions.collect(cast.bob, shelf, clip)
    for name in ("alice", "carol", "mod"):
        client = api.as_(getattr(cast, name))
        where = f"/api/v1/collections/{shelf.pk}/"
        absent = client.get(f"/api/v1/collections/{shelf.pk + 1}/")
        answers = [
            client.get(where),
            client.patch(where, {"name": "Mine"}, format="json"),
            client.delete(where),
            client.get(f"{where}videos/"),
            client.put(f"{where}videos/{clip.pk}/"),
            client.delete(f"{where}videos/{clip.pk}/"),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.content for answer in answers} == {absent.content}
        assert client.get("/api/v1/collections/").json()["results"] == []
    assert CollectionItem.objects.count() == 1


def test_the_actions_ask_themselves_whose_it_is(cast, clip, shelf):
    for deed in (
        lambda: actions.collect(cast.carol, shelf, clip),
        lambda: actions.uncollect(cast.carol, shelf, clip.pk),
        lambda: actions.rename_collection(cast.carol, shelf, "Mine"),
        lambda: actions.delete_collection(cast.carol, shelf),
    ):
        with pytest.raises(NotFound):
            deed()
    assert not Save.objects.exists()


def test_saving_again_keeps_the_places_and_unsaving_gives_them_up(cast, clip, shelf):
    actions.save(cast.bob, clip)
    actions.collect(cast.bob, shelf, clip)
    actions.collect(cast.bob, shelf, clip)
    assert actions.save(cast.bob, clip) == 1
    assert CollectionItem.objects.count() == 1
    actions.unsave(cast.bob, clip)
    assert not CollectionItem.objects.exists()
    assert fresh(clip).saves_count == 0
    assert actions.collect(cast.bob, shelf, clip) == 1  # and collecting saves
    assert access.saved_ids(cast.bob, [clip]) == {clip.pk}


def test_clips_that_became_hidden_show_nowhere_and_count_nowhere(api, browser, cast, clip, shelf, make_video):
    other = make_video(cast.alice, caption="canary-hidden")
    for video in (clip, other):
        actions.collect(cast.bob, shelf, video)
    other.audience = "only_me"
    other.save()
    bob = api.as_(cast.bob)
    row = bob.get("/api/v1/collections/").json()["results"][0]
    assert row["count"] == 1
    assert clip.folder in row["cover"]
    assert len(bob.get(f"/api/v1/collections/{shelf.pk}/videos/").json()["results"]) == 1
    page = browser.as_(cast.bob).get(f"/collections/{shelf.pk}/").content.decode()
    assert "1 clip" in page
    assert "canary-hidden" not in page
    assert bob.put(f"/api/v1/collections/{shelf.pk}/videos/{other.pk}/").status_code == 404
    # Taking it out works all the same, and says nothing.
    assert bob.delete(f"/api/v1/collections/{shelf.pk}/videos/{other.pk}/").status_code == 204
    assert CollectionItem.objects.count() == 1


def test_the_profile_lists_ones_own_collections_under_saved(browser, cast, clip, shelf):
    actions.collect(cast.bob, shelf, clip)
    page = browser.as_(cast.bob).get("/@bob/?tab=saved").content.decode()
    assert f"/collections/{shelf.pk}/" in page
    assert browser.as_(cast.alice).get("/@bob/?tab=saved").status_code == 404


def test_lists_cost_the_same_however_many(
    api, browser, cast, shelf, make_video, django_assert_max_num_queries
):
    for n in range(5):
        place = actions.create_collection(cast.bob, f"Place {n}")
        for _n in range(3):
            actions.collect(cast.bob, place, make_video(cast.alice))
    bob, page = api.as_(cast.bob), browser.as_(cast.bob)
    bob.get("/api/v1/me/")
    # 1 session · 2 person · 3 the collections, counted · 4 the clips whose covers stand for them
    with django_assert_max_num_queries(4):
        assert len(bob.get("/api/v1/collections/").json()["results"]) == 6
    # as above, then 5 the page of clips · 6 renditions · 7 likes and saves · 8 and 9 ties · 10 and 11 the badges
    with django_assert_max_num_queries(11):
        assert page.get(f"/collections/{place.pk}/").status_code == 200


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_a_save_and_its_place_are_there_once_however_many_ask(cast, clip, shelf):
    problems = []

    def run(person, place):
        try:
            for n in range(12):
                (actions.save, actions.unsave)[n % 4 == 3](person, clip)
                if place is not None:
                    actions.collect(person, place, clip)
        except Exception as error:
            problems.append(error)
        finally:
            connection.close()

    other = actions.create_collection(cast.bob, "Other")
    tries = [(cast.bob, shelf), (cast.bob, shelf), (cast.bob, other), (cast.carol, None)]
    threads = [threading.Thread(target=run, args=pair) for pair in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    for place in (shelf, other):
        assert CollectionItem.objects.filter(collection=place).count() <= 1
    assert Save.objects.filter(person=cast.bob, video=clip).count() <= 1
    assert fresh(clip).saves_count == Save.objects.filter(video=clip).count()
    assert not any(counters.reconcile().values())


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_tabs_cannot_make_one_name_twice_nor_pass_the_end(cast, monkeypatch):
    monkeypatch.setattr(collecting, "COLLECTIONS", 3)
    refused = []

    def run(tab):
        for n in range(4):
            try:
                actions.create_collection(cast.bob, f"Same {n}")
            except (Invalid, Conflict) as problem:
                refused.append(problem)
        connection.close()

    threads = [threading.Thread(target=run, args=(tab,)) for tab in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = list(Collection.objects.filter(owner=cast.bob).values_list("name", flat=True))
    assert len(names) == len(set(names)) == 3
    assert len(refused) == 12 - 3
