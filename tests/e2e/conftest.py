"""A real browser for the stories: Debian's chromium driven by Playwright, and where its pictures go."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --autoplay-policy=no-user-gesture-required"
).split()
ARTEFACTS = Path(os.environ.get("ARTEFACTS", Path(__file__).resolve().parents[2] / "artifacts"))


@pytest.fixture(scope="module")  # not longer: its event loop would run on below other tests of this process
def chromium():
    assert Path(CHROMIUM).exists(), "install Debian's chromium (make test does where it runs as root)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def artefacts():
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return ARTEFACTS
