"""Trains the example's model and writes it as ONNX, with what it answers to some rows.

    python -m pip install -r requirements.txt
    python train.py            # writes model/iris.onnx and model/expected.json
    python train.py --check    # writes nothing; exit code 1 when the model would answer otherwise
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnx.reference
import sklearn
from skl2onnx import to_onnx
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).resolve().parent
MODEL = HERE / "model" / "iris.onnx"
EXPECTED = HERE / "model" / "expected.json"
# Understood by every ONNX Runtime of the last years.
OPSET = {"": 17, "ai.onnx.ml": 3}
# Rows whose answers are kept: all kinds, and some near the border between two.
SHOWN = [0, 50, 70, 77, 83, 100, 106, 133]


def train():
    table = load_iris()
    model = make_pipeline(StandardScaler(), LogisticRegression(C=10.0, max_iter=1000)).fit(table.data, table.target)
    # Without zipmap the probabilities are one tensor, and not a list of dictionaries.
    exported = to_onnx(
        model,
        table.data[:1].astype(np.float32),
        options={"zipmap": False},
        target_opset=OPSET,
    )
    exported.producer_version = ""
    for number, kind in enumerate(table.target_names):
        entry = exported.metadata_props.add()
        entry.key, entry.value = f"class_{number}", str(kind)
    onnx.checker.check_model(exported)
    rows = table.data[SHOWN].astype(np.float32)
    labels, probabilities = onnx.reference.ReferenceEvaluator(exported).run(None, {"X": rows})
    if not np.array_equal(labels, model.predict(table.data[SHOWN])):
        raise SystemExit("the exported model answers otherwise than scikit-learn")
    expected = {
        "trainedWith": f"scikit-learn {sklearn.__version__}",
        "featureNames": ["sepal_length", "sepal_width", "petal_length", "petal_width"],
        "classes": [str(kind) for kind in table.target_names],
        "rows": [[round(float(value), 6) for value in row] for row in table.data[SHOWN]],
        "labels": [int(label) for label in labels],
        "probabilities": [[round(float(value), 5) for value in row] for row in probabilities],
    }
    return exported.SerializeToString(), expected


def main(arguments):
    if any(argument != "--check" for argument in arguments):
        print("usage: python train.py [--check]", file=sys.stderr)
        return 2
    model, expected = train()
    if arguments:
        committed = json.loads(EXPECTED.read_text(encoding="utf-8"))
        same = committed["labels"] == expected["labels"] and np.allclose(
            committed["probabilities"], expected["probabilities"], atol=1e-4
        )
        print("the committed model is that of this script" if same else "the committed model answers otherwise")
        return 0 if same else 1
    MODEL.parent.mkdir(parents=True, exist_ok=True)
    MODEL.write_bytes(model)
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in expected.items()]
    EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    print(f"{MODEL.name}: {len(model)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
