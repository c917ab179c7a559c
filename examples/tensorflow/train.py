"""Trains the network of this example with TensorFlow 2.19: ``python examples/tensorflow/train.py``.

One layer, by gradient descent on all rows of ``models/iris``, with weights that begin at 0.
"""

import csv
import shutil
from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).parent
SPECIES = ("setosa", "versicolor", "virginica")
STEPS = 4000


class Irises(tf.Module):
    """Probabilities of the three species for rows of four sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = tf.Variable(tf.zeros((4, 3)), name="weights")
        self.bias = tf.Variable(tf.zeros(3), name="bias")

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="sizes")])
    def __call__(self, sizes: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return what a row shows, as TensorFlow Serving is to answer it."""
        return {"probabilities": tf.nn.softmax(self.logits(sizes))}

    def logits(self, sizes: tf.Tensor) -> tf.Tensor:
        """Return the scores before they become probabilities."""
        return sizes @ self.weights + self.bias


with (HERE.parents[1] / "models/iris/data/training/iris.csv").open(newline="") as file:
    rows = list(csv.reader(file))
species = tf.constant([SPECIES.index(row[0]) for row in rows])
sizes = tf.constant([[float(value) for value in row[1:]] for row in rows])
irises = Irises()
for _ in range(STEPS):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(species, irises.logits(sizes)))
    for variable, gradient in zip(
        irises.trainable_variables, tape.gradient(loss, irises.trainable_variables), strict=True
    ):
        variable.assign_sub(0.1 * gradient)
right = tf.reduce_mean(tf.cast(tf.argmax(irises.logits(sizes), axis=1, output_type=tf.int32) == species, tf.float32))
print(f"accuracy: {float(right):.3f}")
shutil.rmtree(HERE / "model", ignore_errors=True)
tf.saved_model.save(irises, str(HERE / "model"), signatures={"serving_default": irises.__call__})
