"""Addresses of privacy's pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("settings/privacy/", views.settings_privacy, name="settings-privacy"),
]
