from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VideosConfig(AppConfig):
    name = "videos"
    verbose_name = _("Clips")

    def ready(self) -> None:
        from . import receivers  # noqa: F401  (connects the handlers)
