"""The parts that every handler of the sandbox works with, under one name."""

from dataclasses import dataclass

from aiohttp import ClientSession, web

from peoplelink.sandbox.agenda import Agenda
from peoplelink.sandbox.arrivals import Arrivals
from peoplelink.sandbox.event_batches import EventBatches
from peoplelink.sandbox.faults import Faults
from peoplelink.sandbox.settings import Settings
from peoplelink.sandbox.state import State


@dataclass(frozen=True, slots=True)
class World:
    """Settings, memory, faults, what is to happen later, and the one HTTP session that posts webhooks."""

    settings: Settings
    state: State
    faults: Faults
    arrivals: Arrivals
    agenda: Agenda
    http: ClientSession
    events: EventBatches


WORLD: web.AppKey[World] = web.AppKey("world", World)
