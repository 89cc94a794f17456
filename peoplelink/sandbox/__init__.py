"""A stand-in for Twilio and SendGrid that speaks their HTTP, with a handset page."""
