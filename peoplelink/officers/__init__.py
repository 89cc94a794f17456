"""People who sign in: accounts, roles, zone scope."""
