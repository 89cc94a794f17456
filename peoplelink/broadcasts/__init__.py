"""What officers say to many: compose, audience, release, progress."""
