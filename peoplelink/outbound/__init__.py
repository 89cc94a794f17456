"""Messages to addresses, whatever the reason: release, claim, pace, send, advance, sweep."""
