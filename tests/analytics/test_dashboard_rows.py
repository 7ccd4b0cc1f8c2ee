"""The made-up rows that `manage.py bench dashboards` measures are such as the site writes: the pages have them all to show."""

import random

import pytest
from django.utils import timezone

from analytics import access
from tests.benchmarks.dashboard_rows import make_dealings, make_fans
from tests.benchmarks.dashboards import APART, DAYS, FIRST, _copies, _creator, _people

pytestmark = [pytest.mark.django_db]


def test_a_copied_creators_pages_show_what_the_first_ones_do():
    today = timezone.now().date()
    fans = make_fans(FIRST - APART)
    first, copy = _people(range(2))
    for one in (first, copy):
        make_dealings(one, fans, random.Random(7), today, DAYS)
    _creator(first, random.Random(5), today, 30, 1)
    _copies(2)
    for page in (access.overview, access.promotions, access.messages, access.invites):
        assert page(copy)["totals"] == page(first)["totals"], page.__name__
        assert any(page(copy)["totals"].values()), page.__name__
