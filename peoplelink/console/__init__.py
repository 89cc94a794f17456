"""Pages that join packages: the officer's home and the public duty pages."""
