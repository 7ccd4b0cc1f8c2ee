"""Addresses of analytics's part of the API."""

from django.urls import path

from . import api, api_audience, api_invites, api_site

urlpatterns = [
    path("events/", api.Events.as_view(), name="events"),
    path("events/visit/", api.Visit.as_view(), name="events-visit"),
    path("analytics/overview/", api.Overview.as_view(), name="analytics-overview"),
    path("analytics/content/", api.Content.as_view(), name="analytics-content"),
    path("analytics/invites/", api_invites.Invites.as_view(), name="analytics-invites"),
    path("analytics/live/", api.Live.as_view(), name="analytics-live"),
    path("analytics/promotions/", api.Promotions.as_view(), name="analytics-promotions"),
    path("analytics/followers/", api_audience.Followers.as_view(), name="analytics-followers"),
    path("analytics/follow-back/", api_audience.FollowBack.as_view(), name="analytics-follow-back"),
    path("analytics/messages/", api_audience.Messages.as_view(), name="analytics-messages"),
    path("analytics/site/", api_site.Site.as_view(), name="analytics-site"),
    path("analytics/videos/<str:video_id>/", api.VideoFigures.as_view(), name="analytics-video"),
]
