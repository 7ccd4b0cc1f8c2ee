"""Connects the composition root's system checks."""

from django.apps import AppConfig


class SocialappConfig(AppConfig):
    name = "socialapp"

    def ready(self) -> None:
        from . import checks  # noqa: F401 - registers itself
