"""What a process holds: settings, database, bells, Redis, channels, listeners. Built once, passed as an argument."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from redis import Redis
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session

from peoplelink.channels.base import Channel
from peoplelink.channels.messages import Medium
from peoplelink.channels.sendgrid import SendGridChannel, SendGridSettings
from peoplelink.channels.twilio import TwilioChannel, TwilioSettings
from peoplelink.config import Config
from peoplelink.db import Database
from peoplelink.engines import JOB, Patience, make_engine
from peoplelink.jobs import Jobs, RqJobs
from peoplelink.quiet_hours import Hours

SettledListener = Callable[[Session, Mapping[int, Collection[int]], dt.datetime], None]
"""Called with the ids of dispatches of which rows moved, and for each those of the deliveries that there is news of.

What was only taken back before anybody sent it is no news: then there are no ids.
"""
OptedOutListener = Callable[[Session, int, str, dt.datetime], None]
"""Called with the id of an address that may not be written to any more, and how we know."""


FailingListener = Callable[[Session, frozenset[int], dt.datetime], None]
"""Called with the ids of dispatches that were paused because too many of their last messages failed."""


class NarrowedListener(Protocol):
    """Called with the ids of addresses that may be for fewer messages now, to take back what waits and is not wanted.

    `quiet` are the organisation's quiet hours.
    """

    def __call__(self, session: Session, address_ids: Collection[int], *, now: dt.datetime, quiet: Hours) -> object: ...


@dataclass
class Listeners:
    """What a layer learns is published to those above it; app.py registers them."""

    settled: list[SettledListener] = field(default_factory=list)
    opted_out: list[OptedOutListener] = field(default_factory=list)
    failing: list[FailingListener] = field(default_factory=list)
    narrowed: list[NarrowedListener] = field(default_factory=list)


@dataclass(frozen=True)
class Runtime:
    """The parts of one process. Tests construct it with parts of their own."""

    config: Config
    database: Database
    redis: Redis
    jobs: Jobs
    channels: Mapping[Medium, Channel]
    """Who sends, by medium."""
    twilio: TwilioChannel
    """Reads Twilio's webhooks."""
    sendgrid: SendGridChannel
    """Reads SendGrid's webhooks."""
    listeners: Listeners = field(default_factory=Listeners)


def build(config: Config, patience: Patience = JOB) -> Runtime:
    """The real parts for a configuration."""
    redis = Redis.from_url(
        config.redis_url,
        socket_connect_timeout=5,
        socket_timeout=30,
        health_check_interval=30,
        # The library's default of ten tries would hold a webhook for seconds: a bell not rung is rung by the sweeper.
        retry=Retry(ExponentialWithJitterBackoff(base=0.1, cap=0.5), 2),
    )
    jobs = RqJobs(redis)
    database = Database(make_engine(config.database_url, patience), ringer=jobs.ring, keys=config.keyring)
    twilio = TwilioChannel(twilio_settings(config))
    sendgrid = SendGridChannel(sendgrid_settings(config))
    return Runtime(
        config=config,
        database=database,
        redis=redis,
        jobs=jobs,
        channels={Medium.SMS: twilio, Medium.EMAIL: sendgrid},
        twilio=twilio,
        sendgrid=sendgrid,
    )


def twilio_settings(config: Config) -> TwilioSettings:
    """The part of the configuration that Twilio's channel needs."""
    return TwilioSettings(
        account_sid=config.twilio_account_sid,
        auth_token=config.twilio_auth_token,
        sender=config.twilio_from,
        messaging_service_sid=config.twilio_messaging_service_sid,
        base_url=config.twilio_base_url,
        public_url=config.public_url,
        timeout=config.timing.sms_timeout,
    )


def sendgrid_settings(config: Config) -> SendGridSettings:
    """The part of the configuration that SendGrid's channel needs."""
    return SendGridSettings(
        api_key=config.sendgrid_api_key,
        from_address=config.sendgrid_from,
        base_url=config.sendgrid_base_url,
        event_public_key=config.sendgrid_event_public_key,
        parse_public_key=config.sendgrid_parse_public_key,
        timeout=config.timing.email_timeout / 2,  # the channel gives a call up after twice that
    )
