"""The sentences of notifications, and where each leads. Nothing is looked up here."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy.statements import headline
from videos.models import Video

from .models import Notification

_K = Notification.Kind


def names_and_others(names: Sequence[str], total: int) -> str:
    """ "alice", "alice and bob", or "alice and 12 others"."""
    if not names:
        return _("Somebody")
    if total <= 1:
        return names[0]
    if total == 2 and len(names) > 1:
        return _("%(first)s and %(second)s") % {"first": names[0], "second": names[1]}
    others = total - 1
    return ngettext("%(first)s and %(count)s other", "%(first)s and %(count)s others", others) % {
        "first": names[0],
        "count": others,
    }


def notification_text(row: Notification, names: Sequence[str], total: int) -> str:
    """What happened, in one sentence without a full stop, in the active language."""
    who = {"who": names_and_others(names, total)}
    match row.kind:
        case _K.FOLLOW:
            return _("%(who)s followed you") % who
        case _K.FOLLOW_REQUEST:
            return _("%(who)s asked to follow you") % who
        case _K.FOLLOW_ACCEPTED:
            return _("%(who)s accepted your follow request") % who
        case _K.INVITE_ACCEPTED:
            return _("%(who)s accepted your invite") % who
        case _K.LIKE:
            return _("%(who)s liked your clip") % who
        case _K.COMMENT:
            return _("%(who)s commented on your clip") % who
        case _K.COMMENT_HELD:
            return (
                ngettext("A comment by %(who)s waits for you", "Comments by %(who)s wait for you", total)
                % who
            )
        case _K.REPLY:
            return _("%(who)s replied to your comment") % who
        case _K.MENTION:
            return _("%(who)s mentioned you") % who
        case _K.REMIX if total > 1:
            return _("%(who)s made clips with yours") % who
        case _K.REMIX if row.text.startswith(Video.Remix.STITCH):
            return _("%(who)s made a stitch with your clip") % who
        case _K.REMIX:
            return _("%(who)s made a duet with your clip") % who
        case _K.MESSAGE_REQUEST:
            return _("%(who)s would like to write to you") % who
        case _K.CLIP_READY if row.text == "held":
            return _("Your clip waits for a moderator. Only you see it until then")
        case _K.CLIP_READY:
            return _("Your clip is ready to watch")
        case _K.CLIP_FAILED:
            return (row.video.error_message if row.video else "") or _("Your clip could not be processed")
        case _K.MODERATION:
            return _moderated(row.text)
        case _K.REPORT_HANDLED if row.text.startswith("acted"):
            return _("We looked at what you reported and acted on it. Thank you")
        case _K.REPORT_HANDLED:
            return _("We looked at what you reported. It does not break our rules")
        case _K.EXPORT_READY:
            return _("The download of your data is ready")
    return row.text


def _moderated(what: str) -> str:
    """What a moderator decided, from "<act>:<kind of thing>" "challenge_<act>:<slug>" or "promotion_<state>:<id>"."""
    if what == "undone":
        return _("A decision about you was taken back")
    if what == "answered":
        return _("Your appeal was answered")
    act, _colon, target_type = what.partition(":")
    if act == "challenge_removed":
        return _("A moderator removed your challenge. Only you see it")
    if act == "challenge_back":
        return _("Your challenge is back")
    if act == "challenge_approved":
        return _("Your sponsored challenge was approved and is out")
    if act == "challenge_refused":
        return _("Your sponsored challenge was not approved")
    if act == "promotion_approved":
        return _("Your promotion was approved")
    if act == "promotion_rejected":
        return _("Your promotion was not approved")
    if act == "promotion_waits":
        return _("The clip that you promote was changed, so its promotion waits for approval again")
    return headline(act, target_type)


def notification_url(row: Notification, people: Sequence[Any]) -> str:
    """The page where the person can do something about it."""
    match row.kind:
        case _K.FOLLOW_REQUEST | _K.FOLLOW | _K.FOLLOW_ACCEPTED if len(people) == 1:
            return str(people[0].get_absolute_url())
        case _K.FOLLOW_REQUEST | _K.FOLLOW | _K.FOLLOW_ACCEPTED:
            return "/inbox/"
        case _K.INVITE_ACCEPTED:
            return str(people[0].get_absolute_url()) if len(people) == 1 else "/studio/invites/"
        case _K.MESSAGE_REQUEST:
            return "/messages/requests/"
        case _K.CLIP_READY if row.text == "held":
            return "/studio/"
        case _K.CLIP_FAILED:
            return "/studio/"
        case _K.COMMENT_HELD:
            return "/studio/comments/"
        case _K.EXPORT_READY:
            return "/settings/data/"
        case _K.REMIX if len(people) == 1:
            return f"{people[0].get_absolute_url()}video/{row.text.partition(':')[2]}/"
        case _K.MODERATION if row.text.startswith("challenge_"):
            return f"/studio/challenges/{row.text.partition(':')[2]}/"
        case _K.MODERATION if row.text.startswith("promotion_"):
            return f"/studio/promotions/{row.text.partition(':')[2]}/"
        case _K.MODERATION:
            return f"/settings/status/{row.group_key.split(':')[1]}/"
        case _K.REPORT_HANDLED:
            return "/settings/reports/"
    return row.video.get_absolute_url() if row.video else "/inbox/"
