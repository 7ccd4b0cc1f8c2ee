"""Addresses of messaging's pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("messages/", views.messages, name="messages"),
    path("messages/requests/", views.message_requests, name="message-requests"),
    path("messages/new/", views.new_message, name="new-message"),
    path("messages/share/", views.share_video, name="share-video"),
    path("messages/<str:conversation_id>/", views.conversation, name="message-thread"),
    path("inbox/", views.inbox, name="inbox"),
]
