"""The benches, one function each."""

from yiwang.demo.bench._cases import run as cases
from yiwang.demo.bench._catalogue import run as catalogue
from yiwang.demo.bench._entities import entity_figures as entities
from yiwang.demo.bench._ingest import run as ingest
from yiwang.demo.bench._quality import quality_figures as quality
from yiwang.demo.bench._registries import run as registries
from yiwang.demo.bench._rules import run as rules
from yiwang.demo.bench._scans import run as scans
from yiwang.demo.bench._tickets import run as tickets
from yiwang.demo.bench._trust import PARTS as TRUST

__all__ = ["TRUST", "cases", "catalogue", "entities", "ingest", "quality", "registries", "rules", "scans", "tickets"]
