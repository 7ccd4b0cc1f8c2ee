"""The young: careful defaults, what they may loosen, and what stays closed until they are older."""

from datetime import date

import pytest
import time_machine

from accounts import actions as accounts
from accounts.ages import is_teen
from privacy import actions, rules
from privacy.models import PrivacySettings
from privacy.rules import Audience, Deed, Relation, WhoMay
from socialapp.lib.errors import Invalid

BORN = date(2011, 6, 15)  # sixteen on 15 June 2027


@pytest.fixture
def teen(make_person):
    person = make_person("tess")
    with time_machine.travel("2026-11-22"):
        accounts.begin(person, birth_date=BORN)
        yield person


def openness(name, value):
    """How many relations a value lets in; for switches, whether it opens."""
    if name == "is_private":
        return not value
    if name.endswith("_audience"):
        deed = Deed.LIST if value in Audience.values and name != "message_audience" else Deed.DOWNLOAD
        return sum(rules.may(deed, value, relation) for relation in Relation.values)
    return value


@pytest.mark.parametrize("name", rules.TEENS)
def test_defaults_only_tighten_and_loosen_only_so_far(name):
    grown_up = PrivacySettings._meta.get_field(name).default
    default, loosest = rules.TEENS[name]
    assert openness(name, default) <= openness(name, loosest) <= openness(name, grown_up)


@pytest.mark.django_db
def test_a_teen_starts_closed(teen):
    assert {name: getattr(teen.privacy, name) for name in rules.TEENS} == rules.TEEN_DEFAULTS
    assert (teen.privacy.is_private, teen.privacy.findable) == (True, False)
    assert teen.privacy.message_audience == WhoMay.FRIENDS


@pytest.mark.django_db
def test_a_teen_may_loosen_each_to_its_bound(teen):
    actions.update_privacy(teen, **{name: loosest for name, (_default, loosest) in rules.TEENS.items()})
    assert teen.privacy.message_audience == WhoMay.FOLLOWING
    assert teen.privacy.is_private is False


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [("message_audience", "everyone"), ("download_audience", "everyone"), ("download_audience", "following")],
)
def test_beyond_it_a_sentence_says_when(teen, name, value):
    with pytest.raises(Invalid) as refusal:
        actions.update_privacy(teen, **{name: value, "findable": True})
    assert refusal.value.fields == {name: "You can open this further when you are 16."}
    teen.privacy.refresh_from_db()
    assert teen.privacy.findable is False
    with time_machine.travel("2027-06-15"):
        assert getattr(actions.update_privacy(teen, **{name: value}), name) == value


@pytest.mark.django_db
def test_what_was_open_before_stays_and_blocks_no_other_change(teen):
    PrivacySettings.objects.filter(person=teen).update(message_audience="everyone")
    changed = actions.update_privacy(teen, message_audience="everyone", findable=True)
    assert (changed.message_audience, changed.findable) == ("everyone", True)


def test_an_unknown_birth_date_is_no_teens():
    assert not is_teen(None)
