"""Where views find the parts that `app.py` has joined."""

from collections.abc import Sequence
from typing import cast

from flask import Flask, current_app

from peoplelink.persons import Part
from peoplelink.rights import clocks, downloads

_NAME = "peoplelink.rights"


def join(app: Flask, all_: Sequence[Part]) -> None:
    """Give an application the parts of all packages, from the top layer down."""
    app.extensions[_NAME] = tuple(all_)
    app.jinja_env.filters.update(shown=downloads.shown, shown_day=clocks.shown_day)


def parts() -> Sequence[Part]:
    """Those of this application; for views only."""
    return cast(Sequence[Part], current_app.extensions[_NAME])
