"""What the cells of Sources/Bench/bench_states.py, bench_memories.py and bench_sequences.py give in JAX, in Float64, for
Tests/Vectors/bench-outputs.json.

    PYTHON make_outputs.py          PYTHON has jax and numpy
"""
import json
import pathlib
import sys

import jax
import numpy

jax.config.update("jax_enable_x64", True)
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "Sources/Bench"))

from bench_memories import memory_cells  # noqa: E402
from bench_sequences import sequence_cells  # noqa: E402
from bench_states import state_cells  # noqa: E402

LENGTH, BATCH, FEATURES, UNITS = 5, 2, 4, 4
random = numpy.random.default_rng(1)
cases = []
for cell, (parameters, ways) in (state_cells() | memory_cells() | sequence_cells()).items():
    x = random.normal(size=(LENGTH, BATCH, FEATURES)).round(3)
    p = {
        name: (mean + (deviation or 0.1) * random.normal(size=shape)).round(3)
        for name, shape, mean, deviation in parameters(FEATURES, UNITS)
    }
    outputs = {peer: numpy.asarray(way(p, x)).ravel().tolist() for peer, way in ways.items()}
    values = {name: value.ravel().tolist() for name, value in p.items()} | {"x": x.ravel().tolist()}
    cases.append({"cell": cell, "values": values, "outputs": outputs})
result = {"length": LENGTH, "batch": BATCH, "features": FEATURES, "units": UNITS, "cases": cases}
(ROOT / "Tests/Vectors/bench-outputs.json").write_text(json.dumps(result) + "\n")
