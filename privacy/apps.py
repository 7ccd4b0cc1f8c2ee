from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy and safety")

    def ready(self) -> None:
        # What each app keeps about people, for the download of one's data and for erasure.
        autodiscover_modules("personal_data")

        from . import receivers  # noqa: F401  (connects the handlers)
