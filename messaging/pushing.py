"""Sending what waits to be pushed: several browsers at once, each right asked again right before its push leaves.

The queue is actions/pushing.py, what is said is access/pushing.py, the protocol is push_service.py. Only this thread
talks to the database; the others encrypt and wait for push services.
"""

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from . import access, push_service
from .actions import pushing as queue
from .models import Push
from .push_service import Answer, Outcome, Target

log = logging.getLogger(__name__)

SOON = 60.0  # seconds: what is due in that time is waited for by a nudge of its own, the rest by the sweep


@dataclass
class _Errand:
    """One push under way to several browsers."""

    push: Push
    open: int = 0  # browsers that have not answered
    again: bool = False
    retry_after: int = 0


@dataclass
class _Round:
    """What is under way. At most settings.PUSHES_AT_ONCE answers are waited for at a time."""

    threads: ThreadPoolExecutor
    waiting: dict[Future[Answer], tuple[_Errand, int, str]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)  # push services that did not answer in this round
    sent: int = 0

    def make_room(self) -> None:
        """Wait for a free thread: what is asked after it is as it was a moment before the push leaves."""
        while len(self.waiting) >= settings.PUSHES_AT_ONCE:
            self.collect()

    def start(self, errand: _Errand, subscription: int, target: Target, body: bytes, tag: str) -> None:
        """Hand a push over. A service that just kept us waiting in vain is not asked again in this round."""
        if target.host in self.away:
            errand.again = True
            return
        urgent = errand.push.conversation_id is not None
        future = self.threads.submit(push_service.hand_over, target, body, tag=tag, urgent=urgent)
        self.waiting[future] = (errand, subscription, target.host)
        errand.open += 1

    def collect(self) -> None:
        """Wait for an answer, write down what came of it, and close the errands that are done."""
        done, _rest = wait(self.waiting, return_when=FIRST_COMPLETED)
        for future in done:
            errand, subscription, host = self.waiting.pop(future)
            answer = _answer(future)
            queue.note_answer(subscription, answer, errand.push)
            if answer.outcome is Outcome.LATER:
                errand.again = True
                errand.retry_after = max(errand.retry_after, answer.retry_after)
                if not answer.status:
                    self.away.add(host)
            errand.open -= 1
            if not errand.open:
                self.close(errand)

    def close(self, errand: _Errand) -> None:
        if errand.again:
            queue.retry_push(errand.push, errand.retry_after)
            return
        self.sent += bool(errand.push.reached)
        queue.finish_push(errand.push, sent=bool(errand.push.reached))


def _answer(future: Future[Answer]) -> Answer:
    try:
        return future.result()
    except Exception as error:  # one browser's broken keys must not keep the others waiting
        log.exception("push not made: %s", type(error).__name__)
        return Answer(Outcome.REFUSED)


def send_due(seconds: float = 30.0) -> int:
    """Send what is due for at most about `seconds`, then see that somebody is woken for what is due soon; how many left.

    Any number of workers may do so at the same time. Killed half-way, what was claimed is claimed anew when its lease is
    over, and goes to those browsers only that are not written down as having it.
    """
    queue.nudge_is_over()
    end = time.monotonic() + seconds
    with ThreadPoolExecutor(settings.PUSHES_AT_ONCE, thread_name_prefix="push") as threads:
        this = _Round(threads)
        while time.monotonic() < end and (push := queue.claim_push()) is not None:
            try:
                _begin(this, push)
            except Exception:  # one that cannot be made must not keep the others waiting
                log.exception("push %s not made", push.pk)
                queue.retry_push(push, 60)
        while this.waiting:
            this.collect()
    due = queue.next_due()
    if due is not None:
        wait_for = (due - timezone.now()).total_seconds()
        if wait_for < SOON:
            queue.nudge(max(0.5, wait_for))
    return this.sent


def _begin(this: _Round, push: Push) -> None:
    """Ask whether and when; then for each browser, when its turn has come, whether it still listens and what is said now."""
    person = push.person
    if not person.is_active or queue.is_too_old(push):
        queue.finish_push(push, sent=False)
        return
    until = access.push_quiet_until(person)
    if until is not None:
        queue.postpone_push(push, until)
        return
    errand = _Errand(push, open=1)  # our own, so that it is not closed before all are on their way
    for subscription_id in access.browsers_of(person, but=push.reached):
        this.make_room()
        row = access.living_subscription(person, subscription_id)
        if row is None:
            queue.forget_subscription(subscription_id)
            continue
        payload = access.push_payload(person, push)
        if payload is None:
            break
        this.start(errand, row.pk, queue.target(row), access.encoded(payload), payload["tag"])
    errand.open -= 1
    if not errand.open:
        this.close(errand)
