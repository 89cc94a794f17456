"""Gives an application that is there other parts: making one was a seventh of a run of all tests."""

from peoplelink.catalogues.drafts import Drafts
from peoplelink.inbound import webhooks


def give(app, runtime):
    """Let pages and webhooks work on these parts from now on; returns the application."""
    app.extensions["peoplelink"] = runtime
    app.jinja_env.globals["page_is_draft"] = Drafts(runtime.database).is_one
    app.wsgi_app.mounts[webhooks.PREFIX] = webhooks.make_app(runtime).wsgi_app
    return app
