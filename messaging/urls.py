"""Addresses of messaging's pages."""

from django.urls import path

from . import views, views_announcing, views_answering, views_lists, views_notices

urlpatterns = [
    path("messages/", views_lists.messages, name="messages"),
    path("messages/requests/", views_lists.message_requests, name="message-requests"),
    path("messages/new/", views_lists.new_message, name="new-message"),
    path("messages/share/", views_lists.share_video, name="share-video"),
    path("messages/search/", views_lists.message_search, name="message-search"),
    path("studio/announce/", views_announcing.studio_announce, name="studio-announce"),
    path("settings/messages/", views_answering.message_settings, name="message-settings"),
    path("messages/<str:conversation_id>/", views.conversation, name="message-thread"),
    path(
        "messages/<str:conversation_id>/details/",
        views_lists.conversation_details,
        name="conversation-details",
    ),
    path("messages/<str:conversation_id>/images/<str:image_id>/", views.message_image, name="message-image"),
    path("inbox/", views_notices.inbox, name="inbox"),
    path("settings/notifications/", views_notices.settings_notifications, name="settings-notifications"),
    path("notifications/unsubscribe/<str:token>/", views_notices.unsubscribe, name="unsubscribe"),
]
