"""Promotions: a clip that a business account pays to show, in impressions a day; what each day took; and who saw it lately."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from socialapp.lib.ids import new_id

from .clips import Video

PERSON = settings.AUTH_USER_MODEL


class Promotion(models.Model):
    """A clip of its owner's, shown in For You to people who fit. Budget and dates are in impressions and UTC days."""

    class Goal(models.TextChoices):
        VIEWS = "views", _("Views of the clip")
        PROFILE = "profile", _("Visits of your profile")
        FOLLOWERS = "followers", _("New followers")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Not approved")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Reason(models.TextChoices):
        MISLEADING = "misleading", _("It is misleading")
        UNSUITABLE = "unsuitable", _("The clip is not suitable for everybody")
        FORBIDDEN = "forbidden", _("What it offers may not be promoted here")
        RIGHTS = "rights", _("It uses what belongs to somebody else")
        LINK = "link", _("Its link does not lead where it says")
        OTHER = "other", _("Something else")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(PERSON, models.CASCADE, related_name="promotions", db_index=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="promotions")
    goal = models.CharField(_("goal"), max_length=9, choices=Goal.choices)
    # Empty lists are for everybody; those with entries are all to be met, each by one of its entries.
    countries = models.JSONField(_("countries"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    interests = models.JSONField(_("interests"), default=list, blank=True)  # of accounts.interests
    daily_budget = models.PositiveIntegerField(_("impressions a day"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices, blank=True)
    note = models.CharField(_("words to its owner"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")
    # What the clip said when it was approved (videos.promotions.wording_of): another text or film waits for approval again.
    approved_as = models.CharField(max_length=32, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("promotion"), _("promotions")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="promotion_ends_later"),
            models.UniqueConstraint(
                fields=["video"],
                condition=Q(state__in=("submitted", "approved", "paused")),
                name="promotion_of_clip_once",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="promotions_of_owner"),
            models.Index(fields=["ends_on"], condition=Q(state="approved"), name="promotions_live"),
            models.Index(fields=["submitted_at"], condition=Q(state="submitted"), name="promotions_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} ({self.state})"


class PromotionDay(models.Model):
    """What one promotion took on one UTC day, folded from its showings every minute; and from where its pace is planned.

    The plan spends what is left evenly from `anchor_at` on, when `anchor_spent` was spent; without one, from midnight.
    """

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    spent = models.PositiveIntegerField(default=0)  # impressions handed out
    reach = models.PositiveIntegerField(default=0)  # different people that day
    visits = models.PositiveIntegerField(default=0)  # showings that led to the owner's profile
    anchor_at = models.DateTimeField(null=True, blank=True)
    anchor_spent = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("day of a promotion"), _("days of promotions")
        constraints = [models.UniqueConstraint(fields=["promotion", "day"], name="promotion_day_once")]

    def __str__(self) -> str:
        return f"{self.promotion_id} on {self.day}: {self.spent}"


class PromotionShowing(models.Model):
    """One impression of a promotion, handed out with a page. The row is the charge: its three unique keys are the daily budget
    (`number` counts up to it), the frequency cap (`nth` counts up to it) and that no page is charged twice (`slot`).

    Kept until the day after, when it is folded into PromotionDay.
    """

    promotion = models.ForeignKey(Promotion, models.CASCADE, related_name="showings", db_index=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="+", db_index=False)
    day = models.DateField(db_index=True)
    number = models.PositiveIntegerField()  # of the promotion that day, from 1
    nth = models.PositiveSmallIntegerField()  # to this person that day, from 1
    slot = models.CharField(max_length=24)  # hash of the page that it was put on
    at = models.DateTimeField()
    visited_at = models.DateTimeField(null=True, blank=True)  # when it led to its owner's profile

    class Meta:
        verbose_name, verbose_name_plural = _("showing of a promotion"), _("showings of promotions")
        constraints = [
            models.UniqueConstraint(fields=["promotion", "day", "number"], name="promotion_budget"),
            models.UniqueConstraint(fields=["promotion", "person", "day", "nth"], name="promotion_cap"),
            models.UniqueConstraint(fields=["person", "slot"], name="promotion_slot_once"),
        ]

    def __str__(self) -> str:
        return f"{self.promotion_id} no. {self.number} on {self.day}"


class TrafficHour(models.Model):
    """How many pages of For You were handed out in one UTC hour: the curve that promotions are paced by. Names nobody."""

    day = models.DateField()
    hour = models.PositiveSmallIntegerField()  # 0–23, UTC
    pages = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name, verbose_name_plural = _("hour of traffic"), _("hours of traffic")
        constraints = [models.UniqueConstraint(fields=["day", "hour"], name="traffic_hour_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.hour}h: {self.pages}"
