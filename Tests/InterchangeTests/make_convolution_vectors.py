"""Makes the vectors in Tests/Vectors of Keras's convolutional LSTMs.

    pip install numpy torch jax flax keras safetensors onnx onnxruntime
    python Tests/InterchangeTests/make_convolution_vectors.py

Files are as those of make_setting_vectors.py, with images of 2 channels at each step, before or behind the places.
"""

# First, since it chooses Keras's backend.
from make_vectors import BATCH, INPUTS, UNITS, numbers, save, wide_sigmoid, wide_tanh
from make_vectors import jax, jnp, keras, np
from make_setting_vectors import STEPS, wide_hard_sigmoid, wide_softsign

GATES = ("input", "forget", "candidate", "output")


def network(make, lengths):
    """A layer over [T, B] + shape, where Keras has the samples first, and its weights' names and shapes."""
    keras.config.set_floatx("float64")
    keras.backend.clear_session()
    layer = make()
    shape = (INPUTS,) + lengths if layer.cell.data_format == "channels_first" else lengths + (INPUTS,)
    model = keras.Sequential([keras.Input((STEPS,) + shape), layer])
    names = [w.path.split("/", 1)[1] for w in model.trainable_variables]
    frozen = [v.value for v in model.non_trainable_variables]

    def apply(weights, x):
        y, _ = model.stateless_call([weights[n] for n in names], frozen, jnp.swapaxes(x, 0, 1))
        return jnp.swapaxes(y, 0, 1)

    return layer, shape, apply, {n: w.shape for n, w in zip(names, model.trainable_variables)}


def write(case, apply, weights, shape, rng):
    x = jnp.asarray(numbers(rng, (STEPS, BATCH) + shape, 1))
    y = apply(weights, x)
    v = jnp.asarray(numbers(rng, y.shape, 1))
    gradients, dx = jax.grad(lambda w, x: jnp.sum(v * apply(w, x)), argnums=(0, 1))(weights, x)
    save(case, weights, gradients, x, v, y, dx, "float64")


def convolution_case(case, make, lengths, seed):
    rng = np.random.default_rng(seed)
    _, shape, apply, shapes = network(make, lengths)
    write(case, apply, {n: jnp.asarray(numbers(rng, s, 0.4)) for n, s in shapes.items()}, shape, rng)


def strides_and_dilation(case, make, dilation, lengths, seed):
    """Both at once, which Keras's layers refuse and its convolution takes; the weights have this library's names."""
    layer, shape, apply, shapes = network(make, lengths)
    layer.cell.dilation_rate = dilation
    kernel, recurrent, bias = shapes
    rng = np.random.default_rng(seed)
    places = int(np.prod(shapes[kernel][:-2]))
    weights = {}
    for gate in GATES:
        weights[gate + ".weight"] = jnp.asarray(numbers(rng, (places * (UNITS + INPUTS), UNITS), 0.4))
        weights[gate + ".bias"] = jnp.asarray(numbers(rng, (UNITS,), 0.4))

    def joined(own, x):
        def tensor(name, rows):
            parts = [own[gate + ".weight"][rows].reshape(shapes[name][:-1] + (UNITS,)) for gate in GATES]
            return jnp.concatenate(parts, axis=-1)

        past = places * UNITS
        return apply({
            kernel: tensor(kernel, slice(past, None)), recurrent: tensor(recurrent, slice(0, past)),
            bias: jnp.concatenate([own[gate + ".bias"] for gate in GATES])}, x)

    write(case, joined, weights, shape, rng)


def main():
    plain = dict(activation=wide_tanh, recurrent_activation=wide_sigmoid, return_sequences=True)
    other = dict(activation=wide_softsign, recurrent_activation=wide_hard_sigmoid, return_sequences=True)
    first = dict(data_format="channels_first")
    layers = keras.layers
    convolution_case("keras-convolution-1", lambda: layers.ConvLSTM1D(UNITS, 3, **plain), (4,), 351)
    convolution_case(
        "keras-convolution-2",
        lambda: layers.ConvLSTM2D(UNITS, (3, 2), padding="same", use_bias=False, **other), (3, 4), 352)
    convolution_case(
        "keras-convolution-3", lambda: layers.ConvLSTM3D(UNITS, (2, 1, 2), padding="same", **plain), (2, 2, 3), 353)
    # A place that no kernel reaches; an odd number of zeros; a stride that is longer than the kernel.
    convolution_case("keras-strides-1", lambda: layers.ConvLSTM1D(UNITS, 3, strides=2, **plain), (6,), 354)
    convolution_case(
        "keras-strides-2",
        lambda: layers.ConvLSTM2D(UNITS, (3, 2), strides=(2, 3), padding="same", use_bias=False, **other), (6, 5), 355)
    convolution_case(
        "keras-strides-3",
        lambda: layers.ConvLSTM3D(UNITS, (2, 1, 2), strides=(1, 2, 2), padding="same", **first, **plain),
        (2, 3, 3), 356)
    convolution_case(
        "keras-dilation-1", lambda: layers.ConvLSTM1D(UNITS, 3, dilation_rate=2, padding="same", **plain), (5,), 357)
    convolution_case(
        "keras-dilation-2",
        lambda: layers.ConvLSTM2D(UNITS, (2, 3), dilation_rate=(3, 1), **first, **plain), (5, 4), 358)
    convolution_case(
        "keras-dilation-3",
        lambda: layers.ConvLSTM3D(UNITS, (1, 2, 2), dilation_rate=(1, 2, 1), padding="same", **plain), (2, 3, 2), 359)
    convolution_case(
        "keras-channels-1", lambda: layers.ConvLSTM1D(UNITS, 2, padding="same", **first, **plain), (4,), 360)
    strides_and_dilation(
        "convolution-strides-dilation",
        lambda: layers.ConvLSTM2D(UNITS, (2, 3), strides=(2, 1), padding="same", **plain), (3, 2), (7, 4), 361)


if __name__ == "__main__":
    main()
