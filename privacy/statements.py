"""The words of moderation: the statement of reasons as it is prefilled, what was done in one line, and signed links to it.

A statement says what was done, to what, on which ground and what can be done about it (Digital Services Act, article 17).
"""

from typing import Any

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .cases import APPEAL_DAYS
from .models import Decision, Report

_A, _T, _R = Decision.Act, Report.Target, Report.Reason
_SALT = "privacy.decision"
# The link of an e-mail lives as long as the decision can be appealed, and a month longer to read the answer.
LINK_DAYS = APPEAL_DAYS + 31


def token_of(decision: Decision) -> str:
    """The signed name of a decision, for the person's e-mail: whoever has it reads the statement and may appeal."""
    return signing.dumps(decision.pk, salt=_SALT)


def decision_id(token: str) -> int | None:
    """Whose name a token is; None when it was not made here or is too old."""
    try:
        found = signing.loads(token, salt=_SALT, max_age=LINK_DAYS * 86_400)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None


def link_of(decision: Decision) -> str:
    """The whole address of a decision for somebody who cannot log in."""
    return f"{settings.BASE_URL}/decisions/{token_of(decision)}/"


def _thing(target_type: str) -> str:
    names = {
        _T.VIDEO: _("your clip"),
        _T.COMMENT: _("your comment"),
        _T.MESSAGE: _("your message"),
        _T.SOUND: _("your sound"),
        _T.CONVERSATION: _("what you wrote in a conversation"),
    }
    return names.get(_T(target_type), _("your profile")) if target_type in _T.values else _("your profile")


def headline(act: str, target_type: str) -> str:
    """What was done, in one sentence without a full stop, in the active language."""
    thing = {"thing": _thing(target_type)}
    match act:
        case _A.LABEL:
            return _("A moderator marked %(thing)s as sensitive") % thing
        case _A.LIMIT if target_type == _T.PERSON:
            return _("A moderator limited who is shown your account")
        case _A.LIMIT:
            return _("A moderator limited who is shown %(thing)s") % thing
        case _A.REMOVE:
            return _("A moderator removed %(thing)s") % thing
        case _A.WARN:
            return _("A moderator warned you about %(thing)s") % thing
        case _A.SUSPEND:
            return _("A moderator suspended your account")
        case _A.BAN:
            return _("A moderator closed your account")
    return _("A moderator looked at %(thing)s and left it as it is") % thing


def _ground(reason: str) -> str:
    grounds = {
        _R.SPAM: _("It is spam or misleads people for gain, which our rules do not allow."),
        _R.HARASSMENT: _("It harasses or bullies somebody, which our rules do not allow."),
        _R.HATE: _("It attacks people for who they are, which our rules do not allow."),
        _R.VIOLENCE: _("It shows or encourages violence or danger, which our rules do not allow."),
        _R.SEXUAL: _("It shows nudity or sexual content, which our rules do not allow here."),
        _R.MINOR: _("It endangers a minor, which our rules and the law forbid."),
        _R.SELF_HARM: _("It encourages self-harm, which our rules do not allow."),
        _R.RIGHTS: _("It uses somebody's work or likeness without their permission."),
        _R.FALSE: _("It misleads people about something that matters."),
        _R.OTHER: _("It breaks our rules."),
    }
    return grounds.get(_R(reason), "") if reason in _R.values else ""


def _consequence(act: str, days: int | None) -> str:
    match act:
        case _A.LABEL:
            return _("People choose whether to see it; everything else stays as it was.")
        case _A.LIMIT:
            return _("Followers still see it. It is no longer suggested to others or found by search.")
        case _A.REMOVE:
            return _("Nobody sees it any more. It counts as a strike for 90 days.")
        case _A.WARN:
            return _(
                "Nothing was removed. It counts as a strike for 90 days; further ones can suspend your account."
            )
        case _A.SUSPEND:
            count = days or 0
            return ngettext(
                "You cannot log in and nothing of yours is shown for %(count)s day. Then everything comes back.",
                "You cannot log in and nothing of yours is shown for %(count)s days. Then everything comes back.",
                count,
            ) % {"count": count}
        case _A.BAN:
            return _("You cannot log in any more, and nothing of yours is shown.")
    return ""


def statement_for(act: str, reason: str, target_type: str, *, days: int | None = None) -> str:
    """The statement of reasons as a moderator finds it prefilled, in the active language; empty for a dismissal."""
    if act == _A.DISMISS:
        return ""
    cause = ""
    if act in (_A.SUSPEND, _A.BAN):
        # The account is shut, but the ground speaks of the thing that led to it.
        cause = _("The reason is %(thing)s.") % {"thing": _thing(target_type)}
    parts = [f"{headline(act, target_type)}.", cause, _ground(reason), _consequence(act, days)]
    return " ".join(part for part in parts if part)


def period_text(days: int) -> str:
    """A period of so many days, as a choice."""
    if days == 365:
        return _("The last year")
    return _("The last %(count)s days") % {"count": days}


def facts(decision: Decision) -> dict[str, Any]:
    """How it came to the decision: by people's reports or by a rule, for the statement's page."""
    case = decision.case
    if case.rule:
        how = _("A rule of the site stopped it: %(rule)s. A moderator decided.") % {
            "rule": case.get_rule_display()
        }
    elif case.reports_count:
        how = _("People reported it. A moderator decided; no decision was made by a machine.")
    else:
        how = _("A moderator found it. No decision was made by a machine.")
    return {"how": how, "headline": headline(decision.act, case.target_type)}
