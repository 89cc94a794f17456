"""`peoplelink sandbox`: starts the stand-in. Every setting is a flag with the environment behind it."""

import asyncio
import signal
from functools import partial
from pathlib import Path

import click
import uvloop

from peoplelink.errors import InvalidInputError
from peoplelink.sandbox.faults import FaultPlan, read_plan
from peoplelink.sandbox.server import start
from peoplelink.sandbox.settings import POOL_NUMBER, Settings
from peoplelink.sandbox.signing import load_private


def _read_fault(pairs: tuple[str, ...]) -> FaultPlan:
    changes: dict[str, object] = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if name == "only_to":
            changes[name] = value.split(",")
            continue
        try:
            changes[name] = float(value or 1)
        except ValueError as err:
            raise click.UsageError(f"--fault {name}: {value!r} is not a number.") from err
    try:
        return read_plan(changes)
    except InvalidInputError as err:
        raise click.UsageError(str(err)) from err


_setting = partial(click.option, show_envvar=True)


@click.command("sandbox")
@_setting("--port", type=int, default=8001, show_default=True, help="0 takes a free one.")
@_setting("--host", default="127.0.0.1", show_default=True)
@_setting("--account-sid", envvar="TWILIO_ACCOUNT_SID", required=True)
@_setting("--auth-token", envvar="TWILIO_AUTH_TOKEN", required=True)
@_setting("--number", envvar="TWILIO_FROM", help="Our number; one of Ofcom's fictional ones if left out.")
@_setting("--messaging-service-sid", envvar="TWILIO_MESSAGING_SERVICE_SID")
@_setting("--keywords", envvar="TWILIO_KEYWORDS", type=click.Choice(["default", "advanced", "off"]), default="default")
@_setting("--sendgrid-api-key", envvar="SENDGRID_API_KEY", required=True)
@_setting("--event-private-key", envvar="SANDBOX_EVENT_PRIVATE_KEY", required=True, help="P-256, PEM or base64.")
@_setting("--parse-private-key", envvar="SANDBOX_PARSE_PRIVATE_KEY", required=True, help="P-256, PEM or base64.")
@_setting("--public-url", envvar="PEOPLELINK_PUBLIC_URL", required=True, help="Where the app listens.")
@_setting("--inbound-domain", envvar="PEOPLELINK_INBOUND_DOMAIN", required=True)
@_setting("--journal", envvar="SANDBOX_JOURNAL", type=click.Path(path_type=Path, dir_okay=False))
@_setting("--step-ms", envvar="SANDBOX_STEP_MS", type=int, default=30, help="Between two statuses of a message.")
@_setting("--event-batch-ms", envvar="SANDBOX_EVENT_BATCH_MS", type=int, default=200)
@_setting("--retry-ms", envvar="SANDBOX_RETRY_MS", type=int, default=500, help="First pause; it doubles.")
@_setting("--concurrency", envvar="SANDBOX_CONCURRENCY", type=int, default=32, help="Webhooks in flight.")
@_setting("--inbound-fragment", envvar="SANDBOX_INBOUND_FRAGMENT", default="rc=5&rp=all", show_default=True)
@_setting("--keep-requests", envvar="SANDBOX_KEEP_REQUESTS", is_flag=True, help="Remember them all: it costs memory.")
@_setting("--fault", "faults", multiple=True, help="name=value, as in POST /sandbox/faults; may be repeated.")
def main(
    *,
    port: int,
    host: str,
    account_sid: str,
    auth_token: str,
    number: str | None,
    messaging_service_sid: str | None,
    keywords: str,
    sendgrid_api_key: str,
    event_private_key: str,
    parse_private_key: str,
    public_url: str,
    inbound_domain: str,
    journal: Path | None,
    step_ms: int,
    event_batch_ms: int,
    retry_ms: int,
    concurrency: int,
    inbound_fragment: str,
    keep_requests: bool,
    faults: tuple[str, ...],
) -> None:
    """Play Twilio and SendGrid on this machine, with a handset page to play a resident."""
    try:
        event_key, parse_key = load_private(event_private_key), load_private(parse_private_key)
    except InvalidInputError as err:
        raise click.UsageError(str(err)) from err
    settings = Settings(
        account_sid=account_sid,
        auth_token=auth_token,
        number=number or POOL_NUMBER,
        service_sid=messaging_service_sid or None,
        keywords=keywords,
        api_key=sendgrid_api_key,
        event_key=event_key,
        parse_key=parse_key,
        public_url=public_url.rstrip("/"),
        inbound_domain=inbound_domain,
        host=host,
        port=port,
        journal=journal,
        step_ms=step_ms,
        event_batch_ms=event_batch_ms,
        retry_ms=retry_ms,
        concurrency=concurrency,
        inbound_fragment=inbound_fragment,
        keep_requests=keep_requests,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, _read_fault(faults)))


async def _serve(settings: Settings, plan: FaultPlan) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        runner, port = await start(settings, plan)
    except OSError as err:
        raise click.ClickException(
            f"Port {settings.port} on {settings.host} cannot be used: {err.strerror}. Choose another with --port."
        ) from err
    click.echo(f"sandbox listening on http://{settings.host}:{port}")
    try:
        await stop.wait()
    finally:
        await runner.cleanup()
