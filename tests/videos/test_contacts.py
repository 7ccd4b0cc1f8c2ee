"""Contacts outside of the site: one's own, checked by their channel, each once."""

import pytest

from socialapp.lib.errors import Conflict, Invalid, NotFound, NotSignedIn
from videos import access, actions
from videos.actions import inviting
from videos.models import Contact, Invite

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("channel", "typed", "kept"),
    [
        ("whatsapp", "+33 6 12 34 56 78", "+33612345678"),
        ("sms", "0033 6 12 34 56 78", "+33612345678"),
        ("email", " Anna@Example.ORG ", "anna@example.org"),
        ("whatsapp", "", ""),
        ("telegram", "", ""),
        ("messenger", "", ""),
        ("copy", "", ""),
    ],
)
def test_a_contact_keeps_a_name_a_channel_and_the_address_that_the_channel_takes(cast, channel, typed, kept):
    made = actions.add_contact(cast.alice, "  Anna \n Berg ", channel, typed)
    assert (made.owner, made.name, made.channel, made.address) == (cast.alice, "Anna Berg", channel, kept)


@pytest.mark.parametrize(
    ("name", "channel", "address", "field"),
    [
        ("", "copy", "", "name"),
        ("\u200e \n", "copy", "", "name"),
        ("x" * 61, "copy", "", "name"),
        ("Anna", "pigeon", "", "channel"),
        ("Anna", "whatsapp", "0612345678", "address"),
        ("Anna", "sms", "+33 hello", "address"),
        ("Anna", "email", "anna", "address"),
        ("Anna", "email", "a" * 250 + "@example.org", "address"),
        ("Anna", "telegram", "@anna", "address"),
        ("Anna", "copy", "anna@example.org", "address"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence_for_its_field(cast, name, channel, address, field):
    if name == "\u200e \n":
        name = "\x07 \n"
    with pytest.raises(Invalid) as refused:
        actions.add_contact(cast.alice, name, channel, address)
    assert list(refused.value.fields) == [field]
    assert str(refused.value.message).endswith((".", "?"))


def test_the_same_name_or_address_comes_once_a_channel_and_person(cast):
    actions.add_contact(cast.alice, "Anna", "sms", "+33612345678")
    for name, address in (("ANNA", ""), ("Other", "+33 612345678")):
        with pytest.raises(Conflict, match="contact_exists"):
            actions.add_contact(cast.alice, name, "sms", address)
    actions.add_contact(cast.alice, "Anna", "whatsapp", "+33612345678")
    actions.add_contact(cast.bob, "Anna", "sms", "+33612345678")
    assert Contact.objects.count() == 3


def test_the_list_has_an_end(cast, monkeypatch):
    monkeypatch.setattr(inviting, "CONTACTS", 1)
    actions.add_contact(cast.alice, "Anna", "copy")
    with pytest.raises(Conflict, match="too_many_contacts"):
        actions.add_contact(cast.alice, "Bert", "copy")


def test_contacts_are_there_for_their_owner_alone(cast):
    made = actions.add_contact(cast.alice, "Anna", "copy")
    assert list(access.contacts_of(cast.alice)) == [made]
    assert access.get_contact(cast.alice, str(made.pk)) == made
    assert not access.contacts_of(cast.carol)
    for deed in (
        lambda: access.get_contact(cast.carol, made.pk),
        lambda: actions.change_contact(cast.mod, made, name="Mine"),
        lambda: actions.delete_contact(cast.carol, made),
    ):
        with pytest.raises(NotFound):
            deed()


def test_only_people_have_contacts(rf):
    from django.contrib.auth.models import AnonymousUser

    with pytest.raises(NotSignedIn):
        actions.add_contact(AnonymousUser(), "Anna", "copy")
    assert not access.contacts_of(AnonymousUser())


def test_another_channel_or_address_ends_the_open_invites_another_name_does_not(cast, make_video):
    clip = make_video(cast.alice)
    made = actions.add_contact(cast.alice, "Anna", "sms", "+33612345678")
    first = actions.create_invite(cast.alice, clip, made)
    made = actions.change_contact(cast.alice, made, name="Anna B.")
    assert Invite.objects.get(pk=first.pk).state == "waiting"
    made = actions.change_contact(cast.alice, made, address="+33612345679")
    assert Invite.objects.get(pk=first.pk).state == "revoked"
    second = actions.create_invite(cast.alice, clip, made)
    made = actions.change_contact(cast.alice, made, channel="email")
    assert (made.channel, made.address) == ("email", "")
    assert Invite.objects.get(pk=second.pk).state == "revoked"


def test_deleting_a_contact_ends_what_is_open_and_keeps_what_came_of_the_rest(cast, make_video):
    clip = make_video(cast.alice)
    made = actions.add_contact(cast.alice, "Anna", "copy")
    used = actions.create_invite(cast.alice, clip, made)
    actions.accept_invite(cast.dave, used.token)
    waiting = actions.create_invite(cast.alice, clip, made)
    actions.delete_contact(cast.alice, made)
    states = {row.pk: (row.state, row.contact) for row in Invite.objects.all()}
    assert states == {used.pk: ("following", None), waiting.pk: ("revoked", None)}
