"""The web application, for a WSGI server: `gunicorn wsgi:app`. Refuses to start with a setting missing."""

from peoplelink.app import app_from_env

app = app_from_env()
