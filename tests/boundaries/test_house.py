"""The house rules that a machine can hold: who imports whom, what a skin may touch, what a file must say."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("privacy", "accounts", "videos", "messaging", "analytics")
SKINS = ("views", "api", "consumers", "tasks", "admin", "forms", "serializers", "urls", "api_urls")
MANAGERS = {"objects", "_default_manager", "_base_manager"}
RAW_SQL = {"raw", "cursor", "execute", "executemany", "extra"}


def sources(*folders):
    return [
        p for folder in folders for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts
    ]


def is_skin(path):
    """views.py, api.py, api_uploads.py, views/…: a skin by its own name or its package's."""
    names = {path.stem, path.parent.name}
    return bool(names & set(SKINS)) or path.stem.startswith(("api_", "views_"))


def forbidden_reads(source):
    """Attribute names in `source` by which a model is reached without asking the gate."""
    return [
        f"line {node.lineno}: .{node.attr}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS | RAW_SQL
    ]


SKIN_FILES = [p for p in sources(*APPS) if is_skin(p)]


@pytest.mark.parametrize("path", SKIN_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_skin_reaches_no_model_except_through_the_gate(path):
    assert forbidden_reads(path.read_text()) == []


@pytest.mark.parametrize(
    "leak",
    [
        "Video.objects.get(pk=1)",
        "Video._default_manager.all()",
        "connection.cursor()",
        "Video.objects.raw('x')",
    ],
)
def test_the_gate_test_sees_a_leak(leak):
    assert forbidden_reads(leak)


def test_every_app_has_skins_that_are_watched():
    assert {p.relative_to(ROOT).parts[0] for p in SKIN_FILES} == set(APPS)


def test_imports_point_down():
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_migrations_are_in_step_with_the_models(db):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_are_named_by_deed():
    unnamed = [
        p.name for app in APPS for p in (ROOT / app / "migrations").glob("0*.py") if "_auto_" in p.name
    ]
    assert unnamed == []


@pytest.mark.parametrize(
    "path",
    [p for p in sources("socialapp", *APPS) if p.read_text().strip()],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_a_module_opens_by_saying_what_lives_in_it(path):
    trivial = path.name in ("apps.py", "__init__.py", "manage.py")
    assert trivial or ast.get_docstring(ast.parse(path.read_text()))


def test_no_module_is_named_after_nothing():
    banned = {"utils", "helpers", "common", "services", "managers", "misc"}
    assert [p for p in sources("socialapp", *APPS) if p.stem in banned or p.parent.name in banned] == []


def tracked(*patterns):
    listed = subprocess.run(
        ["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    return [ROOT / name for name in listed if (ROOT / name).exists()]


def test_a_template_has_no_inline_handler_style_or_script():
    import re

    inline = re.compile(r"""\son[a-z]+=["']|\sstyle=["']|<script(?![^>]*(nonce|src)=)""")
    # E-mails are read by mail programs, which have no stylesheet but inline styles.
    pages = [p for p in tracked("templates/*.html", "templates/**/*.html") if "email" not in p.parts]
    found = [f"{p.relative_to(ROOT)}: {m.group()}" for p in pages for m in inline.finditer(p.read_text())]
    assert found == []


def test_a_page_template_stays_under_150_lines():
    assert [
        p.name
        for p in tracked("templates/*.html", "templates/**/*.html")
        if len(p.read_text().splitlines()) >= 150
    ] == []


def test_only_one_script_fetches():
    fetching = [
        p.name
        for p in tracked("static/js/*.js", "static/js/**/*.js")
        if "fetch(" in p.read_text() and p.name not in ("api.js", "sw.js")
    ]
    assert fetching == []


def test_no_file_holds_a_registry_address():
    needles = [
        b"pypi" + b".org",
        b"pythonhosted" + b".org",
        b"npmjs" + b".org",
        b"--index" + b"-url",
        b"extra-index" + b"-url",
    ]
    holders = [p.name for p in tracked() if p.is_file() and any(n in p.read_bytes() for n in needles if n)]
    allowed = {"Makefile", "test_house.py"}  # the Makefile says --no-emit-index-url, the opposite
    assert [name for name in holders if name not in allowed] == []


def test_every_package_the_product_runs_on_is_in_the_notices():
    import re

    lines = (ROOT / "requirements" / "base.in").read_text().splitlines()
    names = {re.split(r"[\[<>=; ]", line)[0] for line in lines if line and not line.startswith("#")}
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text()
    assert {name for name in names if name not in notices} == set()


@pytest.mark.xdist_group("one worker")
def test_tests_that_share_a_site_stay_with_one_worker(request):
    """pytest-xdist says so in the node's id. Where it cannot, each worker starts each site, and the suite takes twice as long."""
    if not hasattr(request.config, "workerinput"):
        pytest.skip("there is one process only")
    assert request.node.nodeid.endswith("@one worker")
