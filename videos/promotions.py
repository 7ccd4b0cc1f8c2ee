"""The rules of promotions: which clips can be promoted, who fits, what may be asked for. No rows are read or written here.

The life of one is videos.actions.promoting, who reads it videos.access.promoting, how it gets onto a page
videos.feed.promoted, how its budget is spread videos.pacing.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.interests import INTERESTS
from accounts.models import User
from privacy.models import PrivacySettings
from privacy.rules import Audience
from socialapp.lib.errors import Forbidden, Invalid

from .challenges import COUNTRY
from .models import Promotion, Video

LEAST_BUDGET = 10
LONGEST = timedelta(days=90)
FURTHEST = timedelta(days=365)  # how far ahead one may begin
MOST_COUNTRIES = 30
OPEN_ONES = 20  # of one account, that are neither rejected nor ended
# No estimate tells of fewer people, ten times as many as other figures (privacy.rules): one is asked as often as one likes, for
# whatever group.
LEAST_ESTIMATE = 50

_State = Promotion.State
OPEN = (_State.DRAFT, _State.SUBMITTED, _State.APPROVED, _State.PAUSED)
FREE = (_State.DRAFT, _State.REJECTED)  # in which everything may be changed
RUNNING = (_State.APPROVED, _State.PAUSED)  # in which budget and last day may be
FIELDS = ("goal", "countries", "languages", "interests", "daily_budget", "starts_on", "ends_on")
LATER_FIELDS = frozenset({"daily_budget", "ends_on"})


def business_only() -> Forbidden:
    """The refusal of whoever has a personal account."""
    return Forbidden(
        _("Promotions are for business accounts. Switch to one in the settings first."), code="business_only"
    )


def hindrance(video: Video) -> str | None:
    """Why a clip cannot be promoted, as a sentence; None when it can. THE predicate: asked when a promotion is made, when it
    is approved, and of the row that the gate passed each time it is shown. Author and privacy are loaded: no query.
    """
    author: User = video.author
    privacy: PrivacySettings | None = getattr(author, "privacy", None)
    if not author.is_business:
        return str(business_only().message)
    if privacy is None or privacy.is_private or not author.is_visible:
        return _("Promotions are for accounts that everybody may see.")
    if video.state != Video.State.READY or video.published_at is None or video.held_for:
        return _("Choose a clip that is published and ready.")
    if video.audience != Audience.PUBLIC:
        return _("Choose a clip that everybody may watch.")
    if video.is_sensitive:
        return _("Clips that are marked as sensitive are not promoted.")
    return None


def wording_of(video: Video) -> str:
    """A hash of all that a moderator approves of a clip: its film, its words, its link, and the captions that its author wrote or
    took away, whose files are named after what they say. No query.

    Automatic captions are left out: they say what the film says, which is approved already, nobody but the model can change
    a word of them, and they may come hours after the approval. One that its author corrects is the author's from then on.
    """
    written = [
        (track["language"], track["name"]) for track in video.captions_tracks if not track["automatic"]
    ]
    said = [video.pk, video.revision, video.caption, video.product_title, video.product_url, written]
    return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()


def matches(
    viewer: User,
    countries: Sequence[str],
    languages: Sequence[str],
    interests: Sequence[str],
    *,
    personal: bool = True,
) -> bool:
    """Whether somebody is among those whom a promotion is for, by what they typed into their own settings and by nothing else.
    Not `personal`: their interests are left alone as well."""
    if countries and viewer.country not in countries:
        return False
    if languages and viewer.language.partition("-")[0].lower() not in languages:
        return False
    return not interests or (personal and not set(interests).isdisjoint(viewer.interests or ()))


def reasons(viewer: User, promotion: Promotion, advertiser: str) -> list[dict[str, str]]:
    """Why this viewer sees this ad: who pays, which of their settings it asked for, and whom it leaves out. It may be on their
    page since before they changed these."""
    found = [
        {
            "kind": "promoted",
            "text": _("%(name)s pays to show this clip to more people.") % {"name": advertiser},
        }
    ]
    if promotion.countries and viewer.country in promotion.countries:
        text = _("It is for people in %(country)s, the country in your profile.")
        found.append({"kind": "country", "text": text % {"country": viewer.country}})
    language = viewer.language.partition("-")[0].lower()
    if promotion.languages and language in promotion.languages:
        text = _("It is for people who use the site in %(language)s, as you chose.")
        found.append({"kind": "language", "text": text % {"language": dict(settings.LANGUAGES)[language]}})
    for key in promotion.interests:
        if key in (viewer.interests or ()):
            text = _("It is for people who chose this interest: %(topic)s.")
            found.append({"kind": "interest", "text": text % {"topic": INTERESTS[key][0]}})
    if not (promotion.countries or promotion.languages or promotion.interests):
        found.append(
            {"kind": "everybody", "text": _("It is for everybody: none of your settings was asked for.")}
        )
    elif len(found) == 1:
        found.append(
            {
                "kind": "changed",
                "text": _("It asked for settings that have changed since it was shown to you."),
            }
        )
    if promotion.goal == Promotion.Goal.FOLLOWERS:
        text = _("It is for new followers: whoever follows %(name)s already is left out.")
        found.append({"kind": "new_followers", "text": text % {"name": advertiser}})
    return found


def cleaned(values: Mapping[str, Any], today: date, *, begun: bool = False) -> dict[str, Any]:
    """FIELDS as they are stored; Invalid names every one that cannot be used. `values` has all of them. `begun`: its first day
    may lie in the past."""
    wrong: dict[str, str] = {}
    if values["goal"] not in Promotion.Goal.values:
        wrong["goal"] = _("Choose what you want to reach.")
    countries = [str(code).strip().upper() for code in values["countries"] if str(code).strip()]
    if not all(COUNTRY.match(code) for code in countries):
        wrong["countries"] = _("Give countries by their two capital letters, for example FR, DE.")
    elif len(countries) > MOST_COUNTRIES:
        wrong["countries"] = _("At most %(count)s countries.") % {"count": MOST_COUNTRIES}
    if set(values["languages"]) - set(dict(settings.LANGUAGES)):
        wrong["languages"] = _("Choose languages from the list.")
    if set(values["interests"]) - set(INTERESTS):
        wrong["interests"] = _("Choose interests from the list.")
    budget, most = values["daily_budget"], settings.PROMOTION_MOST_A_DAY
    if not isinstance(budget, int) or not LEAST_BUDGET <= budget <= most:
        wrong["daily_budget"] = _("Between %(least)s and %(most)s impressions a day.") % {
            "least": LEAST_BUDGET,
            "most": most,
        }
    starts, ends = values["starts_on"], values["ends_on"]
    if not begun and starts < today:
        wrong["starts_on"] = _("Choose a first day that is still to come, or today.")
    elif starts > today + FURTHEST:
        wrong["starts_on"] = _("Choose a first day within the next year.")
    if ends < max(starts, today):
        wrong["ends_on"] = _("The last day is not before the first, nor in the past.")
    elif ends - starts >= LONGEST:
        wrong["ends_on"] = _("It runs for at most %(count)s days.") % {"count": LONGEST.days}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return {
        **{name: values[name] for name in ("goal", "daily_budget", "starts_on", "ends_on")},
        "countries": sorted(set(countries)),
        "languages": sorted(set(values["languages"])),
        "interests": [key for key in INTERESTS if key in set(values["interests"])],
    }


def rough(count: float) -> int:
    """A number of people as an estimate may say it: rounded down to 50, 100, 200, 500 and so on, and 0 below LEAST_ESTIMATE.

    So coarse that two estimates are subtracted in vain: one person more or less shows at the border of a step only.
    """
    if count < LEAST_ESTIMATE:
        return 0
    power = 10 ** int(math.log10(count))
    return max(step * power for step in (1, 2, 5) if step * power <= count)


def estimate_text(people: int) -> str:
    """An estimate as it is said to who thinks of paying."""
    if not people:
        return _(
            "Fewer than %(count)s people who were here this week fit. It may be shown to few or to nobody."
        ) % {"count": LEAST_ESTIMATE}
    return ngettext(
        "About %(count)s person who was here this week fits.",
        "About %(count)s people who were here this week fit.",
        people,
    ) % {"count": number_format(people, use_l10n=True, force_grouping=True)}
