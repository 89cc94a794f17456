"""The whole story, played through HTTP only by made-up residents and an officer, and every number checked."""
