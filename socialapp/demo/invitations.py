"""People whom alice knows elsewhere, and what came of the invites she made for them over the weeks. Runs once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from accounts.models import Follow, User
from videos.models import Channel, Contact, Invite, Video

from .moments import dice, id_at, own_times
from .society import People

CONTACTS = (
    ("Mum", Channel.WHATSAPP, "+33612345678"),
    ("Tom from the choir", Channel.EMAIL, "tom@example.org"),
    ("Nadia", Channel.TELEGRAM, ""),
    ("Uncle Marc", Channel.SMS, "+33712345678"),
    ("Jules", Channel.MESSENGER, ""),
    ("Studio next door", Channel.COPY, ""),
    ("Inès", Channel.WHATSAPP, ""),
    ("Book club", Channel.EMAIL, ""),
)
# How many followers came by an invite, and how many invites were opened, left lying, or taken back, over the weeks.
FOLLOWED, OPENED, UNOPENED, REVOKED = 14, 9, 6, 2
# The last ones: whom, how many hours ago it was made, opened, watched.
LATELY = (("Mum", 30, 27, 26), ("Nadia", 20, 3, None), ("Inès", 2, None, None))
LIFETIME = timedelta(days=14)


def seed_invitations(people: People, now: datetime) -> None:
    """Contacts, and invites of sixty days; none when alice has any."""
    alice = people["alice"]
    if Contact.objects.filter(owner=alice).exists():
        return
    contacts = _contacts(alice, now)
    with own_times(Contact):
        Contact.objects.bulk_create(contacts)
    published = Video.objects.filter(
        author=alice, state="ready", audience="public", published_at__isnull=False
    )
    clips = list(published.order_by("pk"))
    if not clips:
        return
    host = _Host(alice, contacts, clips, dice("invitations"))
    rows = [*_followed(host, now), *_came_to_nothing(host, now), *_lately(host, now)]
    # In the short form of the demo her first clip is younger than some of her followers.
    Invite.objects.bulk_create(row for row in rows if row.created_at > (row.video.published_at or now))


def _contacts(owner: User, now: datetime) -> list[Contact]:
    written_down = now - timedelta(days=58)
    return [
        Contact(
            id=id_at(written_down, "contact", name),
            owner=owner,
            name=name,
            channel=way,
            address=at,
            created_at=written_down,
        )
        for name, way, at in CONTACTS
    ]


@dataclass(frozen=True)
class _Host:
    """Who invites, whom she may, to what (oldest first), and the dice that all of it is drawn with."""

    person: User
    contacts: list[Contact]
    clips: list[Video]
    rng: np.random.Generator

    def invite(self, name: str, at: datetime, contact: Contact | None = None, **came_of_it: Any) -> Invite:
        """One that was made at `at`, for the clip that was the latest then; for any contact unless one is named."""
        out = [clip for clip in self.clips if clip.published_at and clip.published_at <= at]
        contact = contact or self.contacts[int(self.rng.integers(len(self.contacts)))]
        return Invite(
            id=id_at(at, "invite", name),
            inviter=self.person,
            video=max(out or self.clips[:1], key=lambda clip: clip.pk),
            contact=contact,
            channel=contact.channel,
            created_at=at,
            expires_at=at + LIFETIME,
            **came_of_it,
        )


def _followed(host: _Host, now: datetime) -> Iterator[Invite]:
    """Some of those who follow her came by an invite."""
    came = Follow.objects.filter(
        followed=host.person, state="accepted", accepted_at__gte=now - timedelta(days=56)
    )
    for follow in came.exclude(follower__username__in=("bob", "carol")).order_by("-pk")[: 3 * FOLLOWED : 3]:
        accepted = follow.accepted_at or now
        opened = accepted - timedelta(minutes=float(host.rng.uniform(3, 90)))
        yield host.invite(
            f"came{follow.pk}",
            opened - timedelta(hours=float(host.rng.uniform(0.2, 60))),
            opened_at=opened,
            viewed_at=opened + timedelta(seconds=40),
            accepted_by_id=follow.follower_id,
            accepted_at=accepted,
        )


def _came_to_nothing(host: _Host, now: datetime) -> Iterator[Invite]:
    """Opened and no more, never opened, or taken back."""
    for number in range(OPENED + UNOPENED + REVOKED):
        at = now - timedelta(days=float(host.rng.uniform(3, 57)))
        opened = at + timedelta(hours=float(host.rng.uniform(0.3, 40))) if number < OPENED else None
        yield host.invite(
            f"other{number}",
            at,
            opened_at=opened,
            viewed_at=opened + timedelta(seconds=50) if opened and number % 3 else None,
            revoked_at=at + timedelta(days=1) if number >= OPENED + UNOPENED else None,
        )


def _lately(host: _Host, now: datetime) -> Iterator[Invite]:
    """Those whose stage her list of invites shows now: watched, opened, just sent."""
    for name, hours, opened_ago, watched_ago in LATELY:
        yield host.invite(
            name,
            now - timedelta(hours=hours),
            contact=next(contact for contact in host.contacts if contact.name == name),
            opened_at=now - timedelta(hours=opened_ago) if opened_ago else None,
            viewed_at=now - timedelta(hours=watched_ago) if watched_ago else None,
        )
