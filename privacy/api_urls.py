"""Addresses of privacy's part of the API."""

from django.urls import path

from . import api

urlpatterns = [
    path("me/privacy/", api.MyPrivacy.as_view(), name="me-privacy"),
    path("reports/", api.Reports.as_view(), name="reports"),
]
