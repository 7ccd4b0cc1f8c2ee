"""The access matrix itself: each route of the site, and how it is asked. Those of growth and figures are in routes_growth.py."""

from .calls import Call, Rule, answers, delete, get, page, patch, post
from .routes_growth import GROWTH
from .world import NOBODY, SEES_WAITING

OUTSIDE: tuple[str, ...] = (
    # Third parties' own pages, judged by their own tests; what they show is the asking person's own account.
    "_allauth/",
    "accounts/",
    "admin/",
)


def oneself(viewer, account, state, world):
    """Nobody follows, blocks or mutes themselves: that is refused, with a sentence."""
    return {400, 403, 409} if viewer == "owner" else None


def unblocking(viewer, account, state, world):
    """Who blocked somebody can no longer meet them, yet must be able to name them to undo it."""
    if viewer == "owner":
        return {200, 204, 400, 403, 409}
    return {200, 204} if viewer == "blocker" else None


def blocking(viewer, account, state, world):
    """Blocking somebody who blocked you works: it tells nothing, and holds when they change their mind."""
    if viewer == "owner":
        return {400, 403, 409}
    return {200, 201, 204, 404} if viewer in {"blocked", "blocker"} else None


def follower_removed(viewer, account, state, world):
    """Everyone may ask to drop a follower; who never followed is not there to drop."""
    return None if viewer in NOBODY else {200, 204, 400, 404}


def keeping(viewer, account, state, world):
    """Whom the account follows or is followed by may be there already; nobody is brought back who was not removed."""
    return None if viewer in NOBODY else {200, 404, 409}


def report_body(world, account, state):
    return {"target": {"type": "video", "id": str(account.clips[state].pk)}, "reason": "spam", "note": ""}


def private_lists(viewer, account, world):
    """A private account's lists are for its followers."""
    if account is world.private and viewer in {"anonymous", "suspended", "stranger", "pending", "moderator"}:
        return {403, 404}
    return None


ROUTES: dict[str, list[Call]] = {
    # The house
    "api/docs/": [get(Rule.OPEN)],
    "api/v1/schema/": [get(Rule.OPEN)],
    "healthz": [get(Rule.OPEN)],
    "readyz": [get(Rule.OPEN, 200, 503)],
    "metrics": [get(Rule.OPEN, 200)],
    "jsi18n/": [get(Rule.OPEN)],
    "robots.txt": [get(Rule.OPEN)],
    "sw.js": [get(Rule.OPEN)],
    # People
    "api/v1/me/business/": [
        get(Rule.SIGNED_IN),
        Call(Rule.SIGNED_IN, "PUT", answers(200), body={"category": "food"}),
        delete(Rule.SIGNED_IN),
    ],
    "api/v1/me/": [get(Rule.SIGNED_IN), patch(Rule.SIGNED_IN, body={"bio": "Hello"})],
    "api/v1/me/avatar/": [delete(Rule.SIGNED_IN)],
    "api/v1/interests/": [get(Rule.OPEN)],
    **{
        f"api/v1/me/{name}/{part}": calls
        for name in ("blocks", "mutes", "restrictions")
        for part, calls in {
            "": [get(Rule.SIGNED_IN), post(Rule.SIGNED_IN, 200, body={"usernames": ["nobody"]})],
            "remove/": [post(Rule.SIGNED_IN, 200, body={"usernames": ["nobody"]})],
            "import/": [post(Rule.SIGNED_IN, 400, form=True)],
            "export/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?format=csv")],
        }.items()
    },
    "api/v1/me/deactivate/": [post(Rule.SIGNED_IN)],
    # A wrong code, and people without a confirmed address: what comes of right ones is in tests/accounts/test_leaving.py.
    "api/v1/me/delete/": [get(Rule.SIGNED_IN), post(Rule.SIGNED_IN, 400, body={"code": "000000"})],
    "api/v1/me/delete/code/": [post(Rule.SIGNED_IN, 400)],
    # Whose download it is, is judged by tests/privacy/test_exports.py.
    "api/v1/exports/": [get(Rule.SIGNED_IN), post(Rule.SIGNED_IN, 202)],
    "api/v1/exports/<str:export_id>/": [get(Rule.ABSENT), delete(Rule.ABSENT)],
    "api/v1/exports/<str:export_id>/file/": [get(Rule.ABSENT)],
    "api/v1/me/privacy/": [get(Rule.SIGNED_IN), patch(Rule.SIGNED_IN, body={"is_private": True})],
    "api/v1/follow-requests/": [get(Rule.SIGNED_IN)],
    "api/v1/follow-requests/<str:follow_id>/accept/": [post(Rule.OWN_PERSON)],
    "api/v1/follow-requests/<str:follow_id>/decline/": [post(Rule.OWN_PERSON)],
    "api/v1/follow-requests/accept/": [post(Rule.SIGNED_IN, 200, body={"ids": []})],
    "api/v1/follow-requests/decline/": [post(Rule.SIGNED_IN, 200, body={"ids": []})],
    "api/v1/suggestions/": [get(Rule.SIGNED_IN)],
    "api/v1/follow-back/": [get(Rule.SIGNED_IN), post(Rule.SIGNED_IN, 200, body={"people": []})],
    "api/v1/follow-back/criteria/": [get(Rule.SIGNED_IN), Call(Rule.SIGNED_IN, "PUT", body={"minimum": 0})],
    "api/v1/follow-back/undo/": [post(Rule.SIGNED_IN, 404, body={"undo": "made up"})],
    "api/v1/tidy-up/": [get(Rule.SIGNED_IN), post(Rule.SIGNED_IN, 200, body={"people": []})],
    "api/v1/me/status/": [get(Rule.SIGNED_IN)],
    "api/v1/me/decisions/": [get(Rule.SIGNED_IN)],
    # Whose decision it is, is judged by tests/privacy/test_status.py.
    "api/v1/me/decisions/<str:decision_id>/": [get(Rule.ABSENT)],
    "api/v1/me/decisions/<str:decision_id>/appeal/": [post(Rule.ABSENT, body={"text": "Why"})],
    # The signed link of an e-mail is the key, whoever has it.
    "api/v1/decisions/<str:token>/": [get(Rule.OPEN, 404)],
    "api/v1/decisions/<str:token>/appeal/": [post(Rule.OPEN, 404, body={"text": "Why"})],
    "api/v1/transparency/": [get(Rule.OPEN)],
    "api/v1/reports/": [
        get(Rule.SIGNED_IN),
        Call(
            Rule.CLIP_WRITE,
            "POST",
            answers(201),
            body=report_body,
            exceptions=lambda v, a, s, w: {201, 400, 403} if v == "owner" and s != "removed" else None,
        ),
    ],
    "api/v1/users/<str:username>/": [get(Rule.PERSON)],
    "api/v1/users/<str:username>/follow/": [
        post(Rule.PERSON_WRITE, exceptions=oneself),
        delete(
            Rule.PERSON_WRITE, exceptions=lambda v, a, s, w: {200, 204, 400, 404} if v == "owner" else None
        ),
    ],
    "api/v1/users/<str:username>/follower/": [
        delete(Rule.PERSON_WRITE, exceptions=follower_removed),
        # Nobody was removed a moment ago; who was is judged by tests/accounts/test_removing_followers.py.
        post(Rule.PERSON_WRITE, 409, exceptions=keeping),
    ],
    "api/v1/users/<str:username>/restrict/": [
        post(Rule.PERSON_WRITE, exceptions=oneself),
        delete(
            Rule.PERSON_WRITE, exceptions=lambda v, a, s, w: {200, 204, 400, 404} if v == "owner" else None
        ),
    ],
    "api/v1/users/<str:username>/friends/": [
        get(Rule.PERSON, exceptions=lambda v, a, s, w: private_lists(v, a, w)),
    ],
    "api/v1/users/<str:username>/block/": [
        post(Rule.PERSON_WRITE, exceptions=blocking),
        delete(Rule.PERSON_WRITE, exceptions=unblocking),
    ],
    "api/v1/users/<str:username>/mute/": [
        post(Rule.PERSON_WRITE, exceptions=oneself),
        delete(
            Rule.PERSON_WRITE, exceptions=lambda v, a, s, w: {200, 204, 400, 404} if v == "owner" else None
        ),
    ],
    "api/v1/users/<str:username>/followers/": [
        get(Rule.PERSON, exceptions=lambda v, a, s, w: private_lists(v, a, w)),
    ],
    "api/v1/users/<str:username>/following/": [
        get(Rule.PERSON, exceptions=lambda v, a, s, w: private_lists(v, a, w)),
    ],
}

COMMENT = {"text": "Lovely"}
TUS = {
    "HTTP_TUS_RESUMABLE": "1.0.0",
    "HTTP_UPLOAD_OFFSET": "0",
    "CONTENT_TYPE": "application/offset+octet-stream",
}


def silent_while_away(viewer, account, state, world):
    """What a person who left says is not shown, to themselves neither, until logging in brings them back."""
    return {404} if viewer == "owner" and account is world.deactivated else None


def detaching(viewer, account, state, world):
    """Only whoever made the clip that was remixed may detach, and only from a remix."""
    if viewer != "owner" or state == "removed":
        return None
    return {200} if state == "remix" else {403}


def passing_on(viewer, account, state, world):
    """What was sent to somebody before it is out stays with them."""
    return {403} if (viewer, state) == ("follower", "preview") else None


def downloading(viewer, account, state, world):
    """There is nothing to copy before the first rendition, and of an exclusive preview nothing at all."""
    if viewer == "owner" and state == "processing":
        return {403}
    return passing_on(viewer, account, state, world)


VTT = "WEBVTT\n\n00:00.000 --> 00:00.500\nHello\n"


def waiting(viewer, account, state, world):
    """A comment that waits or was hidden is there for who wrote it and for the clip's author; deciding is the latter's."""
    return None if viewer in NOBODY | SEES_WAITING else {404}


def waiting_read(viewer, account, state, world):
    return None if viewer in SEES_WAITING else {404}


def reviewing(world, account, state):
    """The comments of the account under test, asked for by everybody: only its owner gets anything done."""
    rows = [*account.held.values(), *account.hidden.values()]
    return {"do": "approve", "comments": [str(row.pk) for row in rows]}


ROUTES |= {
    # People's pages
    "@<str:username>/followers/": [page(Rule.PERSON, exceptions=lambda v, a, s, w: private_lists(v, a, w))],
    "@<str:username>/following/": [page(Rule.PERSON, exceptions=lambda v, a, s, w: private_lists(v, a, w))],
    "@<str:username>/friends/": [page(Rule.PERSON, exceptions=lambda v, a, s, w: private_lists(v, a, w))],
    "people/": [page(Rule.SIGNED_IN)],
    "people/follow-back/": [page(Rule.SIGNED_IN)],
    "people/follow-back/criteria/": [Call(Rule.SIGNED_IN, "POST", answers(302), is_page=True, form=True)],
    "people/follow-back/stop/<str:token>/": [
        page(Rule.OPEN, 404),
        Call(Rule.OPEN, "POST", answers(404), is_page=True, form=True),
    ],
    "people/tidy-up/": [page(Rule.SIGNED_IN)],
    **{
        f"people/{place}/{step}/": [
            Call(Rule.SIGNED_IN, "POST", answers(302), is_page=True, form=True, body={"chosen": []})
        ]
        for place in ("follow-back", "tidy-up")
        for step in ("review", "do", "undo")
    },
    "welcome/": [page(Rule.SIGNED_IN)],
    "settings/feed/": [page(Rule.SIGNED_IN)],
    **{
        f"settings/privacy/{key}/{part}": calls
        for key in ("blocked", "muted", "restricted")
        for part, calls in {
            "": [
                page(Rule.SIGNED_IN),
                Call(Rule.SIGNED_IN, "POST", answers(400), is_page=True, form=True),
            ],
            "export.csv": [page(Rule.SIGNED_IN)],
            "export.json": [page(Rule.SIGNED_IN)],
        }.items()
    },
    "follow-requests/": [page(Rule.SIGNED_IN)],
    "follow-requests/answer/": [Call(Rule.SIGNED_IN, "POST", answers(302), is_page=True, form=True)],
    "follow-requests/<str:follow_id>/": [
        Call(Rule.OWN_PERSON, "POST", answers(302), is_page=True, form=True, body={"answer": "accept"})
    ],
    "settings/": [page(Rule.SIGNED_IN, 200, 302)],
    "settings/profile/": [page(Rule.SIGNED_IN)],
    "settings/account/": [page(Rule.SIGNED_IN)],
    "settings/security/": [page(Rule.SIGNED_IN)],
    "settings/security/phone/remove/": [Call(Rule.SIGNED_IN, "POST", answers(302), is_page=True)],
    "settings/security/log-ins/end-others/": [Call(Rule.SIGNED_IN, "POST", answers(302), is_page=True)],
    "settings/security/log-ins/<int:log_in_id>/end/": [
        Call(Rule.SIGNED_IN, "POST", answers(404), is_page=True)
    ],
    "settings/account/leave/": [page(Rule.SIGNED_IN)],
    "settings/account/delete/": [
        page(Rule.SIGNED_IN),
        Call(Rule.SIGNED_IN, "POST", answers(400), is_page=True, form=True, body={"code": "000000"}),
    ],
    "settings/data/": [page(Rule.SIGNED_IN), Call(Rule.SIGNED_IN, "POST", answers(302), is_page=True)],
    "settings/data/<str:export_id>/file/": [Call(Rule.ABSENT, is_page=True)],
    "settings/data/<str:export_id>/delete/": [Call(Rule.ABSENT, "POST", is_page=True)],
    "settings/account/deactivate/": [Call(Rule.SIGNED_IN, "POST", answers(200, 302), is_page=True)],
    "settings/avatar/": [Call(Rule.SIGNED_IN, "POST", answers(200, 302, 400), is_page=True)],
    "settings/privacy/": [page(Rule.SIGNED_IN)],
    "settings/privacy/as/<str:relation>/": [
        page(Rule.ABSENT)
    ],  # "1" is no relation; test_as_others looks at the real ones
    "settings/status/": [page(Rule.SIGNED_IN)],
    "settings/status/<str:decision_id>/": [
        page(Rule.ABSENT),
        Call(Rule.ABSENT, "POST", is_page=True, form=True, body={"text": "Why"}),
    ],
    "settings/reports/": [page(Rule.SIGNED_IN)],
    "decisions/<str:token>/": [
        page(Rule.OPEN, 404),
        Call(Rule.OPEN, "POST", answers(404), is_page=True, form=True, body={"text": "Why"}),
    ],
    "transparency/": [page(Rule.OPEN)],
    "settings/notifications/": [
        page(Rule.SIGNED_IN),
        Call(Rule.SIGNED_IN, "POST", answers(302), is_page=True, form=True, body={"digest": "daily"}),
    ],
    # The signed link of a digest is the key, whoever has it.
    "notifications/unsubscribe/<str:token>/": [
        page(Rule.OPEN, 404),
        Call(Rule.OPEN, "POST", answers(404), is_page=True, form=True),
    ],
    "settings/privacy/unblock/": [Call(Rule.SIGNED_IN, "POST", answers(200, 302, 400, 404), is_page=True)],
    "settings/privacy/unmute/": [Call(Rule.SIGNED_IN, "POST", answers(200, 302, 400, 404), is_page=True)],
    # Clips
    "": [page(Rule.OPEN), page(Rule.OPEN, query="?fragment=1")],
    "following/": [page(Rule.SIGNED_IN)],
    "friends/": [page(Rule.SIGNED_IN)],
    "explore/": [page(Rule.OPEN)],
    "search/": [page(Rule.OPEN, query="?q=canary")],
    "tags/<str:tag>/": [page(Rule.OPEN, 200, 404)],
    "sounds/<str:sound_id>/": [page(Rule.OPEN, 404)],
    "upload/": [page(Rule.SIGNED_IN)],
    "studio/comments/": [page(Rule.SIGNED_IN), page(Rule.SIGNED_IN, query="?state=hidden")],
    "studio/": [page(Rule.SIGNED_IN), page(Rule.SIGNED_IN, query="?state=draft")],
    "studio/videos/<str:video_id>/edit/": [page(Rule.OWN_CLIP)],
    "@<str:username>/": [page(Rule.PERSON)],
    "@<str:username>/video/<str:video_id>/": [page(Rule.CLIP)],
    "@<str:username>/video/<str:video_id>/comments/": [
        page(Rule.CLIP),
        page(Rule.CLIP, query="?sort=newest"),
    ],
    "api/v1/feeds/for-you/": [get(Rule.OPEN)],
    "api/v1/feeds/explore/": [get(Rule.OPEN)],
    "api/v1/feeds/following/": [get(Rule.SIGNED_IN)],
    "api/v1/feeds/friends/": [get(Rule.SIGNED_IN)],
    "api/v1/search/": [
        get(Rule.OPEN, query="?q=canary&type=videos"),
        get(Rule.OPEN, query="?q=normal&type=people"),
        get(Rule.OPEN, query="?q=canray&type=tags"),
        get(Rule.OPEN, query="?q=canary&type=sounds"),
    ],
    "api/v1/search/suggestions/": [get(Rule.OPEN, query="?q=canary"), get(Rule.OPEN)],
    "api/v1/search/recent/": [get(Rule.SIGNED_IN), Call(Rule.SIGNED_IN, "DELETE", answers(204))],
    "api/v1/search/recent/<str:search_id>/": [Call(Rule.ABSENT, "DELETE")],
    "api/v1/explore/": [
        get(Rule.OPEN),
        get(Rule.OPEN, query="?country=FR"),
        get(Rule.OPEN, 400, query="?country=nowhere"),
    ],
    "api/v1/tags/<str:tag>/": [get(Rule.OPEN)],
    "api/v1/tags/<str:tag>/videos/": [get(Rule.OPEN, 200, 404)],
    "api/v1/sounds/<str:sound_id>/videos/": [get(Rule.OPEN, 404)],
    "api/v1/users/<str:username>/videos/": [get(Rule.PERSON)],
    "api/v1/videos/<str:video_id>/": [
        get(Rule.CLIP),
        patch(Rule.OWN_CLIP, body={"caption": "New words"}),
        delete(Rule.OWN_CLIP),
    ],
    "api/v1/videos/<str:video_id>/like/": [post(Rule.CLIP_WRITE), delete(Rule.CLIP_WRITE)],
    "api/v1/videos/<str:video_id>/save/": [post(Rule.CLIP_WRITE), delete(Rule.CLIP_WRITE)],
    "api/v1/videos/<str:video_id>/not-interested/": [post(Rule.CLIP_WRITE), delete(Rule.CLIP_WRITE)],
    "api/v1/videos/<str:video_id>/more/": [post(Rule.CLIP_WRITE), delete(Rule.CLIP_WRITE)],
    "api/v1/videos/<str:video_id>/less/": [post(Rule.CLIP_WRITE), delete(Rule.CLIP_WRITE)],
    "api/v1/preferences/": [
        get(Rule.SIGNED_IN),
        post(
            Rule.CLIP_WRITE,
            body=lambda w, a, s: {"stance": "more", "of": "clip", "subject": str(a.clips[s].pk)},
        ),
    ],
    "api/v1/preferences/<str:preference_id>/": [delete(Rule.ABSENT)],
    "api/v1/me/feed/": [get(Rule.SIGNED_IN), patch(Rule.SIGNED_IN, body={"chronological": True})],
    "api/v1/me/feed/interests/": [
        get(Rule.SIGNED_IN),
        patch(Rule.SIGNED_IN, body={"interests": ["food"]}),
    ],
    "api/v1/me/feed/start-over/": [post(Rule.SIGNED_IN)],
    "api/v1/videos/<str:video_id>/share/": [
        post(Rule.CLIP_WRITE, body={"channel": "link"}, exceptions=passing_on)
    ],
    "api/v1/videos/<str:video_id>/why/": [get(Rule.CLIP)],
    "api/v1/videos/<str:video_id>/captions/": [get(Rule.CLIP)],
    "api/v1/videos/<str:video_id>/captions/<str:language>/": [
        get(Rule.CLIP),
        Call(Rule.OWN_CLIP, "PUT", answers(200), body={"vtt": VTT}),
        delete(Rule.OWN_CLIP),
    ],
    "api/v1/videos/<str:video_id>/captions/<str:language>/automatic/": [post(Rule.OWN_CLIP, 200, 400)],
    "api/v1/videos/<str:video_id>/remixes/": [get(Rule.CLIP)],
    "api/v1/videos/<str:video_id>/detach/": [post(Rule.OWN_CLIP, exceptions=detaching)],
    "api/v1/videos/<str:video_id>/download/": [post(Rule.CLIP_WRITE, exceptions=downloading)],
    "api/v1/text-layers/": [
        post(Rule.SIGNED_IN, 200, body={"text": "Hello", "width": 90, "height": 160}),
    ],
    "api/v1/autocomplete/": [
        get(Rule.SIGNED_IN, query="?q=canary&type=tags"),
        get(Rule.SIGNED_IN, query="?q=normal&type=people"),
    ],
    "api/v1/sounds/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?q=canary")],
    "api/v1/sounds/<str:sound_id>/": [
        get(Rule.OPEN, 404),
        Call(Rule.SIGNED_IN, "PATCH", answers(404), body={"title": "Mine"}),
    ],
    "api/v1/videos/<str:video_id>/comments/": [
        get(Rule.CLIP),
        get(Rule.CLIP, query="?sort=top"),
        post(Rule.CLIP_WRITE, 201, body=COMMENT),
    ],
    "api/v1/comments/review/": [
        get(Rule.SIGNED_IN),
        get(Rule.SIGNED_IN, query="?state=hidden"),
        post(Rule.SIGNED_IN, body=reviewing),
    ],
    "api/v1/comments/<str:comment_id>/": [
        get(Rule.CLIP, exceptions=silent_while_away),
        patch(Rule.OWN_CLIP, body=COMMENT, exceptions=silent_while_away),
        delete(Rule.OWN_CLIP, exceptions=silent_while_away),
        get(Rule.CLIP, comment="held", exceptions=waiting_read),
        get(Rule.CLIP, comment="hidden", exceptions=waiting_read),
        delete(Rule.CLIP_WRITE, comment="held", exceptions=waiting),
    ],
    "api/v1/comments/<str:comment_id>/like/": [
        post(Rule.CLIP_WRITE, exceptions=silent_while_away),
        delete(Rule.CLIP_WRITE, exceptions=silent_while_away),
        post(Rule.CLIP_WRITE, comment="hidden", exceptions=waiting),
    ],
    "api/v1/comments/<str:comment_id>/pin/": [
        post(Rule.OWN_CLIP, exceptions=silent_while_away),
        delete(Rule.OWN_CLIP, exceptions=silent_while_away),
    ],
    "api/v1/comments/<str:comment_id>/hide/": [
        post(Rule.OWN_CLIP, exceptions=silent_while_away),
        delete(Rule.OWN_CLIP, comment="hidden", exceptions=waiting),
    ],
    "api/v1/comments/<str:comment_id>/approve/": [post(Rule.OWN_CLIP, comment="held", exceptions=waiting)],
    "api/v1/comments/<str:comment_id>/decline/": [post(Rule.OWN_CLIP, comment="hidden", exceptions=waiting)],
    # Collections
    "api/v1/collections/": [
        get(Rule.SIGNED_IN),
        post(Rule.SIGNED_IN, 201, body={"name": "Evening light"}),
    ],
    "api/v1/collections/<str:collection_id>/": [
        get(Rule.OWN_PERSON),
        patch(Rule.OWN_PERSON, body={"name": "Evening light"}),
        delete(Rule.OWN_PERSON),
    ],
    "api/v1/collections/<str:collection_id>/videos/": [get(Rule.OWN_PERSON)],
    "api/v1/collections/<str:collection_id>/videos/<str:video_id>/": [
        Call(Rule.OWN_PERSON, "PUT", answers(200)),
        delete(Rule.OWN_PERSON),
    ],
    "collections/<str:collection_id>/": [page(Rule.OWN_PERSON)],
    # Uploads and files
    "api/v1/uploads/": [
        get(Rule.SIGNED_IN),
        post(Rule.SIGNED_IN, 400, 412),
        Call(Rule.OPEN, "OPTIONS", answers(200, 204)),
    ],
    "api/v1/uploads/<str:upload_id>": [
        Call(Rule.ABSENT, "HEAD", headers=TUS),
        Call(Rule.ABSENT, "PATCH", headers=TUS),
        Call(Rule.ABSENT, "DELETE", headers=TUS),
    ],
    "api/v1/videos/": [
        post(Rule.SIGNED_IN, 400, 404, body={"upload": "absent", "caption": "", "audience": "public"})
    ],
    "api/v1/videos/<str:video_id>/retry/": [post(Rule.OWN_CLIP, 200, 202, 409)],
    "upload/files/<str:video_id>/": [get(Rule.OWN_CLIP, 200, is_page=True)],
    "upload/files/<str:video_id>/<str:place>/": [get(Rule.OWN_CLIP, 404, is_page=True)],
    "media/<str:expires>/<str:signature>/<str:folder>/<str:name>": [get(Rule.OPEN, 404, 403)],
    "avatars/<int:person_id>/<str:name>": [get(Rule.OPEN, 404)],
    # Messages
    "api/v1/badges/": [get(Rule.SIGNED_IN)],
    "api/v1/push/": [get(Rule.SIGNED_IN)],
    # An address that is no push service's: what comes of a real one is in tests/messaging/test_push_subscriptions.py.
    "api/v1/push/subscriptions/": [
        get(Rule.SIGNED_IN),
        post(
            Rule.SIGNED_IN,
            400,
            body={"endpoint": "https://example.org/", "keys": {"p256dh": "a", "auth": "b"}},
        ),
    ],
    "api/v1/push/subscriptions/<str:subscription_id>/": [delete(Rule.ABSENT)],
    "api/v1/push/test/": [post(Rule.SIGNED_IN, 404)],
    "api/v1/notifications/": [get(Rule.SIGNED_IN), get(Rule.SIGNED_IN, query="?group=comments")],
    "api/v1/me/notifications/": [get(Rule.SIGNED_IN), patch(Rule.SIGNED_IN, body={"digest": "daily"})],
    "api/v1/notifications/read/": [post(Rule.SIGNED_IN)],
    "studio/announce/": [
        page(Rule.SIGNED_IN),
        Call(Rule.SIGNED_IN, "POST", answers(400, 404), is_page=True, form=True, body={"act": "announce"}),
    ],
    "api/v1/announcements/": [
        get(Rule.SIGNED_IN),
        post(
            Rule.OWN_PERSON,
            201,
            body=lambda w, a, s: {"video": str(next(iter(a.clips.values())).pk), "audience": "followers"},
        ),
    ],
    "api/v1/announcements/<str:announcement_id>/": [get(Rule.ABSENT)],
    "api/v1/announcements/<str:announcement_id>/stop/": [post(Rule.ABSENT)],
    "api/v1/conversations/<str:conversation_id>/announcements/": [post(Rule.MEMBERS, body={"muted": True})],
    "api/v1/quick-replies/": [get(Rule.SIGNED_IN), post(Rule.SIGNED_IN, 201, body={"text": "Soon"})],
    "api/v1/quick-replies/<str:reply_id>/": [
        patch(Rule.ABSENT, body={"text": "Later"}),
        delete(Rule.ABSENT),
    ],
    "api/v1/me/away/": [
        get(Rule.SIGNED_IN),
        Call(Rule.SIGNED_IN, "PUT", answers(200), body={"text": "Away", "on": True}),
    ],
    "api/v1/me/response-time/": [get(Rule.SIGNED_IN)],
    "api/v1/conversations/": [get(Rule.SIGNED_IN)],
    "api/v1/conversations/requests/": [delete(Rule.SIGNED_IN, 200)],
    "api/v1/recipients/": [get(Rule.SIGNED_IN, query="?q=a")],
    # The conversations of this world are of two; what groups answer to whom is in tests/messaging/test_groups_api.py.
    "api/v1/conversations/<str:conversation_id>/": [
        get(Rule.MEMBERS),
        patch(Rule.ABSENT, body={"name": "Trip"}),
    ],
    "api/v1/conversations/<str:conversation_id>/people/": [
        post(Rule.ABSENT, body=lambda v, a, s: {"usernames": [a.owner.username]})
    ],
    "api/v1/conversations/<str:conversation_id>/people/<str:username>/": [
        delete(Rule.ABSENT),
        patch(Rule.ABSENT, body={"is_admin": True}),
    ],
    "api/v1/conversations/<str:conversation_id>/media/": [get(Rule.MEMBERS)],
    "api/v1/conversations/<str:conversation_id>/messages/": [
        get(Rule.MEMBERS),
        post(Rule.MEMBERS, 201, body={"client_id": "matrix", "text": "Hello"}),
    ],
    "api/v1/conversations/<str:conversation_id>/read/": [post(Rule.MEMBERS, body={"seq": 1})],
    "api/v1/conversations/<str:conversation_id>/accept/": [post(Rule.MEMBERS, 200, 204, 409)],
    "api/v1/conversations/<str:conversation_id>/mute/": [post(Rule.MEMBERS)],
    "api/v1/conversations/<str:conversation_id>/leave/": [post(Rule.MEMBERS)],
    "api/v1/conversations/<str:conversation_id>/archive/": [post(Rule.MEMBERS)],
    "api/v1/conversations/<str:conversation_id>/pin/": [post(Rule.MEMBERS)],
    "api/v1/conversations/<str:conversation_id>/images/": [
        post(Rule.MEMBERS, 201, 400, form=True)  # without a picture
    ],
    "api/v1/messages/search/": [get(Rule.SIGNED_IN, query="?q=hello")],
    "api/v1/messages/<str:message_id>/hide/": [post(Rule.MEMBERS, 204)],
    "api/v1/messages/<str:message_id>/": [
        delete(Rule.MEMBERS, exceptions=lambda v, a, s, w: {403, 404} if v == "owner" else None)
    ],
    "api/v1/messages/<str:message_id>/reaction/": [
        Call(Rule.MEMBERS, "PUT", answers(200), body={"emoji": "🎉"}),
        delete(Rule.MEMBERS),
    ],
    "messages/": [page(Rule.SIGNED_IN)],
    "messages/requests/": [page(Rule.SIGNED_IN)],
    "messages/new/": [
        page(Rule.SIGNED_IN),
        page(Rule.SIGNED_IN, 404, query="?to=absent"),
        Call(Rule.SIGNED_IN, "POST", answers(404), is_page=True, form=True, body={"usernames": "absent"}),
    ],
    "messages/search/": [page(Rule.SIGNED_IN)],
    "settings/messages/": [
        page(Rule.SIGNED_IN),
        Call(
            Rule.SIGNED_IN,
            "POST",
            answers(302),
            is_page=True,
            form=True,
            body={"act": "add", "text": "On my way"},
        ),
    ],
    "messages/share/": [
        page(Rule.SIGNED_IN, 404),
        Call(Rule.SIGNED_IN, "POST", answers(404), is_page=True, form=True, body={"video": "absent"}),
    ],
    "messages/<str:conversation_id>/": [page(Rule.MEMBERS)],
    "messages/<str:conversation_id>/details/": [page(Rule.MEMBERS)],
    "messages/<str:conversation_id>/images/<str:image_id>/": [
        page(Rule.MEMBERS, exceptions=lambda v, a, s, w: None if v in ("anonymous", "suspended") else {404})
    ],
    "inbox/": [page(Rule.SIGNED_IN)],
}

# The moderators' desk. Cases, decisions and appeals that are there: tests/admin/test_queue.py.
ROUTES |= {
    "api/v1/moderation/queue/": [get(Rule.MODERATORS)],
    "api/v1/moderation/decisions/": [get(Rule.MODERATORS)],
    "api/v1/moderation/appeals/": [get(Rule.MODERATORS)],
    "api/v1/moderation/cases/<str:case_id>/": [get(Rule.ABSENT)],
    "api/v1/moderation/cases/<str:case_id>/look/": [post(Rule.ABSENT)],
    "api/v1/moderation/cases/<str:case_id>/statement/": [get(Rule.ABSENT, query="?act=warn&reason=spam")],
    "api/v1/moderation/cases/<str:case_id>/decide/": [post(Rule.ABSENT, body={"act": "dismiss"})],
    "api/v1/moderation/decisions/<str:decision_id>/undo/": [post(Rule.ABSENT)],
    "api/v1/moderation/appeals/<str:appeal_id>/answer/": [post(Rule.ABSENT, body={"grant": True})],
}

ROUTES |= GROWTH
