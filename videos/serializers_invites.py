"""Shapes of contacts and invites, for the API's schema and for checking requests."""

from rest_framework import serializers

from accounts.serializers import CardShape
from privacy.serializers import Body

from .actions.inviting import NAME_LENGTH
from .cards_invites import STATES
from .models import Channel
from .serializers import VideoShape

GONE_OR_MET = ("open", "sealed", "full", "own", "known", "following", "undone", "used", "closed")


class ContactShape(serializers.Serializer):
    """Somebody whom you know elsewhere; only you see them."""

    id = serializers.CharField()
    name = serializers.CharField()
    channel = serializers.ChoiceField(Channel.choices)
    channel_name = serializers.CharField()
    icon = serializers.CharField()
    address = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class ContactsPage(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    results = ContactShape(many=True)


class ContactBody(Body):
    name = serializers.CharField(max_length=NAME_LENGTH)
    channel = serializers.ChoiceField(Channel.choices)
    address = serializers.CharField(
        max_length=254,
        required=False,
        allow_blank=True,
        help_text="A number with its country code for whatsapp and sms, an address for email; the others take none.",
    )


class ContactChange(Body):
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    channel = serializers.ChoiceField(Channel.choices, required=False)
    address = serializers.CharField(max_length=254, required=False, allow_blank=True)


class ContactOfInvite(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class ClipOfInvite(serializers.Serializer):
    id = serializers.CharField()
    url = serializers.CharField()
    caption = serializers.CharField()
    cover = serializers.CharField(allow_null=True)


class InviteShape(serializers.Serializer):
    """An invite that you made. `share_url` opens the channel's app with the link in it; null for a copied link."""

    id = serializers.CharField()
    url = serializers.CharField(allow_null=True, help_text="Null once nobody can use it.")
    share_url = serializers.CharField(allow_null=True)
    channel = serializers.ChoiceField(Channel.choices)
    channel_name = serializers.CharField()
    icon = serializers.CharField()
    contact = ContactOfInvite(allow_null=True)
    video = ClipOfInvite(allow_null=True, help_text="Null where the clip is not shown to you any more.")
    state = serializers.ChoiceField(list(STATES))
    state_name = serializers.CharField()
    usable = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    opened_at = serializers.DateTimeField(allow_null=True)
    viewed_at = serializers.DateTimeField(allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)


class InvitesPage(serializers.Serializer):
    """`left`: how many more you may make now, of `a_day`."""

    next = serializers.CharField(allow_null=True)
    results = InviteShape(many=True)
    left = serializers.IntegerField()
    a_day = serializers.IntegerField()


class InviteBody(Body):
    video = serializers.CharField(max_length=20)
    contact = serializers.CharField(max_length=20)


class InviteAuthor(CardShape):
    is_private = serializers.BooleanField()


class InvitationShape(serializers.Serializer):
    """An invite as its receiver meets it. `video` is there where they may watch it now; a private account's is shown to
    browsers that opened the invite's page, and to whoever accepted it."""

    state = serializers.ChoiceField(GONE_OR_MET)
    author = InviteAuthor(allow_null=True)
    inviter = CardShape(allow_null=True)
    video = VideoShape(allow_null=True)
