"""WSGI entry point: pages and API when a proxy sends sockets and uploads elsewhere."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socialapp.settings")
application = get_wsgi_application()

from socialapp.checks import refuse_bad_configuration  # noqa: E402

refuse_bad_configuration()
