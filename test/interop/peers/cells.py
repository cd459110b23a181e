"""How a table goes to the tests: every cell with its kind, so that 5, 5.0, "5" and nothing are four things."""

import json
import math
from datetime import date, datetime, timezone


def cell(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, int):
        return ["i", str(value)]
    if isinstance(value, float):
        return ["f", "NaN" if math.isnan(value) else repr(value).replace("inf", "Infinity")]
    if isinstance(value, datetime):
        utc = value if value.tzinfo else value.replace(tzinfo=timezone.utc)
        return ["t", round(utc.timestamp() * 1000)]
    if isinstance(value, date):
        return ["s", value.isoformat()]
    return ["s", str(value)]


def table(columns, types, rows):
    return {"columns": list(columns), "types": [str(kind) for kind in types], "rows": [[cell(v) for v in row] for row in rows]}


def print_tables(tables):
    print("TABLES " + json.dumps(tables), flush=True)


def of_pandas(frame):
    """A table of pandas: its missing values, of whatever kind, are nothing; in a float column that is also NaN."""
    import pandas as pd

    def plain(value):
        if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
            return None
        value = value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
        return value.item() if hasattr(value, "item") else value

    columns = [[plain(value) for value in frame.iloc[:, at]] for at in range(frame.shape[1])]
    return table(frame.columns, frame.dtypes, list(zip(*columns)))


def of_arrow(data):
    return table(data.column_names, [field.type for field in data.schema], list(zip(*(c.to_pylist() for c in data.columns))))


def of_polars(frame):
    return table(frame.columns, frame.dtypes, frame.rows())


def of_duckdb(relation):
    return table(relation.columns, relation.types, relation.fetchall())


def of_spark(frame):
    return table(frame.columns, [field.dataType.simpleString() for field in frame.schema], [tuple(row) for row in frame.collect()])
