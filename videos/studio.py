"""What the studio offers: a person's own clips of one kind, how many there are of each, languages for captions."""

from django.conf.locale import LANG_INFO
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from .access import Viewer, own_videos
from .captions import LANGUAGE, language_name
from .models import Video

# In the order of the tabs. A scheduled clip is a draft with a date; it is listed apart from drafts that nobody dated.
KINDS = {
    "live": (_("Live"), Q(state=Video.State.READY, held_for="")),
    "waiting": (_("Waiting"), Q(held_for__gt="")),
    "scheduled": (_("Scheduled"), Q(state=Video.State.DRAFT, publish_at__isnull=False)),
    "draft": (_("Drafts"), Q(state=Video.State.DRAFT, publish_at__isnull=True)),
    "processing": (_("Processing"), Q(state=Video.State.PROCESSING)),
    "failed": (_("Failed"), Q(state=Video.State.FAILED)),
}


def clips(viewer: Viewer, kind: str = "") -> QuerySet[Video]:
    """The viewer's own clips, all or those of one kind; an unknown kind is all. Lazy."""
    found = own_videos(viewer)
    return found.filter(KINDS[kind][1]) if kind in KINDS else found


def tabs(viewer: Viewer, kind: str = "") -> list[dict[str, object]]:
    """What the list can be narrowed to: {kind, label, count, current}, all first, kinds without clips left out. One query."""
    counted = own_videos(viewer).aggregate(
        all=Count("pk"), **{name: Count("pk", filter=rule) for name, (_label, rule) in KINDS.items()}
    )
    choices = [("", _("All"), counted["all"])]
    choices += [(name, label, counted[name]) for name, (label, _rule) in KINDS.items()]
    return [
        {"kind": name, "label": label, "count": count, "current": name == (kind if kind in KINDS else "")}
        for name, label, count in choices
        if count or not name or name == kind
    ]


def languages() -> list[tuple[str, str]]:
    """Languages that captions may be written in: (code, the name its speakers give it), by that name. No query."""
    codes = {code.lower() for code in LANG_INFO if LANGUAGE.match(code.lower())}
    return sorted(((code, language_name(code)) for code in codes), key=lambda pair: pair[1].casefold())
