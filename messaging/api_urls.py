"""Addresses of messaging's part of the API."""

from django.urls import path

from . import api, api_notices

urlpatterns = [
    path("conversations/", api.Conversations.as_view(), name="conversations"),
    path("conversations/<str:conversation_id>/", api.OneConversation.as_view(), name="conversation"),
    path("conversations/<str:conversation_id>/messages/", api.Messages.as_view(), name="messages"),
    path(
        "conversations/<str:conversation_id>/read/", api.ConversationRead.as_view(), name="conversation-read"
    ),
    path(
        "conversations/<str:conversation_id>/accept/",
        api.ConversationAccept.as_view(),
        name="conversation-accept",
    ),
    path(
        "conversations/<str:conversation_id>/mute/", api.ConversationMute.as_view(), name="conversation-mute"
    ),
    path(
        "conversations/<str:conversation_id>/leave/",
        api.ConversationLeave.as_view(),
        name="conversation-leave",
    ),
    path("messages/<str:message_id>/", api.OneMessage.as_view(), name="message"),
    path("messages/<str:message_id>/reaction/", api.MessageReaction.as_view(), name="message-reaction"),
    path("notifications/", api_notices.Notifications.as_view(), name="notifications"),
    path("notifications/read/", api_notices.NotificationsRead.as_view(), name="notifications-read"),
    path("badges/", api_notices.Badges.as_view(), name="badges"),
]
