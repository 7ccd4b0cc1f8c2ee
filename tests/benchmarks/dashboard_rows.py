"""What a creator's pages read besides roll-ups, for dashboards.py: followers with their report, conversations, invites,
promotions. As many rows for each creator of a site; fans are shared, so that the site's people follow and write to many.
"""

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any

FANS, TALKS, WORDS, INVITES = 200, 40, 12, 300
# A promotion runs for so many days, one after another over the year.
PROMOTIONS, PROMOTION_DAYS = 20, 15
# Where a creator's promotions have their ids, which are apart like clips: behind these.
PROMOTIONS_FROM = 500


def make_fans(first: int) -> list[Any]:
    """People with ids from `first` on who follow every creator."""
    from django.utils import timezone

    from accounts.models import User
    from privacy.models import PrivacySettings

    fans = [
        User(pk=first + n, username=f"fan{n}", email=f"fan{n}@example.com", language="fr", country="FR")
        for n in range(FANS)
    ]
    User.objects.bulk_create(fans)
    PrivacySettings.objects.bulk_create(
        [PrivacySettings(person_id=one.pk, is_private=False, changed_at=timezone.now()) for one in fans]
    )
    return fans


def make_dealings(person: Any, fans: list[Any], dice: random.Random, today: Any, days: int) -> None:
    """Everything of one creator but the roll-ups of promotions (`make_promoted`)."""
    from django.db import transaction

    from videos.models import Video

    clips = list(Video.objects.filter(author=person).order_by("pk"))
    moments = [
        datetime.combine(today - timedelta(days=ago), time(dice.randrange(24)), UTC) for ago in range(days)
    ]
    with transaction.atomic():
        _followers(person, fans, dice, moments, clips)
        _talks(person, fans, dice, moments)
        _invites(fans, dice, moments, clips)
        _promotions(person, clips, today)


def _followers(
    person: Any, fans: list[Any], dice: random.Random, moments: list[Any], clips: list[Any]
) -> None:
    from django.utils import timezone

    from accounts.models import Follow
    from analytics.models import Report

    Follow.objects.bulk_create(
        [Follow(follower=fan, followed=person, accepted_at=dice.choice(moments)) for fan in fans]
    )
    told = {"groups": [{"name": "fr", "people": FANS - 20}], "rest": 20}
    body = {
        "state": "ready",
        "followers": FANS,
        "sample": FANS,
        "countries": told,
        "languages": told,
        "hours": [[day, hour, 9] for day in range(7) for hour in range(24)],
        "clips": [[str(clip.pk), 50] for clip in clips[:10]],
        "sounds": [],
        "creators": [[str(fan.pk), 20] for fan in fans[:20]],
    }
    Report.objects.create(creator=person, kind=Report.Kind.AUDIENCE, made_at=timezone.now(), body=body)


def _talks(person: Any, fans: list[Any], dice: random.Random, moments: list[Any]) -> None:
    """Words by turns, each answered within the hour; who begins changes from one conversation to the next."""
    from messaging.models import Conversation, Message, Participant

    talks = Conversation.objects.bulk_create(
        [Conversation(direct_key=f"{fan.pk}:{person.pk}", last_seq=WORDS) for fan in fans[:TALKS]]
    )
    seats, words = [], []
    for n, (talk, fan) in enumerate(zip(talks, fans, strict=False)):
        seats += [Participant(conversation=talk, person=one, last_seq=WORDS) for one in (fan, person)]
        begun = dice.choice(moments)
        for seq in range(1, WORDS + 1):
            words.append(
                Message(
                    conversation=talk,
                    sender=person if (seq + n) % 2 else fan,
                    seq=seq,
                    client_id=f"{talk.pk} {seq}",
                    text="A word",
                    answered_after=dice.randrange(3600) if seq > 1 else None,
                    created_at=begun + timedelta(hours=seq),
                )
            )
    Participant.objects.bulk_create(seats)
    made = {word.client_id: word.created_at for word in words}
    for word in Message.objects.bulk_create(words):  # which say when they were written themselves
        word.created_at = made[word.client_id]
    Message.objects.bulk_update(words, ["created_at"], 500)


def _invites(fans: list[Any], dice: random.Random, moments: list[Any], clips: list[Any]) -> None:
    from videos.models import Channel, Invite

    hour = timedelta(hours=1)
    Invite.objects.bulk_create(
        [
            Invite(
                inviter=fans[n % FANS],
                video=clips[n % len(clips)],
                channel=Channel.values[n % len(Channel.values)],
                created_at=at,
                expires_at=at + 14 * 24 * hour,
                opened_at=at + hour if n % 4 else None,
                viewed_at=at + 2 * hour if n % 2 else None,
                accepted_at=at + 3 * hour if n % 6 == 1 else None,
            )
            for n, at in enumerate(dice.choices(moments, k=INVITES))
        ]
    )


def _runs(person: Any, clips: list[Any], today: Any) -> list[tuple[int, Any, list[Any]]]:
    """Id, clip and days of each promotion."""
    return [
        (
            person.pk + PROMOTIONS_FROM + n,
            clips[n % len(clips)],
            [today - timedelta(days=n * PROMOTION_DAYS + ago) for ago in range(PROMOTION_DAYS)],
        )
        for n in range(PROMOTIONS)
    ]


def _promotions(person: Any, clips: list[Any], today: Any) -> None:
    from videos.models import Promotion, PromotionDay

    runs = _runs(person, clips, today)
    Promotion.objects.bulk_create(
        [
            Promotion(
                pk=pk,
                owner=person,
                video=clip,
                goal="views",
                daily_budget=500,
                starts_on=days[-1],
                ends_on=days[0],
                state="ended",
            )
            for pk, clip, days in runs
        ]
    )
    PromotionDay.objects.bulk_create(
        [
            PromotionDay(promotion_id=pk, day=day, spent=500, reach=300, visits=9)
            for pk, _clip, days in runs
            for day in days
        ]
    )


def make_promoted(person: Any, today: Any, busy: int, sketch: bytes) -> None:
    """The roll-ups of one creator's promotions: what their clips had as an ad, and whom they reached."""
    from analytics.models import PromotedDay, Sketch, SourceDay
    from videos.models import Video

    own = {"creator_id": person.pk}
    clips = list(Video.objects.filter(author=person).order_by("pk"))
    runs = _runs(person, clips, today)
    SourceDay.objects.bulk_create(
        [
            SourceDay(**own, video=clip, day=day, source="promoted", impressions=400 * busy, views=90 * busy)
            for _pk, clip, days in runs
            for day in days
        ]
    )
    PromotedDay.objects.bulk_create(
        [
            PromotedDay(**own, promotion_id=pk, day=day, impressions=400 * busy, views=90 * busy)
            for pk, _clip, days in runs
            for day in days
        ]
    )
    Sketch.objects.bulk_create(
        [
            Sketch(**own, kind=Sketch.Kind.PROMOTION, subject=pk, day=day, registers=sketch)
            for pk, _clip, days in runs
            for day in days
        ]
    )
