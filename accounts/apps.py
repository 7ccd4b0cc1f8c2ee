from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        from django.contrib import admin

        from . import receivers  # noqa: F401  (connects the handlers)
        from .log_in_form import AdminLogInForm

        admin.site.login_form = AdminLogInForm
