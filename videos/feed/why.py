"""Why a clip is shown: in the words of the rules the feed goes by, and never of what the viewer may not see."""

from django.utils.translation import gettext as _

from accounts.access import followed_ids, friend_ids
from accounts.models import User
from privacy.rules import Audience

from ..access import Viewer
from ..models import Video


def reasons(viewer: Viewer, video: Video) -> list[dict[str, str]]:
    """Why this feed would show a clip to this viewer, in the words of its own rules. At most two queries."""
    found = []
    if viewer.pk == video.author_id:
        found.append({"kind": "own", "text": _("It is your own clip.")})
    elif isinstance(viewer, User):
        if friend_ids(viewer).filter(followed=video.author_id).exists():
            found.append(
                {
                    "kind": "friend",
                    "text": _("You and %(name)s follow each other.") % {"name": video.author.username},
                }
            )
        elif followed_ids(viewer).filter(followed=video.author_id).exists():
            found.append(
                {"kind": "following", "text": _("You follow %(name)s.") % {"name": video.author.username}}
            )
    if video.audience == Audience.PUBLIC and video.state == Video.State.READY:
        if video.views_count + video.likes_count > 0:
            found.append({"kind": "popular", "text": _("People watch and like it at the moment.")})
        found.append({"kind": "fresh", "text": _("Every new clip is shown to some people first.")})
    return found or [{"kind": "shared", "text": _("Its author lets you watch it.")}]
