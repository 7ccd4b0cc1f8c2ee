"""Every address of the site. Each app brings its pages (`urls`) and its part of the API (`api_urls`)."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.cache import cache_control
from django.views.decorators.vary import vary_on_headers
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from privacy.views_desk import admin_urls

from . import health, offline

admin.site.extra_urls = admin_urls  # type: ignore[attr-defined]  # unfold asks for it when it lists its own

api: list[URLPattern | URLResolver] = [
    path("", include("videos.api_urls")),
    path("", include("privacy.api_urls")),
    path("", include("accounts.api_urls")),
    path("", include("messaging.api_urls")),
    path("", include("analytics.api_urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
]

# The words of page scripts in the reader's language. Every page asks for them, so a browser may keep them a while.
words = vary_on_headers("Accept-Language", "Cookie")(
    cache_control(private=True, max_age=600)(JavaScriptCatalog.as_view())
)

# allauth's own pages of second factors and of log-ins: ours shows both among the rest of what protects an account.
to_security = RedirectView.as_view(pattern_name="settings-security")

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("robots.txt", health.robots, name="robots"),
    path("sw.js", offline.service_worker, name="service-worker"),
    path("jsi18n/", words, name="jsi18n"),
    path("api/v1/", include((api, "api"))),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="api:schema"), name="api-docs"),
    path("_allauth/", include("accounts.api_log_in")),
    path("_allauth/", include("allauth.headless.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", to_security),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/sessions/", to_security, name="usersessions_list"),
    path("admin/", admin.site.urls),
    path("", include("privacy.urls")),
    path("", include("accounts.urls")),
    path("", include("videos.urls")),
    path("", include("messaging.urls")),
    path("", include("analytics.urls")),
]
handler400 = "socialapp.pages.bad_request"
handler404 = "socialapp.pages.page_not_found"
