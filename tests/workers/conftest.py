import pytest

from tests.workers.stage import Stage


@pytest.fixture
def stage(databases, tmp_path):
    """An installation with nothing running but its servers and the sandbox."""
    url = databases.empty()
    made = Stage(tmp_path, url.replace("postgresql+psycopg", "postgresql"))
    yield made
    made.close()
    databases.drop(url)
