"""Adapters to the providers: one file a provider, free of Flask, the database and Redis."""
