"""Cells with states of other kinds than a gated vector, in JAX: state spaces, spikes, weights made by weights, images.

bench_peers.py times them. Parameters have the names and shapes that Ebb's have, and a cell's output at every step is a
function of them and of the inputs [T, B, I], from states of zero. Everything that no state enters is computed for all
steps at once. A recurrence that is linear in its state is there as a scan and as an associative scan, and a
convolution where it is one; the fastest of them counts.
"""
STATES = ("mamba", "s4d", "rwkv", "lif", "hyperlstm", "odernn", "convlstm")


def state_cells():
    """By the name of each cell: what gives the name, the shape, the mean and the deviation of every parameter for so many
    features and units, and by the name of the peer what gives the outputs.
    """
    import math

    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.nn import sigmoid, softplus

    GATES = ("input", "forget", "candidate", "output")

    def matrix(name, rows, columns, bias=False, deviation=None):
        """The name, the shape, the mean and the deviation of a weight and its bias."""
        yield name + ".weight", (rows, columns), 0, rows**-0.5 if deviation is None else deviation
        if bias:
            yield name + ".bias", (columns,), 0, 0.1

    def affine(p, name, x):
        product = x @ p[name + ".weight"]
        return product + p[name + ".bias"] if name + ".bias" in p else product

    def joined(p, names, rows=slice(None)):
        """The weights of several products as one matrix."""
        return jnp.concatenate([p[name + ".weight"][rows] for name in names], 1)

    def biases(p, names):
        return jnp.concatenate([p[name + ".bias"] for name in names])

    def linear_scan(keep, add):
        """All states of s' = keep s + add, by a scan in parallel over the steps."""

        def join(left, right):
            return left[0] * right[0], left[1] * right[0] + right[1]

        return lax.associative_scan(join, (keep, add))[1]

    def lstm(gates, c):
        i, f, g, o = jnp.split(gates, 4, -1)
        c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
        return sigmoid(o) * jnp.tanh(c), c

    # Mamba's S6

    def mamba_parameters(features, units, order=16):
        rank = -(-units // 16)
        yield from matrix("input", features, units, bias=True)
        yield from matrix("step.low", units, rank)
        yield "step.weight", (rank, units), 0, rank**-0.5
        yield "step.bias", (units,), -4, 1
        yield from matrix("write", units, order)
        yield from matrix("read", units, order)
        yield "decay", (units, order), 0, 0.1
        yield "skip", (units,), 1, 0.1

    def mamba_inputs(p, x):
        u = affine(p, "input", x)
        delta = softplus(affine(p, "step", affine(p, "step.low", u)))
        rates = -jnp.exp(p["decay"]) * jnp.arange(1, p["decay"].shape[1] + 1)
        return u, delta, delta * u, affine(p, "write", u), affine(p, "read", u), rates

    def mamba(p, x):
        u, delta, driven, write, read, rates = mamba_inputs(p, x)

        def body(state, now):
            delta, driven, write, read = now
            state = jnp.exp(delta[..., None] * rates) * state + driven[..., None] * write[:, None]
            return state, jnp.einsum("bdn,bn->bd", state, read)

        zero = jnp.zeros((x.shape[1], *rates.shape), x.dtype)
        return lax.scan(body, zero, (delta, driven, write, read))[1] + p["skip"] * u

    def mamba_associative(p, x):
        u, delta, driven, write, read, rates = mamba_inputs(p, x)
        states = linear_scan(jnp.exp(delta[..., None] * rates), driven[..., None] * write[:, :, None])
        return jnp.einsum("tbdn,tbn->tbd", states, read) + p["skip"] * u

    # S4D

    def s4d_parameters(features, units, order=8):
        yield "step", (units,), -4.6, 1.3
        yield "decay", (units, order), math.log(0.5), 0
        yield "frequency", (units, order), 0, 0
        yield from matrix("input", features, units, bias=True)
        yield "read.real", (units, order), 0, 0.5**0.5
        yield "read.imaginary", (units, order), 0, 0.5**0.5
        yield "skip", (units,), 0, 1
        yield from matrix("output", units, units, bias=True)

    def s4d_inputs(p, x):
        order = p["decay"].shape[1]
        pole = -jnp.exp(p["decay"]) + 1j * (jnp.pi * jnp.arange(order) + p["frequency"])
        exponent = pole * jnp.exp(p["step"])[:, None]
        keep = jnp.exp(exponent)
        return affine(p, "input", x), exponent, keep, (keep - 1) / pole, p["read.real"] + 1j * p["read.imaginary"]

    def s4d_output(p, u, y):
        return affine(p, "output", jax.nn.gelu(2 * y + p["skip"] * u, approximate=False))

    def s4d(p, x):
        u, _, keep, drive, read = s4d_inputs(p, x)

        def body(state, u):
            state = keep * state + drive * u[..., None]
            return state, (read * state).real.sum(-1)

        return s4d_output(p, u, lax.scan(body, jnp.zeros((x.shape[1], *keep.shape), keep.dtype), u)[1])

    def s4d_associative(p, x):
        u, _, keep, drive, read = s4d_inputs(p, x)
        driven = drive * u[..., None]
        states = linear_scan(jnp.broadcast_to(keep, driven.shape), driven)
        return s4d_output(p, u, (read * states).real.sum(-1))

    def s4d_convolution(p, x):
        u, exponent, _, drive, read = s4d_inputs(p, x)
        length = x.shape[0]
        powers = jnp.exp(exponent * jnp.arange(length)[:, None, None])
        kernel = ((read * drive) * powers).real.sum(-1)
        spectrum = jnp.fft.rfft(u, 2 * length, 0) * jnp.fft.rfft(kernel, 2 * length, 0)[:, None]
        return s4d_output(p, u, jnp.fft.irfft(spectrum, 2 * length, 0)[:length])

    # RWKV-4's time mixing

    def rwkv_parameters(features, units):
        yield "decay", (units,), -1, 2
        yield "bonus", (units,), math.log(0.3), 0.1
        for name in ("receptance", "key", "value"):
            yield name + ".mix", (features,), 0.5, 0.2
            yield from matrix(name, features, units)
        yield from matrix("output", units, units)

    def rwkv(p, x):
        before = jnp.concatenate([jnp.zeros_like(x[:1]), x[:-1]])

        def product(name):
            return affine(p, name, p[name + ".mix"] * x + (1 - p[name + ".mix"]) * before)

        rate, bonus = jnp.exp(p["decay"]), p["bonus"]

        def body(states, now):
            a, b, scale = states
            k, v = now
            top = lax.stop_gradient(jnp.maximum(scale, bonus + k))
            past, new = jnp.exp(scale - top), jnp.exp(bonus + k - top)
            mean = (past * a + new * v) / (past * b + new)
            top = lax.stop_gradient(jnp.maximum(scale - rate, k))
            keep, add = jnp.exp(scale - rate - top), jnp.exp(k - top)
            return (keep * a + add * v, keep * b + add, top), mean

        r, k, v = product("receptance"), product("key"), product("value")
        zero = jnp.zeros_like(k[0])
        means = lax.scan(body, (zero, zero, zero - 1e30), (k, v))[1]
        return affine(p, "output", sigmoid(r) * means)

    # Leaky integrate-and-fire neurons

    def lif_parameters(features, units):
        yield from matrix("input", features, units, bias=True)
        yield from matrix("recurrent", units, units)

    def lif(p, x, threshold=1.0):
        @jax.custom_vjp
        def spike(v):
            return (v > 0).astype(v.dtype)

        spike.defvjp(lambda v: (spike(v), v), lambda v, adjoint: (adjoint / jnp.square(1 + 10 * jnp.abs(v)),))

        def body(states, driven):
            current, potential, z = states
            potential = 0.9 * potential + current - threshold * z
            current = 0.8 * current + driven + affine(p, "recurrent", z)
            z = spike(potential - threshold)
            return (current, potential, z), z

        driven = affine(p, "input", x)
        return lax.scan(body, (jnp.zeros_like(driven[0]),) * 3, driven)[1]

    # HyperLSTM

    def hyperlstm_parameters(features, units, hyper=None, embedding=None):
        hyper, embedding = hyper or -(-units // 4), embedding or -(-units // 16)
        for gate in GATES:
            yield from matrix("hyper." + gate, hyper + units + features, hyper, bias=True)
            for scale in ("stateScale", "inputScale"):
                yield f"{gate}.{scale}.embedding.weight", (hyper, embedding), 0, 0.1
                yield f"{gate}.{scale}.embedding.bias", (embedding,), 1, 0
                yield f"{gate}.{scale}.weight", (embedding, units), 1 / embedding, 0.01
            yield from matrix(gate + ".shift.embedding", hyper, embedding, deviation=0.01)
            yield from matrix(gate + ".shift", embedding, units, bias=True, deviation=0.1)
            yield from matrix(gate + ".state", units, units)
            yield from matrix(gate + ".input", features, units)

    def hyperlstm(p, x):
        hyper, units = p["hyper.input.weight"].shape[1], p["input.state.weight"].shape[0]
        small = ["hyper." + gate for gate in GATES]
        states = [gate + ".state" for gate in GATES]
        scales = [f"{gate}.{scale}" for scale in ("stateScale", "inputScale") for gate in GATES]
        shifts = [gate + ".shift" for gate in GATES]
        wide, narrow = joined(p, small, slice(hyper + units)), joined(p, states)
        embeddings = joined(p, [name + ".embedding" for name in scales + shifts])
        offsets = biases(p, [name + ".embedding" for name in scales])
        offsets = jnp.concatenate([offsets, jnp.zeros(embeddings.shape[1] - offsets.shape[0], offsets.dtype)])
        projections = jnp.stack([p[name + ".weight"] for name in scales + shifts])
        shift = biases(p, shifts)
        small_inputs = x @ joined(p, small, slice(hyper + units, None)) + biases(p, small)
        inputs = x @ joined(p, [gate + ".input" for gate in GATES])

        def body(states, now):
            h, c, small_h, small_c = states
            small_input, driven = now
            small_h, small_c = lstm(jnp.concatenate([small_h, h], 1) @ wide + small_input, small_c)
            z = (small_h @ embeddings + offsets).reshape(h.shape[0], 12, -1)
            rows = jnp.einsum("bke,keu->bku", z, projections).reshape(h.shape[0], 3, -1)
            h, c = lstm(rows[:, 0] * (h @ narrow) + rows[:, 1] * driven + rows[:, 2] + shift, c)
            return (h, c, small_h, small_c), h

        zero, small_zero = jnp.zeros((x.shape[1], units), x.dtype), jnp.zeros((x.shape[1], hyper), x.dtype)
        return lax.scan(body, (zero, zero, small_zero, small_zero), (small_inputs, inputs))[1]

    # ODE-RNN

    def odernn_parameters(features, units):
        yield from matrix("flow.hidden", units, units, bias=True, deviation=0.1)
        yield from matrix("flow", units, units, bias=True, deviation=0.1)
        for name in ("update", "reset", "candidate"):
            yield from matrix(name, units + features, units, bias=True)

    def odernn(p, x):
        units = p["update.weight"].shape[1]
        names = ("update", "reset", "candidate")
        inputs = x @ joined(p, names, slice(units, None)) + biases(p, names)
        gates, candidate = joined(p, names[:2], slice(units)), p["candidate.weight"][:units]

        def flow(h):
            return affine(p, "flow", jnp.tanh(affine(p, "flow.hidden", h)))

        def body(h, driven):
            k1 = flow(h)
            k2 = flow(h + k1 / 2)
            k3 = flow(h + k2 / 2)
            h = h + (k1 + 2 * (k2 + k3) + flow(h + k3)) / 6
            update, reset = jnp.split(sigmoid(h @ gates + driven[:, : 2 * units]), 2, 1)
            h = (1 - update) * h + update * jnp.tanh((reset * h) @ candidate + driven[:, 2 * units :])
            return h, h

        return lax.scan(body, jnp.zeros((x.shape[1], units), x.dtype), inputs)[1]

    # ConvLSTM over small images

    def side(features, units):
        return next((n for n in (4, 2) if features % n**2 == 0 and units % n**2 == 0), 1)

    def convlstm_parameters(features, units):
        places = side(features, units) ** 2
        for gate in GATES:
            yield from matrix(gate, 9 * (units + features) // places, units // places, bias=True)

    def convlstm(p, x):
        # The rows of a weight are 3 × 3 places of h, then of x.
        filters = p["input.weight"].shape[1]
        channels = p["input.weight"].shape[0] // 9 - filters
        length, batch, features = x.shape
        n = math.isqrt(features // channels)
        of_h = joined(p, GATES, slice(9 * filters)).reshape(3, 3, filters, 4 * filters)
        of_x = joined(p, GATES, slice(9 * filters, None)).reshape(3, 3, channels, 4 * filters)

        def convolution(x, kernel):
            return lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))

        inputs = convolution(x.reshape(length * batch, n, n, channels), of_x) + biases(p, GATES)

        def body(states, driven):
            h, c = lstm(convolution(states[0], of_h) + driven, states[1])
            return (h, c), h

        zero = jnp.zeros((batch, n, n, filters), x.dtype)
        outputs = lax.scan(body, (zero, zero), inputs.reshape(length, batch, n, n, 4 * filters))[1]
        return outputs.reshape(length, batch, -1)

    return {
        "mamba": (mamba_parameters, {"jax": mamba, "jax-associative": mamba_associative}),
        "s4d": (s4d_parameters, {"jax": s4d, "jax-associative": s4d_associative, "jax-fft": s4d_convolution}),
        "rwkv": (rwkv_parameters, {"jax": rwkv}),
        "lif": (lif_parameters, {"jax": lif}),
        "hyperlstm": (hyperlstm_parameters, {"jax": hyperlstm}),
        "odernn": (odernn_parameters, {"jax": odernn}),
        "convlstm": (convlstm_parameters, {"jax": convlstm}),
    }
