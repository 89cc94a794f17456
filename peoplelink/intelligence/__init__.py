"""What is made of what came: reports, grades, notes."""
