"""Addresses of analytics's part of the API."""

from django.urls import path  # noqa: F401

urlpatterns: list = []
