"""Addresses of analytics's pages."""

from django.urls import path

from . import views, views_audience, views_invites

urlpatterns = [
    path("studio/analytics/", views.overview, name="studio-analytics"),
    path("studio/analytics/content/", views.content, name="studio-analytics-content"),
    path("studio/analytics/invites/", views_invites.invites, name="studio-analytics-invites"),
    path("studio/analytics/live/", views.live, name="studio-analytics-live"),
    path("studio/analytics/promotions/", views.promotions, name="studio-analytics-promotions"),
    path("studio/analytics/followers/", views_audience.followers, name="studio-analytics-followers"),
    path("studio/analytics/follow-back/", views_audience.follow_back, name="studio-analytics-follow-back"),
    path("studio/analytics/messages/", views_audience.messages, name="studio-analytics-messages"),
    path("studio/videos/<str:video_id>/", views.video, name="studio-video"),
]
