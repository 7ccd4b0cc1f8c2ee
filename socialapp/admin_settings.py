"""How django-unfold presents the admin: its name, colours and the left navigation. Read by settings.py."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

_static = lazy(static, str)


def _item(title: Any, icon: str, model: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": reverse_lazy(f"admin:{model}_changelist"), **more}


def unfold(site_name: str) -> dict[str, Any]:
    """The UNFOLD setting."""
    return {
        "SITE_TITLE": site_name,
        "SITE_HEADER": site_name,
        "SITE_SUBHEADER": _("Administration"),
        "SITE_URL": "/",
        "LOGIN": {"form": "accounts.log_in_form.AdminLogInForm"},
        "SITE_ICON": lambda request: _static("img/mark.svg"),
        "SITE_FAVICONS": [
            {"rel": "icon", "type": "image/svg+xml", "href": lambda request: _static("img/mark.svg")}
        ],
        "SHOW_HISTORY": False,
        "SHOW_VIEW_ON_SITE": True,
        "SHOW_BACK_BUTTON": True,
        "DASHBOARD_CALLBACK": "socialapp.admin_dashboard.dashboard",
        "STYLES": [lambda request: _static("css/admin.css")],
        "COMMAND": {"search_models": ["accounts.user", "videos.video"]},
        "COLORS": {"base": _INK, "primary": _EMBER},
        "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": _navigation()},
    }


# Ink and Ember of tokens.css, in the eleven steps unfold asks for.
_INK = {
    "50": "oklch(98.5% 0.004 91)",
    "100": "oklch(96.5% 0.006 91)",
    "200": "oklch(91.5% 0.01 91)",
    "300": "oklch(86% 0.01 91)",
    "400": "oklch(71% 0.012 274)",
    "500": "oklch(55% 0.014 272)",
    "600": "oklch(44% 0.014 272)",
    "700": "oklch(35% 0.015 270)",
    "800": "oklch(26% 0.013 270)",
    "900": "oklch(19.5% 0.01 268)",
    "950": "oklch(15% 0.008 271)",
}
_EMBER = {
    "50": "oklch(97.5% 0.013 40)",
    "100": "oklch(94.5% 0.03 40)",
    "200": "oklch(89% 0.06 38)",
    "300": "oklch(82% 0.11 37)",
    "400": "oklch(75% 0.16 36)",
    "500": "oklch(69.5% 0.206 34)",
    "600": "oklch(55.6% 0.184 34)",
    "700": "oklch(50% 0.172 34)",
    "800": "oklch(42% 0.14 34)",
    "900": "oklch(36% 0.115 35)",
    "950": "oklch(26% 0.08 35)",
}


def _navigation() -> list[dict[str, Any]]:
    return [
        {
            "title": None,
            "items": [{"title": _("Overview"), "icon": "monitoring", "link": reverse_lazy("admin:index")}],
        },
        {
            "title": _("Safety"),
            "separator": True,
            "items": [
                {
                    "title": _("Moderation"),
                    "icon": "gavel",
                    "link": reverse_lazy("admin:moderation"),
                    "badge": "socialapp.admin_dashboard.open_cases",
                },
                _item(_("Reports"), "flag", "privacy_report", badge="socialapp.admin_dashboard.open_reports"),
                _item(_("Decisions"), "balance", "privacy_decision"),
                _item(_("Appeals"), "reply", "privacy_appeal"),
                _item(_("Blocked terms"), "block", "privacy_blockedterm"),
                _item(_("Audit log"), "history", "privacy_auditentry"),
            ],
        },
        {
            "title": _("People"),
            "separator": True,
            "items": [
                _item(_("People"), "person", "accounts_user"),
                _item(_("Follows"), "group_add", "accounts_follow"),
                _item(_("Blocks"), "block", "privacy_block"),
                _item(_("Mutes"), "volume_off", "privacy_mute"),
                _item(_("Privacy settings"), "shield_person", "privacy_privacysettings"),
                _item(_("E-mail addresses"), "mail", "account_emailaddress"),
                _item(_("Moderator groups"), "admin_panel_settings", "auth_group"),
            ],
        },
        {
            "title": _("Clips"),
            "separator": True,
            "items": [
                _item(_("Clips"), "movie", "videos_video"),
                _item(_("Processing"), "progress_activity", "videos_transcode"),
                _item(_("Comments"), "comment", "videos_comment"),
                _item(_("Uploads"), "upload", "videos_upload"),
                _item(_("Extras"), "auto_awesome_motion", "videos_mediajob"),
                _item(_("Trainings"), "model_training", "videos_training"),
                _item(_("Captions"), "closed_caption", "videos_captions"),
                _item(_("Sounds"), "music_note", "videos_sound"),
                _item(_("Tags"), "tag", "videos_tag"),
                _item(
                    _("Challenges"),
                    "trophy",
                    "videos_challenge",
                    badge="socialapp.admin_dashboard.challenges_to_approve",
                ),
                _item(_("Invites"), "person_add", "videos_invite"),
                _item(
                    _("Promotions"),
                    "campaign",
                    "videos_promotion",
                    badge="socialapp.admin_dashboard.promotions_to_approve",
                ),
            ],
        },
        {
            "title": _("Messages"),
            "separator": True,
            "items": [
                _item(_("Conversations"), "forum", "messaging_conversation"),
                _item(_("Messages"), "chat", "messaging_message"),
                _item(_("Notifications"), "notifications", "messaging_notification"),
            ],
        },
        {
            "title": _("Figures"),
            "separator": True,
            "items": [
                _item(_("Creators by day"), "insights", "analytics_creatorday"),
                _item(_("Clips by day"), "query_stats", "analytics_videoday"),
                _item(_("Events"), "visibility", "analytics_event"),
                _item(_("Dropped events"), "filter_alt_off", "analytics_droppedday"),
            ],
        },
    ]
