"""A moderator clears fifty cases by keyboard in a real browser: every person is told why, every act can be taken back, and two
moderators do not decide the same case."""

import json
import time
from collections import Counter

import pytest
from playwright.sync_api import expect

from tests.stack.running import embedded
from tests.stack.servers import wait_until

pytestmark = pytest.mark.e2e

SEED = """
from django.utils import timezone
from accounts.models import User
from socialapp.demo import seeding
from socialapp.demo.queue import seed_queue
from socialapp.demo.society import seed_people
seeding.seed(lambda *said: None, quick=True, workers=0)
for name in ("mod", "second"):
    User.objects.create_user(name, f"{name}@example.com", "demo-password", is_staff=True, is_superuser=True)
print("open cases:", seed_queue(seed_people(timezone.now(), crowd_size=12), timezone.now()))
"""
# As if nobody had decided anything yet.
FRESH = """
from messaging.models import Notification
from privacy.models import AuditEntry, Decision
for rows in (Decision, Notification, AuditEntry):
    rows.objects.all().delete()
"""
# Everything that an act may change, as it is now.
SNAPSHOT = """
import json
from accounts.models import User
from messaging.models import Message
from privacy.models import Case, Report
from videos.models import Comment, Sound, Video
def rows(table, *names):
    return [[str(value) for value in row] for row in table.objects.order_by("pk").values_list("pk", *names)]
print("SNAPSHOT " + json.dumps({
    "people": rows(User, "is_active", "is_limited", "suspended_until", "display_name", "bio", "avatar", "videos_count"),
    "clips": rows(Video, "state", "is_sensitive", "is_limited", "held_for", "comments_count"),
    "comments": rows(Comment, "held_for", "hidden_at", "removed_at"),
    "messages": rows(Message, "text", "removed_at"),
    "sounds": rows(Sound, "title", "uses_count"),
    "reports": rows(Report, "state"),
    "cases": rows(Case, "state", "severity", "reports_count"),
}))
"""
OUTCOME = """
import json
from collections import Counter
from messaging.models import Notification
from privacy.models import AuditEntry, Case, Decision, Report
decisions = list(Decision.objects.select_related("case"))
told = Notification.objects.filter(kind="moderation")
print("OUTCOME " + json.dumps({
    "open": Case.objects.filter(state="open").count(),
    "acts": Counter(d.act for d in decisions),
    "standing": sum(d.undone_at is None for d in decisions),
    "untold": [d.pk for d in decisions if d.act != "dismiss" and not told.filter(
        recipient=d.person_id, group_key__startswith=f"decision:{d.pk}:").exists()],
    "wordless": [d.pk for d in decisions if d.act != "dismiss" and not (d.statement and d.reason)],
    "unheard": [r.pk for r in Report.objects.all() if not Notification.objects.filter(
        kind="report_handled", recipient=r.reporter_id, group_key=f"report:{r.pk}").exists()],
    "unmailed": [d.pk for d in decisions if d.act != "dismiss" and not AuditEntry.objects.filter(
        verb="mail.statement", target_type="decision", target_id=d.pk).exists()],
    "audited": AuditEntry.objects.filter(verb__startswith="decide.").count(),
}))
"""


def printed(site, script, word):
    """What a script run on the site printed after `word`, as values."""
    lines = site.manage("shell", "-c", script).splitlines()
    return json.loads(next(line for line in lines if line.startswith(word)).removeprefix(word))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("queue")
    with embedded(folder, EMAIL_URL=f"filemail:///{folder}/mail") as site:
        assert "open cases: 50" in site.manage("shell", "-c", SEED)
        yield site


def is_wrong(said):
    """An error on the console, but not that a file of somebody who was just banned is gone: the desk asks for it anew."""
    return said.type == "error" and "/media/" not in said.location["url"]


def desk_of(site, chromium, name, path="/admin/moderation/"):
    context = chromium.new_context(base_url=site.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: page.errors.append(said.text) if is_wrong(said) else None)
    page.goto(f"/admin/login/?next={path}")
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", "demo-password")
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("[data-desk][data-shown]")
    return page


@pytest.fixture
def desk(site, chromium):
    page = desk_of(site, chromium, "mod")
    yield page
    page.context.close()


def ready(page):
    """Wait until the current case is whole; its id and the words of its line."""
    page.wait_for_function(
        """() => { const line = document.querySelector(".desk__line[aria-current]");
        return line && document.querySelector("[data-desk]").dataset.shown === line.closest("li").dataset.id }"""
    )
    line = page.locator(".desk__line[aria-current]")
    return line.locator("xpath=..").get_attribute("data-id"), line.inner_text()


def offered(page):
    return {
        button.get_attribute("data-act")
        for button in page.locator(".desk__act:not([disabled])").element_handles()
    }


ORDER = ["dismiss", "label", "restrict", "remove", "warn", "suspend", "ban"]


def verdict(words, on_offer, used):
    """What this moderator thinks: of the acts on offer the one used least so far, so that every act is used."""
    if "Something else" in words:
        return "dismiss"
    return min(on_offer, key=lambda act: (used[act], ORDER.index(act)))


def test_the_evidence_plays_in_place_and_what_may_hurt_stays_covered(desk):
    ready(desk)
    stage = desk.locator(".desk__stage")
    expect(stage).to_have_attribute("data-covered", "")
    assert desk.evaluate("document.querySelector('.desk__stage video').paused")
    desk.keyboard.press("v")
    expect(stage).not_to_have_attribute("data-covered", "")
    desk.wait_for_function("document.querySelector('.desk__stage video').currentTime > 0.2")
    assert "/media/" in desk.locator(".desk__stage video").get_attribute("src")
    desk.keyboard.press(" ")
    assert desk.evaluate("document.querySelector('.desk__stage video').paused")
    assert desk.locator(".desk__reports li").count() == 4
    assert desk.errors == []


def test_a_case_decided_meanwhile_says_so_and_nothing_is_done_twice(site, desk, chromium):
    case, _words = ready(desk)
    other = desk_of(site, chromium, "second", f"/admin/moderation/?case={case}")
    assert ready(other)[0] == case
    expect(other.locator("[data-other]")).to_contain_text("@mod has this open")
    other.keyboard.press("1")
    expect(other.locator("#toasts")).to_contain_text("Dismissed")
    desk.keyboard.press("4")
    desk.wait_for_selector("[data-confirm]:focus")
    desk.keyboard.press("Enter")
    expect(desk.locator("#toasts")).to_contain_text("Another moderator decided this case in the meantime")
    expect(desk.locator("#toasts")).to_contain_text("Dismissed, decided by @second")
    other.keyboard.press("u")
    expect(other.locator("#toasts")).to_contain_text("The case waits again")
    other.context.close()
    desk.reload()
    assert ready(desk)[0] == case
    expect(desk.locator("[data-count=cases]")).to_have_text("50")


def test_the_words_and_the_reason_can_be_changed_by_keyboard_and_escape_does_nothing(site, desk):
    case, _words = ready(desk)
    desk.keyboard.press("6")
    days = desk.locator("#desk-days")
    expect(days).to_have_value("3")
    expect(desk.locator("[data-statement]")).not_to_have_value("")
    desk.keyboard.press("Escape")
    expect(desk.locator(".desk__panel")).to_have_count(0)
    desk.keyboard.press("5")
    desk.wait_for_function("document.querySelector('[data-statement]').value !== ''")
    desk.keyboard.press("r")
    desk.keyboard.type("Uses")
    expect(desk.locator("[data-reason]")).to_have_value("rights")
    desk.wait_for_function("document.querySelector('[data-statement]').value.includes('permission')")
    desk.keyboard.press("Escape")
    desk.keyboard.press("5")
    desk.keyboard.press("e")
    desk.keyboard.press("ControlOrMeta+a")
    desk.keyboard.type("Please keep roofs out of it.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator("#toasts")).to_contain_text("@thrill.seeker is told why")
    said = f"""
from privacy.models import Decision
print("SAID " + __import__("json").dumps(list(Decision.objects.filter(case={case}).values_list("statement", flat=True))))
"""
    assert "Please keep roofs out of it." in printed(site, said, "SAID ")
    desk.keyboard.press("u")
    expect(desk.locator("#toasts")).to_contain_text("The case waits again")
    assert ready(desk)[0] == case


def test_words_that_come_late_do_not_stand_before_those_a_moderator_began_to_write(site, desk):
    ready(desk)
    asked = []
    desk.route("**/statement/?*", lambda route: asked.append(route))
    desk.keyboard.press("5")
    expect(desk.locator("[data-panel=warn]")).to_be_visible()
    desk.keyboard.press("e")
    desk.keyboard.press("ControlOrMeta+a")
    statement = desk.locator("[data-statement]")
    expect(statement).to_be_focused()
    expect(statement).to_have_value("")
    for _moment in range(200):
        if asked:
            break
        desk.wait_for_timeout(100)
    asked[0].continue_()
    expect(statement).not_to_have_value("")
    desk.keyboard.type("Please keep roofs out of it.")
    expect(statement).to_have_value("Please keep roofs out of it.")
    desk.unroute("**/statement/?*")
    desk.keyboard.press("Escape")


def test_fifty_cases_are_cleared_by_keyboard_and_every_act_is_taken_back(site, desk, artefacts):
    site.manage("shell", "-c", FRESH)
    before = printed(site, SNAPSHOT, "SNAPSHOT ")
    desk.reload()
    began, waits, used = time.monotonic(), [], Counter()
    for _number in range(50):
        case, words = ready(desk)
        act = verdict(words, offered(desk), used)
        used[act] += 1
        desk.keyboard.press(str(ORDER.index(act) + 1))
        if act != "dismiss":
            desk.wait_for_selector("[data-confirm]:focus")
            desk.keyboard.press("Enter")
        pressed = time.monotonic()
        desk.wait_for_function(
            """(id) => { const desk = document.querySelector("[data-desk]");
            return desk.hasAttribute("data-empty") || (desk.dataset.shown && desk.dataset.shown !== id) }""",
            arg=case,
        )
        waits.append(time.monotonic() - pressed)
    took = time.monotonic() - began
    expect(desk.locator(".desk__empty")).to_contain_text("The queue is empty")
    desk.wait_for_load_state("networkidle")
    desk.screenshot(path=artefacts / "moderation-queue-empty.png")
    waits.sort()
    figures = {
        "cases": 50,
        "seconds": round(took, 1),
        "next_case_ms": [round(1000 * w) for w in (waits[25], waits[47])],
    }
    (artefacts / "moderation-queue.json").write_text(json.dumps(figures))

    outcome = printed(site, OUTCOME, "OUTCOME ")
    assert outcome["open"] == 0
    assert sum(outcome["acts"].values()) == outcome["standing"] == outcome["audited"] == 50
    assert set(outcome["acts"]) == set(ORDER), "every act was used"
    assert (outcome["untold"], outcome["wordless"], outcome["unheard"]) == ([], [], [])
    wait_until(lambda: not printed(site, OUTCOME, "OUTCOME ")["unmailed"], "every e-mail", 60)
    assert desk.errors == []

    desk.click("a[data-tab=decisions]")
    taken_back = 0
    while taken_back < 50:
        ready(desk)
        row = desk.locator(".desk__line[aria-current]")
        desk.keyboard.press("u")
        expect(row).to_contain_text("taken back")
        taken_back += 1
        if taken_back < 50:
            desk.wait_for_function("document.querySelectorAll('.desk__line').length > 1")
            desk.keyboard.press("j")
    after = printed(site, SNAPSHOT, "SNAPSHOT ")
    for name in before:
        assert after[name] == before[name], name
    assert printed(site, OUTCOME, "OUTCOME ")["standing"] == 0


APPEAL = """
from accounts.models import User
from privacy import actions
from privacy.models import Case
second = User.objects.get(username="second")
for number, case in enumerate(Case.objects.filter(state="open", target_type="video", rule="").order_by("id")[:2]):
    decision = actions.decide(second, case, "remove", reason="spam")
    actions.appeal(decision.person, decision, f"Please look again, {number}.")
"""
ANSWERED = """
import json
from privacy.models import Appeal
from videos.models import Video
print("ANSWERED " + json.dumps([[a.state, a.answer, Video.objects.get(pk=a.decision.case.target_id).state]
    for a in Appeal.objects.order_by("id").select_related("decision__case")]))
"""


def test_appeals_are_answered_by_keyboard(site, desk):
    site.manage("shell", "-c", APPEAL)
    desk.goto("/admin/moderation/?tab=appeals")
    ready(desk)
    expect(desk.locator("[data-count=appeals]")).to_have_text("2")
    expect(desk.locator("[data-side]")).to_contain_text("Please look again, 0.")
    expect(desk.locator("[data-side]")).to_contain_text("A moderator removed your clip")
    desk.keyboard.press("1")
    desk.wait_for_selector("[data-confirm]:focus")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-count=appeals]")).to_have_text("1")
    ready(desk)
    desk.keyboard.press("2")
    desk.keyboard.press("Control+Enter")  # a refusal needs words
    expect(desk.locator("[data-count=appeals]")).to_have_text("1")
    desk.keyboard.type("The same clip is sold under five names.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".desk__empty")).to_contain_text("No appeals wait")
    assert printed(site, ANSWERED, "ANSWERED ") == [
        ["granted", "", "ready"],
        ["refused", "The same clip is sold under five names.", "removed"],
    ]
    assert desk.errors == []


def test_what_is_reported_meanwhile_joins_the_queue_without_a_reload(site, desk):
    ready(desk)
    count = desk.locator("[data-list] li").count()
    script = """
from accounts.models import User
from privacy import actions
actions.report(User.objects.get(username="bob"), "person", str(User.objects.get(username="late.show").pk), "minor")
"""
    site.manage("shell", "-c", script)
    expect(desk.locator("[data-list] li")).to_have_count(count + 1, timeout=40_000)


def test_the_desk_is_accessible_in_both_themes(site, desk):
    from axe_playwright_python.sync_playwright import Axe

    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme)
        ready(desk)
        desk.keyboard.press("5")
        desk.wait_for_selector("[data-confirm]:focus")
        found = Axe().run(desk, context=".desk").response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
        desk.keyboard.press("Escape")
