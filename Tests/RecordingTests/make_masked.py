"""Writes Tests/Vectors/keras-masked.json: what Keras makes of masked sequences, in Float64.

python make_masked.py
"""
import json
import os

# Keras' products round to Float32 on PyTorch, and its own functions on JAX.
os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_ENABLE_X64"] = "1"
import jax
import keras
import numpy as np

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")


@keras.saving.register_keras_serializable("vectors")
def tanh(x):
    return jax.numpy.tanh(x)


@keras.saving.register_keras_serializable("vectors")
def sigmoid(x):
    return jax.nn.sigmoid(x)


random = np.random.default_rng(5)
units, features, steps = 2, 2, 5
gates = {"LSTM": ["input", "forget", "candidate", "output"], "GRU": ["update", "reset", "candidate"]}
# Left padding, holes, right padding, a sequence that is masked throughout, and one that is whole.
mask = np.array([[0, 0, 1, 1, 1], [1, 0, 1, 0, 1], [1, 1, 1, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], dtype=bool)
x = np.round(random.normal(size=(len(mask), steps, features)), 3)
x[~mask] = 0.0
ids = np.where(mask, 1 + np.arange(mask.size).reshape(mask.shape) % 3, 0)


def rounded(*shape):
    return np.round(random.normal(size=shape) * 0.7, 3)


def weights(kind):
    """The layer's tensors as Keras has them, and each gate's as this package has them."""
    count = len(gates[kind])
    kernel, recurrent, bias = rounded(features, count * units), rounded(units, count * units), rounded(count * units)
    own = {}
    for index, gate in enumerate(gates[kind]):
        columns = slice(index * units, (index + 1) * units)
        own[f"{gate}.weight"] = np.concatenate([recurrent[:, columns], kernel[:, columns]])
        own[f"{gate}.bias"] = bias[columns]
    if kind == "GRU":
        # Its update gate is the share of the old state in Keras, of the new one here.
        own["update.weight"], own["update.bias"] = -own["update.weight"], -own["update.bias"]
    return [kernel, recurrent, bias], own


def layer(kind, **options):
    options |= {"activation": tanh, "recurrent_activation": sigmoid}
    if kind == "GRU":
        return keras.layers.GRU(units, reset_after=False, **options)
    return keras.layers.LSTM(units, **options)


def flat(values):
    return [float(v) for v in np.asarray(values).reshape(-1)]


cases = []


def case(name, kind, make, tensors, own, given=x):
    """A layer after a masking layer; outputs are turned to time first."""
    tokens = given is ids
    inputs = keras.Input((steps,), dtype="int32") if tokens else keras.Input((steps, features), dtype="float64")
    masking = keras.layers.Embedding(4, features, mask_zero=True) if tokens else keras.layers.Masking(0.0)
    recurrent = make()
    outputs = recurrent(masking(inputs))
    model = keras.Model(inputs, outputs)
    parameters = {key: flat(value) for key, value in own.items()}
    if tokens:
        table = rounded(4, features)
        masking.set_weights([table])
        parameters["table"] = flat(table)
    recurrent.set_weights(tensors)
    y = keras.ops.convert_to_numpy(model(given))
    if y.ndim == 3:
        y = y.transpose(1, 0, 2)
    cases.append({"name": name, "kind": kind, "parameters": parameters, "y": flat(y)})


for kind in gates:
    tensors, own = weights(kind)
    for sequences in (False, True):
        case(f"{kind} {'sequences' if sequences else 'last'}", kind,
             lambda: layer(kind, return_sequences=sequences), tensors, own)
    case(f"{kind} zero", kind,
         lambda: layer(kind, return_sequences=True, zero_output_for_mask=True), tensors, own)
    case(f"{kind} tokens", kind, lambda: layer(kind, return_sequences=False), tensors, own, ids)
    back, ownBack = weights(kind)
    both = {f"forward.{k}": v for k, v in own.items()} | {f"backward.{k}": v for k, v in ownBack.items()}
    for sequences in (False, True):
        case(f"{kind} bidirectional {'sequences' if sequences else 'last'}", kind,
             lambda: keras.layers.Bidirectional(layer(kind, return_sequences=sequences)), tensors + back, both)

path = os.path.join(os.path.dirname(__file__), "..", "Vectors", "keras-masked.json")
with open(path, "w") as file:
    # A case a line.
    given = {
        "mask": [bool(v) for v in mask.T.reshape(-1)], "x": flat(x.transpose(1, 0, 2)),
        "ids": [int(v) for v in ids.T.reshape(-1)]}
    file.write(json.dumps(given)[:-1] + ', "cases": [\n' + ",\n".join(map(json.dumps, cases)) + "\n]}\n")
