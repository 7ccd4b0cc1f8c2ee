"""GET analytics/site/: the whole site's figures for its moderators, as JSON and as CSV; nobody else learns that they exist."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics import counting, inbox, rollups
from analytics.models import Event
from privacy.models import AuditEntry, Case, DataExport
from videos.models import Challenge, Promotion, Rendition, Tag, Transcode, Upload

pytestmark = pytest.mark.engines

PATH = "/api/v1/analytics/site/"
HEAD = "day,active,views,uploads,processed,failed,failure_rate,playable_ms,playable_p95_ms,ready_ms,ready_p95_ms,cases,decisions"


def views(person, count, ago=0):
    day = timezone.now().date() - timedelta(days=ago)
    rollups.add_creator_days({(person.pk, day): {"views": count}})
    return str(day)


def test_moderators_read_today_and_the_days_before(api, cast, make_video):
    make_video(cast.alice)
    today, before = views(cast.alice, 12), views(cast.bob, 5, ago=30)
    found = api.as_(cast.mod).get(PATH).json()
    assert found["clips"]["new"] == 1
    assert found["people"]["all"] >= 6
    assert (len(found["series"]), len(found["series_before"])) == (28, 28)
    assert (found["series"][-1]["day"], found["series"][-1]["views"], found["series"][-1]["uploads"]) == (
        today,
        12,
        1,
    )
    assert {day["day"]: day["views"] for day in found["series_before"]}[before] == 5


def test_a_day_a_row_as_csv(api, cast):
    today = views(cast.alice, 12)
    answer = api.as_(cast.mod).get(f"{PATH}?format=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="site.csv"'
    rows = answer.content.decode().splitlines()
    assert (rows[0], len(rows), rows[-1]) == (HEAD, 29, f"{today},0,12,0,0,0,,,,,,0,0")


def test_what_is_of_now_as_csv(api, cast, make_video):
    make_video(cast.alice, original_bytes=7000)
    answer = api.as_(cast.mod).get(f"{PATH}?format=csv&table=now")
    assert answer["Content-Disposition"] == 'attachment; filename="site-now.csv"'
    rows = dict(line.split(",") for line in answer.content.decode().splitlines())
    assert (rows["figure"], rows["storage.originals"], rows["moderation.open_cases"]) == (
        "value",
        "7000",
        "0",
    )
    assert rows["visits_today"] == "0"


def test_nobody_else_learns_that_there_are_any(api, cast):
    for path in (PATH, f"{PATH}?format=csv"):
        assert api.as_(cast.alice).get(path).status_code == 404
        assert api.get(path).status_code == 401


def test_the_admins_first_page_leads_to_the_table(browser, cast):
    assert f"{PATH}?format=csv" in browser.as_(cast.mod).get("/admin/").content.decode()


# --- Each kind of figure ------------------------------------------------------------------------------------------


def site(api, cast):
    return api.as_(cast.mod).get(PATH).json()


def test_a_visit_is_one_however_many_profiles_it_looks_at(api, cast, make_video):
    """Of a look at a profile a hash is kept where other events have their session; a share has neither."""
    clip, at_ms = make_video(cast.alice), int(timezone.now().timestamp() * 1000)
    of_clip = {"video": clip.pk, "viewer": cast.bob.pk}
    records = [
        counting.record(Event.Kind.IMPRESSION, cast.alice.pk, at_ms, session="one", **of_clip),
        counting.whole_viewing(clip.pk, cast.alice.pk, at_ms, 900, 1000, viewer=cast.bob.pk, session="one"),
        counting.whole_viewing(clip.pk, cast.alice.pk, at_ms, 900, 1000, viewer=None, session="two"),
        counting.record(Event.Kind.PROFILE_VIEW, cast.alice.pk, at_ms, session="a hash"),
        counting.record(Event.Kind.PROFILE_VIEW, cast.carol.pk, at_ms, session="another"),
        counting.record(Event.Kind.SHARE, cast.alice.pk, at_ms, **of_clip),
    ]
    inbox.put([inbox.Item(list(one)) for one in records], now=at_ms / 1000)
    rollups.flush()
    assert site(api, cast)["visits_today"] == 2


def converted(make_video, author, *, took, played=None, state="done", ago=0):
    """A clip whose conversion ended at noon some days ago, `took` seconds after it was queued; it played after `played`."""
    end = timezone.now().replace(hour=12, minute=0, second=0) - timedelta(days=ago)
    queued = end - timedelta(seconds=took)
    Transcode.objects.create(
        video=make_video(author, state="failed" if state == "failed" else "ready"),
        state=state,
        queued_at=queued,
        playable_at=None if played is None else queued + timedelta(seconds=played),
        finished_at=end,
    )


def test_who_was_logged_in_is_active_on_each_day_and_counts_once(api, cast, make_video):
    clip = make_video(cast.alice)
    for ago, viewers in ((1, [cast.bob, cast.bob, cast.carol, None]), (0, [cast.bob])):
        at_ms = int((timezone.now() - timedelta(days=ago)).timestamp() * 1000)
        for n, viewer in enumerate(viewers):
            seen = counting.record(
                Event.Kind.IMPRESSION,
                cast.alice.pk,
                at_ms,
                video=clip.pk,
                viewer=viewer and viewer.pk,
                session=f"s{n}",
            )
            inbox.put([inbox.Item(list(seen))], now=at_ms / 1000)
    while batch := inbox.take():
        rollups.flush_batch(batch)
    assert [day["active"] for day in site(api, cast)["series"][-3:]] == [0, 2, 1]


def test_times_and_failures_of_a_day(api, cast, make_video):
    for seconds in range(1, 21):
        converted(make_video, cast.alice, took=2 * seconds, played=seconds, ago=2)
    converted(make_video, cast.alice, took=5, state="failed", ago=2)
    day = site(api, cast)["series"][-3]
    assert (day["processed"], day["failed"], day["failure_rate"]) == (21, 1, 0.047619)
    assert (day["ready_ms"], day["ready_p95_ms"]) == (20_000, 38_000)
    assert (day["playable_ms"], day["playable_p95_ms"]) == (10_000, 19_000)


def test_a_clip_that_was_edited_after_it_played_does_not_count_as_playable_before_it_was_queued(
    api, cast, make_video
):
    converted(make_video, cast.alice, took=10, played=-40_000)
    converted(make_video, cast.alice, took=10, played=4)
    day = site(api, cast)["series"][-1]
    assert (day["playable_ms"], day["ready_ms"]) == (4000, 10_000)


def test_stored_bytes_by_kind(api, cast, make_video):
    clip = make_video(cast.alice, original_bytes=7000)
    Rendition.objects.filter(video=clip).delete()
    Rendition.objects.create(
        video=clip, name="360.mp4", width=360, height=640, short_side=360, bitrate=1, size=300
    )
    for state in Upload.State.values:
        Upload.objects.create(owner=cast.alice, length=40, state=state, expires_at=timezone.now())
    for state in ("ready", "expired"):
        DataExport.objects.create(person=cast.alice, state=state, size=5)
    stored = site(api, cast)["storage"]
    kinds = ("bytes", "originals", "renditions", "data_exports", "waiting_uploads", "message_images")
    assert [stored[kind] for kind in kinds] == [7385, 7000, 300, 5, 80, 0]


def test_what_waits_for_moderators_and_since_when(api, browser, cast, make_video):
    now = timezone.now()
    for n, (rule, hours) in enumerate((("", 30), ("term", 2), ("", 40))):
        row = Case.objects.create(
            target_type="video", target_id=n, rule=rule, state="closed" if n == 2 else "open"
        )
        Case.objects.filter(pk=row.pk).update(created_at=now - timedelta(hours=hours))
    Promotion.objects.create(
        owner=cast.alice,
        video=make_video(cast.alice),
        goal="views",
        daily_budget=100,
        starts_on=now.date(),
        ends_on=now.date(),
        state="submitted",
        submitted_at=now - timedelta(days=3),
    )
    waiting = site(api, cast)["moderation"]
    assert (waiting["open_cases"], waiting["held"], waiting["promotions"]) == (2, 1, 1)
    assert waiting["oldest_case_seconds"] == pytest.approx(30 * 3600, abs=60)
    assert waiting["oldest_promotion_seconds"] == pytest.approx(3 * 86_400, abs=60)
    assert (waiting["appeals"], waiting["oldest_appeal_seconds"], waiting["challenges"]) == (0, 0, 0)
    page = browser.as_(cast.mod).get("/admin/").content.decode()
    assert "1 held by a rule · oldest waits 1\xa0day" in page
    assert '<a href="/admin/videos/promotion/?state__exact=submitted">' in page


def test_a_sponsor_waits_since_the_host_asked(api, cast):
    tag, now = Tag.objects.create(name="spring"), timezone.now()
    row = Challenge.objects.create(
        slug="spring",
        tag=tag,
        host=cast.alice,
        title="Spring",
        brief="Go",
        starts_at=now,
        ends_at=now + timedelta(days=1),
        sponsor="Brand",
        sponsorship="waiting",
        created_at=now - timedelta(days=9),
    )
    asked = AuditEntry.objects.create(verb="challenge.ask", target_type="challenge", target_id=row.pk)
    AuditEntry.objects.filter(pk=asked.pk).update(created_at=now - timedelta(hours=5))
    waiting = site(api, cast)["moderation"]
    assert waiting["challenges"] == 1
    assert waiting["oldest_challenge_seconds"] == pytest.approx(5 * 3600, abs=60)
