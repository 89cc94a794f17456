"""What came and to whom it belongs: webhooks, routing, conversations."""
