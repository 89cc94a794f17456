"""`peoplelink`, put together from its groups; each module beside this one holds a subject."""

import click

from peoplelink.cli import processes
from peoplelink.cli.database import db
from peoplelink.cli.importing import import_list
from peoplelink.cli.lanes import lane, queue
from peoplelink.cli.officers import officer
from peoplelink.cli.poster import poster
from peoplelink.cli.proofs import proof
from peoplelink.cli.restored import restored
from peoplelink.cli.retention import retention
from peoplelink.demo.command import main as demo_command
from peoplelink.sandbox.command import main as sandbox_command


@click.group()
@click.version_option(package_name="peoplelink")
def main() -> None:
    """People Link: texts and emails for the People Zones, and what residents answer."""


for one in (
    processes.run,
    processes.web,
    processes.worker,
    processes.scheduler,
    processes.examine,
    queue,
    restored,
    retention,
    poster,
    import_list,
):
    main.add_command(one)
for group in (db, lane, officer, proof):
    main.add_command(group)
main.add_command(sandbox_command, "sandbox")
main.add_command(demo_command, "demo")
