"""`make bench`: what the engine costs, each figure beside its bare counterpart in the same run.

A file a question; `__main__` asks them in turn. The servers are real (PostgreSQL, Valkey or Redis), the provider is a
stand-in in a process of its own that is several times as fast as anything that talks to it.
"""
