"""Reads environment variables as settings need them, and names the variable that cannot be read.

Only form is judged here (a number is a number); whether values make sense together is `socialapp/checks.py`.
"""

import warnings
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


class Env(environ.Env):
    """`environ.Env` whose every failure is an ImproperlyConfigured that begins with the variable's name."""

    def get_value(self, var: str, cast: Any = None, *args: Any, **kwargs: Any) -> Any:
        try:
            value = super().get_value(var, cast, *args, **kwargs)
        except ValueError as error:
            wanted = "a whole number" if cast is int else "another kind of value"
            raise ImproperlyConfigured(
                f"{var}={self.ENVIRON.get(var)} cannot be used: {wanted} is needed."
            ) from error
        if cast is bool and self.ENVIRON.get(var, "0").strip().lower() not in (
            *self.BOOLEAN_TRUE_STRINGS,
            *FALSE,
        ):
            raise ImproperlyConfigured(f"{var}={self.ENVIRON[var]} cannot be used: say 1 or 0.")
        return value

    def db_url(self, var: str = "DATABASE_URL", *args: Any, **kwargs: Any) -> dict[str, Any]:
        shape = "postgres://user:password@host:5432/name, or nothing for SQLite in DATA_DIR"
        try:
            with warnings.catch_warnings(action="ignore"):  # what it would warn of, we refuse
                config: dict[str, Any] = super().db_url(var, *args, **kwargs)
            if config["ENGINE"].rpartition(".")[2] not in ("postgresql", "sqlite3"):
                raise ImproperlyConfigured("only PostgreSQL and SQLite are supported")
            if not config["NAME"]:
                raise ImproperlyConfigured("the database's name is missing")
        # The value holds a password, so it is not repeated.
        except (ValueError, KeyError, ImproperlyConfigured) as error:
            raise ImproperlyConfigured(
                f"{var} cannot be used ({_short(error)}). Its form is {shape}."
            ) from None
        return config

    db = db_url

    def email_url(self, var: str = "EMAIL_URL", *args: Any, **kwargs: Any) -> dict[str, Any]:
        shape = "smtp+tls://user:password@host:587 or consolemail://"
        try:
            config: dict[str, Any] = super().email_url(var, *args, **kwargs)
        except (ValueError, KeyError, ImproperlyConfigured) as error:
            raise ImproperlyConfigured(
                f"{var} cannot be used ({_short(error)}). Its form is {shape}."
            ) from None
        return config

    email = email_url

    def address(self, var: str, default: str = "") -> str:
        """A URL, as text. Its parts are judged by the checks; here only that it can be taken apart."""
        value: str = self(var, default=default)
        try:
            _port = urlsplit(value).port
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} cannot be used ({_short(error)}).") from None
        return value

    def choice(self, var: str, choices: Sequence[str], default: str) -> str:
        """One of a few words."""
        value: str = self(var, default=default)
        if value not in choices:
            known = ", ".join(choice or "nothing" for choice in choices)
            raise ImproperlyConfigured(f"{var}={value} cannot be used. Choose one of: {known}.")
        return value


FALSE = ("", "0", "false", "off", "no", "n")


def _short(error: Exception) -> str:
    """The first line of what a parser said, in lower case as a parenthesis wants it."""
    text = str(error).strip("'\"").partition("\n")[0].rstrip(".")
    return "it has no known scheme" if text == "ENGINE" else text[:1].lower() + text[1:]
