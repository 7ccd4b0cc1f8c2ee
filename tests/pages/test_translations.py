"""The French catalogues: whole, in step with the sources, with every placeholder in place; and pages that speak French.

The sources are read here without GNU gettext. To bring the catalogues in step, from the repository's root:

    python manage.py makemessages -l fr --no-location --no-obsolete -i .venv -i data -i tests -i artifacts
    python manage.py makemessages -l fr -d djangojs --no-location --no-obsolete -i .venv -i data -i tests -i artifacts
"""

import ast
import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from socialapp.translations import compile_all, messages

CATALOGUES = settings.BASE_DIR / "locale" / "fr" / "LC_MESSAGES"
DOMAINS = ("django", "djangojs")
APPS = ("accounts", "analytics", "messaging", "privacy", "socialapp", "videos")
# Which arguments of a call are context, text and plural.
CALLS = {"gettext": "t", "ngettext": "tp", "pgettext": "ct", "npgettext": "ctp"}
CALL = re.compile(r"(?<![\w.])(n?p?gettext|_)\(\s*(?=[\"'`])")
LITERAL = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`", re.DOTALL)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w*\}|<[^>]+>|`[^`]+`")


def blocks(domain):
    """The entries of a catalogue as they are written, without its header and what is out of use."""
    text = (CATALOGUES / f"{domain}.po").read_text(encoding="utf-8")
    return [block for block in text.split("\n\n")[1:] if re.search(r"^msgid ", block, re.MULTILINE)]


def translated(domain):
    text = (CATALOGUES / f"{domain}.po").read_text(encoding="utf-8")
    return {key: value for key, value in messages(text) if key}


def known(domain):
    """(context, text) of every entry; of a plural one the singular."""
    found = set()
    for key in translated(domain):
        context, _mark, text = key.rpartition("\x04")
        found.add((context, text.split("\0")[0]))
    return found


def entry(name, arguments):
    """(context, text) of a gettext call; None for another call or one without literals."""
    given = dict(
        zip(CALLS.get(name.removesuffix("_lazy").removesuffix("_noop"), ""), arguments, strict=False)
    )
    return (given.get("c", ""), given["t"]) if given.get("t") else None


def from_python(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
            yield entry(
                "gettext" if name == "_" else name, [value for value in values if isinstance(value, str)]
            )


def from_text(text):
    for call in CALL.finditer(text):
        arguments, place = [], call.end()
        while found := LITERAL.match(text, place):
            literal = found[0]
            arguments.append(literal[1:-1] if literal[0] == "`" else ast.literal_eval(literal))
            place = found.end() + len(re.match(r"[\s,]*", text[found.end() :])[0])
        yield entry("gettext" if call[1] == "_" else call[1], arguments)


def sources(domain):
    """(where, entry) of each text to translate."""
    root = settings.BASE_DIR
    if domain == "djangojs":
        files = [
            (path, from_text(path.read_text(encoding="utf-8"))) for path in (root / "static").rglob("*.js")
        ]
    else:
        modules = [
            path for app in APPS for path in (root / app).rglob("*.py") if "migrations" not in path.parts
        ]
        templates = [path for path in (root / "templates").rglob("*") if path.suffix in (".html", ".txt")]
        files = [
            (path, from_python(path)) for path in modules if not path.name.endswith((".html.py", ".txt.py"))
        ]
        files += [(path, from_text(templatize(path.read_text(encoding="utf-8")))) for path in templates]
    return [(str(path.relative_to(root)), one) for path, found in files for one in found if one]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_entry_is_translated_and_none_is_fuzzy(domain):
    assert len(blocks(domain)) > 100
    assert [block for block in blocks(domain) if not list(messages(block))] == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_placeholders_are_the_same_in_both_languages(domain):
    wrong = []
    for key, value in translated(domain).items():
        *singular, last = key.rpartition("\x04")[2].split("\0")
        *first, final = value.split("\0")
        allowed = {name for text in (*singular, last) for name in PLACEHOLDER.findall(text)}
        if set(PLACEHOLDER.findall(final)) != set(PLACEHOLDER.findall(last)):
            wrong.append((key, value))
        if not allowed.issuperset(name for text in first for name in PLACEHOLDER.findall(text)):
            wrong.append((key, value))
    assert wrong == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_text_of_the_sources_is_in_the_catalogue(domain):
    found, there = sources(domain), known(domain)
    assert len(found) > 100
    assert sorted({(where, one) for where, one in found if one not in there}) == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_french_is_set_as_french_is_printed(domain):
    """No line breaks before high punctuation, guillemets and the apostrophe of print."""
    assert [
        value
        for value in translated(domain).values()
        if re.search(r" [:;?!»]|« |['\"…]| %(?![(sd])", re.sub(r"<[^>]+>", "", value))  # but in tags
    ] == []


def test_both_forms_of_a_number():
    for domain in DOMAINS:
        for key, value in translated(domain).items():
            assert value.count("\0") == key.count("\0"), key


@pytest.fixture
def french(settings, tmp_path):
    """The catalogues as the site compiles them, whether or not this copy of the sources was ever started."""
    folder = tmp_path / "locale" / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    for domain in DOMAINS:
        shutil.copy(CATALOGUES / f"{domain}.po", folder)
    assert compile_all(Path(tmp_path)) == 2
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return settings


def test_a_text_with_and_without_a_plural_is_found_both_ways(french):
    with translation.override("fr"):
        assert translation.gettext("Follower") == "Abonné"
        assert translation.ngettext("Follower", "Followers", 0) == "Abonné"
        assert translation.ngettext("Follower", "Followers", 2) == "Abonnés"


@pytest.mark.django_db
def test_a_page_speaks_the_language_of_the_browser(french, browser):
    assert "Pour vous" in browser.get("/", headers={"accept-language": "fr"}).content.decode()
    assert "Pour vous" not in browser.get("/", headers={"accept-language": "en"}).content.decode()
    assert "Clip suivant" in browser.get("/jsi18n/", headers={"accept-language": "fr"}).content.decode()


@pytest.mark.django_db
def test_a_page_speaks_the_language_of_the_settings(french, browser, make_person):
    page = browser.as_(make_person("ann"))
    page.post("/settings/profile/", {"display_name": "Ann", "language": "fr"})
    response = page.get("/", headers={"accept-language": "en"})
    assert "Pour vous" in response.content.decode()
    assert response["Content-Language"] == "fr"
    assert "Réglages" in page.get("/settings/profile/").content.decode()


@pytest.mark.django_db
def test_a_refusal_of_the_interface_speaks_french_too(french, browser, make_person):
    page = browser.as_(make_person("ann"))
    answer = page.post("/api/v1/users/ann/follow/", headers={"accept-language": "fr"})
    assert "Vous ne pouvez pas vous suivre vous-même." in answer.content.decode()
