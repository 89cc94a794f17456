"""Residents: sign-up, consent, subscriptions, zones, topics and keywords."""
