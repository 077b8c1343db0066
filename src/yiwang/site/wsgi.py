"""The WSGI application that gunicorn serves."""

import os

from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import reset_queries

from yiwang.site import heap

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.site.settings")
heap.grow()
application = get_wsgi_application()
# They look after every request for logged statements and caches elsewhere; there are none.
request_started.disconnect(reset_queries)
request_finished.disconnect(close_caches)
