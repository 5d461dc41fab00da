"""Writes Tests/Vectors/jax-states.json: what JAX makes of state spaces, spiking cells and cells of irregular times.

python make_states.py

For each cell its output y and the gradient of Σ readout ⊙ y by every parameter, input and initial state, in Float64.
The equations are written here once more, with complex numbers, SciPy's matrix exponential and custom gradients.
"""
import json
import os

os.environ["JAX_ENABLE_X64"] = "1"
import jax
import jax.numpy as np
import numpy

TIME, BATCH, UNITS, FEATURES = 5, 2, 3, 2
random = numpy.random.default_rng(7)
sigmoid, softplus, tanh, exp = jax.nn.sigmoid, jax.nn.softplus, np.tanh, np.exp


def affine(p, name, *operands):
    product = np.concatenate(operands) @ p[name + ".weight"]
    return product + p[name + ".bias"] if name + ".bias" in p else product


def weights(shapes, *names, rows, columns=UNITS, bias=True):
    for name in names:
        shapes[name + ".weight"] = (rows, columns)
        if bias:
            shapes[name + ".bias"] = (columns,)
    return shapes


def held(p, mode, step):
    """The step of a held input: exp(λΔ) and (exp(λΔ) − 1) / λ, complex."""
    pole = -exp(p["decay"]) + 1j * (np.pi * mode + p["frequency"])
    return exp(pole * step), (exp(pole * step) - 1) / pole


# Each cell: (parameters, states, step), where step(p, states, x, t) gives the next states and y.


def s4d():
    order = 2
    shapes = {"step": (UNITS,), "decay": (UNITS, order), "frequency": (UNITS, order)}
    weights(shapes, "input", rows=FEATURES)
    shapes |= {"read.real": (UNITS, order), "read.imaginary": (UNITS, order), "skip": (UNITS,)}
    weights(shapes, "output", rows=UNITS)

    def step(p, s, x, t):
        pole, drive = held(p, np.arange(order), exp(p["step"])[:, None])
        u = affine(p, "input", x)
        state = pole * (s["real"] + 1j * s["imaginary"]) + drive * u[:, None]
        y = 2 * ((p["read.real"] + 1j * p["read.imaginary"]) * state).real.sum(1) + p["skip"] * u
        return {"real": state.real, "imaginary": state.imag}, affine(p, "output", jax.nn.gelu(y, approximate=False))

    return shapes, {"real": (UNITS, order), "imaginary": (UNITS, order)}, step


def s5():
    shapes = {name: (UNITS,) for name in ("decay", "frequency", "step")}
    weights(shapes, "inputReal", "inputImaginary", rows=FEATURES, bias=False)
    weights(shapes, "output", rows=2 * UNITS + FEATURES, bias=False)

    def step(p, s, x, t):
        pole, drive = held(p, np.arange(UNITS), exp(p["step"]))
        u = x @ (p["inputReal.weight"] + 1j * p["inputImaginary.weight"])
        state = pole * (s["real"] + 1j * s["imaginary"]) + drive * u
        return {"real": state.real, "imaginary": state.imag}, affine(p, "output", state.real, state.imag, x)

    return shapes, {"real": (UNITS,), "imaginary": (UNITS,)}, step


def mamba():
    order, rank = 2, 1
    shapes = weights({}, "input", rows=FEATURES)
    weights(shapes, "step.low", rows=UNITS, columns=rank, bias=False)
    weights(shapes, "step", rows=rank)
    weights(shapes, "write", "read", rows=UNITS, columns=order, bias=False)
    shapes |= {"decay": (UNITS, order), "skip": (UNITS,)}

    def step(p, s, x, t):
        u = affine(p, "input", x)
        delta = softplus(affine(p, "step", affine(p, "step.low", u)))
        rates = -exp(p["decay"]) * np.arange(1, order + 1)
        state = exp(delta[:, None] * rates) * s["state"] + np.outer(delta * u, affine(p, "write", u))
        return {"state": state}, state @ affine(p, "read", u) + p["skip"] * u

    return shapes, {"state": (UNITS, order)}, step


def shifted(p, name, x, before):
    return affine(p, name, p[name + ".mix"] * x + (1 - p[name + ".mix"]) * before)


def rwkv():
    shapes = {"decay": (UNITS,), "bonus": (UNITS,)}
    for name in ("receptance", "key", "value"):
        shapes[name + ".mix"] = (FEATURES,)
    weights(shapes, "receptance", "key", "value", rows=FEATURES, bias=False)
    weights(shapes, "output", rows=UNITS, bias=False)

    def step(p, s, x, t):
        r, k, v = (shifted(p, name, x, s["before"]) for name in ("receptance", "key", "value"))
        # Without the scale: a eᵖ and b eᵖ are what is meant.
        a, b = s["a"] * exp(s["p"]), s["b"] * exp(s["p"])
        mean = (a + exp(p["bonus"] + k) * v) / (b + exp(p["bonus"] + k))
        keep = exp(-exp(p["decay"]))
        states = {"before": x, "a": keep * a + exp(k) * v, "b": keep * b + exp(k), "p": np.zeros(UNITS)}
        return states, affine(p, "output", sigmoid(r) * mean)

    return shapes, {"before": (FEATURES,), "a": (UNITS,), "b": (UNITS,), "p": (UNITS,)}, step


def channels():
    shapes = {"receptance.mix": (FEATURES,), "key.mix": (FEATURES,)}
    weights(shapes, "receptance", rows=FEATURES, bias=False)
    weights(shapes, "key", rows=FEATURES, columns=4, bias=False)
    weights(shapes, "value", rows=4, bias=False)

    def step(p, s, x, t):
        r, k = shifted(p, "receptance", x, s["before"]), shifted(p, "key", x, s["before"])
        return {"before": x}, sigmoid(r) * affine(p, "value", np.maximum(k, 0) ** 2)

    return shapes, {"before": (FEATURES,)}, step


def lmu():
    order, window = 4, 6.0
    shapes = weights({}, "encoder", rows=FEATURES + UNITS + order, columns=1, bias=False)
    weights(shapes, "kernel", rows=FEATURES + UNITS + order, bias=False)
    i, j = numpy.arange(order)[:, None], numpy.arange(order)
    a = (2 * i + 1) * numpy.where(i < j, -1.0, (-1.0) ** (i - j + 1)) / window
    b = (2 * i + 1) * (-1.0) ** i / window
    hold = jax.scipy.linalg.expm(a)
    drive = numpy.linalg.solve(a, (hold - numpy.eye(order)) @ b)[:, 0]

    def step(p, s, x, t):
        memory = hold @ s["m"] + drive * affine(p, "encoder", x, s["h"], s["m"])
        h = tanh(affine(p, "kernel", x, s["h"], memory))
        return {"h": h, "m": memory}, h

    return shapes, {"h": (UNITS,), "m": (order,)}, step


def exprnn():
    shapes = {"recurrent.weight": (UNITS, UNITS)}
    weights(shapes, "input", rows=FEATURES, bias=False)
    shapes["bias"] = (UNITS,)

    def step(p, s, x, t):
        weight = p["recurrent.weight"]
        z = jax.scipy.linalg.expm(weight - weight.T) @ s["h"] + affine(p, "input", x)
        h = np.sign(z) * np.maximum(np.abs(z) + p["bias"], 0)
        return {"h": h}, h

    return shapes, {"h": (UNITS,)}, step


@jax.custom_vjp
def spike(v, slope):
    return (v > 0).astype(v.dtype)


spike.defvjp(lambda v, slope: (spike(v, slope), slope), lambda slope, adjoint: (adjoint * slope, np.zeros_like(slope)))


def lif():
    shapes = weights({}, "input", rows=FEATURES)
    weights(shapes, "recurrent", rows=UNITS, bias=False)

    def step(p, s, x, t):
        current = 0.8 * s["current"] + affine(p, "input", x) + affine(p, "recurrent", s["spikes"])
        potential = 0.9 * s["potential"] + s["current"] - 0.4 * s["spikes"]
        z = spike(potential - 0.4, 1 / (1 + 10 * np.abs(potential - 0.4)) ** 2)
        return {"current": current, "potential": potential, "spikes": z}, z

    return shapes, {"current": (UNITS,), "potential": (UNITS,), "spikes": (UNITS,)}, step


def alif():
    shapes = weights({}, "input", rows=FEATURES)
    weights(shapes, "recurrent", rows=UNITS, bias=False)

    def step(p, s, x, t):
        z = s["spikes"]
        driven = 0.2 * (affine(p, "input", x) + affine(p, "recurrent", z))
        u = 0.8 * s["potential"] + driven - (0.1 + 0.3 * s["adaptation"]) * z
        fatigue = 0.9 * s["adaptation"] + 0.1 * z
        v = u / (0.1 + 0.3 * fatigue) - 1
        z = spike(v, 0.3 * np.maximum(1 - np.abs(v), 0))
        return {"potential": u, "adaptation": fatigue, "spikes": z}, z

    return shapes, {"potential": (UNITS,), "adaptation": (UNITS,), "spikes": (UNITS,)}, step


def phased():
    shapes = {}
    for gate in ("candidate", "forget", "input", "output"):
        weights(shapes, gate, rows=UNITS + FEATURES - 1)
        if gate != "candidate":
            shapes[gate + ".peephole"] = (UNITS,)
    shapes |= {"period": (UNITS,), "ratio": (UNITS,), "shift": (UNITS,)}

    def step(p, s, x, t):
        x, time = x[:-1], x[-1]

        def gate(name, cell):
            return sigmoid(affine(p, name, s["h"], x) + p[name + ".peephole"] * cell)

        full = gate("forget", s["c"]) * s["c"] + gate("input", s["c"]) * tanh(affine(p, "candidate", s["h"], x))
        phase = np.mod(time / exp(p["period"]) - p["shift"], 1)
        ratio = p["ratio"]
        k = np.where(
            phase < ratio / 2, 2 * phase / ratio, np.where(phase < ratio, 2 - 2 * phase / ratio, 0.01 * phase))
        h = k * gate("output", full) * tanh(full) + (1 - k) * s["h"]
        return {"h": h, "c": k * full + (1 - k) * s["c"]}, h

    return shapes, {"h": (UNITS,), "c": (UNITS,)}, step


def clockwork():
    shapes = weights({"recurrent.weight": (UNITS, UNITS)}, "input", rows=FEATURES)
    # Three units in two groups: two fast ones, one slow one that reads itself only.
    mask = numpy.array([[1, 1, 0], [1, 1, 0], [1, 1, 1]])
    periods = numpy.array([1, 1, 2])

    def step(p, s, x, t):
        new = tanh(s["h"] @ (mask * p["recurrent.weight"]) + affine(p, "input", x))
        h = np.where(t % periods == 0, new, s["h"])
        return {"h": h}, h

    return shapes, {"h": (UNITS,)}, step


def grud():
    count = 2
    shapes = {"valueDecay.weight": (count,), "valueDecay.bias": (count,)}
    weights(shapes, "stateDecay", rows=count)
    weights(shapes, "update", "reset", "candidate", rows=UNITS + 2 * count)

    def step(p, s, x, t):
        value, mask, interval = np.split(x, 3)
        is_seen = mask > 0.5
        last = np.where(is_seen, value, s["last"])
        decay = exp(-np.maximum(p["valueDecay.weight"] * interval + p["valueDecay.bias"], 0))
        value = np.where(is_seen, value, decay * last)
        past = exp(-np.maximum(affine(p, "stateDecay", interval), 0)) * s["h"]
        update = sigmoid(affine(p, "update", past, value, mask))
        reset = sigmoid(affine(p, "reset", past, value, mask))
        h = (1 - update) * past + update * tanh(affine(p, "candidate", reset * past, value, mask))
        return {"h": h, "last": last}, h

    return shapes, {"h": (UNITS,), "last": (count,)}, step


def odernn():
    hidden = 2
    shapes = weights({}, "flow.hidden", rows=UNITS, columns=hidden)
    weights(shapes, "flow", rows=hidden)
    weights(shapes, "update", "reset", "candidate", rows=UNITS + FEATURES - 1)

    def step(p, s, x, t):
        x, length = x[:-1], x[-1] / 2

        def flow(h):
            return affine(p, "flow", tanh(affine(p, "flow.hidden", h)))

        h = s["h"]
        for _ in range(2):
            a = flow(h)
            b = flow(h + length / 2 * a)
            c = flow(h + length / 2 * b)
            d = flow(h + length * c)
            h = h + length * (a + 2 * b + 2 * c + d) / 6
        update, reset = sigmoid(affine(p, "update", h, x)), sigmoid(affine(p, "reset", h, x))
        h = (1 - update) * h + update * tanh(affine(p, "candidate", reset * h, x))
        return {"h": h}, h

    return shapes, {"h": (UNITS,)}, step


def multiplicative():
    shapes = weights({}, "mixInput", rows=FEATURES, bias=False)
    weights(shapes, "mixState", rows=UNITS, bias=False)
    weights(shapes, "input", "forget", "candidate", "output", rows=UNITS + FEATURES)

    def step(p, s, x, t):
        mixed = affine(p, "mixInput", x) * affine(p, "mixState", s["h"])
        i, f, o = (sigmoid(affine(p, name, mixed, x)) for name in ("input", "forget", "output"))
        c = f * s["c"] + i * tanh(affine(p, "candidate", mixed, x))
        return {"h": o * tanh(c), "c": c}, o * tanh(c)

    return shapes, {"h": (UNITS,), "c": (UNITS,)}, step


def hyperlstm():
    small, embedding = 2, 2
    gates = ("input", "forget", "candidate", "output")
    shapes = {}
    weights(shapes, *("hyper." + gate for gate in gates), rows=small + UNITS + FEATURES, columns=small)
    for gate in gates:
        weights(shapes, gate + ".stateScale.embedding", gate + ".inputScale.embedding", rows=small, columns=embedding)
        weights(shapes, gate + ".stateScale", gate + ".inputScale", rows=embedding, bias=False)
        weights(shapes, gate + ".shift.embedding", rows=small, columns=embedding, bias=False)
        weights(shapes, gate + ".shift", rows=embedding)
        weights(shapes, gate + ".state", rows=UNITS, bias=False)
        weights(shapes, gate + ".input", rows=FEATURES, bias=False)

    def lstm(i, f, g, o, c):
        c = sigmoid(f) * c + sigmoid(i) * tanh(g)
        return sigmoid(o) * tanh(c), c

    def step(p, s, x, t):
        pre = (affine(p, "hyper." + gate, s["hyper.h"], s["h"], x) for gate in gates)
        hyper, memory = lstm(*pre, s["hyper.c"])

        def scale(name):
            return affine(p, name, affine(p, name + ".embedding", hyper))

        pre = (
            scale(gate + ".stateScale") * affine(p, gate + ".state", s["h"])
            + scale(gate + ".inputScale") * affine(p, gate + ".input", x) + scale(gate + ".shift") for gate in gates)
        h, c = lstm(*pre, s["c"])
        return {"h": h, "c": c, "hyper.h": hyper, "hyper.c": memory}, h

    return shapes, {"h": (UNITS,), "c": (UNITS,), "hyper.h": (small,), "hyper.c": (small,)}, step


def convlstm():
    # 2 × 2 places of one channel.
    gates = ("input", "forget", "candidate", "output")
    shapes = weights({}, *gates, rows=18, columns=1)

    def step(p, s, x, t):
        def gate(name):
            kernel = p[name + ".weight"].reshape(2, 3, 3, 1, 1)
            layout = ("NHWC", "HWIO", "NHWC")
            images = (s["h"][None], x.reshape(1, 2, 2, 1))
            parts = (
                jax.lax.conv_general_dilated(image, kernel[k], (1, 1), "SAME", dimension_numbers=layout)
                for k, image in enumerate(images))
            return sum(parts)[0] + p[name + ".bias"]

        i, f, g, o = (gate(name) for name in gates)
        c = sigmoid(f) * s["c"] + sigmoid(i) * tanh(g)
        h = sigmoid(o) * tanh(c)
        return {"h": h, "c": c}, h.reshape(-1)

    return shapes, {"h": (2, 2, 1), "c": (2, 2, 1)}, step


def lstmn():
    shapes = weights({}, "key", rows=UNITS, bias=False)
    weights(shapes, "query", rows=UNITS + FEATURES, bias=False)
    shapes["score"] = (UNITS,)
    weights(shapes, "input", "forget", "candidate", "output", rows=UNITS + FEATURES)

    def step(p, s, x, t):
        # A tape has a row for every step; those that are still to come have no weight.
        h, c = (s[name + ".tape"].at[t].set(s[name]) for name in ("h", "c"))
        scores = tanh(h @ p["key.weight"] + affine(p, "query", s["read"], x)) @ p["score"]
        attention = jax.nn.softmax(np.where(np.arange(TIME) <= t, scores, -np.inf))
        read, memory = attention @ h, attention @ c
        i, f, o = (sigmoid(affine(p, name, read, x)) for name in ("input", "forget", "output"))
        memory = f * memory + i * tanh(affine(p, "candidate", read, x))
        new = o * tanh(memory)
        return {"h": new, "c": memory, "read": read, "h.tape": h, "c.tape": c}, new

    step.tapes = ("h", "c")
    return shapes, {"h": (UNITS,), "c": (UNITS,), "read": (UNITS,)}, step


def rounded(shape):
    return numpy.round(random.normal(size=shape) * 0.7, 3)


def case(name, cell):
    shapes, states, step = cell()
    features, units = {"grud": (6, UNITS), "convlstm": (4, 4)}.get(name, (FEATURES, UNITS))
    values = {parameter: rounded(shape) for parameter, shape in shapes.items()}
    values |= {state + ".initial": rounded((BATCH, *shape)) for state, shape in states.items()}
    values["x"] = rounded((TIME, BATCH, features))
    if name == "rwkv":
        values["b.initial"] = abs(values["b.initial"]) + 0.1
    if name in ("lif", "alif"):
        values["spikes.initial"] = numpy.round(abs(values["spikes.initial"]))
    if name == "alif":
        values["adaptation.initial"] = abs(values["adaptation.initial"])
    if name in ("phased", "odernn"):
        values["x"][..., -1] = abs(values["x"][..., -1])
    if name == "phased":
        values["x"][..., -1] = numpy.cumsum(values["x"][..., -1], 0)
    if name == "phased":
        values["ratio"] = numpy.array([0.4, 0.5, 0.7])
    if name == "grud":
        values["x"][..., 2:4] = values["x"][..., 2:4] > 0
        values["x"][..., 4:] = abs(values["x"][..., 4:])
    if name in ("lif", "alif"):
        values["input.bias"] = abs(values["input.bias"]) + 0.3
    values["readout"] = rounded((TIME, BATCH, units))

    def run(values):
        initial = {state: values[state + ".initial"] for state in states}

        def one(initial, x):
            tapes = getattr(step, "tapes", ())
            initial = initial | {state + ".tape": np.zeros((TIME, *states[state])) for state in tapes}
            return jax.lax.scan(lambda s, xt: step(values, s, *xt), initial, (x, np.arange(TIME)))[1]

        return jax.vmap(one, (0, 1), 1)(initial, values["x"])

    def loss(values):
        y = run(values)
        return (y * values["readout"]).sum(), y

    (_, y), gradients = jax.value_and_grad(loss, has_aux=True)(values)
    if name in ("lif", "alif"):
        assert 0.1 < y.mean() < 0.9, y.mean()

    def flat(tensors):
        return {key: [float(v) for v in numpy.asarray(tensor).reshape(-1)] for key, tensor in tensors.items()}

    found = {"gradients": flat(gradients), **flat({"y": y})}
    return {"name": name, "features": features, "values": flat(values), **found}


cells = [
    s4d, s5, mamba, rwkv, channels, lmu, exprnn, lif, alif, phased, clockwork, grud, odernn, multiplicative, hyperlstm,
    convlstm, lstmn,
]
vectors = {"steps": TIME, "batch": BATCH, "cases": [case(cell.__name__, cell) for cell in cells]}
path = os.path.join(os.path.dirname(__file__), "../../Vectors/jax-states.json")
with open(path, "w") as file:
    json.dump(vectors, file, separators=(",", ":"))
