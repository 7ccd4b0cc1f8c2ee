"""Whoever is logged in is looked up by id at each request: the same person as by any other query, and nobody else's."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import User

pytestmark = pytest.mark.django_db


def columns(person):
    return {field.attname: getattr(person, field.attname) for field in User._meta.concrete_fields}


@pytest.mark.engines
def test_a_person_by_id_is_the_person_by_any_query(cast, django_assert_num_queries):
    User.objects.filter(pk=cast.alice.pk).update(
        phone="+33612345678", interests=["food"], avatar="avatars/a.webp"
    )
    with django_assert_num_queries(1):
        found = User.objects.get(pk=cast.alice.pk)
        assert columns(found) == columns(found)
    assert columns(found) == columns(User.objects.filter(username="alice").get())
    found.save()
    assert columns(found) == columns(User.objects.filter(username="alice").get())


def test_nobody_by_an_id_that_nobody_has(cast):
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=1)


def test_a_relation_still_looks_at_its_own_people(cast):
    group = Group.objects.create(name="readers")
    group.user_set.add(cast.bob)
    assert group.user_set.get(pk=cast.bob.pk) == cast.bob
    with pytest.raises(User.DoesNotExist):
        group.user_set.get(pk=cast.alice.pk)


def test_what_changed_is_read_anew(cast):
    User.objects.get(pk=cast.alice.pk)
    User.objects.filter(pk=cast.alice.pk).update(username="renamed")
    assert User.objects.get(pk=cast.alice.pk).username == "renamed"
