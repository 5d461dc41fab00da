"""Makes Tests/Vectors/keras-translator.safetensors: an encoder and its decoder, both masked, by Keras in Float64.

    pip install numpy torch jax flax keras safetensors
    python Tests/InterchangeTests/make_translator.py

    words [T, B], answers [S, B], labels [S, B]     tokens, 0 where there is none; Int32
    h [B, H], c [B, H], y [S, B, V], loss           what the encoder ends with, scores, and their loss
    w/<weight>, d/<weight>                          weights by Keras's names, and gradients of the loss
"""

import os

# First, since it chooses Keras's backend.
from make_vectors import FOLDER, INPUTS, UNITS, numbers, wide_sigmoid, wide_tanh
from make_vectors import jax, jnp, keras, np, save_file

# Paddings behind, before and within a sequence, a whole sequence, and one without a word.
WORDS = np.int32([[4, 2, 0, 0, 0], [0, 0, 5, 1, 3], [2, 0, 3, 0, 1], [1, 4, 2, 5, 3], [0, 0, 0, 0, 0]])
# The answer before each step, of which 1 is the beginning, and the one to give.
ANSWERS = np.int32([[1, 3, 2, 0], [1, 0, 0, 0], [1, 2, 4, 3], [1, 4, 0, 0], [1, 2, 2, 0]])
LABELS = np.int32([[3, 2, 4, 0], [2, 0, 0, 0], [2, 4, 3, 1], [4, 1, 0, 0], [2, 2, 3, 0]])


def main():
    keras.config.set_floatx("float64")
    layers = keras.layers
    functions = dict(activation=wide_tanh, recurrent_activation=wide_sigmoid)
    words, answers = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    read = layers.Embedding(6, INPUTS, mask_zero=True, name="source")(words)
    _, *states = layers.LSTM(UNITS, return_state=True, name="encoder", **functions)(read)
    target = layers.Embedding(5, INPUTS, mask_zero=True, name="target")
    # A layer that is called with several tensors takes no mask from them: Keras 3 asks for it.
    told = layers.LSTM(UNITS, return_sequences=True, name="decoder", **functions)(
        target(answers), initial_state=states, mask=target.compute_mask(answers))
    model = keras.Model([words, answers], [layers.Dense(5, name="scores")(told)] + states)

    rng = np.random.default_rng(401)
    names = [w.path for w in model.trainable_variables]
    weights = {n: jnp.asarray(numbers(rng, w.shape, 0.6)) for n, w in zip(names, model.trainable_variables)}
    frozen = [v.value for v in model.non_trainable_variables]
    # It takes the mask of the scores, which is that of the answers.
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64")

    def apply(weights):
        (y, h, c), _ = model.stateless_call([weights[n] for n in names], frozen, [WORDS, ANSWERS])
        return loss(LABELS, y), (y, h, c)

    (value, (y, h, c)), gradients = jax.value_and_grad(apply, has_aux=True)(weights)
    chosen = np.take_along_axis(np.asarray(jax.nn.log_softmax(y)), LABELS[..., None], axis=-1)[..., 0]
    assert abs(float(value) + chosen[ANSWERS != 0].mean()) < 1e-12, "the loss is not that of the masked steps"
    tensors = {"words": WORDS.T, "answers": ANSWERS.T, "labels": LABELS.T}
    tensors |= {"h": h, "c": c, "y": np.swapaxes(y, 0, 1), "loss": value}
    tensors |= {"w/" + name: tensor for name, tensor in weights.items()}
    tensors |= {"d/" + name: tensor for name, tensor in gradients.items()}
    for name, tensor in tensors.items():
        assert np.asarray(tensor).dtype in (np.int32, np.float64), name
    tensors = {name: np.array(tensor, order="C") for name, tensor in tensors.items()}
    save_file(tensors, os.path.join(FOLDER, "keras-translator.safetensors"))


if __name__ == "__main__":
    main()
