"""Which sounds a viewer may come upon, hear and use."""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When

from accounts.access import followed_ids
from accounts.models import User
from privacy.access import blocked_ids
from socialapp.lib.ids import row_of
from socialapp.lib.pagination import Page, keyset_page

from ..models import Sound, Video
from ..text import clean
from .gate import Viewer, _author_is_here, _is_open_account, findable_videos, visible_videos


def _sounds(viewer: Viewer) -> QuerySet[Sound]:
    """The sounds that a visible clip uses, the viewer's own, and those of the library (without owner), with their owners.

    Not those of people whose clips are closed to the viewer altogether (`_may_hear`), whoever uses them.
    """
    known = Q(owner=None) | Q(_used(visible_videos(viewer)), _may_hear(viewer))
    if isinstance(viewer, User):
        known |= Q(owner=viewer)
    return Sound.objects.filter(known, removed_at=None).select_related("owner")


def _may_hear(viewer: Viewer) -> Q:
    """The condition on people's sounds that their owners are here, not parted from the viewer by a block, and let them in:
    a sound outlives the clip that brought it, but not what its owner's account is open to."""
    let_in = Q(_is_open_account("owner_id"))
    if isinstance(viewer, User):
        let_in |= Q(owner_id__in=followed_ids(viewer))
    return let_in & Q(_author_is_here("owner_id")) & ~Q(owner_id__in=blocked_ids(viewer))


def borrowed(viewer: Viewer, videos: Iterable[Video]) -> QuerySet[Sound]:
    """Those of the sounds of visible clips whose owners are neither the clips' authors nor nobody, as far as the viewer may
    hear them. Empty without a query when there are none. The clips must come from this gate, with their sounds loaded.
    """
    ids = {v.sound.pk for v in videos if v.sound is not None and v.sound.owner_id not in (None, v.author_id)}
    if not ids:
        return Sound.objects.none()
    return Sound.objects.filter(audible(viewer), pk__in=ids)


def audible(viewer: Viewer) -> Q:
    """The condition on sounds that the viewer may hear them under whichever clips use them: their own, and `_may_hear`."""
    return Q(owner=viewer) | _may_hear(viewer) if isinstance(viewer, User) else _may_hear(viewer)


def _used(videos: QuerySet[Video]) -> Exists:
    return Exists(videos.filter(sound=OuterRef("pk"), published_at__isnull=False))


def get_sound(viewer: Viewer, sound_id: str | int) -> Sound:
    """A sound whose page the viewer may open, with its owner. NotFound when absent or hidden. One query."""
    return row_of(_sounds(viewer), sound_id)


def usable_sounds(viewer: Viewer) -> QuerySet[Sound]:
    """The sounds with a file that the viewer may put under a clip of their own: the library's, their own, and those of
    clips that everybody may watch, of accounts that everybody may look at. A sound of a circle stays in it, as with duets.
    """
    if not isinstance(viewer, User):
        return Sound.objects.none()
    open_to_all = Q(_used(visible_videos(AnonymousUser())), _is_open_account("owner_id"))
    free = Q(owner=None) | Q(owner=viewer) | open_to_all
    return _sounds(viewer).filter(free).exclude(file="")


def get_usable_sound(viewer: Viewer, sound_id: str | int) -> Sound:
    """A sound for a clip of the viewer's own. NotFound when there is none such."""
    return row_of(usable_sounds(viewer), sound_id)


def may_use_sound(viewer: Viewer, sound: Sound) -> bool:
    """Whether the viewer may put a sound that they may hear under a clip of their own. No query after `pick_sounds`."""
    picked: bool | None = getattr(sound, "usable", None)
    return usable_sounds(viewer).filter(pk=sound.pk).exists() if picked is None else picked


def pick_sounds(viewer: Viewer, text: str, cursor: str | None = None) -> Page[Sound]:
    """A page of usable sounds by a part of their title or artist, all for an empty text: the library first, then by use.

    One query. A scan of sounds: fine for thousands.
    """
    library = Case(When(owner=None, then=1), default=0, output_field=IntegerField())
    sounds = usable_sounds(viewer).annotate(in_library=library)
    if text := clean(text):
        sounds = sounds.filter(Q(title__icontains=text) | Q(artist__icontains=text))
    page: Page[Sound] = keyset_page(sounds, cursor, order=("-in_library", "-uses_count", "-id"))
    for sound in page.items:
        sound.usable = True  # type: ignore[attr-defined]
    return page


def sound_videos(viewer: Viewer, sound: Sound) -> QuerySet[Video]:
    """The visible, published clips that use a sound."""
    return findable_videos(viewer).filter(sound=sound)
