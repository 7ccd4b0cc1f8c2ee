"""Bad configuration refuses to start, naming the setting; the defaults and a sensible deployment are accepted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.checks import ERROR

from socialapp import checks
from socialapp.checks import check_configuration, check_ffmpeg, is_loopback

ROOT = Path(__file__).resolve().parents[2]
DEPLOYED = {
    "SECRET_KEY": "kkbR7nOQkyZ1nT5oTzXoYw0h3nDq8vK4mL2pS6uW9xA",
    "MEDIA_SECRET": "",
    "BASE_URL": "https://clips.example.org",
    "ALLOWED_HOSTS": ["clips.example.org", "127.0.0.1"],
    "HOST": "127.0.0.1",
    "DEBUG": False,
    "REDIS_URL": "redis://broker:6379/0",
    "STORAGE_URL": "s3://key:secret@store/bucket",
    "EMAIL_CONFIG": {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"},
    "EMAIL_VERIFICATION": "mandatory",
    "SMS_URL": "twilio://sid:token@api.example.com/+15550001111",
    "TRUSTED_PROXIES": ["10.0.0.0/8"],
}
CONSOLE = {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


@pytest.fixture
def deployed(settings):
    for name, value in DEPLOYED.items():
        setattr(settings, name, value)
    return settings


def refusals():
    return [message.msg for message in check_configuration(None) if message.level >= ERROR]


def test_a_sensible_deployment_is_accepted(deployed):
    assert refusals() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("MEDIA_SECRET", "with $ and quotes \"';{}" + "x" * 20),
        ("ALLOWED_HOSTS", []),
        ("ALLOWED_HOSTS", ["clips.example.org", "*"]),
        ("BASE_URL", "clips.example.org"),
        ("BASE_URL", "https://clips.example.org/path"),
        ("BASE_URL", "https://other.example.org"),
        ("DEBUG", True),
        ("MEDIA_BASE_URL", "media.example.org"),
        ("TRUSTED_PROXIES", ["the proxy"]),
        ("TRUSTED_PROXIES", ["0.0.0.0/0"]),
        ("METRICS_FROM", ["::/0"]),
        ("REDIS_URL", "http://broker:6379"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "unix:///" + "long/" * 30 + "redis.sock?db=0"),
        ("STORAGE_URL", "gopher://files"),
        ("STORAGE_URL", "file://srv/files"),
        ("STORAGE_URL", "s3://bucket"),
        ("SEARCH_URL", "https://search.example.org:9200"),
        ("SEARCH_URL", "opensearch://"),
        ("SMS_URL", "pigeon://coop"),
        ("SMS_URL", "webhook+http://sms.example.org/send"),
        ("SMS_URL", "twilio://"),
        ("SMS_URL", "twilio://api.example.com/+15550001111"),
        ("SMS_URL", "twilio://sid:token@api.example.com"),
        ("SMS_URL", "webhook+https://"),
        ("PORT", 70_000),
        ("MAX_CLIP_SECONDS", 0),
        ("MAX_UPLOAD_MB", -1),
        ("MINIMUM_AGE", 500),
        ("RATE_LIMITS", {"follow": "often"}),
    ],
)
def test_bad_values_are_refused_by_name(deployed, name, value):
    setattr(deployed, name, value)
    found = refusals()
    assert found, f"{name}={value} was accepted"
    assert any(
        name in sentence or (name == "REDIS_URL" and "socket path" in sentence) for sentence in found
    ), found


def test_listening_beyond_this_machine_needs_the_names_of_the_site(deployed):
    deployed.HOST, deployed.ALLOWED_HOSTS, deployed.BASE_URL = (
        "0.0.0.0",
        ["127.0.0.1"],
        "http://127.0.0.1:8000",
    )
    assert any("HOST=0.0.0.0" in sentence and "ALLOWED_HOSTS" in sentence for sentence in refusals())


def test_mandatory_verification_needs_a_mail_server(deployed):
    deployed.EMAIL_CONFIG = CONSOLE
    assert any("EMAIL_URL" in sentence for sentence in refusals())
    deployed.EMAIL_VERIFICATION = "optional"
    assert refusals() == []


def test_unprotected_http_on_a_public_name_is_noted(deployed):
    deployed.BASE_URL = "http://clips.example.org"
    assert [message.id for message in check_configuration(None)] == ["socialapp.W014"]


@pytest.mark.parametrize("scheme", ["opensearch", "opensearch+http"])
def test_a_search_cluster_needs_its_client(deployed, monkeypatch, scheme):
    deployed.SEARCH_URL = f"{scheme}://user:topsecret@search.example.org:9200/clips"
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    [sentence] = refusals()
    assert "SEARCH_URL" in sentence
    assert "requirements/opensearch.txt" in sentence
    assert "topsecret" not in sentence
    monkeypatch.setattr(checks, "find_spec", lambda name: object())
    assert refusals() == []


def test_an_ffmpeg_that_is_not_there_is_refused(settings, monkeypatch):
    from socialapp.lib import ffmpeg

    settings.FFMPEG_BINARY = "/nowhere/ffmpeg"
    ffmpeg.binary.cache_clear()
    try:
        assert "FFMPEG_BINARY" in check_ffmpeg(None)[0].msg
    finally:
        ffmpeg.binary.cache_clear()


def test_an_ffmpeg_with_known_holes_is_refused(monkeypatch):
    from socialapp.lib import ffmpeg

    monkeypatch.setattr(ffmpeg, "version", lambda path: (4, 2))
    assert "too old" in check_ffmpeg(None)[0].msg


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("[::1]", True), ("::1", True), ("clips.localhost", True),
     ("0.0.0.0", False), ("::", False), ("192.168.1.4", False), ("example.org", False), ("localhost.example.org", False)],
)  # fmt: skip
def test_what_counts_as_this_machine(host, loopback):
    assert is_loopback(host) is loopback


def manage(tmp_path, *arguments, **settings):
    """manage.py in a process of its own, with these settings and none of this test run's."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = {**kept, "DATA_DIR": str(tmp_path / "data"), **settings}
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    "given",
    [
        {"PORT": "eight"},
        {"DEBUG": "perhaps"},
        {"DEMO": "some"},
        {"LOG_LEVEL": "LOUD"},
        {"EMAIL_VERIFICATION": "maybe"},
        {"EMAIL_URL": "pigeon://coop"},
        {"DATABASE_URL": "nonsense"},
        {"DATABASE_URL": "mysql://u:p@h/db"},
        {"DATABASE_URL": "postgres://u:topsecret@h"},
        {"STORAGE_URL": "s3://key:secret@host:port/bucket"},
        {"SENTRY_DSN": "nonsense"},
    ],
    ids=lambda given: "=".join(*given.items()),
)
def test_what_cannot_be_read_is_refused_in_one_sentence(tmp_path, given):
    code, said = manage(tmp_path, "check", **given)
    assert code == 1
    assert said.startswith(f"Not started: {next(iter(given))}"), said
    assert "Traceback" not in said
    assert "topsecret" not in said


def test_a_deployment_without_a_secret_is_refused(tmp_path):
    code, said = manage(
        tmp_path,
        "check",
        DATABASE_URL="postgres://u:p@127.0.0.1:1/x",
        ALLOWED_HOSTS="127.0.0.1",
        EMAIL_VERIFICATION="optional",
    )
    assert code == 1
    assert "SECRET_KEY" in said
    assert "Traceback" not in said


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    code, said = manage(tmp_path, "check", DATA_DIR=str(tmp_path / "file" / "data"))
    assert code == 1
    assert said.startswith("Not started: DATA_DIR=")


def test_the_entry_points_refuse_too(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "MAX_UPLOAD_MB": "0"}
    done = subprocess.run(
        [sys.executable, "-c", "import socialapp.wsgi"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "MAX_UPLOAD_MB=0" in done.stderr
