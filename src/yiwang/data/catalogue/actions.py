"""Everything that changes the catalogue; each leads through one module and is re-exported from it."""

from yiwang.data.catalogue._census import answer as answer
from yiwang.data.catalogue._census import open_census as open_census
from yiwang.data.catalogue._entries import register as register
from yiwang.data.catalogue._entries import retire as retire
from yiwang.data.catalogue._entries import revise as revise
from yiwang.data.catalogue._entries import save_system as save_system
from yiwang.data.catalogue._import import import_file as import_file
from yiwang.data.catalogue._listing import ask_listing as ask_listing
from yiwang.data.catalogue._listing import read_listing as read_listing
from yiwang.data.catalogue._publishing import publish as publish
from yiwang.data.catalogue._requests import claim as claim
from yiwang.data.catalogue._requests import demand as demand
from yiwang.data.catalogue._requests import propose as propose
