"""ASGI entry point: pages, API, uploads and the socket on one port."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialapp.settings")
application = get_asgi_application()
