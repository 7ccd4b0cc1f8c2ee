"""Why a clip is shown: what put it on the viewer's page, and never of what the viewer may not see.

What a page was composed with is kept for a while (session.py). Of any other clip it is said what would speak for it.
"""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from accounts import interests
from accounts.access import followed_ids, friend_ids
from accounts.models import User
from privacy.rules import Audience

from ..access import Viewer, visible_videos, with_people
from ..models import Video
from .online import Known, known
from .session import kept_reasons

Reason = dict[str, Any]


def reasons(viewer: Viewer, video: Video) -> list[Reason]:
    """Why For You shows a clip to this viewer, the strongest reason first: `kind`, `text`, and with "similar" perhaps `clip`,
    the address of the clip of their history that it is like. `video` came through the gate. At most four queries.

    Ties and evidence are looked at anew: what no longer holds, or what the viewer may no longer see, is not said.
    """
    if viewer.pk == video.author_id:
        return [_own(), *_plain(video)]
    kept = kept_reasons(viewer, video.pk)
    names, because = kept or ([], None)
    what = known(viewer)
    if not what.personal:
        names = [name for name in names if name in ("fresh", "popular", "rising", "language", "country")]
    found: list[Reason] = []
    tie = _tie(viewer, video)
    if kept is None and tie:
        found.append(tie)
    for name in names:
        reason = tie if name in ("friend", "following") else _said(name, viewer, video, what, because)
        if reason and reason["kind"] not in {one["kind"] for one in found}:
            found.append(reason)
    if not found or kept is None:
        found += _plain(video)
    return found or [{"kind": "shared", "text": _("Its author lets you watch it.")}]


def _own() -> Reason:
    return {"kind": "own", "text": _("It is your own clip.")}


def _plain(video: Video) -> list[Reason]:
    """What speaks for a clip whoever asks."""
    if video.audience != Audience.PUBLIC or video.state != Video.State.READY:
        return []
    found = [_fresh()]
    if video.views_count + video.likes_count > 0:
        found.insert(0, _popular())
    return found


def _fresh() -> Reason:
    return {"kind": "fresh", "text": _("Every new clip is shown to some people first.")}


def _popular() -> Reason:
    return {"kind": "popular", "text": _("People watch and like it at the moment.")}


def _tie(viewer: Viewer, video: Video) -> Reason | None:
    if not isinstance(viewer, User):
        return None
    name = {"name": video.author.username}
    if friend_ids(viewer).filter(followed=video.author_id).exists():
        return {"kind": "friend", "text": _("You and %(name)s follow each other.") % name}
    if followed_ids(viewer).filter(followed=video.author_id).exists():
        return {"kind": "following", "text": _("You follow %(name)s.") % name}
    return None


def _said(name: str, viewer: Viewer, video: Video, what: Known, because: int | None) -> Reason | None:
    """The sentence of one reason; None when nothing of it is true any more."""
    makers: dict[str, Callable[[], Reason | None]] = {
        "similar": lambda: _similar(viewer, what, because),
        "tag": lambda: _tag(video, what),
        "interest": lambda: _interest(viewer, video),
        "more": lambda: {"kind": "more", "text": _("You asked for more like this.")},
        "author": lambda: {
            "kind": "author",
            "text": _("You like clips by %(name)s.") % {"name": video.author.username},
        },
        "sound": lambda: {"kind": "sound", "text": _("You like clips with this sound.")},
        "rising": lambda: {"kind": "rising", "text": _("More and more people watch it right now.")},
        "language": lambda: {"kind": "language", "text": _("It is in a language you watch.")},
        "country": lambda: {"kind": "country", "text": _("It comes from your country.")},
        "fresh": _fresh,
        "popular": _popular,
    }
    maker = makers.get(name)
    return maker() if maker else None


def _similar(viewer: Viewer, what: Known, because: int | None) -> Reason | None:
    """Names a clip only if it is in the viewer's history still, and at the gate for them still."""
    if not what.history:
        return None
    plain = {"kind": "similar", "text": _("People who watch what you watch like it.")}
    if because is None or because not in {clip for clip, _weight, _at in what.history}:
        return plain
    clip = with_people(visible_videos(viewer)).filter(pk=because, published_at__isnull=False).first()
    if clip is None:
        return plain
    title = clip.caption[:60].strip()
    named = {"title": title, "name": clip.author.username}
    text = (
        _("Because you watched “%(title)s” by %(name)s.")
        if title
        else _("Because you watched a clip by %(name)s.")
    )
    return {"kind": "similar", "text": text % named, "clip": clip.get_absolute_url()}


def _tag(video: Video, what: Known) -> Reason | None:
    tags = [(what.taste.tags.get(pk, 0.0), name) for pk, name in video.tags.values_list("pk", "name")]
    liked = max((pair for pair in tags if pair[0] > 0), default=None)
    return {"kind": "tag", "text": _("You like clips with #%(tag)s.") % {"tag": liked[1]}} if liked else None


def _interest(viewer: Viewer, video: Video) -> Reason | None:
    """The names of interests are the viewer's own, and told to nobody else."""
    chosen = interests.tags(viewer.interests or ()) if isinstance(viewer, User) else {}
    for name in video.tags.values_list("name", flat=True):
        if name in chosen:
            topic = interests.INTERESTS[chosen[name]][0]
            return {
                "kind": "interest",
                "text": _("You chose this interest: %(topic)s.") % {"topic": topic},
            }
    return None
