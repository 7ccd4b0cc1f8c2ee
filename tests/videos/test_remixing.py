"""Duets, stitches, sounds and copies of what others made: who may, who learns of it, and the author's way out."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Follow, User
from privacy.actions import block, update_privacy
from privacy.models import AuditEntry
from privacy.rules import WhoMay
from socialapp.lib.errors import Forbidden, Invalid, NotFound
from videos import access, actions
from videos.cards import card, cards
from videos.models import MediaJob, Sound, Transcode, Video

from .clips import clip

pytestmark = pytest.mark.django_db
MAY = {"duet": access.may_duet, "stitch": access.may_stitch, "download": access.may_download}


@pytest.fixture
def source(cast, make_video):
    return make_video(cast.alice, caption="The original", duration_ms=8000)


@pytest.fixture
def remix(cast, source, make_video):
    """Bob's duet with alice's clip, published."""
    return make_video(cast.bob, caption="Beside alice", remix_kind="duet", remix_of=source)


# --- Who may ------------------------------------------------------------------------------------------------------------

# By the four settings: does the stranger, the person whom alice follows, the friend. Spelled out, not computed.
ALLOWED = {
    WhoMay.EVERYONE: (True, True, True),
    WhoMay.FOLLOWING: (False, True, True),
    WhoMay.FRIENDS: (False, False, True),
    WhoMay.NOBODY: (False, False, False),
}


@pytest.mark.parametrize("what", MAY)
@pytest.mark.parametrize("of_clip", WhoMay.values)
@pytest.mark.parametrize("of_author", WhoMay.values)
def test_the_stricter_of_the_clips_and_its_authors_setting_counts(
    cast, make_person, source, what, of_clip, of_author
):
    followed = make_person("followed")
    Follow.objects.create(
        follower=cast.alice, followed=followed, state="accepted", accepted_at=timezone.now()
    )
    setattr(source, what, of_clip)
    source.save()
    update_privacy(cast.alice, **{f"{what}_audience": of_author})
    people = (cast.dave, followed, cast.carol)
    found = [MAY[what](person, access.get_video(person, source.pk)) for person in people]
    expected = [a and b for a, b in zip(ALLOWED[of_clip], ALLOWED[of_author], strict=True)]
    assert found == expected
    on_cards = [card(p, access.get_video(p, source.pk))["viewer"][f"may_{what}"] for p in people]
    assert on_cards == expected
    assert MAY[what](cast.alice, source)
    assert not MAY[what](AnonymousUser(), source)


@pytest.mark.parametrize("audience", ["followers", "friends", "only_me"])
def test_what_not_everybody_sees_is_remixed_by_nobody_else(cast, make_video, audience):
    video = make_video(cast.alice, audience=audience)
    assert not access.may_duet(cast.carol, video)
    assert not access.may_stitch(cast.carol, video)
    assert access.may_duet(cast.alice, video)
    assert access.may_download(cast.carol, video)


def test_a_private_accounts_clip_is_remixed_by_nobody_else(cast, source):
    update_privacy(cast.alice, is_private=True)
    assert not access.may_duet(cast.bob, access.get_video(cast.bob, source.pk))


def test_a_remix_is_not_remixed(cast, remix):
    assert not access.may_duet(cast.alice, remix)
    assert not access.may_stitch(cast.bob, remix)
    assert access.may_download(cast.alice, remix)


# --- Publishing one --------------------------------------------------------------------------------------------------------


def test_a_duet_names_and_links_its_source(api, cast, source, upload_of):
    client = api.as_(cast.bob)
    body = {
        "upload": upload_of(cast.bob, clip(seconds=1)).pk,
        "duet_of": str(source.pk),
        "edit": {"layout": "stack"},
    }
    made = client.post("/api/v1/videos/", body, format="json")
    assert made.status_code == 201, made.json()
    shown = client.get(f"/api/v1/videos/{made.json()['id']}/").json()
    assert shown["remix"]["kind"] == "duet"
    assert shown["remix"]["video"]["id"] == str(source.pk)
    assert shown["remix"]["video"]["username"] == "alice"
    assert shown["remix"]["video"]["url"] == f"/@alice/video/{source.pk}/"
    assert shown["edit"]["layout"] == "stack"


def test_a_stitch_keeps_which_seconds_it_uses(api, cast, source, upload_of):
    body = {
        "upload": upload_of(cast.bob, clip(seconds=1)).pk,
        "stitch_of": {"id": str(source.pk), "start": 1, "end": 4.5},
    }
    made = api.as_(cast.bob).post("/api/v1/videos/", body, format="json").json()
    video = Video.objects.get(pk=made["id"])
    assert (video.remix_kind, video.remix_of) == ("stitch", source)
    assert video.edit["remix_trim"] == {"start": 1.0, "end": 4.5}


@pytest.mark.parametrize(("start", "end"), [(0, 5.5), (3, 3), (4, 2), (-1, 2), (6, 9), (0, 0.01)])
def test_a_stitch_uses_at_most_five_seconds_that_are_there(cast, source, upload_of, start, end):
    with pytest.raises(Invalid) as refused:
        actions.publish_video(
            cast.bob, upload=upload_of(cast.bob, clip(seconds=1)), stitch_of=(source, start, end)
        )
    assert list(refused.value.fields) == ["stitch_of.end"]
    assert not Video.objects.filter(author=cast.bob).exists()


def test_a_clip_is_a_duet_or_a_stitch(cast, source, upload_of):
    with pytest.raises(Invalid):
        actions.publish_video(
            cast.bob,
            upload=upload_of(cast.bob, clip(seconds=1)),
            duet_of=source,
            stitch_of=(source, 0, 2),
        )


@pytest.mark.parametrize("kind", ["duet", "stitch"])
def test_whoever_is_not_let_is_told_so_and_nothing_is_made(api, cast, source, upload_of, kind):
    Video.objects.filter(pk=source.pk).update(**{kind: "nobody"})
    of = str(source.pk) if kind == "duet" else {"id": str(source.pk), "start": 0, "end": 2}
    body = {"upload": upload_of(cast.bob, clip(seconds=1)).pk, f"{kind}_of": of}
    answer = api.as_(cast.bob).post("/api/v1/videos/", body, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "remix_closed")
    assert not Video.objects.filter(author=cast.bob).exists()


@pytest.mark.parametrize("who", ["mallory", "dave"])
def test_a_hidden_source_is_absent(api, cast, source, upload_of, who):
    """Blocked, or not among those who see it."""
    person = getattr(cast, who)
    if who == "dave":
        Video.objects.filter(pk=source.pk).update(audience="friends")
    for of in ({"duet_of": str(source.pk)}, {"duet_of": "1"}):
        body = {"upload": upload_of(person, clip(seconds=1)).pk, **of}
        assert api.as_(person).post("/api/v1/videos/", body, format="json").status_code == 404
    with pytest.raises(NotFound):
        actions.publish_video(person, upload=upload_of(person, clip(seconds=1)), duet_of=source)


def test_the_rule_is_asked_in_the_transaction_too(cast, source, upload_of):
    """A clip that was open when it was fetched and is closed by now."""
    stale = access.get_video(cast.bob, source.pk)
    Video.objects.filter(pk=source.pk).update(duet="nobody")
    with pytest.raises(Forbidden):
        actions.publish_video(cast.bob, upload=upload_of(cast.bob, clip(seconds=1)), duet_of=stale)


# --- Going public ----------------------------------------------------------------------------------------------------------


def close_by_setting(cast, source):
    Video.objects.filter(pk=source.pk).update(duet="nobody")


def close_by_block(cast, source):
    block(cast.alice, cast.bob)


def close_by_audience(cast, source):
    Video.objects.filter(pk=source.pk).update(audience="followers")


def close_by_privacy(cast, source):
    update_privacy(cast.alice, duet_audience="nobody")


def close_by_deletion(cast, source):
    source.delete()


CLOSINGS = [close_by_setting, close_by_block, close_by_audience, close_by_privacy, close_by_deletion]


@pytest.fixture
def waiting(cast, source, make_video):
    """Bob's duet, finished, as a draft that is due."""
    video = make_video(
        cast.bob,
        state="draft",
        published_at=None,
        publish_at=timezone.now() - timedelta(minutes=1),
        remix_kind="duet",
        remix_of=source,
    )
    Transcode.objects.create(video=video, state="done", as_draft=True)
    return video


@pytest.mark.parametrize("close", CLOSINGS)
def test_a_draft_whose_source_was_closed_does_not_appear(api, cast, source, waiting, close):
    close(cast, source)
    client = api.as_(cast.bob)
    answer = client.patch(f"/api/v1/videos/{waiting.pk}/", {"draft": False}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "remix_closed")
    assert actions.publish_due() == 0
    shown = client.get(f"/api/v1/videos/{waiting.pk}/").json()
    assert (shown["state"], shown["publish_at"], shown["error"]["code"]) == ("draft", None, "remix_closed")
    assert api.as_(cast.dave).get(f"/api/v1/videos/{waiting.pk}/").status_code == 404


def test_a_draft_whose_source_is_open_appears(cast, waiting):
    assert actions.publish_due() == 1


def test_a_source_that_opens_again_lets_the_draft_appear(api, cast, source, waiting):
    close_by_setting(cast, source)
    actions.publish_due()
    Video.objects.filter(pk=source.pk).update(duet="everyone")
    answer = api.as_(cast.bob).patch(f"/api/v1/videos/{waiting.pk}/", {"draft": False}, format="json").json()
    assert (answer["state"], answer["error"]) == ("ready", None)


def test_a_source_that_closes_while_the_duet_is_made_keeps_it_from_showing(cast, publish, work, monkeypatch):
    from videos import jobs

    source = work(publish(cast.alice, clip(seconds=1)))
    video = publish(cast.bob, clip("beside.mp4", seconds=1), duet_of=source)
    real = jobs._render

    def and_then_closed(*args, **options):
        Video.objects.filter(pk=source.pk).update(duet="nobody")
        return real(*args, **options)

    monkeypatch.setattr(jobs, "_render", and_then_closed)
    work(video)
    assert (video.state, video.published_at, video.error_code) == ("draft", None, "remix_closed")
    assert video.playlist


def test_what_has_appeared_stays(cast, source, remix):
    close_by_setting(cast, source)
    assert access.get_video(cast.dave, remix.pk)


def test_a_remix_is_not_edited_again_without_its_source(api, cast, source, remix):
    Transcode.objects.create(video=remix, state="done")
    actions.detach_remix(cast.alice, remix)
    answer = api.as_(cast.bob).patch(f"/api/v1/videos/{remix.pk}/", {"edit": {"speed": 2}}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "remix_closed")


# --- Credit -------------------------------------------------------------------------------------------------------------------


def test_credit_goes_through_the_gate(api, cast, source, remix):
    address = f"/api/v1/videos/{remix.pk}/"
    assert api.get(address).json()["remix"]["video"]["username"] == "alice"
    assert api.as_(cast.mallory).get(address).json()["remix"] == {"kind": "duet", "video": None}
    Video.objects.filter(pk=source.pk).update(audience="friends")
    for client, sees in ((api, False), (api.as_(cast.dave), False), (api.as_(cast.carol), True)):
        answer = client.get(address)
        assert (answer.json()["remix"]["video"] is not None) == sees
        assert (str(source.pk) in answer.content.decode()) == sees


def test_credit_costs_one_query_and_only_with_a_remix_in_sight(cast, source, remix, make_video):
    plain = [make_video(cast.alice) for _n in range(3)]

    def queries(ids):
        clips = list(access.with_people(access.visible_videos(cast.dave)).filter(pk__in=ids))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            cards(cast.dave, clips)
        return len(asked)

    without = queries([clip.pk for clip in plain])
    more = [make_video(cast.bob, remix_kind="duet", remix_of=plain[0]).pk for _n in range(3)]
    assert queries([remix.pk, *more, *(clip.pk for clip in plain)]) == without + 1


def test_the_author_of_the_source_detaches(api, cast, source, remix):
    address = f"/api/v1/videos/{remix.pk}/detach/"
    assert api.post(address).status_code == 401
    assert api.as_(cast.bob).post(address).status_code == 403
    assert api.as_(cast.dave).post(address).status_code == 403
    answer = api.as_(cast.alice).post(address)
    assert (answer.status_code, answer.json()["remix"]) == (200, {"kind": "duet", "video": None})
    assert AuditEntry.objects.get(verb="video.detach").actor == cast.alice
    assert api.get(f"/api/v1/videos/{source.pk}/remixes/").json()["results"] == []
    assert api.as_(cast.alice).post(f"/api/v1/videos/{source.pk}/detach/").status_code == 403


def test_a_block_detaches_what_its_maker_made_of_the_blockers_clips(api, cast, source, remix, make_video):
    other = make_video(cast.carol, remix_kind="duet", remix_of=source)
    theirs = make_video(cast.alice, remix_kind="stitch", remix_of=make_video(cast.bob))
    block(cast.alice, cast.bob)
    shown = api.get(f"/api/v1/videos/{remix.pk}/")
    assert shown.json()["remix"] == {"kind": "duet", "video": None}
    assert str(source.pk) not in shown.content.decode()
    listed = api.get(f"/api/v1/videos/{source.pk}/remixes/").json()["results"]
    assert [row["id"] for row in listed] == [str(other.pk)]
    theirs.refresh_from_db()
    assert theirs.remix_of is not None
    assert AuditEntry.objects.filter(verb="video.detach", actor=cast.alice).count() == 1


def test_remixes_are_listed_as_far_as_one_sees_them(api, cast, source, remix, make_video):
    hidden = make_video(cast.carol, audience="friends", remix_kind="stitch", remix_of=source)
    make_video(cast.carol, state="draft", published_at=None, remix_kind="stitch", remix_of=source)

    def listed(client):
        results = client.get(f"/api/v1/videos/{source.pk}/remixes/").json()["results"]
        return {int(row["id"]) for row in results}

    assert listed(api) == {remix.pk}
    assert listed(api.as_(cast.alice)) == {remix.pk, hidden.pk}
    block(cast.bob, cast.dave)
    assert listed(api.as_(cast.dave)) == set()
    assert api.as_(cast.mallory).get(f"/api/v1/videos/{source.pk}/remixes/").status_code == 404


# --- Sounds ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sound(cast, make_video):
    def make(owner=None, *, clip=None, file="sound.m4a", **fields):
        fields = {"title": "Waves", "duration_ms": 9000, **fields}
        made = Sound.objects.create(owner=owner, file=file, **fields)
        if clip is not None:
            make_video(owner, sound=made, **clip)
        return made

    return make


def picked(client, query=""):
    return [row["title"] for row in client.get(f"/api/v1/sounds/?q={query}").json()["results"]]


def test_sounds_to_pick_are_the_librarys_ones_own_and_those_of_open_clips(api, cast, sound):
    sound(title="Library")
    sound(cast.bob, title="Own")
    sound(cast.alice, title="Open", clip={}, uses_count=5)
    sound(cast.alice, title="Circle", clip={"audience": "followers"})
    sound(cast.alice, title="Draft", clip={"state": "draft", "published_at": None})
    sound(cast.alice, title="Unused")
    sound(title="No file", file="")
    assert picked(api.as_(cast.bob)) == ["Library", "Open", "Own"]
    assert picked(api.as_(cast.bob), "pen") == ["Open"]
    assert picked(api.as_(cast.mallory)) == ["Library"]
    assert api.get("/api/v1/sounds/").status_code == 401


def test_a_removed_clips_sound_is_gone_and_so_is_that_of_people_who_left(api, cast, sound):
    sound(cast.alice, title="Removed", clip={"state": "removed"})
    left = sound(cast.carol, title="Left", clip={})
    client = api.as_(cast.bob)
    assert picked(client) == ["Left"]
    cast.carol.is_active = False
    cast.carol.save()
    assert picked(client) == []
    assert client.get(f"/api/v1/sounds/{left.pk}/").status_code == 404


@time_machine.travel(timezone.now(), tick=False)  # addresses change every half minute
def test_a_sound_tells_how_it_may_be_heard(api, cast, sound):
    row = sound(cast.alice, clip={}, peaks=[0, 50, 100], uses_count=1)
    client = api.as_(cast.bob)
    one = client.get(f"/api/v1/sounds/{row.pk}/").json()
    assert one == client.get("/api/v1/sounds/").json()["results"][0]
    assert one["preview"].startswith("/media/")
    assert (one["artist"], one["peaks"], one["uses"], one["usable"], one["own"]) == (
        "alice",
        [0, 50, 100],
        1,
        True,
        False,
    )
    assert not api.get(f"/api/v1/sounds/{row.pk}/").json()["usable"]


def test_listing_sounds_costs_a_fixed_number_of_queries(api, cast, sound):
    client = api.as_(cast.bob)

    def queries():
        with CaptureQueriesContext(connection) as asked:
            client.get("/api/v1/sounds/")
        return len(asked)

    sound(cast.alice, clip={})
    few = queries()
    for _n in range(5):
        sound(cast.alice, clip={})
    assert queries() == few


def test_the_owner_renames_a_sound(api, cast, sound):
    row = sound(cast.alice, clip={})
    address = f"/api/v1/sounds/{row.pk}/"
    assert api.as_(cast.alice).patch(address, {"title": " Sea  waves "}, format="json").json()["title"] == (
        "Sea waves"
    )
    assert api.as_(cast.alice).patch(address, {"title": " "}, format="json").status_code == 400
    assert api.as_(cast.bob).patch(address, {"title": "Mine"}, format="json").status_code == 403
    assert api.as_(cast.mallory).patch(address, {"title": "Mine"}, format="json").status_code == 404
    library = sound()
    assert (
        api.as_(cast.bob).patch(f"/api/v1/sounds/{library.pk}/", {"title": "Mine"}, format="json").status_code
        == 403
    )


def test_a_clip_with_a_chosen_sound_stands_on_the_sounds_page(api, cast, sound, upload_of):
    row = sound(cast.alice, clip={})
    edit = {"sound": {"id": str(row.pk), "start": 1}}
    body = {"upload": upload_of(cast.bob, clip(seconds=1)).pk, "edit": edit}
    made = api.as_(cast.bob).post("/api/v1/videos/", body, format="json")
    assert Video.objects.get(pk=made.json()["id"]).sound == row


@pytest.mark.parametrize(
    "hidden",
    [
        {"audience": "followers"},
        {"audience": "only_me"},
        {"state": "removed"},
        {"state": "draft", "published_at": None},
    ],
)
def test_a_sound_of_a_circle_is_not_carried_out_of_it(cast, sound, upload_of, hidden):
    row = sound(cast.alice, clip=hidden)
    with pytest.raises(Invalid) as refused:
        actions.publish_video(
            cast.carol, upload=upload_of(cast.carol, clip(seconds=1)), edit={"sound": {"id": str(row.pk)}}
        )
    assert list(refused.value.fields) == ["edit.sound.id"]


def test_the_sound_changes_with_the_edit_and_its_uses_are_counted(cast, sound, make_video):
    first, second = sound(title="One", uses_count=1), sound(title="Two")
    video = make_video(cast.bob, sound=first, edit={"version": 1, "sound": {"id": str(first.pk)}})
    video.original = "original.mp4"
    video.save()
    Transcode.objects.create(video=video, state="done")
    actions.update_video(cast.bob, video, edit={"sound": {"id": str(second.pk)}})
    assert list(Sound.objects.order_by("title").values_list("uses_count", flat=True)) == [0, 1]
    actions.update_video(cast.bob, video, edit={})
    video.refresh_from_db()
    assert video.sound is None
    assert Sound.objects.get(title="Two").uses_count == 0


# --- Copies ---------------------------------------------------------------------------------------------------------------------


def test_a_copy_is_asked_for_and_its_address_handed_over(api, cast, source):
    client, address = api.as_(cast.bob), f"/api/v1/videos/{source.pk}/download/"
    first = client.post(address).json()
    assert first == {"state": "queued", "percent": 0, "error": None, "url": None, "filename": None}
    assert client.post(address).json() == first
    assert MediaJob.objects.count() == 1
    MediaJob.objects.update(state="done", percent=100, result="download-0a.mp4")
    ready = client.post(address).json()
    assert ready["url"].endswith("/download-0a.mp4")
    assert ready["filename"] == f"alice-{source.pk}.mp4"


def test_a_copy_is_refused_to_whoever_may_not_have_it(api, cast, source):
    address = f"/api/v1/videos/{source.pk}/download/"
    api.as_(cast.carol).post(address)
    MediaJob.objects.update(state="done", percent=100, result="download-0a.mp4")
    Video.objects.filter(pk=source.pk).update(download="friends")
    refused = api.as_(cast.bob).post(address)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "download_closed")
    assert "download-" not in refused.content.decode()
    assert api.as_(cast.carol).post(address).json()["url"]
    assert api.as_(cast.mallory).post(address).status_code == 404
    assert api.post(address).status_code == 401


def test_a_copy_that_could_not_be_made_says_why(api, cast, source):
    client, address = api.as_(cast.bob), f"/api/v1/videos/{source.pk}/download/"
    client.post(address)
    now = timezone.now()
    MediaJob.objects.update(state="failed", error_code="internal", finished_at=now)
    told = client.post(address).json()
    assert (told["state"], told["error"]["code"], told["url"]) == ("failed", "internal", None)
    MediaJob.objects.update(finished_at=now - timedelta(minutes=1))
    assert client.post(address).json()["state"] == "queued"  # asking later is another try


def test_copies_that_must_be_made_are_limited(api, cast, make_video, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "download": "2/3600"}
    client = api.as_(cast.bob)
    addresses = [f"/api/v1/videos/{make_video(cast.alice).pk}/download/" for _n in range(3)]
    assert [client.post(address).status_code for address in addresses] == [200, 200, 429]
    assert client.post(addresses[0]).status_code == 200


# --- What its owner closed --------------------------------------------------------------------------------------------------


def leave(person):
    User.objects.filter(pk=person.pk).update(deactivated_at=timezone.now())


def test_a_draft_is_not_made_of_what_was_closed_while_it_waited(cast, publish, work):
    source = work(publish(cast.alice, clip(seconds=1)))
    duet = publish(cast.bob, clip("beside.mp4", seconds=1), duet_of=source, draft=True)
    close_by_block(cast, source)
    assert (work(duet).state, duet.error_code, duet.playlist) == ("failed", "remix_gone", "")


def close_sound_by_block(cast, source):
    block(cast.alice, cast.dave)


def close_sound_by_audience(cast, source):
    Video.objects.filter(pk=source.pk).update(audience="only_me")


def close_sound_by_account(cast, source):
    update_privacy(cast.alice, is_private=True)


def close_sound_by_leaving(cast, source):
    leave(cast.alice)


SOUND_CLOSINGS = [
    close_sound_by_block,
    close_sound_by_audience,
    close_sound_by_account,
    close_sound_by_leaving,
]


@pytest.mark.parametrize("close", SOUND_CLOSINGS)
@pytest.mark.parametrize("draft", [True, False])
def test_no_clip_is_made_with_a_sound_that_was_closed_while_it_waited(
    cast, source, sound, publish, work, close, draft
):
    row = sound(cast.alice)
    Video.objects.filter(pk=source.pk).update(sound=row)
    edit = {"sound": {"id": str(row.pk)}}
    video = publish(cast.dave, clip(seconds=1), edit=edit, draft=draft)
    close(cast, source)
    assert (work(video).state, video.error_code, video.playlist) == ("failed", "sound_gone", "")


@pytest.mark.parametrize("close", SOUND_CLOSINGS)
def test_a_draft_whose_sound_was_closed_neither_appears_nor_is_made_again(
    api, cast, source, sound, make_video, close
):
    row = sound(cast.alice)
    Video.objects.filter(pk=source.pk).update(sound=row)
    waiting = {"state": "draft", "published_at": None, "publish_at": timezone.now() - timedelta(minutes=1)}
    edit = {"version": 1, "sound": {"id": str(row.pk)}}
    draft = make_video(cast.dave, sound=row, edit=edit, **waiting)
    Transcode.objects.create(video=draft, state="done", as_draft=True)
    close(cast, source)
    address, client = f"/api/v1/videos/{draft.pk}/", api.as_(cast.dave)
    answer = client.patch(address, {"draft": False}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "sound_gone")
    answer = client.patch(address, {"edit": {**edit, "speed": 2}}, format="json")
    assert list(answer.json()["error"]["fields"]) == ["edit.sound.id"]
    assert actions.publish_due() == 0
    shown = client.get(address).json()
    assert (shown["state"], shown["publish_at"], shown["error"]["code"]) == ("draft", None, "sound_gone")


def test_a_private_accounts_sound_is_for_its_followers_whoever_used_it_before(api, cast, sound, make_video):
    row = sound(cast.alice, title="canary", clip={})
    video = make_video(cast.dave, sound=row)
    update_privacy(cast.alice, is_private=True)
    for person, hears in ((cast.mallory, False), (cast.dave, False), (cast.bob, True), (cast.alice, True)):
        client = api.as_(person)
        places = (
            f"sounds/{row.pk}/",
            f"sounds/{row.pk}/videos/",
            "search/?type=sounds&q=cana",
            f"videos/{video.pk}/",
        )
        for place in places:
            said = client.get(f"/api/v1/{place}").content.decode()
            assert (("canary" in said) or (str(video.pk) in said and "sounds/" in place)) == hears, place
        assert ("canary" in str(picked(client))) == (
            person == cast.alice
        )  # heard, but not carried out of the circle
    assert api.get(f"/api/v1/sounds/{row.pk}/").status_code == 404
    assert api.get(f"/api/v1/videos/{video.pk}/").json()["sound"] is None


def test_a_card_tells_nothing_of_a_borrowed_sound_whose_owner_is_closed_to_the_viewer(
    api, cast, sound, make_video
):
    row = sound(cast.alice, title="canary", clip={})
    address = f"/api/v1/videos/{make_video(cast.bob, sound=row).pk}/"
    assert api.get(address).json()["sound"]["title"] == "canary"
    assert api.as_(cast.dave).get(address).json()["viewer"]["may_use_sound"]
    answer = api.as_(cast.mallory).get(address).json()
    assert (answer["sound"], answer["viewer"]["may_use_sound"]) == (None, False)
    leave(cast.alice)
    assert api.as_(cast.dave).get(address).json()["sound"] is None
    assert api.get(address).json()["sound"] is None


def test_borrowed_sounds_cost_those_who_are_signed_in_nothing(cast, sound, make_video):
    row = sound(cast.alice, clip={})
    plain = [make_video(cast.bob).pk for _n in range(3)]
    borrowed = [make_video(cast.bob, sound=row).pk for _n in range(3)]

    def queries(viewer, ids):
        clips = list(access.with_people(access.visible_videos(viewer)).filter(pk__in=ids))
        with CaptureQueriesContext(connection) as asked:
            cards(viewer, clips)
        return len(asked)

    assert queries(cast.dave, plain) == queries(cast.dave, [*plain, *borrowed])
    visitor = AnonymousUser()
    assert queries(visitor, plain) + 1 == queries(visitor, [*plain, *borrowed])
