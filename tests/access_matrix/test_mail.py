"""E-mails: each goes to the person it is about, and says nothing of what others keep to themselves."""

from django.core import mail

from privacy.models import Decision

from .secrets_kept import PEOPLE


def kind_of(secrets, address):
    return next((k for k, p in secrets.people.items() if p is not None and p.email == address), "stranger")


def test_asking_for_a_password_tells_nobody_anything(secrets, browser):
    """The mail goes to the address that was typed; the page says the same whether or not anybody has it."""
    keeper = secrets.owners["keeper"]
    pages = []
    for address in (keeper.email, "nobody@example.com"):
        answer = browser.post("/accounts/password/reset/", {"email": address}, follow=True)
        pages.append(answer.redirect_chain)
    assert pages[0] == pages[1]
    for kind in PEOPLE:
        browser.post("/accounts/password/reset/", {"email": secrets.people[kind].email})
    assert mail.outbox
    for letter in mail.outbox:
        text = f"{letter.subject}\n{letter.body}\n{letter.alternatives}"
        if letter.to != [keeper.email] and letter.to != ["nobody@example.com"]:
            assert secrets.found(kind_of(secrets, letter.to[0]), text) == []
        assert len(letter.to) == 1
        assert not letter.cc
        assert not letter.bcc


def test_a_statement_of_reasons_goes_to_its_person_only(secrets):
    from privacy.tasks import mail_decisions

    keeper = secrets.owners["keeper"]
    mail.outbox.clear()
    mail_decisions()
    about = {row.person.email for row in Decision.objects.select_related("person")}
    assert {address for letter in mail.outbox for address in letter.to} <= about
    for letter in mail.outbox:
        assert letter.to == [keeper.email]
        own = ("statement of reasons", "excerpt of a decision")
        others = [what for what in secrets.found("stranger", letter.body) if what not in own]
        assert [what for what in others if "public" not in what] == []
