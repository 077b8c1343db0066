"""Every page of the citizen portal that crosses apps."""

from yiwang.portal.citizen.data_use import urlpatterns as data_use
from yiwang.portal.citizen.halls import urlpatterns as halls
from yiwang.portal.citizen.home import urlpatterns as home
from yiwang.portal.citizen.own_file import urlpatterns as own_file
from yiwang.portal.citizen.search import urlpatterns as search
from yiwang.portal.citizen.space import urlpatterns as space

urlpatterns = [*home, *search, *halls, *data_use, *own_file, *space]
