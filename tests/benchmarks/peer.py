"""A peer to be measured against: rdflib-endpoint over an Oxigraph store.

Run as `python -m benchmarks.peer STORE PORT`; it needs rdflib-endpoint, oxrdflib and uvicorn
(`pip install -e '.[bench]'`).
"""

from __future__ import annotations

import sys

import pyoxigraph as ox
import uvicorn
from oxrdflib import OxigraphStore
from rdflib import Dataset
from rdflib_endpoint import SparqlEndpoint


def main(store: str, port: int) -> None:
    """Serve the store in a folder, its default graph the union of all."""
    engine = OxigraphStore(store=ox.Store.read_only(store))
    app = SparqlEndpoint(graph=Dataset(store=engine, default_union=True), path="/sparql")
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
