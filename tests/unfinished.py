"""While packages are still landing: a runtime and an application of those that are there. Goes when app.py imports."""

import importlib

from flask import Flask

BLUEPRINTS = (
    "console.views", "officers.views", "subscribers.views", "broadcasts.views",
    "inbound.views", "inbound.webhooks", "intelligence.views",
)  # fmt: skip


def make_runtime(config, *, pooled):
    try:
        from peoplelink import app  # noqa: PLC0415
    except ImportError:
        from peoplelink.runtime import build  # noqa: PLC0415

        parts = build(config, pooled=pooled)
        for package, name, listeners in (
            ("subscribers", "opted_out", parts.listeners.opted_out),
            ("broadcasts", "settled", parts.listeners.settled),
        ):
            listener = found(f"{package}.services", name)
            if listener:
                listeners.append(listener)
        return parts
    return app.make_runtime(config, pooled=pooled)


def create_app(runtime):
    try:
        from peoplelink import app  # noqa: PLC0415
    except ImportError:
        from peoplelink import web  # noqa: PLC0415

        made = Flask("peoplelink")
        web.set_up(made, runtime)
        set_up = found("officers.signing_in", "set_up")
        if set_up:
            set_up(made)
        found("console.look", "set_up")(made)
        for module in BLUEPRINTS:
            blueprint = found(module, "blueprint")
            if blueprint:
                made.register_blueprint(blueprint)
                if module == "inbound.webhooks":
                    web.csrf.exempt(blueprint)
        return made
    return app.create_app(runtime)


def found(module, name):
    try:
        return getattr(importlib.import_module(f"peoplelink.{module}"), name, None)
    except ImportError:
        return None
