"""People whom alice knows elsewhere, and what came of the invites she made for them over the weeks. Runs once."""

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Follow
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
    rng = dice("invitations")
    contacts = [
        Contact(
            id=id_at(now - timedelta(days=58), "contact", name),
            owner=alice,
            name=name,
            channel=way,
            address=at,
            created_at=now - timedelta(days=58),
        )
        for name, way, at in CONTACTS
    ]
    with own_times(Contact):
        Contact.objects.bulk_create(contacts)
    clips = list(
        Video.objects.filter(
            author=alice, state="ready", audience="public", published_at__isnull=False
        ).order_by("pk")
    )
    if not clips:
        return
    out = [clip.published_at or now for clip in clips]

    def made(number: str, at: datetime, contact: Contact | None = None, **more: Any) -> Invite:
        """One that was made at `at`, for the clip that was the latest then."""
        clip = max(
            (c for c, since in zip(clips, out, strict=True) if since <= at),
            key=lambda c: c.pk,
            default=clips[0],
        )
        contact = contact or contacts[int(rng.integers(len(contacts)))]
        return Invite(
            id=id_at(at, "invite", number),
            inviter=alice,
            video=clip,
            contact=contact,
            channel=contact.channel,
            created_at=at,
            expires_at=at + LIFETIME,
            **more,
        )

    rows = []
    came = Follow.objects.filter(followed=alice, state="accepted", accepted_at__gte=now - timedelta(days=56))
    for follow in came.exclude(follower__username__in=("bob", "carol")).order_by("-pk")[: 3 * FOLLOWED : 3]:
        then = follow.accepted_at or now
        opened = then - timedelta(minutes=float(rng.uniform(3, 90)))
        rows.append(
            made(
                f"came{follow.pk}",
                opened - timedelta(hours=float(rng.uniform(0.2, 60))),
                opened_at=opened,
                viewed_at=opened + timedelta(seconds=40),
                accepted_by_id=follow.follower_id,
                accepted_at=then,
            )
        )
    for number in range(OPENED + UNOPENED + REVOKED):
        at = now - timedelta(days=float(rng.uniform(3, 57)))
        seen = at + timedelta(hours=float(rng.uniform(0.3, 40))) if number < OPENED else None
        rows.append(
            made(
                f"other{number}",
                at,
                opened_at=seen,
                viewed_at=seen + timedelta(seconds=50) if seen and number % 3 else None,
                revoked_at=at + timedelta(days=1) if number >= OPENED + UNOPENED else None,
            )
        )
    for name, hours, opened_ago, watched_ago in LATELY:
        rows.append(
            made(
                name,
                now - timedelta(hours=hours),
                contact=next(contact for contact in contacts if contact.name == name),
                opened_at=now - timedelta(hours=opened_ago) if opened_ago else None,
                viewed_at=now - timedelta(hours=watched_ago) if watched_ago else None,
            )
        )
    # In the short form of the demo her first clip is younger than some of her followers.
    Invite.objects.bulk_create(row for row in rows if row.created_at > (row.video.published_at or now))
