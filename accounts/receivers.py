"""What accounts does when another app tells it something. Connected by apps.py."""
