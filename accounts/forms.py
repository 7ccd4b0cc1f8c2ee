"""Forms of people: shapes and sentences only; what is saved is decided in actions."""

from django import forms


class SignupForm(forms.Form):
    """What sign-up asks beyond allauth's own fields (replaced by the people room)."""

    def signup(self, request, user) -> None:  # type: ignore[no-untyped-def]
        pass
