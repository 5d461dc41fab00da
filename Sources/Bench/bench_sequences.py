"""Networks that read whole sequences beside a recurrence, in JAX and PyTorch: attention and alignments.

bench_peers.py times them; names, shapes and what is computed outside the scan are as in bench_states.py. What an encoder
reads, and what a step attends to, has the numbers of the input.
"""
if "memory_cells" not in globals():  # `ebb bench` puts the text of that file before this one's.
    from bench_memories import affine, matrix

SEQUENCES = ("attention", "transformerblock", "ctc", "rnn2d", "lstmn")


def ctc_places(classes):
    """The labels with blanks around them, and whether each may follow the place two before it."""
    labels = [1 + i // 2 * 5 % (classes - 1) for i in range(max(2, classes // 3))]
    places = [0] + [place for label in labels for place in (label, 0)]
    skips = [s == 1 or s > 1 and places[s] != 0 and places[s] != places[s - 2] for s in range(len(places))]
    return labels, places, skips


def sequence_cells():
    """By the name of each cell: what gives its parameters, and by the name of the peer what gives the outputs."""
    import jax
    import jax.numpy as jnp
    from jax import lax
    from jax.nn import logsumexp, log_softmax, relu, sigmoid, softmax

    HEADS = 4

    def gru_parameters(name, features, units):
        for gate in ("update", "reset", "candidate"):
            yield from matrix(f"{name}.{gate}", units + features, units)

    def gru(p, name, features):
        """The products of all inputs with the gates' weights, and a step from these."""
        gates = [p[f"{name}.{gate}.weight"] for gate in ("update", "reset", "candidate")]
        units = gates[0].shape[1]
        biases = jnp.concatenate([p[f"{name}.{gate}.bias"] for gate in ("update", "reset", "candidate")])
        inputs = jnp.concatenate([gate[units : units + features] for gate in gates], 1)
        pair = jnp.concatenate([gate[:units] for gate in gates[:2]], 1)

        def step(h, driven):
            u, r = jnp.split(sigmoid(h @ pair + driven[:, : 2 * units]), 2, 1)
            candidate = jnp.tanh((r * h) @ gates[2][:units] + driven[:, 2 * units :])
            return (1 - u) * h + u * candidate

        return (lambda x: x @ inputs + biases), step

    def run_gru(p, name, x):
        drive, step = gru(p, name, x.shape[-1])

        def body(h, driven):
            h = step(h, driven)
            return h, h

        units = p[name + ".update.bias"].shape[0]
        return lax.scan(body, jnp.zeros((x.shape[1], units), x.dtype), drive(x))[1]

    # An encoder–decoder network with additive attention

    def attention_parameters(features, units):
        yield from gru_parameters("encoder", features, units)
        yield from matrix("decoder.attention.query", units, units, bias=None)
        yield from matrix("decoder.attention.memory", units, units)
        yield "decoder.attention.score", (units,), 0, units**-0.5
        yield from gru_parameters("decoder.cell", features + units, units)

    def attention(p, x):
        memory = run_gru(p, "encoder", x)
        keys = affine(p, "decoder.attention.memory", memory)
        drive, step = gru(p, "decoder.cell", x.shape[-1])
        units = memory.shape[-1]
        gates = [p[f"decoder.cell.{gate}.weight"][-units:] for gate in ("update", "reset", "candidate")]
        read = jnp.concatenate(gates, 1)

        def body(h, driven):
            matches = jnp.tanh(affine(p, "decoder.attention.query", h) + keys) @ p["decoder.attention.score"]
            context = jnp.einsum("sb,sbi->bi", softmax(matches, 0), memory)
            h = step(h, driven + context @ read)
            return h, jnp.concatenate([h, context], 1)

        return lax.scan(body, jnp.zeros((x.shape[1], units), x.dtype), drive(x))[1]

    # A block of a transformer before a recurrence

    def transformerblock_parameters(features, units):
        for name in ("query", "key", "value", "output"):
            yield from matrix(name, units, units, bias=None)
        yield from matrix("hidden", units, 4 * units)
        yield from matrix("result", 4 * units, units)
        yield from gru_parameters("recurrence", units, units)

    def transformerblock(p, x):
        def normalized(v):
            centred = v - v.mean(-1, keepdims=True)
            return centred / jnp.sqrt(jnp.square(centred).mean(-1, keepdims=True) + 1e-5)

        def heads(name, rows):
            y = affine(p, name, rows)
            return y.reshape(*y.shape[:-1], HEADS, -1)

        rows = normalized(x)
        query, key, value = (heads(name, rows) for name in ("query", "key", "value"))
        weights = softmax(jnp.einsum("tbhi,sbhi->bhts", query, key) / query.shape[-1] ** 0.5)
        z = x + affine(p, "output", jnp.einsum("bhts,sbhi->tbhi", weights, value).reshape(x.shape))
        return run_gru(p, "recurrence", z + affine(p, "result", relu(affine(p, "hidden", normalized(z)))))

    # Connectionist temporal classification

    def ctc_parameters(features, units):
        yield from matrix("class", features, units)

    def ctc(p, x):
        _, places, skips = ctc_places(p["class.bias"].shape[0])
        emitted = log_softmax(affine(p, "class", x))[:, :, jnp.array(places)]
        never = -1e30
        may_skip = jnp.where(jnp.array(skips[2:]), 0, never).astype(x.dtype)

        def body(alpha, emitted):
            moved = jnp.pad(alpha[:, :-1], ((0, 0), (1, 0)), constant_values=never)
            skipped = jnp.pad(alpha[:, :-2] + may_skip, ((0, 0), (2, 0)), constant_values=never)
            largest = lax.stop_gradient(jnp.maximum(jnp.maximum(alpha, moved), skipped))
            total = jnp.exp(alpha - largest) + jnp.exp(moved - largest) + jnp.exp(skipped - largest)
            return emitted + largest + jnp.log(total), None

        start = jnp.full(emitted.shape[1:], never, x.dtype).at[:, :2].set(emitted[0, :, :2])
        return -logsumexp(lax.scan(body, start, emitted[1:])[0][:, -2:], 1)

    # A two-dimensional recurrence over an image, whose rows are the steps and whose pixels are pairs of features

    def rnn2d_parameters(features, units):
        yield from matrix("recurrent", 2 * units + 2, units)

    def rnn2d_parts(p, x):
        units = p["recurrent.bias"].shape[0]
        above, left, read = jnp.split(p["recurrent.weight"], [units, 2 * units])
        pixels = jnp.moveaxis(x.reshape(*x.shape[:2], -1, 2), 2, 1)
        return above, left, pixels @ read + p["recurrent.bias"]

    def rnn2d(p, x):
        """Row by row; what a row reads from the one above is one product."""
        above, left, driven = rnn2d_parts(p, x)

        def row(h, driven):
            def place(h, driven):
                h = jnp.tanh(h @ left + driven)
                return h, h

            h = lax.scan(place, jnp.zeros_like(h[0]), driven + h @ above)[1]
            return h, h[-1]

        return lax.scan(row, jnp.zeros_like(driven[0]), driven)[1]

    def rnn2d_wavefront(p, x):
        """Diagonal by diagonal, all columns at once; column j is at row d - j."""
        above, left, driven = rnn2d_parts(p, x)
        rows, columns = driven.shape[:2]
        both = jnp.concatenate([above, left])
        place = jnp.arange(rows + columns - 1)[:, None] - jnp.arange(columns)
        skewed = driven[jnp.clip(place, 0, rows - 1), jnp.arange(columns)]

        def diagonal(h, inputs):
            driven, place = inputs
            beside = jnp.pad(h[:-1], ((1, 0), (0, 0), (0, 0)))
            h = jnp.tanh(jnp.concatenate([h, beside], -1) @ both + driven)
            h = jnp.where(place[:, None, None] >= 0, h, 0)
            return h, h[-1]

        return lax.scan(diagonal, jnp.zeros_like(driven[0]), (skewed, place))[1][columns - 1 :]

    # An LSTM that attends to its own past

    LSTM_GATES = ("input", "forget", "output", "candidate")

    def lstmn_parameters(features, units):
        yield from matrix("key", units, units, bias=None)
        yield from matrix("query", units + features, units, bias=None)
        yield "score", (units,), 0, units**-0.5
        for gate in LSTM_GATES:
            yield from matrix(gate, units + features, units)

    def lstmn(p, x):
        """The tapes are rows of h, c and W h for every step; what the inputs give to a step is one product."""
        steps, batch = x.shape[:2]
        units = p["score"].shape[0]
        weights = jnp.concatenate([p[name + ".weight"] for name in ("query", *LSTM_GATES)], 1)
        driven = x @ weights[units:]
        biases = jnp.concatenate([p[gate + ".bias"] for gate in LSTM_GATES])
        query, gates = weights[:units, :units], weights[:units, units:]
        key = p["key.weight"]

        def body(states, now):
            read, tape, keys = states
            driven, t = now
            matches = jnp.tanh(keys + read @ query + driven[:, :units]) @ p["score"]
            scores = jnp.where(jnp.arange(steps)[:, None] <= t, matches, -jnp.inf)
            both = jnp.einsum("sb,sbi->bi", softmax(scores, 0), tape)
            read, c = jnp.split(both, 2, 1)
            i, f, o, g = jnp.split(read @ gates + driven[:, units:] + biases, 4, 1)
            c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
            h = sigmoid(o) * jnp.tanh(c)
            # A row behind the last one is dropped.
            tape = tape.at[t + 1].set(jnp.concatenate([h, c], 1), mode="drop")
            return (read, tape, keys.at[t + 1].set(h @ key, mode="drop")), h

        zero = [jnp.zeros(shape, x.dtype) for shape in ((batch, units), (steps, batch, 2 * units), (steps, batch, units))]
        return lax.scan(body, tuple(zero), (driven, jnp.arange(steps)))[1]

    return {
        "attention": (attention_parameters, {"jax": attention}),
        "transformerblock": (transformerblock_parameters, {"jax": transformerblock}),
        "ctc": (ctc_parameters, {"jax": ctc}),
        "rnn2d": (rnn2d_parameters, {"jax": rnn2d, "jax-wavefront": rnn2d_wavefront}),
        "lstmn": (lstmn_parameters, {"jax": lstmn}),
    }


def torch_sequence(cell, features, units):
    """The outputs of one of these networks from the layers and functions that PyTorch has for it, and its parameters."""
    import torch
    from torch.nn import functional

    if cell == "ctc":
        layer = torch.nn.Linear(features, units)
        labels, _, _ = ctc_places(units)

        def ctc(x):
            batch = x.shape[1]
            logits = functional.log_softmax(layer(x), -1)
            targets = torch.tensor([labels] * batch)
            lengths = torch.full((batch,), x.shape[0]), torch.full((batch,), len(labels))
            return functional.ctc_loss(logits, targets, *lengths, reduction="none")

        return ctc, list(layer.parameters())
    if cell == "transformerblock":
        block = torch.nn.TransformerEncoderLayer(units, 4, 4 * units, dropout=0, norm_first=True)
        layer = torch.nn.GRU(units, units)
        return lambda x: layer(block(x))[0], [*block.parameters(), *layer.parameters()]
    return None, []
