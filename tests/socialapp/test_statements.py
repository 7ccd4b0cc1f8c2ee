"""Queries that are written once: constants are said as they are, stand-ins take the values of each run."""

import pytest
from django.db import connection
from django.db.models import Value

from accounts.models import User
from socialapp.lib.statements import Statement, stand_ins

pytestmark = pytest.mark.django_db

TEXTS = ["it's", "100 %", "%s", "%%", '"', "\\", "", "é ’", "a\nb", "--"]


@pytest.mark.engines
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_a_statement_stays_what_it_is(cast, text):
    (me,) = stand_ins(1)
    User.objects.filter(pk=cast.alice.pk).update(display_name=text)
    rows = User.objects.filter(pk=me, display_name=text, is_active=True).annotate(said=Value(text))
    statement = Statement(rows.values_list("pk", "said"))
    for _time in range(2):
        assert statement.run(cast.alice.pk) == [(cast.alice.pk, text)]
    assert statement.run(cast.bob.pk) == []


def test_sqlite_is_given_constants_in_the_text_so_that_it_plans_once():
    if connection.vendor != "sqlite":
        pytest.skip("others plan as they are told")
    (me,) = stand_ins(1)
    statement = Statement(User.objects.filter(pk=me, username="alice", is_active=True).values_list("pk"))
    assert statement.sql.count("%s") == 1
