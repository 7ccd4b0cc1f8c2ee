"""Tables of people: the person, and who follows whom."""

import functools
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import DEFAULT_DB_ALIAS, connection, models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from privacy.models import PrivacySettings
from socialapp.lib.ids import new_id
from socialapp.lib.statements import Statement, stand_ins

from .ages import is_teen
from .usernames import validate_username


def avatar_path(user: "User", filename: str) -> str:
    """Where an avatar is stored: unguessable, and new with every picture so that caches never show an old one."""
    return f"avatars/{user.pk}/{uuid.uuid4().hex}.webp"


class UserManager(DjangoUserManager["User"]):
    """Names are compared without regard to case."""

    def _create_user_object(
        self, username: str, email: str | None, password: str | None, **extra: Any
    ) -> "User":
        user: User = super()._create_user_object(username, email, password, **extra)  # type: ignore[misc]
        user.display_name = user.display_name or username
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """As ever. Every request asks for its person by `pk` alone: that query is written once a process."""
        # Managers of relations inherit from this one, and look at their own people only.
        if (
            type(self) is UserManager
            and not args
            and kwargs.keys() == {"pk"}
            and isinstance(kwargs["pk"], int)
        ):
            return _by_id(kwargs["pk"])
        return super().get(*args, **kwargs)


class User(AbstractUser):
    """A person. `is_active=False` is suspended; `deactivated_at` is hidden by the person's own choice.

    A suspension ends at `suspended_until`; without one it is a ban. `is_limited` keeps a person, by a moderator's decision,
    out of what is shown to people who do not follow them.
    """

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(
        _("user name"),
        max_length=24,
        unique=True,
        validators=[validate_username],
        error_messages={"unique": _("This user name is taken. Choose another one.")},
    )
    first_name = last_name = None  # type: ignore[assignment]
    display_name = models.CharField(_("name"), max_length=50, blank=True)
    bio = models.CharField(_("bio"), max_length=300, blank=True)
    pronouns = models.CharField(_("pronouns"), max_length=30, blank=True)
    avatar = models.ImageField(_("picture"), upload_to=avatar_path, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True, null=True, unique=True)
    phone_verified_at = models.DateTimeField(null=True, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    interests = models.JSONField(_("interests"), default=list, blank=True)  # of accounts.interests
    is_business = models.BooleanField(_("business account"), default=False)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    is_limited = models.BooleanField(_("limited"), default=False)
    followers_count = models.PositiveIntegerField(default=0)
    following_count = models.PositiveIntegerField(default=0)
    videos_count = models.PositiveIntegerField(default=0)
    likes_count = models.PositiveIntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name, verbose_name_plural = _("person"), _("people")
        constraints = [models.UniqueConstraint(Lower("username"), name="username_ignores_case")]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A person and their privacy settings appear together: there is no moment without rules."""
        new = self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if new:
                PrivacySettings.objects.get_or_create(person=self)

    @property
    def is_visible(self) -> bool:
        """Whether others may meet this person at all."""
        return self.is_active and self.deactivated_at is None

    @property
    def is_teen(self) -> bool:
        """Whether the careful rules for the young hold (privacy.rules.TEENS)."""
        return is_teen(self.birth_date)

    def get_full_name(self) -> str:
        return self.display_name or self.username

    def get_absolute_url(self) -> str:
        return f"/@{self.username}/"


_COLUMNS = [field.attname for field in User._meta.concrete_fields]


@functools.cache
def _whole_row(_vendor: str) -> Statement:
    (pk,) = stand_ins(1)
    return Statement(User.objects.filter(pk=pk).values_list(*_COLUMNS))


def _by_id(pk: int) -> User:
    statement = _whole_row(connection.vendor)
    rows = statement.run(pk)
    if not rows:
        raise User.DoesNotExist("User matching query does not exist.")
    return User.from_db(DEFAULT_DB_ALIAS, _COLUMNS, statement.read(rows[0]))


class BusinessProfile(models.Model):
    """What a business account says of itself beside its profile. `User.is_business` says whether the account is one now: the
    row stays when its person switches back, so that switching again finds everything as it was."""

    class Category(models.TextChoices):
        ARTS = "arts", _("Arts and culture")
        BEAUTY = "beauty", _("Beauty and care")
        BRAND = "brand", _("Brand or maker")
        EDUCATION = "education", _("Education")
        EVENTS = "events", _("Events and venues")
        FASHION = "fashion", _("Fashion")
        FINANCE = "finance", _("Finance and insurance")
        FITNESS = "fitness", _("Sport and fitness")
        FOOD = "food", _("Food and drink")
        GAMES = "games", _("Games")
        HEALTH = "health", _("Health")
        HOME = "home", _("Home and garden")
        MEDIA = "media", _("News and media")
        MUSIC = "music", _("Music")
        NONPROFIT = "nonprofit", _("Association or charity")
        PUBLIC = "public", _("Public service")
        SERVICES = "services", _("Services")
        SHOP = "shop", _("Shop")
        TECH = "tech", _("Technology")
        TRAVEL = "travel", _("Travel")
        OTHER = "other", _("Something else")

    person = models.OneToOneField(User, models.CASCADE, related_name="business", primary_key=True)
    category = models.CharField(_("category"), max_length=10, choices=Category.choices)
    email = models.EmailField(_("contact e-mail"), blank=True)
    phone = models.CharField(
        _("contact phone"), max_length=20, blank=True
    )  # E.164; many may name the same one
    website = models.CharField(_("website"), max_length=200, blank=True)  # https only
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name, verbose_name_plural = _("business profile"), _("business profiles")

    def __str__(self) -> str:
        return f"{self.person_id}: {self.category}"


class FormerUsername(models.Model):
    """A name that a person gave up: until `until` it leads to them, and nobody else can take it."""

    person = models.ForeignKey(User, models.CASCADE, related_name="former_usernames")
    username = models.CharField(max_length=24)
    until = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("former user name"), _("former user names")
        constraints = [models.UniqueConstraint(Lower("username"), name="former_username_once")]

    def __str__(self) -> str:
        return self.username


class Deletion(models.Model):
    """A person asked for their account to be erased at `erase_at`. The row is the queue: the sweep claims it by a lease."""

    person = models.OneToOneField(User, models.CASCADE, related_name="deletion", primary_key=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    erase_at = models.DateTimeField(db_index=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("deletion"), _("deletions")

    def __str__(self) -> str:
        return f"{self.person_id} at {self.erase_at}"


class OneTimeCode(models.Model):
    """A code that was sent to a person. Only its keyed hash is kept; it is bound to one purpose, place and log-in."""

    class Purpose(models.TextChoices):
        DELETE = "delete", _("Delete the account")

    person = models.ForeignKey(User, models.CASCADE, related_name="one_time_codes")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    sent_to = models.CharField(max_length=254)
    digest = models.CharField(max_length=64)
    flow = models.CharField(max_length=64)  # a hash of the session that asked
    tries_left = models.PositiveSmallIntegerField(default=3)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("one-time code"), _("one-time codes")
        constraints = [models.UniqueConstraint(fields=["person", "purpose"], name="one_time_code_newest")]

    def __str__(self) -> str:
        return f"{self.purpose} for {self.person_id}"


class Follow(models.Model):
    """`follower` follows `followed`, or asks to when `followed` has a private account."""

    class State(models.TextChoices):
        PENDING = "pending", _("Asked")
        ACCEPTED = "accepted", _("Follows")

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    follower = models.ForeignKey(User, models.CASCADE, related_name="follows_made")
    followed = models.ForeignKey(User, models.CASCADE, related_name="follows_received")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACCEPTED)
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("follow"), _("follows")
        constraints = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followed")), name="follow_not_oneself"),
        ]
        indexes = [
            models.Index(fields=["followed", "state", "-id"], name="follow_received"),
            models.Index(fields=["follower", "state", "-id"], name="follow_made"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followed_id} ({self.state})"


class FollowerScore(models.Model):
    """What one follower made of one person's clips in the last twelve weeks; a follower without a row made nothing of them.

    Analytics pushes it down on the day after it changed (`accounts.actions.set_follower_scores`).
    """

    creator = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    views = models.PositiveIntegerField(default=0)
    likes = models.PositiveIntegerField(default=0)
    comments = models.PositiveIntegerField(default=0)
    shares = models.PositiveIntegerField(default=0)
    score = models.PositiveIntegerField(default=0)  # the acts weighed against each other, for ranking

    class Meta:
        verbose_name, verbose_name_plural = _("follower's engagement"), _("followers' engagement")
        constraints = [models.UniqueConstraint(fields=["creator", "person"], name="follower_score_once")]
        indexes = [models.Index(fields=["creator", "-score"], name="follower_score_best")]

    def __str__(self) -> str:
        return f"{self.person_id} with {self.creator_id}: {self.score}"


class FollowBackSettings(models.Model):
    """By which criteria a person wants to follow back, and whether they want it mailed. The row is the digest's queue."""

    person = models.OneToOneField(User, models.CASCADE, related_name="follow_back", primary_key=True)
    minimum = models.PositiveSmallIntegerField(default=0)  # likes and comments in twelve weeks
    topics = models.JSONField(
        default=list, blank=True
    )  # tags; empty: those of one's own clips, and no condition
    posted_within = models.PositiveSmallIntegerField(null=True, blank=True)  # days
    most_following = models.PositiveIntegerField(null=True, blank=True)  # who follows more people is left out
    digest = models.BooleanField(_("weekly mail of people to follow back"), default=False)
    digest_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    digest_leased_until = models.DateTimeField(null=True, blank=True)
    digest_sent_at = models.DateTimeField(null=True, blank=True)
    scored_at = models.DateTimeField(
        null=True, blank=True
    )  # when FollowerScore of this person was pushed last
    # The first week of which engagement is known here at all: "never watched" means nothing without it.
    known_since = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("follow-back settings")

    def __str__(self) -> str:
        return f"follow-back of {self.person_id}"
