"""Write a migration from the models: `python bin/migration.py "what changes"`, or `--first` to make the first anew.

Until the first release there is one migration, made anew whenever the models change.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from peoplelink import schema
from peoplelink.db import make_engine

VERSIONS = schema.SCRIPTS / "versions"


def main(arguments: list[str]) -> None:
    first = arguments == ["--first"]
    if not arguments:
        sys.exit('Say what changes: python bin/migration.py "add a column", or --first')
    if first:
        (VERSIONS / "0001_first.py").unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        schema.upgrade(url)
        script = write("first" if first else arguments[0], url, batch=not first)
    tidy(script)
    print(f"Written: {script.name}")


def write(message: str, url: str, *, batch: bool) -> Path:
    number = f"{len(list(VERSIONS.glob('*.py'))) + 1:04}"
    config = schema.alembic_config()
    config.attributes["batch"] = batch
    with make_engine(url, pooled=False).connect() as connection:
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
