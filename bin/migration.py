"""Begin a migration from what the models say and the migrations do not: `python bin/migration.py "what changes"`.

A migration that has landed is never rewritten: somebody's data stands on it. What Alembic does not see (a CHECK with a
new value, a column that needs a first value) is written in by hand; tests/test_migrations.py tells when it is missing.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from peoplelink import schema
from peoplelink.db import opened

VERSIONS = schema.SCRIPTS / "versions"


def main(arguments: list[str]) -> None:
    if not any(arguments):
        sys.exit('Say what changes: python bin/migration.py "add a column"')
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        schema.upgrade(url)
        script = write(arguments[0], url)
    tidy(script)
    print(f"Written: {script.name}")


def write(message: str, url: str) -> Path:
    number = f"{len(list(VERSIONS.glob('*.py'))) + 1:04}"
    config = schema.alembic_config()
    with opened(url) as database, database.engine.connect() as connection:
        config.attributes["connection"] = connection
        made = command.revision(config, message, autogenerate=True, rev_id=number)
    script = made[0] if isinstance(made, list) else made
    assert script
    return Path(script.path)


def tidy(script: Path) -> None:
    lines = [line for line in script.read_text().splitlines(keepends=True) if "# ###" not in line]
    script.write_text("".join(lines))
    for arguments in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *arguments, script], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
