"""The figures of invites: each on its own day, by channel and clip, equal to a recount of the rows, for the creator alone."""

import random
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from analytics import access
from videos.models import Channel, Invite

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
URL = "/api/v1/analytics/invites/"
COLUMNS = {"sent": "created_at", "opened": "opened_at", "watched": "viewed_at", "follows": "accepted_at"}


@pytest.fixture
def history(cast, make_video):
    """Two hundred invites of seventy days to three clips of alice's, by alice and carol, and one of bob's."""
    chance = random.Random(7)
    clips = [make_video(cast.alice, caption=f"Clip {number}") for number in range(3)]
    now = timezone.now()
    rows = []
    for _number in range(200):
        made = now - timedelta(days=chance.uniform(0, 70))
        opened = made + timedelta(hours=chance.uniform(0, 60)) if chance.random() < 0.7 else None
        viewed = opened + timedelta(minutes=2) if opened and chance.random() < 0.8 else None
        accepted = viewed + timedelta(minutes=9) if viewed and chance.random() < 0.6 else None
        undone = accepted + timedelta(minutes=1) if accepted and chance.random() < 0.1 else None
        rows.append(
            Invite(
                inviter=chance.choice([cast.alice, cast.carol]),
                video=chance.choice(clips),
                channel=chance.choice(Channel.values),
                created_at=made,
                expires_at=made + timedelta(days=14),
                opened_at=opened,
                viewed_at=viewed,
                accepted_at=accepted,
                undone_at=undone,
            )
        )
    rows.append(
        Invite(inviter=cast.alice, video=make_video(cast.bob), channel="copy", expires_at=now, created_at=now)
    )
    Invite.objects.bulk_create(rows)
    return clips


def recount(clips, name, first, last, more=""):
    """The same figure by SQL of its own, over whole UTC days."""
    column = COLUMNS[name]
    begins = datetime.combine(first, time(), UTC)
    ends = datetime.combine(last + timedelta(days=1), time(), UTC)
    adapt = connection.ops.adapt_datetimefield_value
    marks = ", ".join(str(clip.pk) for clip in clips)
    sql = f"SELECT COUNT(*) FROM videos_invite WHERE video_id IN ({marks}) AND {column} >= %s AND {column} < %s {more}"
    if name == "follows":
        sql += " AND undone_at IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(sql, [adapt(begins), adapt(ends)])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("days", [7, 28, 60])
def test_every_figure_equals_a_recount(cast, history, days):
    span = access.period(days)
    found = access.invites(cast.alice, span)
    for name in COLUMNS:
        assert found["totals"][name] == recount(history, name, span.start, span.end)
        assert found["before"][name] == recount(history, name, span.start_before, span.end_before)
        for series in ("series", "series_before"):
            for row in found[series]:
                assert row[name] == recount(history, name, row["day"], row["day"])
        for line in found["channels"]:
            only = f"AND channel = '{line['channel']}'"
            assert line[name] == recount(history, name, span.start, span.end, only)
        for line in found["clips"]:
            only = f"AND video_id = {line['id']}"
            assert line[name] == recount(history, name, span.start, span.end, only)
        assert sum(line[name] for line in found["channels"]) == found["totals"][name]
        assert sum(line[name] for line in found["clips"]) == found["totals"][name]
    assert found["totals"]["sent"] > found["totals"]["follows"] > 0


def test_they_are_the_creators_alone_and_name_no_contact(api, cast, history):
    alice = api.as_(cast.alice).get(URL).json()
    assert alice["totals"]["sent"] > 0
    assert "contact" not in str(alice)
    assert api.as_(cast.carol).get(URL).json()["totals"]["sent"] == 0
    assert api.as_(cast.bob).get(URL).json()["totals"]["sent"] == 1
    assert api.get(URL).status_code == 401


@pytest.mark.parametrize("table", ["days", "totals", "channels", "clips"])
def test_each_table_is_a_csv(api, cast, history, table):
    answer = api.as_(cast.alice).get(URL, {"format": "csv", "table": table})
    head, *rows = answer.content.decode().strip().splitlines()
    named = [row.partition(",")[0] for row in rows] if table == "totals" else head.split(",")
    assert {"sent", "opened", "watched", "follows"} <= set(named)
    assert len(rows) == {"days": 28, "totals": 4, "channels": 6, "clips": 3}[table]
    assert answer["Content-Disposition"].startswith("attachment")


def test_a_table_that_is_none_is_refused_with_a_sentence(api, cast):
    answer = api.as_(cast.alice).get(URL, {"table": "people"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_table")


def test_the_page_shows_them_and_an_empty_one_names_the_next_step(browser, cast, history):
    said = browser.as_(cast.alice).get("/studio/analytics/invites/?days=60&metric=follows").content.decode()
    for words in ("Invites made", "By channel", "By clip", "WhatsApp", "Clip 1"):
        assert words in said
    assert (
        "No invites in these days"
        in browser.as_(cast.dave).get("/studio/analytics/invites/").content.decode()
    )


def test_page_and_api_say_that_they_are_as_fresh_as_the_invites_are(api, browser, cast, history):
    said = datetime.fromisoformat(api.as_(cast.alice).get(URL).json()["updated_at"])
    assert timedelta() <= timezone.now() - said < timedelta(minutes=1)
    page = browser.as_(cast.alice).get("/studio/analytics/invites/").content.decode()
    assert "Updated at" in page


def test_what_it_costs(cast, history, django_assert_num_queries):
    with django_assert_num_queries(5):  # one a figure, and the clips
        access.invites(cast.alice, access.period(60))
