"""One embedded and one composed site for the tests of this folder."""

import pytest

from tests.stack import running, servers


@pytest.fixture(scope="session")
def embedded_site(tmp_path_factory):
    with running.embedded(tmp_path_factory.mktemp("up"), prepared=False) as site:
        yield site


@pytest.fixture(scope="session")
def composed_site(tmp_path_factory):
    missing = servers.missing_for_compose()
    if missing:
        pytest.skip(f"not installed here: {missing}")
    with running.compose(tmp_path_factory.mktemp("compose")) as site:
        yield site
