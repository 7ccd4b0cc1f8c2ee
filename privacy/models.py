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
    following_audience = models.CharField(
        _("who sees whom I follow"), max_length=12, choices=Audience.choices, default=Audience.PUBLIC
    )
    followers_audience = models.CharField(
        _("who sees who follows me"), max_length=12, choices=Audience.choices, default=Audience.PUBLIC
    )
    friends_audience = models.CharField(
        _("who sees my friends"), max_length=12, choices=Audience.choices, default=Audience.PUBLIC
    )
    likes_audience = models.CharField(
        _("who sees what I like"), max_length=12, choices=Audience.choices, default=Audience.ONLY_ME
    )
    read_receipts = models.BooleanField(_("read receipts"), default=True)
    show_activity = models.BooleanField(_("show when I am online"), default=True)
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
            following_audience=Audience.ONLY_ME,
            followers_audience=Audience.ONLY_ME,
            friends_audience=Audience.ONLY_ME,
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


class Restriction(models.Model):
    """What `restricted` writes to `restricter` is seen by nobody else until it is let through; they do not notice."""

    restricter = models.ForeignKey(PERSON, models.CASCADE, related_name="restrictions_made")
    restricted = models.ForeignKey(PERSON, models.CASCADE, related_name="restrictions_received")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("restriction"), _("restrictions")
        constraints = [
            models.UniqueConstraint(fields=["restricter", "restricted"], name="restriction_once"),
            models.CheckConstraint(condition=~Q(restricter=F("restricted")), name="restriction_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.restricter_id} restricts {self.restricted_id}"


class BlockedTerm(models.Model):
    """A word or phrase for which the site holds what is published, or refuses it. `folded` is the form that is compared."""

    class Act(models.TextChoices):
        HOLD = "hold", _("Hold for a moderator")
        REFUSE = "refuse", _("Refuse")

    term = models.CharField(_("word or phrase"), max_length=100)
    folded = models.CharField(max_length=200, unique=True, editable=False)
    act = models.CharField(_("what happens"), max_length=6, choices=Act.choices, default=Act.HOLD)
    note = models.CharField(_("note"), max_length=200, blank=True)
    added_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("blocked term"), _("blocked terms")

    def __str__(self) -> str:
        return self.term


class Case(models.Model):
    """One thing that moderators have to look at: all open reports about it, or a rule that held it.

    The queue is ordered by severity (0 to 3, the worst first), then by how many people reported it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Rule(models.TextChoices):
        TERM = "term", _("A blocked term")
        LINKS = "links", _("A burst of links")
        DUPLICATE = "duplicate", _("Like media that was removed or published before")
        VELOCITY = "velocity", _("A new account that publishes very fast")
        REPEATED = "repeated", _("The same words to many people")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    target_type = models.CharField(max_length=12)
    target_id = models.BigIntegerField()
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="cases")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    severity = models.PositiveSmallIntegerField(default=0)
    reports_count = models.PositiveIntegerField(default=0)
    rule = models.CharField(max_length=10, choices=Rule.choices, blank=True)  # empty: people reported it
    detail = models.JSONField(default=dict, blank=True)  # what the rule saw, as plain values
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("case"), _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["target_type", "target_id"], condition=Q(state="open"), name="case_once_while_open"
            )
        ]
        indexes = [
            models.Index(fields=["state", "-severity", "-reports_count", "id"], name="case_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.target_type} {self.target_id}"


class Report(models.Model):
    """A person's complaint about a thing, waiting for a moderator."""

    class Target(models.TextChoices):
        PERSON = "person", _("Person")
        VIDEO = "video", _("Clip")
        COMMENT = "comment", _("Comment")
        MESSAGE = "message", _("Message")
        SOUND = "sound", _("Sound")
        CONVERSATION = "conversation", _("Conversation")

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
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="reports")
    reporter = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="reports_made")
    target_type = models.CharField(max_length=12, choices=Target.choices)
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


class Decision(models.Model):
    """What a moderator decided in a case, with the words its person gets: the statement of reasons (DSA, article 17).

    `before` is what an undoing needs. `undone_at` says that it was taken back, by a moderator or by an appeal.
    """

    class Act(models.TextChoices):
        DISMISS = "dismiss", _("Dismiss")
        LABEL = "label", _("Label as sensitive")
        LIMIT = "restrict", _("Restrict")
        REMOVE = "remove", _("Remove")
        WARN = "warn", _("Warn")
        SUSPEND = "suspend", _("Suspend")
        BAN = "ban", _("Ban")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="decisions")
    person = models.ForeignKey(PERSON, models.CASCADE, null=True, related_name="decisions")
    moderator = models.ForeignKey(PERSON, models.SET_NULL, null=True, related_name="+")
    act = models.CharField(max_length=8, choices=Act.choices)
    reason = models.CharField(max_length=12, choices=Report.Reason.choices, blank=True)
    statement = models.CharField(max_length=2000, blank=True)
    excerpt = models.CharField(
        max_length=300, blank=True
    )  # of what was decided about, for the person and the appeal
    until = models.DateTimeField(null=True, blank=True)  # the end of a suspension
    before = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("decision"), _("decisions")
        indexes = [models.Index(fields=["person", "-id"], name="decision_of_person")]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.case_id}"


class Appeal(models.Model):
    """A person's answer to a decision, once a decision; another moderator looks at it where there is one."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    decision = models.OneToOneField(Decision, models.CASCADE, related_name="appeal")
    text = models.CharField(max_length=2000)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=2000, blank=True)
    answered_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("appeal"), _("appeals")
        indexes = [models.Index(fields=["state", "id"], name="appeal_queue")]

    def __str__(self) -> str:
        return f"{self.state}: {self.decision_id}"


class DataExport(models.Model):
    """A download of everything about a person, being made or ready. The row is the queue; its file goes at `expires_at`."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Expired")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(PERSON, models.CASCADE, related_name="data_exports")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(max_length=60, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)  # name in the storage; never public
    size = models.PositiveBigIntegerField(default=0)  # bytes
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("data download"), _("data downloads")
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=("queued", "running")),
                name="data_export_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["state", "lease_until"], name="data_export_queue")]

    def __str__(self) -> str:
        return f"{self.state} for {self.person_id}"
