"""The registry by which every app says what it keeps about people, and privacy's own entries.

A test walks every table of the project and fails on one that no app's `personal_data.py` registers. The export reads
`exported`; erasure reads `erased`.
"""

from dataclasses import dataclass
from typing import Literal

from django.apps import apps

Erasure = Literal["cascade", "null", "kept"]


@dataclass(frozen=True)
class Declaration:
    """What happens to a table's rows about a person."""

    label: str
    exported: bool  # is it in the person's download?
    erased: Erasure  # cascade: the rows go; null: the rows stay without the person; kept: they stay, for the reason `why`
    why: str


_declared: dict[str, Declaration] = {}


def register(app_label: str, model_name: str, *, exported: bool, erased: Erasure, why: str = "") -> None:
    """Declare a table. What is kept or left out of the download has to say why; raises ValueError otherwise."""
    if not why and (erased != "cascade" or not exported):
        raise ValueError(f"{app_label}.{model_name}: say why it is kept or not exported")
    label = apps.get_model(app_label, model_name)._meta.label
    _declared[label] = Declaration(label, exported, erased, why)


def declared() -> dict[str, Declaration]:
    """Every declaration by the model's label, e.g. "privacy.Block". Complete once each app's module is imported."""
    return dict(_declared)


register("privacy", "PrivacySettings", exported=True, erased="cascade")
register("privacy", "Block", exported=True, erased="cascade")
register("privacy", "Mute", exported=True, erased="cascade")
register(
    "privacy",
    "Report",
    exported=True,
    erased="null",
    why="Moderators need a report after its author has left; the author's name goes, reports about a person go with them.",
)
register(
    "privacy",
    "AuditEntry",
    exported=False,
    erased="null",
    why="Shows what was done when a deed is questioned; the actor's name goes. It may name other people, so no export.",
)
register("privacy", "Restriction", exported=True, erased="cascade")
register(
    "privacy",
    "BlockedTerm",
    exported=False,
    erased="null",
    why="A word of the site's rules, not about a person; who added it loses their name.",
)
register(
    "privacy",
    "Case",
    exported=False,
    erased="cascade",
    why="The moderators' work: what came of it is exported as Decision; who reported must not be told. Goes with its person.",
)
register("privacy", "Decision", exported=True, erased="cascade")
register("privacy", "Appeal", exported=True, erased="cascade")
register("privacy", "DataExport", exported=True, erased="cascade")
