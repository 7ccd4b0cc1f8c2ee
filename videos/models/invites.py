"""Growth from outside: the people somebody knows elsewhere, and the links that invite one of them to watch and follow."""

import secrets

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from socialapp.lib.ids import new_id

from .clips import PERSON, Video


def new_token() -> str:
    """What makes an invite's address unguessable: 192 bits."""
    return secrets.token_urlsafe(24)


class Channel(models.TextChoices):
    """The way by which a contact is written to, outside of the site."""

    WHATSAPP = "whatsapp", _("WhatsApp")
    TELEGRAM = "telegram", _("Telegram")
    MESSENGER = "messenger", _("Messenger")
    SMS = "sms", _("Text message")
    EMAIL = "email", _("E-mail")
    COPY = "copy", _("Copied link")


class Contact(models.Model):
    """Somebody whom `owner` knows outside of the site, by the name that they gave them. Seen by `owner` alone."""

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(PERSON, models.CASCADE, related_name="contacts")
    name = models.CharField(_("name"), max_length=60)
    channel = models.CharField(_("by"), max_length=9, choices=Channel.choices)
    # A number (E.164) or an e-mail address, where the channel takes one; else whom it goes to is chosen in the app.
    address = models.CharField(_("number or address"), max_length=254, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name, verbose_name_plural = _("contact"), _("contacts")
        constraints = [
            models.UniqueConstraint("owner", "channel", Lower("name"), name="contact_once"),
            models.UniqueConstraint(
                fields=["owner", "channel", "address"], condition=~Q(address=""), name="contact_address_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Invite(models.Model):
    """A link for one contact, by one channel, to watch one clip and follow its author. Used by one person, once.

    `accepted_at` says that it was used, also when who used it is gone. Who may open it is videos.access.invites' business.
    """

    id = models.BigIntegerField(primary_key=True, default=new_id, editable=False)
    token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    inviter = models.ForeignKey(PERSON, models.CASCADE, related_name="invites")
    video = models.ForeignKey(Video, models.CASCADE, related_name="invites")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="invites")
    channel = models.CharField(max_length=9, choices=Channel.choices)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    browsers = models.PositiveSmallIntegerField(default=0)  # that opened it and were shown the clip by it
    opened_at = models.DateTimeField(null=True, blank=True)
    viewed_at = models.DateTimeField(null=True, blank=True)  # watched for as long as a view takes
    accepted_by = models.ForeignKey(PERSON, models.SET_NULL, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)  # who accepted it thought better of it
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("invite"), _("invites")
        indexes = [
            models.Index(fields=["inviter", "-id"], name="invite_of_inviter"),
            models.Index(fields=["video", "created_at"], name="invite_of_video"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} by {self.inviter_id}"

    def get_absolute_url(self) -> str:
        return f"/i/{self.token}/"

    @property
    def state(self) -> str:
        """What became of it: waiting, opened, viewed, following, undone, expired or revoked."""
        if self.accepted_at is not None:
            return "undone" if self.undone_at else "following"
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at <= timezone.now():
            return "expired"
        return "viewed" if self.viewed_at else "opened" if self.opened_at else "waiting"
