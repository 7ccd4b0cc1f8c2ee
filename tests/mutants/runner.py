"""A pytest plugin that runs the collected tests against each mutant, in a fork of this very process.

The database is made once. A fork puts the mutant's code into the function and runs the tests that reach the changed line,
the quickest first, until one fails. Which tests reach which line is found by one traced run before. A test that fails in
such a fork without any mutant too proves nothing and is left out.
"""

import importlib
import json
import os
import signal
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

SECONDS = 120  # for one mutant; what hangs is dead


class Runner:
    """`mutants` to try; afterwards `survivors`, `dead` (with the test that saw it) and `unreached`."""

    def __init__(self, mutants, files, report):
        self.mutants, self.files, self.report = mutants, files, report
        self.dead, self.survivors, self.unreached = [], [], []

    def pytest_collection_modifyitems(self, config, items):
        """Without what starts servers or empties the whole database after itself."""
        items[:] = [
            item
            for item in items
            if not {"live", "servers", "transactional_db", "page"} & set(item.fixturenames)
            and "chromium" not in item.nodeid
            and not any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
        ]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        from django.db import connections

        first = next(item for item in session.items if "django_db_setup" in item.fixturenames)
        # Makes the database and leaves it, but nothing else: what a fork finds standing would fail its first test.
        runtestprotocol(first, nextitem=session, log=False)
        connections.close_all()
        self.sound = {}
        reach, times = self._traced(session)
        best = defaultdict(list)  # the tests that saw earlier mutants of the same function
        for number, mutant in enumerate(self.mutants, 1):
            file = self.files[mutant.module]
            able = [item for item in session.items if [file, mutant.line] in reach.get(item.nodeid, ())]
            # A line inside a longer statement may have no event of its own.
            able = able or [i for i in session.items if [file, mutant.first_line] in reach.get(i.nodeid, ())]
            able.sort(key=lambda item: times[item.nodeid])
            known = best[mutant.module, mutant.qualname]
            able.sort(key=lambda item: item.nodeid not in known)
            if not able:
                self.unreached.append(mutant)
                self.report(number, "NOT REACHED", mutant, "")
                continue
            killer = self._killer(able, mutant)
            if killer is None:
                self.survivors.append(mutant)
                self.report(number, "SURVIVES", mutant, f"{len(able)} tests")
            else:
                self.dead.append((mutant, killer))
                if killer in times and killer not in known:
                    known.append(killer)
                self.report(number, "dies", mutant, killer)
        return True

    def _killer(self, able, mutant):
        """The name of the test that sees the mutant, and passes without it; None when there is none."""
        while True:
            able = [item for item in able if self.sound.get(item.nodeid, True)]
            killer = self._alone(lambda able=able: _first_failure(able, mutant), SECONDS)
            alone = [item for item in able if item.nodeid == killer]
            if not alone:
                return killer
            if killer not in self.sound:
                said = self._alone(lambda alone=alone: _first_failure(alone, None), SECONDS)
                self.sound[killer] = said is None
            if self.sound[killer]:
                return killer
            sys.stderr.write(f"fails alone without a mutant, left out: {killer}\n")

    def _traced(self, session):
        def run():
            reach, times = {}, {}
            watched = set(self.files.values())
            lines = set()

            def local(frame, event, argument):
                if event == "line":
                    lines.add((frame.f_code.co_filename, frame.f_lineno))
                return local

            def trace(frame, event, argument):
                if frame.f_code.co_filename in watched:
                    lines.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))
                    return local
                return None

            for position, item in enumerate(session.items):
                lines.clear()
                following = session.items[position + 1] if position + 1 < len(session.items) else item
                began = time.monotonic()
                sys.settrace(trace)
                reports = runtestprotocol(item, nextitem=following, log=False)
                sys.settrace(None)
                if any(report.failed for report in reports):
                    sys.stderr.write(f"fails without a mutant, left out: {item.nodeid}\n")
                elif lines:
                    reach[item.nodeid] = sorted(lines)
                    times[item.nodeid] = time.monotonic() - began
            return json.dumps([reach, times])

        answer = self._alone(run, 3600)
        if not answer:
            raise RuntimeError("the tests could not be traced")
        return json.loads(answer)

    def _alone(self, deed, seconds):
        """What `deed` says, from a fork; "time" when it takes too long, None when it says nothing."""
        with tempfile.NamedTemporaryFile("r", suffix=".mutant") as answer:
            child = os.fork()
            if child == 0:
                signal.alarm(seconds)
                try:
                    said = deed()
                    if said is not None:
                        Path(answer.name).write_text(said)
                except BaseException as problem:
                    Path(answer.name).write_text(repr(problem))
                finally:
                    os._exit(0)
            _pid, status = os.waitpid(child, 0)
            if os.WIFSIGNALED(status):
                return "time"
            return answer.read() or None


def _first_failure(items, mutant):
    if mutant is not None:
        owner = importlib.import_module(mutant.module)
        for name in mutant.qualname.split("."):
            owner = getattr(owner, name)
        owner.__code__ = mutant.code
    for position, item in enumerate(items):
        following = items[position + 1] if position + 1 < len(items) else item
        if any(report.failed for report in runtestprotocol(item, nextitem=following, log=False)):
            return item.nodeid
    return None
