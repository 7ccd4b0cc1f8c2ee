"""Addresses of accounts's pages."""

from django.urls import path  # noqa: F401

urlpatterns: list = []
