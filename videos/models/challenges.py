"""Challenges: a tag with a host, a brief, rules and dates, and what its host decided about single entries."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from socialapp.lib.ids import new_id

from .clips import Tag, Video, new_folder

PERSON = settings.AUTH_USER_MODEL


class Challenge(models.Model):
    """A tag that somebody invites people to use between two dates. Its entries are the clips with the tag of that time."""

    class Sponsorship(models.TextChoices):
        WAITING = "waiting", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Not approved")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="challenges")
    host = models.ForeignKey(PERSON, models.CASCADE, related_name="challenges")
    title = models.CharField(_("title"), max_length=80)
    brief = models.CharField(_("brief"), max_length=500)
    rules = models.TextField(_("rules"), max_length=3000, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)  # empty for everywhere
    folder = models.CharField(max_length=40, unique=True, default=new_folder, editable=False)
    banner = models.CharField(max_length=60, blank=True)  # file name below its folder; 3:1, re-encoded
    example = models.ForeignKey(Video, models.SET_NULL, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    # Who pays for it, and what they sell; then it waits for staff before it is out.
    sponsor = models.CharField(_("sponsor"), max_length=60, blank=True)
    sponsor_url = models.CharField(_("product link"), max_length=300, blank=True)
    sponsorship = models.CharField(_("sponsorship"), max_length=8, choices=Sponsorship.choices, blank=True)
    sponsor_note = models.CharField(_("words to its host"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)  # empty for a draft
    removed_at = models.DateTimeField(null=True, blank=True)  # by its host or a moderator

    class Meta:
        verbose_name, verbose_name_plural = _("challenge"), _("challenges")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="challenge_ends_later")
        ]
        indexes = [
            models.Index(
                fields=["-ends_at", "-id"],
                condition=Q(published_at__isnull=False, removed_at=None),
                name="challenges_by_end",
            ),
            models.Index(fields=["host", "-id"], name="challenges_of_host"),
            models.Index(
                fields=["id"], condition=Q(sponsorship="waiting", removed_at=None), name="challenges_waiting"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ChallengeMark(models.Model):
    """A host's word about one entry: a place among the winners, or out."""

    class Verdict(models.TextChoices):
        WINNER = "winner", _("Winner")
        OUT = "out", _("Not an entry")

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="marks", db_index=False)
    video = models.ForeignKey(Video, models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=6, choices=Verdict.choices)
    place = models.PositiveSmallIntegerField(null=True, blank=True)  # of a winner, from 1
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("verdict on an entry"), _("verdicts on entries")
        constraints = [
            models.UniqueConstraint(fields=["challenge", "video"], name="challenge_mark_once"),
            models.UniqueConstraint(
                fields=["challenge", "place"], condition=Q(place__isnull=False), name="challenge_place_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.video_id} in {self.challenge_id}: {self.verdict}"
