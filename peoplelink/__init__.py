"""People Link: a community messaging gateway for a Police and Crime Commissioner's office."""
