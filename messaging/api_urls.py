"""Addresses of messaging's part of the API."""

from django.urls import path

from . import api, api_announcements, api_groups, api_lists, api_notices, api_push

urlpatterns = [
    path("conversations/", api.Conversations.as_view(), name="conversations"),
    path("conversations/requests/", api_lists.AllRequests.as_view(), name="conversation-requests"),
    path("recipients/", api_lists.Recipients.as_view(), name="recipients"),
    path("conversations/<str:conversation_id>/", api_groups.OneConversation.as_view(), name="conversation"),
    path(
        "conversations/<str:conversation_id>/media/",
        api_lists.ConversationMedia.as_view(),
        name="conversation-media",
    ),
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
    path(
        "conversations/<str:conversation_id>/people/",
        api_groups.GroupPeople.as_view(),
        name="conversation-people",
    ),
    path(
        "conversations/<str:conversation_id>/people/<str:username>/",
        api_groups.GroupPerson.as_view(),
        name="conversation-person",
    ),
    path(
        "conversations/<str:conversation_id>/archive/",
        api.ConversationArchive.as_view(),
        name="conversation-archive",
    ),
    path("conversations/<str:conversation_id>/pin/", api.ConversationPin.as_view(), name="conversation-pin"),
    path(
        "conversations/<str:conversation_id>/images/",
        api.ConversationImages.as_view(),
        name="conversation-images",
    ),
    path("messages/search/", api.MessageSearch.as_view(), name="message-search"),
    path("messages/<str:message_id>/hide/", api.MessageHide.as_view(), name="message-hide"),
    path("messages/<str:message_id>/", api.OneMessage.as_view(), name="message"),
    path("messages/<str:message_id>/reaction/", api.MessageReaction.as_view(), name="message-reaction"),
    path("notifications/", api_notices.Notifications.as_view(), name="notifications"),
    path("notifications/read/", api_notices.NotificationsRead.as_view(), name="notifications-read"),
    path("me/notifications/", api_notices.NotificationSettings.as_view(), name="notification-settings"),
    path("push/", api_push.PushKey.as_view(), name="push"),
    path("push/subscriptions/", api_push.PushSubscriptions.as_view(), name="push-subscriptions"),
    path(
        "push/subscriptions/<str:subscription_id>/",
        api_push.OneSubscription.as_view(),
        name="push-subscription",
    ),
    path("push/test/", api_push.PushTest.as_view(), name="push-test"),
    path("badges/", api_notices.Badges.as_view(), name="badges"),
    path("announcements/", api_announcements.Announcements.as_view(), name="announcements"),
    path(
        "announcements/<str:announcement_id>/",
        api_announcements.OneAnnouncement.as_view(),
        name="announcement",
    ),
    path(
        "announcements/<str:announcement_id>/stop/",
        api_announcements.AnnouncementStop.as_view(),
        name="announcement-stop",
    ),
    path(
        "conversations/<str:conversation_id>/announcements/",
        api_announcements.ConversationAnnouncements.as_view(),
        name="conversation-announcements",
    ),
    path("quick-replies/", api_announcements.QuickReplies.as_view(), name="quick-replies"),
    path("quick-replies/<str:reply_id>/", api_announcements.OneQuickReply.as_view(), name="quick-reply"),
    path("me/away/", api_announcements.Away.as_view(), name="away"),
    path("me/response-time/", api_announcements.ResponseTime.as_view(), name="response-time"),
]
