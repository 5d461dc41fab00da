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
    model = keras.Sequential(parts())
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


if __name__ == "__main__":
    main()
