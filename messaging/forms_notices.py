"""The form of how one wants to be told. What may be chosen is said by messaging.channels, what is kept by the action."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .channels import GROUPS, Channel, zones
from .models import NotificationSettings


def _places() -> list[tuple[str, Any]]:
    return [("", _("The site's own")), *((name, name.replace("_", " ")) for name in sorted(zones()))]


class NotificationsForm(forms.Form):
    """A switch for each group and channel (`<group>-<channel>`), quiet hours, the clock they are of, the digest, and the
    mail of people to follow back."""

    digest = forms.ChoiceField(
        label=_("E-mail digest"),
        choices=NotificationSettings.Digest.choices,
        help_text=_("What you have not seen, in one mail. Weekly ones come on Mondays, in the morning."),
    )
    follow_back_mail = forms.BooleanField(
        label=_("Mail me people to follow back every Monday"), required=False
    )
    quiet_from = forms.TimeField(
        label=_("From"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_to = forms.TimeField(
        label=_("To"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("Quiet hours and digests follow this clock."),
        choices=_places,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, group in GROUPS.items():
            for channel in Channel.values:
                if channel not in group.fixed:
                    self.fields[f"{name}-{channel}"] = forms.BooleanField(required=False)

    @staticmethod
    def begin_with(settings: dict[str, Any]) -> dict[str, Any]:
        """The initial values, from `channels.plain`."""
        switches = {
            f"{name}-{channel}": on
            for name, row in settings["channels"].items()
            for channel, on in row.items()
        }
        return switches | {name: value for name, value in settings.items() if name != "channels"}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The groups as the page shows them; a switch that is fixed has no field."""
        return [
            {
                "name": name,
                "group": group,
                "cells": [
                    {
                        "channel": channel.value,
                        "label": channel.label,
                        "field": self[f"{name}-{channel.value}"]
                        if f"{name}-{channel.value}" in self.fields
                        else None,
                    }
                    for channel in Channel
                ],
            }
            for name, group in GROUPS.items()
        ]

    def changes(self) -> dict[str, Any]:
        """What was chosen, as `actions.change_notification_settings` takes it."""
        said = self.cleaned_data
        switches: dict[str, dict[str, bool]] = {}
        for name in GROUPS:
            for channel in Channel.values:
                if f"{name}-{channel}" in said:
                    switches.setdefault(name, {})[channel] = said[f"{name}-{channel}"]
        plain = ("digest", "quiet_from", "quiet_to", "time_zone")
        return {"channels": switches} | {name: said[name] for name in plain}
