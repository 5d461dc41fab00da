#!/usr/bin/env python3
"""Times one training step of recurrent cells in PyTorch and JAX on the CPU, beside `ebb bench`.

    ebb bench --compare PYTHON          runs this with that interpreter, between two runs of its own
    PYTHON bench_peers.py --cells lstm,gru --shape 100,32,128,128

PYTHON is one that has torch, jax or both. Each time is a JSON object on a line of its own: cell, size, T, B, I, H,
peer, threads, ms (the median of the runs) and first_s (the first run, with what is compiled for it).

The work is the same everywhere: float32; inputs [T, B, I] from N(0, 1); zero initial states; the loss is the mean of the
squares of all outputs; its gradients go to every weight and every bias, not to the inputs.

    torch        torch.nn, where it has the cell; its GRU resets after the product, which saves a product a step
    torch-eager  the equations below in a Python loop
    jax          the equations below in lax.scan, differentiated and compiled by jax.jit
    jax-…        with jax: other ways to the same outputs, as an associative scan or a convolution by FFT

Cells with states of other kinds are in bench_states.py and bench_memories.py, for JAX alone, and networks that read whole
sequences in bench_sequences.py. A cell that is not known is left out.
"""
import argparse
import functools
import json
import os
import statistics
import time

if "state_cells" not in globals():  # `ebb bench` puts the text of those files before this one's.
    from bench_memories import MEMORIES, memory_cells
    from bench_sequences import SEQUENCES, sequence_cells, torch_sequence
    from bench_states import STATES, state_cells

# What gives the cells of each other file.
OTHERS = (
    dict.fromkeys(STATES, state_cells)
    | dict.fromkeys(MEMORIES, memory_cells)
    | dict.fromkeys(SEQUENCES, sequence_cells)
)

GATES = {"rnn": "h", "lstm": "ifco", "gru": "urc", "gru-after": "urcd", "peephole": "ifco", "mgu": "fc", "lnlstm": "ifco"}
SIZES = {
    "XS": (200, 1, 64, 64), "S": (100, 32, 128, 128), "M": (100, 64, 256, 256), "L": (50, 64, 512, 512),
    "LONG": (1000, 16, 64, 128),
}


def parameter_shapes(cell, features, units):
    """The name, the shape, the mean and the deviation of every parameter."""
    for gate in GATES[cell]:
        # Of the GRU that resets after the product, c sees only x and d only h.
        rows = {"c": features, "d": units}.get(gate, features + units) if cell == "gru-after" else features + units
        yield "W" + gate, (rows, units), 0, rows**-0.5
        yield "b" + gate, (units,), 0, 0.1
        if cell == "peephole" and gate != "c":
            yield "p" + gate, (units,), 0, 0.1
        if cell == "lnlstm":
            yield "s" + gate, (units,), 1, 0.1
    if cell == "lnlstm":
        yield "s", (units,), 1, 0.1
        yield "b", (units,), 0, 0.1


def step(cell, library, p, h, c, x):
    """(h, c) of the next step; cells without c pass it on. `library` has tanh, sigmoid, sqrt and join."""
    tanh, sigmoid, join = library.tanh, library.sigmoid, library.join

    def normalized(v):
        centred = v - v.mean(-1, keepdims=True)
        return centred / library.sqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)

    def affine(gate, rows):
        return rows @ p["W" + gate] + p["b" + gate]

    hx = join(h, x)
    if cell == "rnn":
        return tanh(affine("h", hx)), c
    if cell == "mgu":
        forget = sigmoid(affine("f", hx))
        return (1 - forget) * h + forget * tanh(affine("c", join(forget * h, x))), c
    if cell == "gru":
        update, reset = sigmoid(affine("u", hx)), sigmoid(affine("r", hx))
        return (1 - update) * h + update * tanh(affine("c", join(reset * h, x))), c
    if cell == "gru-after":
        update, reset = sigmoid(affine("u", hx)), sigmoid(affine("r", hx))
        return (1 - update) * tanh(affine("c", x) + reset * affine("d", h)) + update * h, c
    if cell == "lnlstm":
        i, f, g, o = (p["s" + gate] * normalized(hx @ p["W" + gate]) + p["b" + gate] for gate in "ifco")
    else:
        i, f, g, o = (affine(gate, hx) for gate in "ifco")
    if cell == "peephole":
        i, f = i + p["pi"] * c, f + p["pf"] * c
    c = sigmoid(f) * c + sigmoid(i) * tanh(g)
    if cell == "peephole":
        o = o + p["po"] * c
    return sigmoid(o) * tanh(p["s"] * normalized(c) + p["b"] if cell == "lnlstm" else c), c


def torch_step(peer, cell, length, batch, features, units, threads):
    """What runs one training step; None where torch.nn has no such cell."""
    if cell not in GATES and (cell not in SEQUENCES or peer != "torch"):
        return None
    import torch

    torch.set_num_threads(threads)
    x = torch.randn(length, batch, features)
    if cell in SEQUENCES:
        outputs, parameters = torch_sequence(cell, features, units)

        def run():
            for value in parameters:
                value.grad = None
            outputs(x).square().mean().backward()

        return run if outputs else None
    if peer == "torch":
        layers = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "gru-after": torch.nn.GRU}
        if cell not in layers:
            return None
        layer = layers[cell](features, units)

        def run():
            layer.zero_grad()
            layer(x)[0].square().mean().backward()

        return run

    class Library:
        tanh, sigmoid, sqrt = torch.tanh, torch.sigmoid, torch.sqrt
        join = staticmethod(lambda a, b: torch.cat((a, b), 1))

    p = {
        name: (mean + deviation * torch.randn(shape)).requires_grad_()
        for name, shape, mean, deviation in parameter_shapes(cell, features, units)
    }

    def run():
        for value in p.values():
            value.grad = None
        h = c = torch.zeros(batch, units)
        outputs = []
        for t in range(length):
            h, c = step(cell, Library, p, h, c, x[t])
            outputs.append(h)
        torch.stack(outputs).square().mean().backward()

    return run


def jax_steps(cell, length, batch, features, units):
    """What runs one training step, by the name of the peer."""
    import jax
    import jax.numpy as jnp

    class Library:
        tanh, sigmoid, sqrt = jnp.tanh, jax.nn.sigmoid, jnp.sqrt
        join = staticmethod(lambda a, b: jnp.concatenate((a, b), 1))

    def outputs(p, x):
        def body(state, x):
            h, c = step(cell, Library, p, *state, x)
            return (h, c), h

        zero = jnp.zeros((batch, units))
        return jax.lax.scan(body, (zero, zero), x)[1]

    parameters, ways = functools.partial(parameter_shapes, cell), {"jax": outputs}
    if cell in OTHERS:
        parameters, ways = OTHERS[cell]()[cell]
    keys = iter(jax.random.split(jax.random.key(0), 128))
    x = jax.random.normal(next(keys), (length, batch, features))
    p = {
        name: mean + deviation * jax.random.normal(next(keys), shape)
        for name, shape, mean, deviation in parameters(features, units)
    }

    def training(way):
        compiled = jax.jit(jax.value_and_grad(lambda p, x: jnp.square(way(p, x)).mean()))
        return lambda: jax.block_until_ready(compiled(p, x))

    return {peer: training(way) for peer, way in ways.items()}


def timed(run):
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", default="rnn,lstm,gru,peephole,mgu,lnlstm")
    parser.add_argument("--sizes", default="XS,S,M,L,LONG")
    parser.add_argument("--shape", help="T,B,I,H: one size of your own instead")
    parser.add_argument("--peers", default="torch,torch-eager,jax")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=7, help="timed runs of each, at least")
    parser.add_argument("--seconds", type=float, default=0, help="runs are added until so much time is measured")
    options = parser.parse_args()
    # Read by JAX's runtime and by OpenMP when they are loaded.
    threads = str(options.threads)
    os.environ.update(JAX_PLATFORMS="cpu", PJRT_NPROC=threads, OMP_NUM_THREADS=threads)
    if options.threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    sizes = {size: SIZES[size] for size in options.sizes.split(",")}
    if options.shape:
        sizes = {"custom": tuple(int(number) for number in options.shape.split(","))}
    for size, shape in sizes.items():
        for cell in options.cells.split(","):
            for peer in options.peers.split(",") if cell in GATES or cell in OTHERS else []:
                steps = jax_steps(cell, *shape) if peer == "jax" else {
                    peer: torch_step(peer, cell, *shape, options.threads)}
                for name, run in steps.items():
                    if run is None:
                        continue
                    first = timed(run)
                    run()
                    times = []
                    while len(times) < options.runs or sum(times) < options.seconds:
                        times.append(timed(run))
                    milliseconds = 1e3 * statistics.median(times)
                    line = {"cell": cell, "size": size} | dict(zip("TBIH", shape))
                    line |= {"peer": name, "threads": options.threads, "ms": round(milliseconds, 4)}
                    print(json.dumps(line | {"first_s": round(first, 3)}), flush=True)


if __name__ == "__main__":
    main()
