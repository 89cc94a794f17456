"""The preference centre: pages where residents change what they get, by a signed link and without a password."""
