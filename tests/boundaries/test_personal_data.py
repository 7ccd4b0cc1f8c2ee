"""Every table that exists is declared: exported, erased or kept, and why."""

import importlib

import pytest
from django.apps import apps

from privacy import personal_data

for app in ("privacy", "accounts", "videos", "messaging", "analytics"):
    importlib.import_module(f"{app}.personal_data")

MODELS = [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
def test_a_model_is_declared(model):
    declaration = personal_data.declared().get(model._meta.label)
    assert declaration is not None, f"{model._meta.label} is in no app's personal_data.py"
    assert declaration.why or declaration.erased != "kept", "what is kept needs a reason"


def test_nothing_is_declared_that_does_not_exist():
    assert set(personal_data.declared()) <= {
        m._meta.label for m in apps.get_models(include_auto_created=True)
    }
