"""Mutants that no test can tell from the code: (function, what is deleted) and why. Counted apart, and printed.

Only what gives the same answers by the same queries belongs here; what merely seems redundant is deleted instead.
"""

EQUIVALENT = {
    (
        "messaging.access.thread.cards_of",
        "and without m.video_id",
    ): "Django drops None from `pk__in` and asks nothing; the check saves only the building of that query",
    (
        "privacy.moderation.decision_by_token",
        "always row_id is not None",
    ): "Django answers `pk=None` with nothing, unasked; the check is for the types",
}


def why_equivalent(mutant) -> str:
    """The reason why nothing can see this mutant; empty for those that must die."""
    return EQUIVALENT.get((f"{mutant.module}.{mutant.qualname}", mutant.what), "")
