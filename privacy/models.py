"""Tables of privacy and safety: what a person allows, whom they shut out, what was reported, what was done about it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from socialapp.lib.ids import new_id

from .rules import Audience, WhoMay

PERSON = settings.AUTH_USER_MODEL


class PrivacySettings(models.Model):
    """One row a person, made together with the person."""

    person = models.OneToOneField(PERSON, models.CASCADE, related_name="privacy", primary_key=True)
    is_private = models.BooleanField(_("private account"), default=False)
    findable = models.BooleanField(_("allow others to find me"), default=True)
    message_audience = models.CharField(
        _("who can message me"), max_length=12, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    comment_audience = models.CharField(
        _("who can comment"), max_length=12, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    duet_audience = models.CharField(
        _("who can duet"), max_length=12, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    stitch_audience = models.CharField(
        _("who can stitch"), max_length=12, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    download_audience = models.CharField(
        _("who can download"), max_length=12, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    mention_audience = models.CharField(
        _("who can mention me"), max_length=12, choices=WhoMay.choices, default=WhoMay.EVERYONE
    )
    filter_spam = models.BooleanField(_("hold comments that look like spam"), default=True)
    approve_comments = models.BooleanField(_("approve every comment"), default=False)
    comment_keywords = models.JSONField(_("words to hold comments for"), default=list, blank=True)
    lists_audience = models.CharField(
        _("who sees whom I follow"), max_length=12, choices=Audience.choices, default=Audience.PUBLIC
    )
    likes_audience = models.CharField(
        _("who sees what I like"), max_length=12, choices=Audience.choices, default=Audience.ONLY_ME
    )
    read_receipts = models.BooleanField(_("read receipts"), default=True)
    show_activity = models.BooleanField(_("show when I am online"), default=True)
    personalised = models.BooleanField(_("use what I watch for my feed"), default=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = verbose_name_plural = _("privacy settings")

    def __str__(self) -> str:
        return f"privacy of {self.person_id}"

    @classmethod
    def strictest(cls, person_id: int) -> "PrivacySettings":
        """Unsaved settings that allow nothing: what counts for a person whose own row is missing."""
        nobody = {
            f"{what}_audience": WhoMay.NOBODY
            for what in ("message", "comment", "duet", "stitch", "download", "mention")
        }
        return cls(
            person_id=person_id,
            is_private=True,
            findable=False,
            lists_audience=Audience.ONLY_ME,
            likes_audience=Audience.ONLY_ME,
            show_activity=False,
            **nobody,
        )


class Block(models.Model):
    """`blocker` and `blocked` do not exist for each other."""

    blocker = models.ForeignKey(PERSON, models.CASCADE, related_name="blocks_made")
    blocked = models.ForeignKey(PERSON, models.CASCADE, related_name="blocks_received")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("block"), _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} blocks {self.blocked_id}"


class Mute(models.Model):
    """`muter` no longer sees `muted` in feeds and notifications; nobody else notices."""

    muter = models.ForeignKey(PERSON, models.CASCADE, related_name="mutes_made")
    muted = models.ForeignKey(PERSON, models.CASCADE, related_name="mutes_received")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("mute"), _("mutes")
        constraints = [models.UniqueConstraint(fields=["muter", "muted"], name="mute_once")]

    def __str__(self) -> str:
        return f"{self.muter_id} mutes {self.muted_id}"


class Report(models.Model):
    """A person's complaint about a thing, waiting for a moderator."""

    class Target(models.TextChoices):
        PERSON = "person", _("Person")
        VIDEO = "video", _("Clip")
        COMMENT = "comment", _("Comment")
        MESSAGE = "message", _("Message")
        SOUND = "sound", _("Sound")

    class Reason(models.TextChoices):
        SPAM = "spam", _("Spam or scam")
        HARASSMENT = "harassment", _("Harassment or bullying")
        HATE = "hate", _("Hate")
        VIOLENCE = "violence", _("Violence or danger")
        SEXUAL = "sexual", _("Nudity or sexual content")
        MINOR = "minor", _("Endangers a minor")
        SELF_HARM = "self_harm", _("Self-harm")
        RIGHTS = "rights", _("Uses someone's work or likeness")
        FALSE = "false", _("Misleading")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACTED = "acted", _("Acted on")
        DISMISSED = "dismissed", _("Dismissed")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    reporter = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="reports_made")
    target_type = models.CharField(max_length=10, choices=Target.choices)
    target_id = models.BigIntegerField()
    target_person = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="reports_received")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    note = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    handled_by = models.ForeignKey(
        PERSON, models.SET_NULL, null=True, blank=True, related_name="reports_handled"
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("report"), _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["reporter", "target_type", "target_id"],
                condition=Q(state="open"),
                name="report_once_while_open",
            )
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="report_queue"),
            models.Index(fields=["target_type", "target_id"], name="report_target"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.target_type} {self.target_id}"


class AuditEntry(models.Model):
    """What was done to whom by whom. Written in the transaction of the deed; never changed."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    actor = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    verb = models.CharField(max_length=40)
    target_type = models.CharField(max_length=20)
    target_id = models.BigIntegerField()
    detail = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("audit entry"), _("audit log")
        indexes = [models.Index(fields=["target_type", "target_id"], name="audit_target")]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_type} {self.target_id}"
