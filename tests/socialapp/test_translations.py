"""Catalogues are compiled to what gettext reads: plurals, contexts, several lines; never what is fuzzy or untranslated."""

import gettext
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socialapp.translations import compile_all, compiled, messages

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
CATALOGUE = (
    HEADER
    + """
#: accounts/views.py:3
msgid "Follow"
msgstr "Suivre"

#, fuzzy
msgid "Unfollow"
msgstr "Suivre plus"

msgid "Untranslated"
msgstr ""

msgctxt "noun"
msgid "Like"
msgstr "J’aime"

msgid "%(n)s clip"
msgid_plural "%(n)s clips"
msgstr[0] "%(n)s vidéo"
msgstr[1] "%(n)s vidéos"

msgid ""
"Two "
"lines\\n"
msgstr ""
"Deux "
"lignes\\n"

#~ msgid "Gone"
#~ msgstr "Parti"
"""
)


def read(tmp_path, text):
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(text, encoding="utf-8")
    assert compile_all(tmp_path) == 1
    with (folder / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def test_what_is_translated_is_found(tmp_path):
    french = read(tmp_path, CATALOGUE)
    assert french.gettext("Follow") == "Suivre"
    assert french.pgettext("noun", "Like") == "J’aime"
    assert french.gettext("Two lines\n") == "Deux lignes\n"
    assert french.ngettext("%(n)s clip", "%(n)s clips", 1) == "%(n)s vidéo"
    assert french.ngettext("%(n)s clip", "%(n)s clips", 2) == "%(n)s vidéos"


@pytest.mark.parametrize("text", ["Unfollow", "Untranslated", "Gone"])
def test_what_is_not_translated_stays_as_it_was(tmp_path, text):
    assert read(tmp_path, CATALOGUE).gettext(text) == text


def test_only_what_changed_is_compiled_again(tmp_path):
    read(tmp_path, CATALOGUE)
    assert compile_all(tmp_path) == 0
    source = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert compile_all(tmp_path) == 1


def test_a_broken_catalogue_says_where():
    with pytest.raises(ValueError, match="line 2"):
        list(messages('msgid "a"\nmsgstr "b'))


@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda text: "\0" not in text and "\x04" not in text), st.text(min_size=1)
    )
)
def test_any_text_survives(catalogue):
    import io

    catalogue = {key: value for key, value in catalogue.items() if "\0" not in value}
    header = {"": "Content-Type: text/plain; charset=UTF-8\n"}
    found = gettext.GNUTranslations(io.BytesIO(compiled(header | catalogue)))
    assert all(found.gettext(key) == value for key, value in catalogue.items())
