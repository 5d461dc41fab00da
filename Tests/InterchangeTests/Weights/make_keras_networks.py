"""Makes Tests/Vectors/keras-networks: models of Keras, each with an input and its output.

    pip install numpy keras jax
    python Tests/InterchangeTests/Weights/make_keras_networks.py

x has the samples first. y is that of the model's predict: at each step, or after the last one. Every setting differs from
its default somewhere.
"""

import io
import os
import zipfile

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from keras import layers

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Vectors", "keras-networks")


def save(name, parts, x, rng):
    keras.backend.clear_session()
    model = parts()
    if isinstance(model, list):
        model = keras.Sequential(model)
    for weight in model.weights:
        if "seed" not in weight.path:
            weight.assign(rng.normal(1 if "gamma" in weight.path else 0, 0.5, weight.shape))
    np.savez_compressed(os.path.join(FOLDER, name + ".npz"), x=x, y=model.predict(x, verbose=0))
    path = os.path.join(FOLDER, name + ".keras")
    model.save(path)
    # Smaller, and without the time of writing.
    with zipfile.ZipFile(path) as archive:
        members = {member: archive.read(member) for member in archive.namelist() if not member.endswith("/")}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in members.items():
            archive.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
    with open(path, "wb") as file:
        file.write(buffer.getvalue())


def residual():
    """Two residual layers, one of them in both directions."""
    x = keras.Input((None, 3))
    h = layers.Dense(4, activation="elu")(x)
    h = layers.Add()([h, layers.Dropout(0.2)(layers.LSTM(4, activation="softsign", return_sequences=True)(h))])
    h = layers.LayerNormalization(epsilon=0.02)(h)
    both = layers.Bidirectional(layers.GRU(4, reset_after=False, return_sequences=True), merge_mode="sum")
    h = layers.Add()([both(h), h])
    return keras.Model(x, layers.Dense(2, activation="sigmoid")(layers.Dense(3, activation="tanh")(h)))


def branches():
    """Every merge, of layers that end in both directions and backward; the input is read again behind the first layers."""
    x = keras.Input((None, 3))
    a = layers.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True)(x)
    b = layers.GRU(4, return_sequences=True)(x)
    gate = layers.TimeDistributed(layers.Dense(4, activation="sigmoid"))(b)
    c = layers.Subtract()([layers.Multiply()([gate, a]), b])
    d = layers.Maximum()([c, layers.Minimum()([a, b]), layers.Average()([a, b, c])])
    e = layers.Concatenate()([layers.Activation("leaky_relu")(d), x])
    ends = [
        layers.Bidirectional(layers.SimpleRNN(2))(e), layers.LSTM(3, go_backwards=True)(e), layers.GRU(2)(e)]
    return keras.Model(x, layers.Dense(2)(layers.Concatenate(axis=1)(ends)))


def chain():
    """A functional model whose layers follow one another."""
    x = keras.Input((None, 3))
    h = layers.GRU(3, return_sequences=True)(layers.Dense(4, activation="elu")(x))
    return keras.Model(x, layers.Dense(2)(layers.LayerNormalization(epsilon=0.04)(h)))


def nested():
    """A model within the model, used once, behind an embedding."""
    tokens = keras.Input((None,), dtype="int32")
    inner_input = keras.Input((None, 4))
    a = layers.LSTM(3, use_bias=False, return_sequences=True)(inner_input)
    inner = keras.Model(inner_input, layers.Concatenate()([inner_input, a]), name="block")
    h = inner(layers.Embedding(7, 4)(tokens))
    h = layers.Add()([h, layers.LSTM(7, return_sequences=True)(h)])
    return keras.Model(tokens, layers.Dense(5, activation="tanh")(h))


def functions():
    """Functions as layers of their own."""
    return [
        keras.Input((None, 3)), layers.Dense(4), layers.Activation("elu"), layers.LSTM(3, return_sequences=True),
        layers.Activation("softsign"), layers.GRU(3, return_sequences=True), layers.Dense(4), layers.Activation("relu"),
        layers.Dense(2, activation="tanh"), layers.Activation("sigmoid")]


def main():
    os.makedirs(FOLDER, exist_ok=True)
    rng = np.random.default_rng(21)
    x = rng.normal(0, 1, (2, 6, 3)).astype(np.float32)
    save("merged", lambda: [
        keras.Input((None, 3)),
        layers.Bidirectional(
            layers.LSTM(4, recurrent_activation="hard_sigmoid", return_sequences=True), merge_mode="ave"),
        layers.LayerNormalization(epsilon=0.02),
        layers.GRU(3, reset_after=False, activation="softsign"), layers.Dense(2)], x, rng)
    save("backward", lambda: [
        keras.Input((None, 3)), layers.LSTM(4, go_backwards=True), layers.Dense(2, activation="tanh")], x, rng)
    save("between", lambda: [
        keras.Input((None, 3)), layers.Dense(4, activation="elu"), layers.GRU(4, return_sequences=True),
        layers.LayerNormalization(epsilon=0.03), layers.Dropout(0.3),
        layers.TimeDistributed(layers.Dense(5, activation="relu")), layers.LayerNormalization(epsilon=0.2),
        layers.SimpleRNN(3, use_bias=False, activation="softsign", return_sequences=True),
        layers.TimeDistributed(layers.Dense(3, activation="sigmoid"))], x, rng)
    save("cells", lambda: [
        keras.Input((None, 3)),
        layers.RNN([layers.LSTMCell(4, activation="softsign"), layers.GRUCell(3, reset_after=False)],
                   return_sequences=True),
        layers.Dense(2)], x, rng)
    save("residual", residual, x, rng)
    save("branches", branches, x, rng)
    save("chain", chain, x, rng)
    save("nested", nested, rng.integers(0, 7, (2, 6)).astype(np.int32), rng)
    save("functions", functions, x, rng)
    masked = x.copy()
    masked[0, :2] = masked[1, 4:] = masked[1, 1] = 0.7
    masked[0, 3, 1] = 0.7
    save("masking", lambda: [
        keras.Input((None, 3)), layers.Masking(0.7), layers.Dense(4, activation="elu"),
        layers.Bidirectional(layers.LSTM(3)), layers.Dense(2)], masked, rng)


if __name__ == "__main__":
    main()
