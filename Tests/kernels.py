#!/usr/bin/env python3
"""Counts the kernels and copies a step that XLA makes of a gradient, for an NVIDIA GPU that need not be there.

    python3 Tests/kernels.py --ebb PROGRAM --plugin xla_cuda_plugin.so [--shape T,B,I,H] [CELL …]

The plugin is that of the package jax-cuda12-pjrt; it compiles for the description of an H200 below. With jax installed, an
LSTM's gradient is also counted as JAX makes it of three forms of the same equations: eight products a step (naive), the
weights of the four gates joined, and the inputs projected before the loop (hoisted). Exit status 1 if an LSTM takes more
than 12 kernels a step.
"""
import argparse
import ctypes
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

H200 = b"""gpu_device_info {
  threads_per_block_limit: 1024 threads_per_warp: 32 shared_memory_per_block: 49152 shared_memory_per_core: 233472
  threads_per_core_limit: 2048 core_count: 132 fpus_per_core: 128
  block_dim_limit_x: 2147483647 block_dim_limit_y: 65535 block_dim_limit_z: 65535
  memory_bandwidth: 4814000000000 l2_cache_size: 52428800 clock_rate_ghz: 1.98 device_memory_size: 150110011392
  shared_memory_per_block_optin: 232448 cuda_compute_capability { major: 9 minor: 0 }
  registers_per_core_limit: 65536 registers_per_block_limit: 65536
}
platform_name: "CUDA"
dnn_version_info { major: 9 minor: 8 }
device_description_str: "NVIDIA H200"
"""
# What is no kernel in a compiled module.
FREE = {"parameter", "tuple", "get-tuple-element", "constant", "bitcast", "while", "after-all", "opt-barrier", "async-done"}
CELLS = ["lstm", "gru", "gru-after", "peephole", "lnlstm", "slstm"]


def compile_module(plugin: str, module: str) -> None:
    """Compiles a module through PJRT's C interface, whose structs are arrays of words."""
    library = ctypes.CDLL(plugin)
    library.GetPjrtApi.restype = ctypes.c_void_p
    table = library.GetPjrtApi()
    kept = []

    def address(data: bytes) -> int:
        kept.append(ctypes.create_string_buffer(data, len(data)))
        return ctypes.addressof(kept[-1])

    def struct(*members: int) -> ctypes.Array:
        kept.append((ctypes.c_uint64 * (len(members) + 2))(8 * (len(members) + 2), 0, *members))
        return kept[-1]

    def call(place: int, words: ctypes.Array) -> None:
        entry = ctypes.c_void_p.from_address(table + 40 + 8 * place).value
        error = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(entry)(ctypes.addressof(words))
        if error:
            message = struct(error, 0, 0)
            call_message = ctypes.c_void_p.from_address(table + 48).value
            ctypes.CFUNCTYPE(None, ctypes.c_void_p)(call_message)(ctypes.addressof(message))
            raise RuntimeError(ctypes.string_at(message[3], message[4]).decode())

    def named(name: bytes, text: bytes) -> list[int]:
        return list(struct(address(name), len(name), 0, address(text), len(text)))

    call(3, struct())
    values = named(b"target_config", H200) + named(b"topology", b"1x1x1")
    settings = (ctypes.c_uint64 * len(values))(*values)
    topology = struct(address(b"cuda"), 4, ctypes.addressof(settings), 2, 0)
    call(82, topology)
    code = Path(module).read_bytes()
    program = struct(address(code), len(code), address(b"mlir"), 4)
    options = b"\x1a\x04\x20\x01\x28\x01"
    call(89, struct(topology[6], ctypes.addressof(program), address(options), len(options), 0, 0))


def kernels(plugin: str, module: Path) -> list[int]:
    """The kernels and copies of one round of each loop of a module."""
    with tempfile.TemporaryDirectory() as folder:
        flags = {"XLA_FLAGS": f"--xla_dump_to={folder} --xla_dump_hlo_as_text"}
        # What comes after the optimisation may need CUDA's own tools; it is not needed here.
        done = subprocess.run([sys.executable, __file__, "--compile", plugin, str(module)], env=os.environ | flags,
                              capture_output=True, text=True)
        found = list(Path(folder).glob("*gpu_after_optimizations.txt"))
        if not found:
            raise RuntimeError(done.stderr.strip()[-400:])
        return loops(found[0].read_text())


def operators(lines: str) -> list[tuple[str, str]]:
    found = []
    for line in lines.splitlines():
        line = re.sub(r"/\*.*?\*/", "", line)
        if " = " not in line:
            continue
        rest, depth = line.split(" = ", 1)[1], 0
        # After the type, which may be a list of types.
        for place, letter in enumerate(rest):
            depth += (letter in "([{") - (letter in ")]}")
            if letter == " " and depth == 0:
                found.append((re.match(r"[\w\-]+", rest[place + 1:])[0], line))
                break
    return found


def loops(text: str) -> list[int]:
    parts = dict(re.findall(r"^(?:ENTRY )?%?([\w.\-]+) \(.*?\) -> .*? \{\n(.*?)^\}", text, re.M | re.S))
    waiting, counts = [re.search(r"^ENTRY %?([\w.\-]+)", text, re.M)[1]], []
    while waiting:
        for word, line in operators(parts[waiting.pop(0)]):
            if word == "while":
                body = re.search(r"body=%?([\w.\-]+)", line)[1]
                counts.append(sum(1 for other, _ in operators(parts[body]) if other not in FREE))
                waiting.append(body)
            elif word == "call":
                waiting += re.findall(r"to_apply=%?([\w.\-]+)", line)
    return counts


def jax_forms(T: int, B: int, I: int, H: int) -> dict[str, str]:
    """The gradient of an LSTM as modules, of three forms of its equations."""
    import jax
    import jax.numpy as jnp

    gates = "ifgo"

    def cell(c, i, f, g, o):
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return jax.nn.sigmoid(o) * jnp.tanh(c), c

    def scanned(step, x):
        zeros = jnp.zeros((B, H))
        _, y = jax.lax.scan(lambda state, x: (lambda h, c: ((h, c), h))(*step(*state, x)), (zeros, zeros), x)
        return (y ** 2).mean()

    def naive(p, x):
        return scanned(lambda h, c, x: cell(c, *(x @ p["W" + k] + h @ p["R" + k] + p["b" + k] for k in gates)), x)

    def joined(p, x):
        return scanned(lambda h, c, x: cell(c, *jnp.split(jnp.concatenate([h, x], 1) @ p["W"] + p["b"], 4, 1)), x)

    def hoisted(p, x):
        return scanned(lambda h, c, z: cell(c, *jnp.split(z + h @ p["R"], 4, 1)), x @ p["W"] + p["b"])

    shape = lambda *dims: jax.ShapeDtypeStruct(dims, jnp.float32)
    single = {n + k: shape(*s) for k in gates for n, s in (("W", (I, H)), ("R", (H, H)), ("b", (H,)))}
    forms = {"naive": (naive, single), "joined": (joined, {"W": shape(H + I, 4 * H), "b": shape(4 * H)}),
             "hoisted": (hoisted, {"W": shape(I, 4 * H), "R": shape(H, 4 * H), "b": shape(4 * H)})}
    return {name: jax.jit(jax.value_and_grad(loss)).lower(p, shape(T, B, I)).as_text()
            for name, (loss, p) in forms.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cells", nargs="*", metavar="CELL", default=CELLS)
    parser.add_argument("--ebb")
    parser.add_argument("--plugin")
    parser.add_argument("--shape", default="100,64,256,256")
    parser.add_argument("--compile", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.compile:
        compile_module(*options.compile)
        return 0
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        module = Path(folder) / "module.mlir"
        for cell in options.cells:
            subprocess.run([options.ebb, "export", "--cell", cell, "--format", "stablehlo", "--gradient", "--shape",
                            options.shape, "-o", str(module), "--quiet"], check=True)
            counts = kernels(options.plugin, module)
            failed = failed or cell == "lstm" and sum(counts) > 12
            print(f"{cell}: {' + '.join(map(str, counts))} = {sum(counts)}", flush=True)
        try:
            forms = jax_forms(*map(int, options.shape.split(",")))
        except ImportError:
            forms = {}
        for name, text in forms.items():
            module.write_text(text)
            counts = kernels(options.plugin, module)
            print(f"lstm, JAX {name}: {' + '.join(map(str, counts))} = {sum(counts)}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
