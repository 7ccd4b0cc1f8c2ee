"""When the site keeps something back until a moderator looked: blocked terms, bursts of links, copies, new accounts in a hurry.

Four rules that anybody can be told; their figures are settings.HOLDS. Each answers with what it saw, for the moderator.
Holding and letting go is `videos.actions.showing` for clips and `videos.actions.commenting` for comments. People of the
staff are never held.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from privacy import terms
from privacy.models import Case

from . import fingerprints
from .comment_filters import has_link
from .models import Comment, Video


@dataclass(frozen=True)
class Found:
    """A rule (a value of privacy.models.Case.Rule) that something meets, and what it saw as plain values."""

    rule: str
    detail: dict[str, Any] = field(default_factory=dict)


def _allowed(name: str) -> tuple[int, timedelta] | None:
    """How many of something pass within which time; None when the rule is off."""
    said = settings.HOLDS[name]
    if said == "off":
        return None
    count, seconds = said.split("/")
    return int(count), timedelta(seconds=int(seconds))


def of_clip(video: Video, *, only_copy: bool = False) -> Found | None:
    """Why a clip that is about to appear waits, or None. Some queries, more only for what looks like a copy.

    `only_copy` is for one that appeared before it was known what it looks like.
    """
    author = User.objects.get(pk=video.author_id)
    if author.is_staff:
        return None
    found = None
    if not only_copy:
        found = of_caption(video) or _hurry(author, "clips_of_new_account", _clips(author, video.pk))
    found = found or of_copy(video)
    return None if found is None or _cleared("video", video.pk, found) else found


def of_caption(video: Video) -> Found | None:
    """A blocked term in a clip's words, or one link too many. Four queries at most."""
    text = words_of(video)
    return _term(text) or _links(video.author_id, text, besides_clip=video.pk)


def of_new_caption(video: Video) -> Found | None:
    """The same for a clip that appeared already and whose words changed."""
    found = None if User.objects.get(pk=video.author_id).is_staff else of_caption(video)
    return None if found is None or _cleared("video", video.pk, found) else found


def of_comment(person: User, text: str, *, besides: int = 0) -> Found | None:
    """Why a comment waits for a moderator, whatever the clip's author thinks of it; None when it need not. A query or three.

    `besides` is the comment itself when it is edited; what a moderator let through once is not held for the same again.
    """
    if person.is_staff:
        return None
    written = Comment.objects.filter(author=person).exclude(pk=besides)
    found = _term(text) or _links(person.pk, text, besides_comment=besides)
    if found is None and not besides:
        found = _hurry(person, "comments_of_new_account", written)
    return None if found is None or (besides and _cleared("comment", besides, found)) else found


def words_of(video: Video) -> str:
    """Everything that a clip says in words: caption, product, the texts drawn on it."""
    drawn = [str(text.get("text", "")) for text in video.edit.get("texts") or []]
    return "\n".join([video.caption, video.product_title, *drawn])


def _term(text: str) -> Found | None:
    row = terms.match(text)
    return None if row is None else Found(Case.Rule.TERM, {"term": row.term})


def _links(person_id: int, text: str, *, besides_clip: int = 0, besides_comment: int = 0) -> Found | None:
    """The one link too many that a person writes within some minutes, under clips and in captions."""
    allowed = _allowed("links")
    if allowed is None or not has_link(text):
        return None
    count, within = allowed
    since = timezone.now() - within
    said = Comment.objects.filter(author=person_id, created_at__gte=since).exclude(pk=besides_comment)
    captions = Video.objects.filter(author=person_id, created_at__gte=since).exclude(pk=besides_clip)
    before = [*said.values_list("text", flat=True)[:100], *captions.values_list("caption", flat=True)[:100]]
    links = 1 + sum(has_link(other) for other in before)
    return Found(Case.Rule.LINKS, {"links": links, "minutes": _minutes(within)}) if links > count else None


def _hurry(person: User, name: str, earlier: Any) -> Found | None:
    """The one thing too many that somebody publishes whose account is new."""
    allowed = _allowed(name)
    age = timezone.now() - person.date_joined
    if allowed is None or age > timedelta(hours=settings.NEW_ACCOUNT_HOURS):
        return None
    count, within = allowed
    published = 1 + earlier.filter(created_at__gte=timezone.now() - within).count()
    if published <= count:
        return None
    detail = {
        "published": published,
        "minutes": _minutes(within),
        "account_hours": int(age.total_seconds() // 3600),
    }
    return Found(Case.Rule.VELOCITY, detail)


def _clips(author: User, besides: int) -> Any:
    return Video.objects.filter(author=author).exclude(pk=besides).exclude(state=Video.State.DRAFT)


def _minutes(within: timedelta) -> int:
    return round(within.total_seconds() / 60)


# --- Copies ----------------------------------------------------------------------------------------------------------


def of_copy(video: Video) -> Found | None:
    """Footage that a moderator removed before; or one more clip of somebody else's than passes as a mistake.

    What a duet or a stitch shows of its source is no copy, nor is one's own clip again. A query for clips without
    fingerprints, about a dozen for others, some more for the second copy on.
    """
    alike = _alike(video)
    if removed := [like for like in alike if like[0].state == Video.State.REMOVED]:
        return Found(Case.Rule.DUPLICATE, _copied(removed) | {"removed": True})
    allowed = _allowed("copies")
    if allowed is None or not _is_copy(video, alike):
        return None
    count, within = allowed
    since = timezone.now() - within
    earlier = _clips(User(pk=video.author_id), video.pk).filter(created_at__gte=since).order_by("-pk")[:100]
    copies = 1 + sum(_is_copy(other, _alike(other)) for other in earlier)
    if copies <= count:
        return None
    return Found(
        Case.Rule.DUPLICATE, _copied(alike) | {"copies": copies, "hours": round(_minutes(within) / 60)}
    )


def standing_copies(video: Video) -> list[tuple[int, dict[str, Any]]]:
    """The clips in sight that show the footage of one that was removed just now, each with what a moderator is shown."""
    found = [(row, like) for row, like in _alike(video) if row.published_at and not row.held_for]
    return [
        (row.pk, _copied([(video, like)]) | {"removed": True})
        for row, like in found
        if row.state in (Video.State.READY, Video.State.PROCESSING)
    ]


_Alike = list[tuple[Video, fingerprints.Likeness]]


def _alike(video: Video) -> _Alike:
    """The clips that show the same footage, the likest first, without what the clip is a remix of, or remixes with."""
    hashes = fingerprints.of(video.pk)
    found = fingerprints.alike(hashes, besides=video.pk) if hashes else []
    rows = Video.objects.in_bulk([like.video_id for like in found])
    family = {video.pk, video.remix_of_id} - {None}
    return [
        (row, like)
        for like in found
        if (row := rows.get(like.video_id)) and row.pk not in family and row.remix_of_id not in family
    ]


def _is_copy(video: Video, alike: _Alike) -> bool:
    """Whether others published this footage first, and its author did not."""
    earlier = [row for row, _like in alike if row.pk < video.pk and row.published_at is not None]
    return bool(earlier) and all(row.author_id != video.author_id for row in earlier)


def _copied(alike: _Alike) -> dict[str, Any]:
    """What a moderator is shown of a likeness. Ids are strings, as everywhere outside of the database."""
    likest = alike[:5]
    return {
        "clips": [str(row.pk) for row, _like in likest],
        "share": max((like.share for _row, like in likest), default=0),
        "mirrored": any(like.mirrored for _row, like in likest),
    }


def _cleared(target_type: str, target_id: int, found: Found) -> bool:
    """Whether a moderator decided about this very thing before: the same rule (and term) does not hold it twice."""
    closed = Case.objects.filter(
        target_type=target_type, target_id=target_id, rule=found.rule, state=Case.State.CLOSED
    )
    details: Iterable[dict[str, Any]] = closed.values_list("detail", flat=True)
    return any(detail.get("term") == found.detail.get("term") for detail in details)
