"""A decision tree that tells three species of iris apart by the sizes of their leaves."""

import csv
import shutil

import joblib
import numpy as np
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from serving.training import TrainingJob

SEED = 0  # the same data, settings and versions train the same file, byte for byte


def train(job: TrainingJob) -> None:
    """Train on the channel `training`: `iris.csv` without a header, the species first, then four sizes in centimetres.

    `hyperparameters.schema.json` declares the hyperparameters: those of `DecisionTreeClassifier`, and
    `validation_fraction`, the share of the rows that is kept back to measure the tree. A channel `inference`, if there
    is one, becomes the model's `code`.
    """
    with (job.channels["training"] / "iris.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    labels = np.array([row[0] for row in rows])
    sizes = np.array([row[1:] for row in rows], dtype=np.float32)

    settings = dict(job.hyperparameters)
    train_x, validation_x, train_y, validation_y = train_test_split(
        sizes, labels, test_size=settings.pop("validation_fraction"), stratify=labels, random_state=SEED
    )
    tree = DecisionTreeClassifier(random_state=SEED, **settings).fit(train_x, train_y)

    # SageMaker finds metrics in what is printed, by a regular expression such as "validation-accuracy: ([0-9.]+)".
    train_accuracy = accuracy_score(train_y, tree.predict(train_x))
    validation_accuracy = accuracy_score(validation_y, tree.predict(validation_x))
    print(f"train-accuracy: {train_accuracy:.4f}\nvalidation-accuracy: {validation_accuracy:.4f}")  # noqa: T201 - see above
    joblib.dump(tree, job.model_dir / "model.joblib")
    if "inference" in job.channels:
        shutil.copytree(job.channels["inference"], job.model_dir / "code")
