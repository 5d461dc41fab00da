"""Makes Tests/Vectors: what PyTorch, Keras and Flax compute, and files that NumPy and safetensors write.

    pip install numpy torch jax flax keras safetensors
    python Tests/InterchangeTests/make_vectors.py

Each case is a file of the framework's weights, named as the framework names them under `w/`, and

    x [T, B, I], v [T, B, H], y [T, B, H]      input, read-out, output
    dx, d/<weight>                             gradients of Σ v ⊙ y

Weights are normal, of deviation 0.4 ("small"), or have orthogonal recurrent matrices ("unit": gain 1) and small others.
"""

import io
import os
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import keras
import numpy as np
import torch
from flax import linen, nnx, traverse_util
from safetensors.numpy import save_file

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Vectors")
BATCH, INPUTS, UNITS = 2, 2, 3


# Keras's own functions round to Float32 on JAX; a bidirectional layer copies its layer, functions included.
@keras.saving.register_keras_serializable("vectors")
def wide_tanh(x):
    return jnp.tanh(x)


@keras.saving.register_keras_serializable("vectors")
def wide_sigmoid(x):
    return jax.nn.sigmoid(x)


def numbers(rng, shape, scale):
    return rng.standard_normal(shape) * scale


def orthogonal_blocks(rng, gates, width=UNITS):
    return [np.linalg.qr(rng.standard_normal((UNITS, width)))[0] for _ in range(gates)]


def fill(rng, name, shape, regime):
    """A value for a weight; recurrent matrices are told by their names."""
    recurrent = any(word in name for word in ("weight_hh", "recurrent_kernel", "dense_h.kernel"))
    if "weight_hh" in name and shape[1] < UNITS and regime == "unit":
        return np.concatenate(orthogonal_blocks(rng, shape[0] // UNITS, shape[1]))
    if recurrent and regime == "unit":
        gates = max(shape) // UNITS
        return np.concatenate(orthogonal_blocks(rng, gates), axis=int(np.argmax(shape)) if gates > 1 else 0)
    return numbers(rng, shape, 0.4)


def save(case, weights, gradients, x, v, y, dx, dtype):
    tensors = {"x": x, "v": v, "y": y, "dx": dx}
    tensors |= {"w/" + name: value for name, value in weights.items()}
    tensors |= {"d/" + name: value for name, value in gradients.items()}
    tensors = {name: np.ascontiguousarray(value, dtype=dtype) for name, value in tensors.items()}
    save_file(tensors, os.path.join(FOLDER, case + ".safetensors"))


def pytorch(case, make, regime, dtype, steps, seed):
    rng = np.random.default_rng(seed)
    kind = getattr(torch, dtype)
    module = make().to(kind)
    for name, parameter in module.named_parameters():
        parameter.data = torch.tensor(fill(rng, name, tuple(parameter.shape), regime), dtype=kind)
    x = torch.tensor(numbers(rng, (steps, BATCH, INPUTS), 1), dtype=kind, requires_grad=True)
    y = module(x)[0]
    v = torch.tensor(numbers(rng, tuple(y.shape), 1), dtype=kind)
    (v * y).sum().backward()
    weights = {name: p.detach().numpy() for name, p in module.state_dict().items()}
    gradients = {name: p.grad.numpy() for name, p in module.named_parameters()}
    save(case, weights, gradients, x.detach().numpy(), v.numpy(), y.detach().numpy(), x.grad.numpy(), dtype)


def differentiated(case, apply, weights, rng, steps):
    """The vectors of a function of weights and [T, B, I], in Float64, by JAX."""
    x = jnp.asarray(numbers(rng, (steps, BATCH, INPUTS), 1))
    y = apply(weights, x)
    v = jnp.asarray(numbers(rng, y.shape, 1))
    gradients, dx = jax.grad(lambda w, x: jnp.sum(v * apply(w, x)), argnums=(0, 1))(weights, x)
    save(case, weights, gradients, x, v, y, dx, "float64")


def keras_case(case, layers, seed, steps=4):
    keras.config.set_floatx("float64")
    keras.backend.clear_session()
    rng = np.random.default_rng(seed)
    # Keras has [B, T, I], and counts the names itself.
    model = layers()
    if isinstance(model, list):
        model = keras.Sequential([keras.Input((steps, INPUTS))] + model)
    names = [w.path.removeprefix(model.name + "/") for w in model.trainable_variables]
    weights = {
        name: jnp.asarray(fill(rng, w.path, tuple(w.shape), "small"))
        for name, w in zip(names, model.trainable_variables)
    }
    frozen = [v.value for v in model.non_trainable_variables]

    def apply(weights, x):
        y, _ = model.stateless_call([weights[n] for n in names], frozen, jnp.swapaxes(x, 0, 1))
        return jnp.swapaxes(y, 0, 1) if y.ndim == 3 else y

    differentiated(case, apply, weights, rng, steps)


def flax_case(case, make, seed, steps=4):
    rng = np.random.default_rng(seed)
    graph, parameters, rest = nnx.split(make(nnx.Rngs(0)), nnx.Param, ...)
    flat = dict(nnx.to_flat_state(parameters))
    weights = {
        ".".join(map(str, path)): jnp.asarray(fill(rng, ".".join(map(str, path)), p.shape, "small"))
        for path, p in flat.items()
    }

    def apply(weights, x):
        state = nnx.from_flat_state(
            [(path, nnx.Param(weights[".".join(map(str, path))])) for path in flat])
        y = nnx.merge(graph, state, rest, copy=True)(jnp.swapaxes(x, 0, 1))
        return jnp.swapaxes(y, 0, 1)

    differentiated(case, apply, weights, rng, steps)


def linen_case(case, module, shape, seed):
    """Weights of linen by their paths, an input and the output; `shape` is that of one step's input, () for tokens."""
    rng = np.random.default_rng(seed)
    tokens = shape == ()
    x = rng.integers(0, 5, (BATCH, 4)) if tokens else numbers(rng, (BATCH, 4) + shape, 1)
    flat = traverse_util.flatten_dict(module.init(jax.random.PRNGKey(0), jnp.asarray(x))["params"])
    weights = {path: jnp.asarray(numbers(rng, value.shape, 0.4)) for path, value in sorted(flat.items())}
    y = module.apply({"params": traverse_util.unflatten_dict(weights)}, jnp.asarray(x))
    tensors = {"w/params/" + "/".join(path): np.asarray(value) for path, value in weights.items()}
    tensors |= {"x": np.swapaxes(x, 0, 1).astype(np.int32 if tokens else np.float64), "y": np.swapaxes(y, 0, 1)}
    tensors = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    save_file(tensors, os.path.join(FOLDER, case + ".safetensors"))


def linen_rnn(kind):
    wide = dict(dtype=jnp.float64, param_dtype=jnp.float64, carry_init=lambda *_: jnp.zeros(_[1], jnp.float64))
    return linen.RNN(getattr(linen, kind)(UNITS, **wide))


class LinenModel(linen.Module):
    """Tokens, two layers, the second in both directions, and scores."""

    @linen.compact
    def __call__(self, x):
        wide = dict(dtype=jnp.float64, param_dtype=jnp.float64)
        x = linen.Embed(5, INPUTS, **wide)(x)
        x = linen_rnn("OptimizedLSTMCell")(x)
        x = linen.Bidirectional(linen_rnn("GRUCell"), linen_rnn("GRUCell"))(x)
        return linen.Dense(4, **wide)(x)


def linen_vectors():
    linen_case("linen-lstm", linen_rnn("LSTMCell"), (INPUTS,), 301)
    linen_case("linen-gru", linen_rnn("GRUCell"), (INPUTS,), 302)
    linen_case("linen-rnn", linen_rnn("SimpleCell"), (INPUTS,), 303)
    linen_case("linen-model", LinenModel(), (), 304)


def rnn(kind, **options):
    return lambda: getattr(torch.nn, kind)(INPUTS, UNITS, **options)


def flax_rnn(kind, features=INPUTS):
    wide = dict(dtype=jnp.float64, param_dtype=jnp.float64, keep_rngs=False)
    return lambda rngs: nnx.RNN(getattr(nnx, kind)(features, UNITS, rngs=rngs, **wide))


def compressed_file(path):
    """Every kind of block: the codes of the format, codes of their own, and bytes as they are."""
    noise = np.zeros(3000, np.uint32)
    for n in range(1, len(noise)):
        noise[n] = (1664525 * int(noise[n - 1]) + 1013904223) % 2**32
    np.savez_compressed(
        path, zeros=np.zeros(25000, np.float32), few=np.int32([1, 2]),
        squares=np.arange(5000, dtype=np.float64) ** 2 % 97, noise=noise.astype(np.int32))
    member = io.BytesIO()
    np.save(member, noise.astype(np.int32))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("stored.npy", member.getvalue(), zipfile.ZIP_DEFLATED, compresslevel=0)


def numpy_files():
    values = np.arange(6).reshape(2, 3)
    path = lambda name: os.path.join(FOLDER, name)
    np.save(path("rows.npy"), (values / 4).astype("<f4"))
    np.save(path("columns.npy"), np.asfortranarray(values / 4))
    np.save(path("half.npy"), values.astype("<f2"))
    np.save(path("big-endian.npy"), values.astype(">f4"))
    arrays = dict(
        f4=np.float32([[1, -2.5], [np.inf, -0.0]]), f8=np.array(0.1), i4=np.int32([-1, 0, 2**31 - 1]),
        b1=np.array([True, False]), empty=np.zeros((0, 4), np.float32), columns=np.asfortranarray(values * 0.5))
    np.savez(path("stored.npz"), **arrays)
    compressed_file(path("compressed.npz"))
    np.savez_compressed(path("few.npz"), few=np.int32([1, 2]))
    torch.save({"weight": torch.zeros(2)}, path("pickle.pt"))


def projections(seed):
    """LSTMs that project h to two features, and stacks near gain 1."""
    for dtype in ("float64", "float32"):
        for regime, steps in (("small", 4), ("unit", 10)):
            pytorch(f"pytorch-lstmp-{regime}-{dtype}", rnn("LSTM", proj_size=2), regime, dtype, steps, seed)
            seed += 1
        deep = rnn("LSTM", num_layers=2, bidirectional=True, proj_size=2)
        pytorch(f"pytorch-lstmp-deep-{dtype}", deep, "small", dtype, 4, seed)
        seed += 1
    for name, kind in (("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU")):
        deep = rnn(kind, num_layers=2, bidirectional=True)
        pytorch(f"pytorch-{name}-deep-unit-float32", deep, "unit", "float32", 8, seed)
        seed += 1


def more_layers():
    """Directions that are added, normalisation between layers, three layers of one kind."""
    sequence = dict(return_sequences=True, activation=wide_tanh)
    gated = sequence | dict(recurrent_activation=wide_sigmoid)
    layers = keras.layers
    keras_case(
        "keras-deep",
        lambda: [layers.Bidirectional(layers.LSTM(UNITS, **gated), merge_mode="sum"),
                 layers.GRU(UNITS, **gated), layers.GRU(UNITS, **gated),
                 layers.Bidirectional(layers.SimpleRNN(UNITS, **sequence))], 106)
    keras_case(
        "keras-normalized", lambda: [layers.GRU(UNITS, **gated), layers.LayerNormalization(epsilon=1e-5)], 107)
    flax_case(
        "flax-deep",
        lambda rngs: nnx.Sequential(
            flax_rnn("OptimizedLSTMCell")(rngs), flax_rnn("OptimizedLSTMCell", UNITS)(rngs),
            nnx.LayerNorm(UNITS, epsilon=1e-5, rngs=rngs, dtype=jnp.float64, param_dtype=jnp.float64),
            nnx.Bidirectional(flax_rnn("GRUCell", UNITS)(rngs), flax_rnn("GRUCell", UNITS)(rngs))), 205)


def main():
    os.makedirs(FOLDER, exist_ok=True)
    seed = 1
    for dtype in ("float64", "float32"):
        for regime, steps in (("small", 4), ("unit", 10)):
            for name, kind, options in (
                ("rnn", "RNN", {}), ("rnn-relu", "RNN", {"nonlinearity": "relu"}), ("lstm", "LSTM", {}),
                ("gru", "GRU", {})):
                pytorch(f"pytorch-{name}-{regime}-{dtype}", rnn(kind, **options), regime, dtype, steps, seed)
                seed += 1
    for name, kind in (("rnn", "RNN"), ("lstm", "LSTM"), ("gru", "GRU")):
        deep = rnn(kind, num_layers=2, bidirectional=True)
        pytorch(f"pytorch-{name}-deep-float64", deep, "small", "float64", 4, seed)
        seed += 1
    projections(501)
    sequence = dict(return_sequences=True, activation=wide_tanh)
    gated = sequence | dict(recurrent_activation=wide_sigmoid)
    layers = keras.layers
    keras_case("keras-lstm", lambda: [layers.LSTM(UNITS, **gated)], 101)
    keras_case("keras-gru", lambda: [layers.GRU(UNITS, **gated)], 102)
    keras_case("keras-gru-before", lambda: [layers.GRU(UNITS, reset_after=False, **gated)], 103)
    keras_case("keras-rnn", lambda: [layers.SimpleRNN(UNITS, **sequence)], 104)
    keras_case(
        "keras-stack",
        lambda: [layers.LSTM(UNITS, **gated), layers.Bidirectional(layers.GRU(UNITS, **gated)),
                 layers.LSTM(UNITS, **gated), layers.Dense(2)], 105)
    flax_case("flax-lstm", flax_rnn("OptimizedLSTMCell"), 201)
    flax_case("flax-gru", flax_rnn("GRUCell"), 202)
    flax_case("flax-rnn", flax_rnn("SimpleCell"), 203)
    flax_case(
        "flax-stack",
        lambda rngs: nnx.Sequential(
            nnx.Bidirectional(flax_rnn("OptimizedLSTMCell")(rngs), flax_rnn("OptimizedLSTMCell")(rngs)),
            flax_rnn("GRUCell", 2 * UNITS)(rngs),
            nnx.Linear(UNITS, 2, rngs=rngs, dtype=jnp.float64, param_dtype=jnp.float64)), 204)
    more_layers()
    linen_vectors()
    numpy_files()


if __name__ == "__main__":
    main()
