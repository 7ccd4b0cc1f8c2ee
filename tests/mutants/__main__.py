"""Delete every check of the access modules, one at a time, and see whether a test goes red: `python -m tests.mutants`.

`--quick` tries the gate of clips only; `--only videos.access` one module; `--lines 100-200` a part of it. Ends with 1 when
fewer than 95 % of the mutants die; those that nothing can see (equivalents.py) are named apart and not counted. Takes
some seconds a mutant on SQLite; the full form is meant for the night.
"""

import argparse
import importlib.util
import random
import sys
import time
from pathlib import Path

import pytest

from .equivalents import why_equivalent
from .mutations import mutants
from .runner import Runner

# Where the checks of each module are looked at. Without what starts servers, browsers or ffmpeg: too slow for a mutant.
RULES = """tests/privacy/test_restrict.py tests/privacy/test_mute_everywhere.py tests/privacy/test_rules_table.py
tests/privacy/test_as_others.py"""
TESTS = {
    "privacy.access": f"{RULES} tests/privacy/test_privacy.py tests/privacy/test_access.py tests/accounts/test_shut_out_lists.py",
    "privacy.moderation": """tests/privacy/test_decisions.py tests/privacy/test_appeals.py tests/privacy/test_status.py
tests/privacy/test_moderation.py tests/privacy/test_transparency.py tests/admin/test_queue.py tests/admin/test_deeds.py""",
    "accounts.access": f"""{RULES} tests/accounts/test_access.py tests/accounts/test_people.py tests/accounts/test_follow.py
tests/accounts/test_visibility_agrees.py tests/accounts/test_account.py tests/accounts/test_renames.py""",
    "videos.access": f"""{RULES} tests/privacy/test_access.py tests/videos/test_access.py tests/videos/test_standing.py
tests/videos/test_withheld.py tests/videos/test_remixing.py tests/videos/test_gate.py tests/videos/test_comment_visibility.py
tests/videos/test_comments.py tests/videos/test_comment_review.py tests/videos/test_collections.py tests/videos/test_likes.py
tests/videos/test_sounds.py tests/videos/test_suggestions.py tests/videos/test_video_api.py tests/videos/test_captions.py
tests/videos/test_holds.py tests/videos/test_feed.py""",
    "messaging.access": f"""{RULES} tests/messaging/test_access.py tests/messaging/test_access_rows.py
tests/messaging/test_permission.py
tests/messaging/test_notifications.py tests/messaging/test_sending.py tests/messaging/test_api.py""",
    "analytics.access": "tests/analytics/test_access.py tests/analytics/test_overview.py",
}
MODULES = list(TESTS)
QUICK = ["tests/videos/test_gate.py", "tests/videos/test_comment_visibility.py"]
QUICK_FUNCTIONS = {
    "visible_videos",
    "sees_video",
    "get_video",
    "own_videos",
    "videos_of",
    "likes_of",
    "sees_likes",
}
ENOUGH = 0.95


def _tests(modules: list[str]) -> list[str]:
    named = dict.fromkeys(test for module in modules for test in TESTS[module].split())
    return [test for test in named if Path(test).exists()]


def _files(name: str) -> list[tuple[str, Path]]:
    """The files of a module, or of a package's modules, with their names."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.origin:
        return []
    if not spec.submodule_search_locations:
        return [(name, Path(spec.origin))]
    parts = sorted(Path(spec.origin).parent.glob("*.py"))
    return [(f"{name}.{part.stem}", part) for part in parts if part.stem != "__init__"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", action="append", choices=MODULES)
    parser.add_argument("--lines", default="")
    parser.add_argument("--sample", type=int, default=0, help="so many of them, the same ones every time")
    parser.add_argument("--tests", nargs="*")
    options = parser.parse_args(arguments)
    modules = ["videos.access"] if options.quick else options.only or MODULES
    files = {part: str(file) for name in modules for part, file in _files(name)}
    found = [mutant for part, file in files.items() for mutant in mutants(part, Path(file))]
    if options.quick:
        found = [mutant for mutant in found if mutant.qualname in QUICK_FUNCTIONS]
    if options.lines:
        first, last = map(int, options.lines.split("-"))
        found = [mutant for mutant in found if first <= mutant.line <= last]
    if options.sample:
        found = sorted(random.Random(1).sample(found, min(options.sample, len(found))), key=str)
    equivalent = [mutant for mutant in found if why_equivalent(mutant)]
    found = [mutant for mutant in found if not why_equivalent(mutant)]
    tests = options.tests or (QUICK if options.quick else _tests(modules))
    began = time.monotonic()

    def report(number, verdict, mutant, by):
        print(
            f"{number:4}/{len(found)} {time.monotonic() - began:6.0f} s  {verdict:11} {mutant}  [{by}]",
            flush=True,
        )

    runner = Runner(found, files, report)
    code = pytest.main(["-q", "-n0", "-p", "no:cacheprovider", *tests], plugins=[runner])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        return 2
    missed = [*runner.survivors, *runner.unreached]
    share = len(runner.dead) / max(1, len(found))
    print(
        f"\n{len(found)} mutants, {len(runner.dead)} dead ({share:.1%}), {len(runner.survivors)} survive, "
        f"{len(runner.unreached)} not reached; {len(equivalent)} more are equivalent; {time.monotonic() - began:.0f} s"
    )
    for mutant in missed:
        print(f"  {mutant}")
    for mutant in equivalent:
        print(f"  equivalent: {mutant}: {why_equivalent(mutant)}")
    return 0 if share >= ENOUGH else 1


sys.exit(main(sys.argv[1:]))
