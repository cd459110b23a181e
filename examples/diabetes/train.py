"""Trains the example's model and writes what the TypeScript side needs.

    python -m pip install -r requirements.txt
    python train.py            # writes data/diabetes.csv, model/model.json, model/sklearn_predictions.json
    python train.py --check    # writes nothing; exit code 1 when a committed file would change

The result is deterministic: every feature is looked at for every split, and the seed decides only between equal splits.
"""

import json
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.model_selection import cross_val_score

HERE = Path(__file__).resolve().parent
LEAF = -1

# Small on purpose: the whole model stays readable, about 20 KB of JSON.
PARAMETERS = {"n_estimators": 45, "max_depth": 3, "learning_rate": 0.1, "random_state": 0}


def number(value):
    """The shortest text that reads back as the same double; whole numbers without a point, as in the source."""
    value = float(value)
    return int(value) if value.is_integer() else value


def table_csv(table):
    lines = [",".join([*table.feature_names, "target"])]
    for features, target in zip(table.data, table.target, strict=True):
        lines.append(",".join(str(number(value)) for value in [*features, target]))
    return "\n".join(lines) + "\n"


def tree_arrays(tree):
    """One tree as arrays over its nodes. Node 0 is the root; a leaf has feature -1 and no way down."""
    leaf = tree.children_left == tree.children_right
    return {
        "feature": [LEAF if end else int(feature) for end, feature in zip(leaf, tree.feature, strict=True)],
        "threshold": [0 if end else float(limit) for end, limit in zip(leaf, tree.threshold, strict=True)],
        "left": [LEAF if end else int(node) for end, node in zip(leaf, tree.children_left, strict=True)],
        "right": [LEAF if end else int(node) for end, node in zip(leaf, tree.children_right, strict=True)],
        "value": [float(value) if end else 0 for end, value in zip(leaf, tree.value[:, 0, 0], strict=True)],
    }


def model_document(model, feature_names):
    return {
        "format": "gradient-boosting-regressor/1",
        "trainedWith": f"scikit-learn {sklearn.__version__}",
        "featureNames": feature_names,
        "init": float(model.init_.constant_.item()),
        "learningRate": float(model.learning_rate),
        "trees": [tree_arrays(stage[0].tree_) for stage in model.estimators_],
    }


def model_json(document):
    """JSON with one tree a line, so that a retrained model shows in a diff tree by tree."""
    head = {key: value for key, value in document.items() if key != "trees"}
    lines = [f"{json.dumps(key)}:{compact(value)}," for key, value in head.items()]
    trees = ",\n".join(compact(tree) for tree in document["trees"])
    return "{\n" + "\n".join(lines) + '\n"trees":[\n' + trees + "\n]}\n"


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def predict_as_documented(document, row):
    """What model.ts does, in Python: the export is wrong when this differs from scikit-learn in a single bit."""
    result = document["init"]
    for tree in document["trees"]:
        node = 0
        while tree["feature"][node] != LEAF:
            below = float(np.float32(row[tree["feature"][node]])) <= tree["threshold"][node]
            node = tree["left" if below else "right"][node]
        result += document["learningRate"] * tree["value"][node]
    return result


def write(path, text, check_only):
    same = path.exists() and path.read_text(encoding="utf-8") == text
    state = "unchanged" if same else "differs" if check_only else "written"
    if not check_only and not same:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    print(f"{path.relative_to(HERE).as_posix()}: {len(text.encode())} bytes, {state}")
    return same


def main(arguments):
    if any(argument != "--check" for argument in arguments):
        print("usage: python train.py [--check]", file=sys.stderr)
        return 2
    check_only = "--check" in arguments

    table = load_diabetes(scaled=False)
    model = GradientBoostingRegressor(**PARAMETERS).fit(table.data, table.target)
    predictions = [float(value) for value in model.predict(table.data)]
    document = model_document(model, list(table.feature_names))

    for index, row in enumerate(table.data):
        again = predict_as_documented(document, row)
        if again != predictions[index]:
            raise SystemExit(f"row {index}: the exported trees give {again!r}, scikit-learn gives {predictions[index]!r}")

    unchanged = [
        write(HERE / "data" / "diabetes.csv", table_csv(table), check_only),
        write(HERE / "model" / "model.json", model_json(document), check_only),
        write(HERE / "model" / "sklearn_predictions.json", json.dumps(predictions, indent=0) + "\n", check_only),
    ]
    scores = cross_val_score(GradientBoostingRegressor(**PARAMETERS), table.data, table.target, cv=5, scoring="r2")
    print(f"R2 on rows not trained on (5-fold): {scores.mean():.3f} (lowest {scores.min():.3f})")
    return 1 if check_only and not all(unchanged) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
