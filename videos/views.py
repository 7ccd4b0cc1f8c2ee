"""The pages of clips. Each hands its template the dicts of videos.cards; nothing here decides who sees what.

Feeds take `?cursor=…&fragment=1`, which answers only the cards of the next page (components/clips.html) and its cursor.

What the templates get, besides what every page has:
- feed.html: cards, next_cursor, source (for_you, following, friends, video), title, next_url, order; on a clip's own page
  also `preview` (True when a stranger without an account may see the clip: only then is there a link preview)
- profile.html: profile (accounts.access.profile), tab (clips, liked, saved), tabs, cards, next_cursor; on the first
  page of saved also collections (videos.cards_collections)
- studio.html: cards (with progress and error), next_cursor, kinds (videos.studio.tabs), kind
- studio_edit.html: card (one's own clip), audiences, who_may, languages, remixes (cards), automatic, next_cursor
- upload.html: max_mb, max_seconds, audiences, who_may, languages, rules (videos.edits.for_editor), speeds, colors
Explore, tags and sounds have views_exploring, comments and their review views_comments, collections views_collections.
Fragments of grids are components/tiles.html, of the studio videos/studio_rows.html.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import profile as profile_of
from privacy.rules import Audience, WhoMay
from socialapp.lib.errors import NotFound
from socialapp.lib.ids import parse_id, parse_ids
from socialapp.lib.pagination import Page, keyset_page

from . import access, captioning, edits, feed
from .cards import card, cards
from .cards_collections import collection_cards
from .models import Video
from .studio import clips as studio_clips
from .studio import languages
from .studio import tabs as studio_tabs

# What the editor offers by one press; the edit list takes any speed and colour within its limits.
SPEEDS = (("0.5", "0.5×"), ("0.75", "0.75×"), ("1", "1×"), ("1.25", "1.25×"), ("1.5", "1.5×"), ("2", "2×"))
TEXT_COLORS = (
    ("#ffffff", gettext_lazy("White")),
    ("#0d0e12", gettext_lazy("Ink")),
    ("#ff5a36", gettext_lazy("Ember")),
    ("#ffd23f", gettext_lazy("Yellow")),
    ("#63c78f", gettext_lazy("Green")),
    ("#8fb0ff", gettext_lazy("Blue")),
    ("#f29bd1", gettext_lazy("Pink")),
)


def _cursor(request: HttpRequest) -> str | None:
    return request.GET.get("cursor") or None


def _answer(
    request: HttpRequest, template: str, fragment: str, page: Page[Any], context: dict[str, Any]
) -> HttpResponse:
    """The whole page, or with `?fragment=1` only the list and the cursor of the next."""
    only_list = "fragment" in request.GET
    context |= {"next_cursor": page.next_cursor, "fragment": only_list}
    return render(request, fragment if only_list else template, context)


def _feed(request: HttpRequest, page: Page[Video], **context: Any) -> HttpResponse:
    context["cards"] = cards(request.user, page.items)
    return _answer(request, "videos/feed.html", "components/clips.html", page, context)


def _grid(request: HttpRequest, template: str, page: Page[Video], **context: Any) -> HttpResponse:
    context["cards"] = cards(request.user, page.items)
    return _answer(request, template, "components/tiles.html", page, context)


@require_safe
def for_you(request: HttpRequest) -> HttpResponse:
    """`shown` are clips that the page holds already when what follows them is asked for anew."""
    page = feed.for_you(request.user, _cursor(request), shown=parse_ids(request.GET.get("shown", "")))
    order = ""
    if "fragment" not in request.GET and request.user.is_authenticated:
        order = "newest" if feed.known(request.user).chronological else "chosen"
    return _feed(request, page, source="for_you", title="", next_url=reverse("for-you"), order=order)


@login_required
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    page = feed.following(request.user, _cursor(request))
    return _feed(request, page, source="following", title=_("Following"), next_url=reverse("following"))


@login_required
@require_safe
def friends(request: HttpRequest) -> HttpResponse:
    page = feed.friends(request.user, _cursor(request))
    return _feed(request, page, source="friends", title=_("Friends"), next_url=reverse("friends"))


@require_safe
def video(request: HttpRequest, username: str, video_id: str) -> HttpResponse:
    """A clip at its own address, as the first of a feed: its author's older clips follow, then For You."""
    clip = access.get_video(request.user, video_id)
    if clip.author.username != username:
        return redirect(clip.get_absolute_url())
    if "fragment" in request.GET:
        page = feed.beside(request.user, clip, _cursor(request))
        return _feed(request, page, source="video", next_url=clip.get_absolute_url())
    page = Page([clip], "a")
    preview = access.sees_video(AnonymousUser(), clip)
    title = clip.caption[:80] or _("Clip by %(name)s") % {"name": clip.author.username}
    return _feed(
        request, page, source="video", title=title, next_url=clip.get_absolute_url(), preview=preview
    )


@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """A person and a grid: their clips, what they like (where they show it), what one saved oneself."""
    shown = profile_of(request.user, username)
    person = shown["person"]
    if person.username != username:
        return redirect(person.get_absolute_url())
    tabs = ["clips"]
    if access.sees_likes(request.user, person):
        tabs.append("liked")
    if shown["is_me"]:
        tabs.append("saved")
    tab = request.GET.get("tab", "clips")
    if tab not in tabs:
        raise NotFound()
    cursor = _cursor(request)
    if tab == "clips":
        page = feed.newest(access.videos_of(request.user, person), cursor)
    else:
        marks = access.likes_of(request.user, person) if tab == "liked" else access.saves_of(request.user)
        page = feed.marked(marks, cursor)
    context = {"profile": shown, "tab": tab, "tabs": tabs, "title": shown["display_name"]}
    if tab == "saved" and not cursor:
        mine = access.collections_of(request.user).order_by("-id")
        context["collections"] = collection_cards(request.user, list(mine))
    return _grid(request, "videos/profile.html", page, **context)


@login_required
@require_safe
def upload(request: HttpRequest) -> HttpResponse:
    context = {
        "max_mb": settings.MAX_UPLOAD_MB,
        "max_seconds": settings.MAX_CLIP_SECONDS,
        "audiences": Audience.choices,
        "who_may": WhoMay.choices,
        "languages": languages(),
        "rules": edits.for_editor(),
        "speeds": SPEEDS,
        "colors": TEXT_COLORS,
    }
    return render(request, "videos/upload.html", context)


@login_required
@require_safe
def studio(request: HttpRequest) -> HttpResponse:
    """One's own clips, all or of one kind (`?state=`), newest first, with what to do about each. `?only=` is one row."""
    kind = request.GET.get("state", "")
    found = studio_clips(request.user, kind)
    if "only" in request.GET:
        found = found.filter(pk=parse_id(request.GET["only"]))
    page = keyset_page(access.with_people(found), _cursor(request))
    context = {
        "cards": cards(request.user, page.items),
        "promotable": {str(clip.pk) for clip in page.items if access.can_promote(request.user, clip)},
        "title": _("My clips"),
        "kind": kind,
    }
    if "fragment" not in request.GET:
        context["kinds"] = studio_tabs(request.user, kind)
    return _answer(request, "videos/studio.html", "videos/studio_rows.html", page, context)


@login_required
@require_safe
def studio_edit(request: HttpRequest, video_id: str) -> HttpResponse:
    """Everything that may be changed about a clip of one's own. The fragment is the next page of its remixes."""
    clip = access.get_video(request.user, video_id)
    if clip.author_id != request.user.pk:
        raise NotFound()
    page = feed.newest(access.remixes_of(request.user, clip), _cursor(request))
    context = {
        "card": card(request.user, clip),
        "remixes": cards(request.user, page.items),
        "audiences": Audience.choices,
        "who_may": WhoMay.choices,
        "languages": languages(),
        "automatic": captioning.is_available(),
        "title": _("Edit clip"),
    }
    return _answer(request, "videos/studio_edit.html", "videos/studio_remixes.html", page, context)
