"""Residents' rights over what is held about them, and how long it is kept. Each package registers its part."""
