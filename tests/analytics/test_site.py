"""GET analytics/site/: the whole site's figures for its moderators, as JSON and as CSV; nobody else learns that they exist."""

from datetime import timedelta

from django.utils import timezone

from analytics import rollups

PATH = "/api/v1/analytics/site/"


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
    assert found["series"][-1] == {"day": today, "views": 12, "uploads": 1}
    assert {"day": before, "views": 5, "uploads": 0} in found["series_before"]


def test_a_day_a_row_as_csv(api, cast):
    today = views(cast.alice, 12)
    answer = api.as_(cast.mod).get(f"{PATH}?format=csv")
    assert answer["Content-Disposition"] == 'attachment; filename="site.csv"'
    rows = answer.content.decode().splitlines()
    assert (rows[0], len(rows), rows[-1]) == ("day,views,uploads", 29, f"{today},12,0")


def test_nobody_else_learns_that_there_are_any(api, cast):
    for path in (PATH, f"{PATH}?format=csv"):
        assert api.as_(cast.alice).get(path).status_code == 404
        assert api.get(path).status_code == 401


def test_the_admins_first_page_leads_to_the_table(browser, cast):
    assert f"{PATH}?format=csv" in browser.as_(cast.mod).get("/admin/").content.decode()
