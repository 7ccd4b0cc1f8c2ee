"""What moderators are shown of a reported person. Asked for by privacy.moderation, which checked that the reader is one."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from privacy.enforcement import Evidence, register_evidence
from privacy.models import Report

from .access import avatar_url, person_card
from .models import User


def person(moderator: Any, person_id: int) -> Evidence:
    """A profile as it reads, and how old and how large the account is. Three queries."""
    row = User.objects.filter(pk=person_id).first()
    if row is None:
        return Evidence(title=_("Person, deleted since"), exists=False)
    facts = [
        (_("Name"), row.display_name),
        (_("Pronouns"), row.pronouns),
        (_("Joined"), date_format(row.date_joined, "DATE_FORMAT")),
        (_("Clips"), str(row.videos_count)),
        (_("Followers"), str(row.followers_count)),
    ]
    return Evidence(
        title=f"@{row.username}",
        text=row.bio,
        author=person_card(moderator, row),
        url=row.get_absolute_url(),
        cover_url=avatar_url(row) or "",
        context=[(what, said) for what, said in facts if said],
    )


def register() -> None:
    """Tell privacy what moderators are shown."""
    register_evidence(Report.Target.PERSON, person)
