#!/usr/bin/env python3
"""Counts the kernels and copies a step that XLA makes of a gradient, for a device that need not be there.

    python3 Tests/kernels.py --ebb PROGRAM --plugin xla_cuda_plugin.so|libtpu.so [--shape T,B,I,H] [CELL …]

The plugin of the package jax-cuda12-pjrt compiles for the description of an H200 below, that of libtpu for a TPU v5e. With
jax installed, the same gradient is also counted as JAX makes it of three forms of the same equations: a product for each
gate and operand (naive), the weights of the gates joined, and the inputs projected before the loop (hoisted). Exit status 1
if an LSTM takes more than 12 kernels a step on the H200, or a cell not fewer than the best of the three forms there.
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
# On a TPU a loop's index is counted by the scalar unit.
SCALAR = re.compile(r"= (s32|pred)\[\]")
# Those of the library that `ebb bench` times, and three as a user writes them.
CELLS = ["lstm", "gru", "gru-after", "peephole", "slstm", "lnlstm", "README.md#Ebb", "Examples/Equations/gated.md#CFN",
         "Examples/Equations/gated.md#UGRNN"]


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
    if is_tpu(plugin):
        topology = struct(address(b"v5e:1x1"), 7, 0, 0, 0)
    else:
        values = named(b"target_config", H200) + named(b"topology", b"1x1x1")
        settings = (ctypes.c_uint64 * len(values))(*values)
        topology = struct(address(b"cuda"), 4, ctypes.addressof(settings), 2, 0)
    call(82, topology)
    code = Path(module).read_bytes()
    program = struct(address(code), len(code), address(b"mlir"), 4)
    options = b"\x1a\x04\x20\x01\x28\x01"
    call(89, struct(topology[6], ctypes.addressof(program), address(options), len(options), 0, 0))
    sys.stdout.flush()
    os._exit(0)


def is_tpu(plugin: str) -> bool:
    return "tpu" in Path(plugin).name


def kernels(plugin: str, module: Path) -> list[int]:
    """The kernels and copies of one round of each loop of a module."""
    with tempfile.TemporaryDirectory() as folder:
        # Without the last, the plugin of a TPU waits for a server that knows the machine.
        flags = {"XLA_FLAGS": f"--xla_dump_to={folder} --xla_dump_hlo_as_text", "TPU_SKIP_MDS_QUERY": "1"}
        # What comes after the optimisation may need CUDA's own tools; it is not needed here.
        done = subprocess.run([sys.executable, __file__, "--compile", plugin, str(module)], env=os.environ | flags,
                              capture_output=True, text=True)
        names = "*after_optimizations_before_buffer*.txt" if is_tpu(plugin) else "*gpu_after_optimizations.txt"
        found = list(Path(folder).glob(names))
        if not found:
            raise RuntimeError(done.stderr.strip()[-400:])
        return loops(found[0].read_text(), is_tpu(plugin))


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


def loops(text: str, on_tpu: bool) -> list[int]:
    parts = dict(re.findall(r"^(?:ENTRY )?%?([\w.\-]+) \(.*?\) -> .*? \{\n(.*?)^\}", text, re.M | re.S))
    waiting, counts = [re.search(r"^ENTRY %?([\w.\-]+)", text, re.M)[1]], []
    while waiting:
        for word, line in operators(parts[waiting.pop(0)]):
            if word == "while":
                body = re.search(r"body=%?([\w.\-]+)", line)[1]
                counts.append(sum(1 for other, line in operators(parts[body])
                                  if other not in FREE and not (on_tpu and SCALAR.search(line))))
                waiting.append(body)
            elif word == "call":
                waiting += re.findall(r"to_apply=%?([\w.\-]+)", line)
    return counts


def jax_forms(cell: str, T: int, B: int, I: int, H: int) -> dict[str, str]:
    """The gradient of a cell as modules, of three forms of its equations."""
    import jax
    import jax.numpy as jnp

    σ, tanh = jax.nn.sigmoid, jnp.tanh

    def normed(p, x, k):
        x = x - x.mean(-1, keepdims=True)
        return p("gain" + k, (H,)) * x * jax.lax.rsqrt((x * x).mean(-1, keepdims=True) + 1e-5) + p("shift" + k, (H,))

    # A cell gives its next states from p(name, shape), a parameter; both(gates, h) = W x + R h + b; parts(gates, h), the
    # two products; and given(gate) = W x.
    def rnn(p, both, parts, given, h):
        return (tanh(both("a", h)["a"]),)

    def lstm(p, both, parts, given, h, c):
        z = both("ifgo", h)
        c = σ(z["f"]) * c + σ(z["i"]) * tanh(z["g"])
        return σ(z["o"]) * tanh(c), c

    def gru(p, both, parts, given, h):
        z = both("zr", h)
        g = tanh(both("g", σ(z["r"]) * h)["g"])
        return ((1 - σ(z["z"])) * h + σ(z["z"]) * g,)

    def gru_after(p, both, parts, given, h):
        z = parts("zrg", h)
        g = tanh(z["g"][0] + σ(sum(z["r"])) * (z["g"][1] + p("b", (H,))))
        u = σ(sum(z["z"]))
        return ((1 - u) * g + u * h,)

    def peephole(p, both, parts, given, h, c):
        z = both("ifgo", h)
        i, f = σ(z["i"] + p("pi", (H,)) * c), σ(z["f"] + p("pf", (H,)) * c)
        c = f * c + i * tanh(z["g"])
        return σ(z["o"] + p("po", (H,)) * c) * tanh(c), c

    def slstm(p, both, parts, given, h, c, n, m):
        z = both("vois", h)
        i, f = z["i"], m - jax.nn.softplus(-z["s"])
        m = jax.lax.stop_gradient(jnp.where(n == 0, i, jnp.maximum(f, i)))
        keep, add = jnp.exp(jnp.minimum(f - m, 80)), jnp.exp(i - m)
        c, n = keep * c + add * tanh(z["v"]), keep * n + add
        return σ(z["o"]) * c / n, c, n, m

    def lnlstm(p, both, parts, given, h, c):
        z = {k: normed(p, sum(part), k) for k, part in parts("ifgo", h).items()}
        c = σ(z["f"]) * c + σ(z["i"]) * tanh(z["g"])
        return σ(z["o"]) * tanh(normed(p, c, "c")), c

    def mgu(p, both, parts, given, h):
        f = σ(both("f", h)["f"])
        return ((1 - f) * h + f * tanh(both("g", f * h)["g"]),)

    def cfn(p, both, parts, given, h):
        z = both("te", h)
        return (σ(z["t"]) * tanh(h) + σ(z["e"]) * tanh(given("w")),)

    def ugrnn(p, both, parts, given, h):
        z = both("cg", h)
        return (σ(z["g"]) * h + (1 - σ(z["g"])) * tanh(z["c"]),)

    # The cell, its gates in the order of one product, and its number of states.
    known = {"rnn": (rnn, "a", 1), "lstm": (lstm, "ifgo", 2), "gru": (gru, "zrg", 1), "gru-after": (gru_after, "zrg", 1),
             "peephole": (peephole, "ifgo", 2), "slstm": (slstm, "vois", 4), "lnlstm": (lnlstm, "ifgo", 2),
             "Ebb": (mgu, "fg", 1), "CFN": (cfn, "tew", 1), "UGRNN": (ugrnn, "cg", 1)}
    step, gates, states = known[cell.split("#")[-1]]

    def split(z, ks):
        return dict(zip(ks, jnp.split(z, len(ks), -1)))

    def naive(p, x):
        def product(a, name, size):
            return a @ p(name, (size, H))
        return (lambda ks, h: {k: product(x, "W" + k, I) + product(h, "R" + k, H) + p("b" + k, (H,)) for k in ks},
                lambda ks, h: {k: (product(x, "W" + k, I) + p("b" + k, (H,)), product(h, "R" + k, H)) for k in ks},
                lambda k: product(x, "W" + k, I))

    def joined(p, x):
        def bias(ks):
            return p("b" + ks, (len(ks) * H,))
        def parts(ks, h):
            z, r = split(x @ p("W" + ks, (I, len(ks) * H)) + bias(ks), ks), split(h @ p("R" + ks, (H, len(ks) * H)), ks)
            return {k: (z[k], r[k]) for k in ks}
        return (lambda ks, h: split(jnp.concatenate([h, x], 1) @ p("J" + ks, (H + I, len(ks) * H)) + bias(ks), ks),
                parts, lambda k: x @ p("W" + k, (I, H)))

    def hoisted(p, x):
        z = split(x, gates)
        def parts(ks, h):
            r = split(h @ p("R" + ks, (H, len(ks) * H)), ks)
            return {k: (z[k], r[k]) for k in ks}
        return lambda ks, h: {k: sum(part) for k, part in parts(ks, h).items()}, parts, lambda k: z[k]

    def loss(form):
        def run(p, x):
            if form is hoisted:
                x = x @ p("W", (I, len(gates) * H)) + p("b" + gates, (len(gates) * H,))
            def once(state, x):
                state = step(p, *form(p, x), *state)
                return state, state[0]
            return (jax.lax.scan(once, (jnp.zeros((B, H)),) * states, x)[1] ** 2).mean()
        return run

    result = {}
    for form in (naive, joined, hoisted):
        shapes = {}
        def noted(name, shape):
            shapes[name] = jax.ShapeDtypeStruct(shape, jnp.float32)
            return jnp.zeros(shape)
        jax.eval_shape(lambda x: loss(form)(noted, x), jax.ShapeDtypeStruct((T, B, I), jnp.float32))
        gradient = jax.value_and_grad(lambda p, x: loss(form)(lambda name, _: p[name], x))
        x = jax.ShapeDtypeStruct((T, B, I), jnp.float32)
        result[form.__name__] = jax.jit(gradient).lower(shapes, x).as_text()
    return result


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
            line, own = f"{cell}: {' + '.join(map(str, counts))} = {sum(counts)}", sum(counts)
            try:
                forms = jax_forms(cell, *map(int, options.shape.split(",")))
            except ImportError:
                forms = {}
            others = []
            for name, text in forms.items():
                module.write_text(text)
                counts = kernels(options.plugin, module)
                others.append(sum(counts))
                line += f"; JAX {name} {' + '.join(map(str, counts))} = {sum(counts)}"
            if not is_tpu(options.plugin):
                failed = failed or cell == "lstm" and own > 12 or bool(others) and own >= min(others)
            print(line, flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
