"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from yiwang.site import heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.site.settings")
heap.grow()
application = get_wsgi_application()
