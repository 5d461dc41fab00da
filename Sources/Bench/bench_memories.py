"""Cells whose states are matrices, in JAX: memories that are written by outer products and read by products.

bench_peers.py times them; names, shapes and what is computed outside the scan are as in bench_states.py.
"""
MEMORIES = ("mlstm", "deltanet", "fastweights", "ntm", "windowattention")


def matrix(name, rows, columns, bias=0.1):
    """The name, the shape, the mean and the deviation of a weight and its bias, if it has one."""
    yield name + ".weight", (rows, columns), 0, rows**-0.5
    if bias is not None:
        yield name + ".bias", (columns,), 0, bias


def affine(p, name, x):
    product = x @ p[name + ".weight"]
    return product + p[name + ".bias"] if name + ".bias" in p else product


def memory_cells():
    """By the name of each cell: what gives its parameters, and by the name of the peer what gives the outputs."""
    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.nn import sigmoid, softmax, softplus

    WINDOW = 16

    # The mLSTM

    def mlstm_parameters(features, units):
        for name in ("query", "key", "value", "output"):
            yield from matrix(name, features, units)
        for name in ("input", "forget"):
            yield from matrix(name, features, 1)

    def mlstm(p, x):
        q, k, v = affine(p, "query", x), affine(p, "key", x), affine(p, "value", x)
        k = k / q.shape[-1] ** 0.5
        log_input, log_forget = affine(p, "input", x)[..., 0], -softplus(-affine(p, "forget", x)[..., 0])

        def body(states, now):
            memory, normalizer, m = states
            q, k, v, i, f = now
            scale = lax.stop_gradient(jnp.maximum(f + m, i))
            keep, add = jnp.exp(f + m - scale), jnp.exp(i - scale)
            memory = keep[:, None, None] * memory + (add[:, None] * v)[:, :, None] * k[:, None, :]
            normalizer = keep[:, None] * normalizer + add[:, None] * k
            weight = jnp.maximum(jnp.abs((normalizer * q).sum(-1)), jnp.exp(-scale))
            return (memory, normalizer, scale), jnp.einsum("bij,bj->bi", memory, q) / weight[:, None]

        batch, units = q.shape[1:]
        zero = jnp.zeros((batch, units, units), x.dtype), jnp.zeros((batch, units), x.dtype), jnp.zeros(batch, x.dtype)
        return sigmoid(affine(p, "output", x)) * lax.scan(body, zero, (q, k, v, log_input, log_forget))[1]

    # The gated delta rule

    def deltanet_parameters(features, units):
        for name in ("query", "key", "value"):
            yield from matrix(name, features, units, bias=None)
        yield "rate", (1,), 1, 0.5
        for name in ("decay", "write"):
            yield from matrix(name, features, 1)

    def deltanet(p, x):
        def projected(name):
            return jax.nn.silu(affine(p, name, x))

        def of_length_one(x):
            return x / jnp.sqrt(jnp.square(x).sum(-1, keepdims=True) + 1e-6)

        q, k, v = of_length_one(projected("query")), of_length_one(projected("key")), projected("value")
        keep = jnp.exp(-jnp.exp(p["rate"]) * softplus(affine(p, "decay", x)))
        write = sigmoid(affine(p, "write", x))

        def body(memory, now):
            q, k, v, keep, write = now
            memory = keep[:, :, None] * memory
            new = write * (v - jnp.einsum("bij,bj->bi", memory, k))
            memory = memory + new[:, :, None] * k[:, None, :]
            return memory, jnp.einsum("bij,bj->bi", memory, q)

        zero = jnp.zeros((x.shape[1], q.shape[-1], q.shape[-1]), x.dtype)
        return lax.scan(body, zero, (q, k, v, keep, write))[1]

    # Fast weights

    def fastweights_parameters(features, units):
        yield from matrix("slow", units + features, units, bias=None)
        yield "scale", (units,), 1, 0.1
        yield "bias", (units,), 0, 0.1

    def fastweights(p, x):
        units = p["scale"].shape[0]
        inputs, recurrent = x @ p["slow.weight"][units:], p["slow.weight"][:units]

        def normalized(v):
            centred = v - v.mean(-1, keepdims=True)
            return centred / jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5)

        def body(states, driven):
            h, memory = states
            memory = 0.95 * memory + 0.5 * h[:, :, None] * h[:, None, :]
            slow = h @ recurrent + driven
            read = jnp.einsum("bij,bj->bi", memory, jnp.tanh(slow))
            h = jnp.tanh(p["scale"] * normalized(slow + read) + p["bias"])
            return (h, memory), h

        zero = jnp.zeros((x.shape[1], units), x.dtype), jnp.zeros((x.shape[1], units, units), x.dtype)
        return lax.scan(body, zero, inputs)[1]

    # The neural Turing machine

    SLOTS, WIDTH = 128, 20
    HEAD = {"key": WIDTH, "strength": 1, "gate": 1, "shift": 3, "sharpness": 1}
    LSTM_GATES = ("input", "forget", "candidate", "output")

    def ntm_parameters(features, units):
        yield "memory.initial", (SLOTS, WIDTH), 0, 0.5
        for gate in LSTM_GATES:
            yield from matrix("controller." + gate, units + features + WIDTH, units)
        for head in ("writing", "reading"):
            for name, count in HEAD.items():
                yield from matrix(f"{head}.{name}", units, count)
        for name in ("erase", "add"):
            yield from matrix(name, units, WIDTH)
        yield from matrix("output", units + WIDTH, units)

    def ntm(p, x):
        units, batch = p["controller.input.bias"].shape[0], x.shape[1]
        weights = jnp.concatenate([p[f"controller.{gate}.weight"] for gate in LSTM_GATES], 1)
        biases = jnp.concatenate([p[f"controller.{gate}.bias"] for gate in LSTM_GATES])
        inputs = x @ weights[units:-WIDTH] + biases
        recurrent = jnp.concatenate([weights[:units], weights[-WIDTH:]])
        names = [f"{head}.{name}" for head in ("writing", "reading") for name in HEAD] + ["erase", "add"]
        of_heads = jnp.concatenate([p[name + ".weight"] for name in names], 1)
        of_heads_bias = jnp.concatenate([p[name + ".bias"] for name in names])
        ends, total = [], 0
        for name in names:
            total += p[name + ".bias"].shape[0]
            ends.append(total)

        def address(memory, last, key, strength, gate, shift, sharpness):
            key = jnp.tanh(key)
            lengths = jnp.sqrt((jnp.square(memory).sum(-1) + 1e-6) * (jnp.square(key).sum(-1, keepdims=True) + 1e-6))
            content = softmax(softplus(strength) * jnp.einsum("bsw,bw->bs", memory, key) / lengths)
            gate, shift = sigmoid(gate), softmax(shift)
            near = gate * content + (1 - gate) * last
            moved = shift[:, :1] * jnp.roll(near, -1, 1) + shift[:, 1:2] * near + shift[:, 2:] * jnp.roll(near, 1, 1)
            return softmax((1 + softplus(sharpness)) * jnp.log(jnp.maximum(moved, 0) + 1e-16))

        def body(states, driven):
            h, c, memory, read, written_at, read_at = states
            i, f, g, o = jnp.split(jnp.concatenate([h, read], 1) @ recurrent + driven, 4, 1)
            c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
            h = sigmoid(o) * jnp.tanh(c)
            parts = jnp.split(h @ of_heads + of_heads_bias, ends[:-1], 1)
            written_at = address(memory, written_at, *parts[:5])
            erase, add = sigmoid(parts[10]), jnp.tanh(parts[11])
            memory = memory - memory * written_at[:, :, None] * erase[:, None] + written_at[:, :, None] * add[:, None]
            read_at = address(memory, read_at, *parts[5:10])
            read = jnp.einsum("bs,bsw->bw", read_at, memory)
            return (h, c, memory, read, written_at, read_at), jnp.concatenate([h, read], 1)

        zero, slots = jnp.zeros((batch, units), x.dtype), jnp.zeros((batch, SLOTS), x.dtype)
        memory = jnp.broadcast_to(p["memory.initial"], (batch, SLOTS, WIDTH))
        start = zero, zero, memory, jnp.zeros((batch, WIDTH), x.dtype), slots, slots
        return affine(p, "output", lax.scan(body, start, inputs)[1])

    # Attention over a window

    def windowattention_parameters(features, units):
        for name in ("query", "key", "value"):
            yield from matrix(name, features, units, bias=None)

    def windowattention_inputs(p, x):
        return affine(p, "query", x) / p["query.weight"].shape[1] ** 0.5, affine(p, "key", x), affine(p, "value", x)

    def windowattention(p, x):
        def body(windows, now):
            q, k, v = now
            keys, values = (jnp.concatenate([old[:, 1:], new[:, None]], 1) for old, new in zip(windows, (k, v)))
            weights = softmax(jnp.einsum("bwi,bi->bw", keys, q))
            return (keys, values), jnp.einsum("bw,bwi->bi", weights, values)

        now = windowattention_inputs(p, x)
        zero = jnp.zeros((x.shape[1], WINDOW, now[0].shape[-1]), x.dtype)
        return lax.scan(body, (zero, zero), now)[1]

    def windowattention_shifts(p, x):
        # All steps at once: a window is one shift of the sequence for each of its steps.
        q, k, v = windowattention_inputs(p, x)

        def windows(s):
            padded = jnp.concatenate([jnp.zeros((WINDOW - 1, *s.shape[1:]), s.dtype), s])
            return jnp.stack([padded[i : i + s.shape[0]] for i in range(WINDOW)])

        weights = softmax(jnp.einsum("wtbi,tbi->wtb", windows(k), q), 0)
        return jnp.einsum("wtb,wtbi->tbi", weights, windows(v))

    return {
        "windowattention": (
            windowattention_parameters, {"jax": windowattention, "jax-shifts": windowattention_shifts}),
        "mlstm": (mlstm_parameters, {"jax": mlstm}),
        "deltanet": (deltanet_parameters, {"jax": deltanet}),
        "fastweights": (fastweights_parameters, {"jax": fastweights}),
        "ntm": (ntm_parameters, {"jax": ntm}),
    }
