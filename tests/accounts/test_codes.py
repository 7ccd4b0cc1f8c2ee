"""One-time codes that guard a deed: how they are sent, what they refuse, and how often."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from accounts import codes
from accounts.models import OneTimeCode
from socialapp.lib import sms
from socialapp.lib.errors import Forbidden, Invalid, TooMany, Unavailable

pytestmark = [pytest.mark.django_db, pytest.mark.engines]
DELETE = OneTimeCode.Purpose.DELETE


@pytest.fixture
def texts(monkeypatch):
    """The texts that went out, as (number, text)."""
    sent = []
    monkeypatch.setattr(sms, "send", lambda number, text: sent.append((number, text)))
    return sent


@pytest.fixture
def erin(make_person):
    person = make_person("erin")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    return person


def a_request(session="one", address="192.0.2.1"):
    return SimpleNamespace(
        session=SimpleNamespace(session_key=session), headers={}, META={"REMOTE_ADDR": address}
    )


def asked(person, **kwargs):
    """Send a code and read it in the mail."""
    mail.outbox.clear()
    codes.send_code(person, DELETE, request=a_request(**kwargs))
    return re.search(r"\b\d{6}\b", mail.outbox[0].body)[0]


def test_a_code_goes_to_the_confirmed_address_and_passes_once(erin):
    code = asked(erin)
    assert mail.outbox[0].to == ["erin@example.com"]
    codes.check_code(erin, DELETE, code, request=a_request())
    with pytest.raises(codes.WrongCode):
        codes.check_code(erin, DELETE, code, request=a_request())


def test_a_code_may_be_typed_with_spaces_as_phones_show_it(erin):
    code = asked(erin)
    codes.check_code(erin, DELETE, f" {code[:3]} {code[3:]}", request=a_request())


def test_a_code_is_kept_only_as_a_hash(erin):
    code = asked(erin)
    row = OneTimeCode.objects.values().get()
    assert code not in str(row)
    assert row["sent_to"] == "e•••@example.com"


def test_a_number_gets_a_text_where_no_address_is_confirmed(make_person, texts):
    fred = make_person("fred", phone="+33612345678", phone_verified_at=timezone.now())
    row = codes.send_code(fred, DELETE, request=a_request())
    number, text = texts[0]
    assert (number, row.sent_to) == ("+33612345678", "+33 •••• 78")
    assert re.search(r"#\d{6}$", text)


@pytest.mark.parametrize("phone", [None, "+33612345678"])
def test_nothing_confirmed_is_said_so(make_person, texts, phone):
    fred = make_person("fred", phone=phone)
    with pytest.raises(Invalid) as refusal:
        codes.send_code(fred, DELETE, request=a_request())
    assert refusal.value.code == "nowhere_to_send"
    assert not texts
    assert not mail.outbox


def test_three_wrong_tries_and_the_right_one_is_refused_too(erin):
    code = asked(erin)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _try in range(3):
        with pytest.raises(codes.WrongCode):
            codes.check_code(erin, DELETE, wrong, request=a_request())
    with pytest.raises(codes.WrongCode):
        codes.check_code(erin, DELETE, code, request=a_request())


def test_the_third_try_may_be_the_right_one(erin):
    code = asked(erin)
    for wrong in ("000000", "") if code != "000000" else ("111111", ""):
        with pytest.raises(codes.WrongCode):
            codes.check_code(erin, DELETE, wrong, request=a_request())
    codes.check_code(erin, DELETE, code, request=a_request())


def test_a_code_is_bound_to_the_log_in_that_asked(erin):
    code = asked(erin, session="one")
    with pytest.raises(codes.WrongCode):
        codes.check_code(erin, DELETE, code, request=a_request("another"))
    codes.check_code(erin, DELETE, code, request=a_request("one"))


def test_a_code_is_bound_to_its_person(erin, make_person):
    code = asked(erin)
    with pytest.raises(codes.WrongCode):
        codes.check_code(make_person("fred"), DELETE, code, request=a_request())


def test_a_code_holds_ten_minutes(erin):
    code = asked(erin)
    row = OneTimeCode.objects.get()
    assert timedelta(minutes=9) < row.expires_at - timezone.now() <= timedelta(minutes=10)
    OneTimeCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(codes.WrongCode):
        codes.check_code(erin, DELETE, code, request=a_request())


def test_a_new_code_voids_the_one_before(erin):
    first = asked(erin)
    second = asked(erin)
    if first != second:
        with pytest.raises(codes.WrongCode):
            codes.check_code(erin, DELETE, first, request=a_request())
    codes.check_code(erin, DELETE, second, request=a_request())


def test_without_a_log_in_there_is_no_code(erin):
    with pytest.raises(Forbidden):
        codes.send_code(erin, DELETE, request=a_request(session=None))


def test_codes_a_person_asks_for_are_capped(erin, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "code": "2/3600"}
    asked(erin)
    asked(erin)
    with pytest.raises(TooMany) as refusal:
        codes.send_code(erin, DELETE, request=a_request())
    assert 3500 < refusal.value.retry_after <= 3600


def test_guesses_are_capped_over_all_codes_of_a_person(erin, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "code_guess": "2/3600"}
    for _try in range(2):
        with pytest.raises(codes.WrongCode):
            codes.check_code(erin, DELETE, "123456", request=a_request())
    with pytest.raises(TooMany):
        codes.check_code(erin, DELETE, "123456", request=a_request())


def test_while_nothing_can_be_counted_no_code_is_sent_and_none_passes(erin, monkeypatch):
    import redis

    from socialapp.lib import caps

    code = asked(erin)

    class Away:
        def eval(self, *args):
            raise redis.ConnectionError

    monkeypatch.setattr(caps, "connection", Away)
    mail.outbox.clear()
    with pytest.raises(Unavailable):
        codes.send_code(erin, DELETE, request=a_request())
    with pytest.raises(Unavailable):
        codes.check_code(erin, DELETE, code, request=a_request())
    assert not mail.outbox


def test_old_codes_are_forgotten(erin):
    asked(erin)
    OneTimeCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert codes.forget_old_codes() == 1
