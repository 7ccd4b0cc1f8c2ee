"""What the demo's history says about following back, at any moment it is made. Apart from test_history.py, whose past lasts for
all of its tests and would be counted here too."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from analytics import access, reports
from analytics.models import Report

from .past import make_past

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.mark.parametrize("hours", [0, 43, 90, 140], ids=["Monday", "Tuesday", "Thursday", "Saturday"])
def test_following_back_pays_off_for_alice_whenever_the_demo_is_made(hours):
    moment = datetime(2026, 11, 23, 0, 30, tzinfo=UTC) + timedelta(hours=hours)
    with time_machine.travel(moment, tick=False):
        make_past(moment)
        alice = User.objects.get(username="alice")
        reports.want(alice.pk, Report.Kind.FOLLOW_BACK)
        reports.make_due()
        found = access.follow_back(alice)
    assert found["state"] == "ready"
    assert found["effects"]["views"]["low"] > 0
