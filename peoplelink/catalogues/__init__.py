"""Catalogues of words in other languages: who has checked them, and what is said until somebody has."""
