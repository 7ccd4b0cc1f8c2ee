"""The routes by which a creator grows: invites, promotions, challenges, and the figures of all of it."""

from .calls import Call, Rule, answers, delete, get, page, patch, post


def viewing(world, account, state):
    clip = next(iter(account.clips.values()))
    event = {
        "video": str(clip.pk),
        "session": "matrix",
        "watched_ms": 900,
        "duration_ms": 1000,
        "source": "for_you",
    }
    return {"events": [event]}


def staff_host(status):
    """Challenges are hosted by staff too."""
    return lambda viewer, account, state, world: {status} if viewer == "moderator" else None


CHALLENGE = {
    "title": "Mine",
    "brief": "Go",
    "tag": "mine",
    "starts_at": "2030-01-01T00:00:00Z",
    "ends_at": "2030-01-02T00:00:00Z",
}
PROMOTION = {
    "video": "1",
    "goal": "views",
    "daily_budget": 100,
    "starts_on": "2030-01-01",
    "ends_on": "2030-01-02",
}

GROWTH: dict[str, list[Call]] = {
    # Invites: whose they are and what a link shows is judged by tests/videos/test_invites.py and test_invite_pages.py.
    "api/v1/contacts/": [
        get(Rule.SIGNED_IN),
        post(Rule.SIGNED_IN, 201, body={"name": "Anna", "channel": "copy"}),
    ],
    "api/v1/contacts/<str:contact_id>/": [patch(Rule.ABSENT, body={"name": "Bert"}), delete(Rule.ABSENT)],
    "api/v1/invites/": [
        get(Rule.SIGNED_IN),
        # A clip that is hidden, or there: the contact is not.
        post(Rule.SIGNED_IN, 404, body={"video": "1", "contact": "1"}),
    ],
    "api/v1/invites/<str:invite_id>/": [delete(Rule.ABSENT)],
    "api/v1/invitations/<str:token>/": [
        get(Rule.OPEN, 404),
        post(Rule.ABSENT),
        delete(Rule.ABSENT),
    ],
    "studio/invites/": [page(Rule.SIGNED_IN), page(Rule.SIGNED_IN, query="?fragment=contacts")],
    "i/<str:token>/": [page(Rule.OPEN, 404)],
    "i/<str:token>/open/": [Call(Rule.OPEN, "POST", answers(404), is_page=True, form=True)],
    "i/<str:token>/watched/": [Call(Rule.OPEN, "POST", answers(404), is_page=True, form=True)],
    "i/<str:token>/follow/": [Call(Rule.OPEN, "POST", answers(404), is_page=True, form=True)],
    "i/<str:token>/undo/": [Call(Rule.ABSENT, "POST", is_page=True, form=True)],
    # Figures
    "api/v1/events/": [post(Rule.OPEN, 202, body=viewing)],
    "api/v1/events/visit/": [get(Rule.OPEN), post(Rule.OPEN)],
    "api/v1/analytics/overview/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv")],
    "api/v1/analytics/content/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?sort=views&q=a")],
    "api/v1/analytics/invites/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv&table=clips")],
    "api/v1/analytics/live/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv")],
    "api/v1/analytics/site/": [
        get(Rule.MODERATORS),
        get(Rule.MODERATORS, query="?format=csv"),
        get(Rule.MODERATORS, query="?format=csv&table=now"),
    ],
    "api/v1/analytics/videos/<str:video_id>/": [get(Rule.OWN_CLIP)],
    "studio/analytics/": [page(Rule.SIGNED_IN)],
    "studio/analytics/promotions/": [page(Rule.SIGNED_IN)],
    "api/v1/analytics/promotions/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv")],
    "studio/analytics/content/": [page(Rule.SIGNED_IN)],
    "studio/analytics/invites/": [page(Rule.SIGNED_IN)],
    "studio/analytics/live/": [page(Rule.SIGNED_IN)],
    "api/v1/analytics/followers/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv")],
    "api/v1/analytics/follow-back/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv")],
    "api/v1/analytics/messages/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv")],
    "studio/analytics/followers/": [page(Rule.SIGNED_IN)],
    "studio/analytics/follow-back/": [page(Rule.SIGNED_IN)],
    "studio/analytics/messages/": [page(Rule.SIGNED_IN)],
    "studio/videos/<str:video_id>/": [page(Rule.OWN_CLIP)],
    # Promotions are their owners' alone; what owners, viewers and staff do with one: tests/videos/test_promotions.py.
    "settings/business/": [page(Rule.SIGNED_IN)],
    "studio/promotions/": [page(Rule.SIGNED_IN)],
    "studio/promotions/new/": [page(Rule.SIGNED_IN, 302)],
    "studio/promotions/<str:promotion_id>/": [page(Rule.ABSENT)],
    "studio/promotions/<str:promotion_id>/edit/": [page(Rule.ABSENT)],
    "api/v1/promotions/": [get(Rule.SIGNED_IN), post(Rule.ABSENT, body=PROMOTION)],
    "api/v1/promotions/estimate/": [get(Rule.SIGNED_IN, 403, query="?countries=FR&interests=food,art")],
    "api/v1/promotions/<str:promotion_id>/": [
        get(Rule.ABSENT),
        Call(Rule.ABSENT, "PATCH", answers(200), body={"daily_budget": 50}),
        delete(Rule.ABSENT),
    ],
    "api/v1/promotions/<str:promotion_id>/why/": [get(Rule.ABSENT)],
    "api/v1/promotions/<str:promotion_id>/hide/": [post(Rule.ABSENT)],
    "api/v1/promotions/<str:promotion_id>/visit/": [post(Rule.ABSENT)],
    **{
        f"api/v1/promotions/<str:promotion_id>/{act}/": [post(Rule.ABSENT)]
        for act in ("submit", "withdraw", "pause", "resume", "end")
    },
    # The challenge of the world is a stranger's; what its host does is judged by tests/videos/test_challenges.py.
    "challenges/": [
        page(Rule.OPEN),
        page(Rule.OPEN, query="?state=ended&country=FR"),
        page(Rule.OPEN, 404, query="?state=x"),
    ],
    "challenges/<str:slug>/": [page(Rule.OPEN), page(Rule.OPEN, query="?tab=leaderboard")],
    "studio/challenges/": [page(Rule.SIGNED_IN)],
    "studio/challenges/new/": [page(Rule.SIGNED_IN, 302, exceptions=staff_host(200))],
    "studio/challenges/<str:slug>/": [page(Rule.SIGNED_IN, 403)],
    "studio/challenges/<str:slug>/edit/": [page(Rule.SIGNED_IN, 403)],
    "api/v1/challenges/": [
        get(Rule.OPEN),
        get(Rule.OPEN, query="?state=mine"),
        post(Rule.SIGNED_IN, 403, body=CHALLENGE, exceptions=staff_host(201)),
    ],
    "api/v1/challenges/<str:slug>/": [
        get(Rule.OPEN),
        Call(Rule.SIGNED_IN, "PATCH", answers(403), body={"title": "Mine"}),
        delete(Rule.SIGNED_IN, 403),
    ],
    "api/v1/challenges/<str:slug>/videos/": [get(Rule.OPEN)],
    "api/v1/challenges/<str:slug>/leaderboard/": [get(Rule.OPEN)],
    "api/v1/challenges/<str:slug>/banner/": [
        post(Rule.SIGNED_IN, 403, form=True),
        delete(Rule.SIGNED_IN, 403),
    ],
    "api/v1/challenges/<str:slug>/entries/": [get(Rule.SIGNED_IN, 403)],
    "api/v1/challenges/<str:slug>/entries/<str:video_id>/": [
        Call(Rule.SIGNED_IN, "PUT", answers(403), body={"verdict": "winner"}),
        delete(Rule.SIGNED_IN, 403),
    ],
}
