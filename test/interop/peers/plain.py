"""Reads files of rows as the guides tell for each engine: wildcards in, typed rows out.

Standard input: {"engine": ..., "jobs": [{"kind": "csv" | "parquet" | "texts", "pattern": ..., "types": {...}}]}.
"""

import json
import sys
from glob import escape, glob
from io import BytesIO

import cells

CALL = ["$aml_dc_correlation_id", "$aml_dc_user_correlation_id", "$aml_dc_scoring_timestamp", "$aml_request_id"]
TIME = "$aml_dc_scoring_timestamp"


def pandas_csv(pattern, types):
    import pandas as pd

    names = {"double": "float64", "bigint": "Int64", "boolean": "boolean", "string": "str"}
    dtype = {name: names[kind] for name, kind in types.items() if kind in names}
    dtype.update({name: "str" for name in CALL if name != TIME})
    times = [TIME, *(name for name, kind in types.items() if kind == "timestamp")]
    frames = [
        pd.read_csv(
            path,
            dtype={**dtype, **{name: "str" for name in times}},
            keep_default_na=False,
            na_values={
                name: ["", "NaN"] if dtype.get(name) == "float64" else [""] for name in [*types, *CALL]
            },
            float_precision="round_trip",
        )
        for path in sorted(glob(pattern))
    ]
    data = pd.concat(frames, ignore_index=True)
    for name in times:
        data[name] = pd.to_datetime(data[name], utc=True, format="ISO8601")
    return cells.of_pandas(data)


def pandas_texts(pattern, header):
    import pandas as pd

    (path,) = glob(escape(pattern))
    with open(path, "rb") as file:
        # An empty line is no row; pandas passes over it only without the CR that ends some lines here.
        text = file.read().replace(b"\n\r\n", b"\n")
    options = {"dtype": str, "keep_default_na": False, "lineterminator": "\n"}
    data = pd.read_csv(BytesIO(text), header=0 if header else None, **options)
    if not isinstance(data.index, pd.RangeIndex):
        raise ValueError("the rows have more cells than the header, which pandas takes for an index")
    return cells.of_pandas(data)


def pandas_parquet(pattern):
    import pandas as pd

    # Its usual types have no place for a whole number that is missing, and would round the others.
    frames = [
        pd.read_parquet(path, dtype_backend="numpy_nullable", partitioning=None)
        for path in sorted(glob(pattern, recursive=True))
    ]
    return cells.of_pandas(pd.concat(frames, ignore_index=True))


def arrow_csv(pattern, types):
    import pyarrow as pa
    from pyarrow import csv

    kinds = {
        "double": pa.float64(),
        "bigint": pa.int64(),
        "boolean": pa.bool_(),
        "string": pa.string(),
        "timestamp": pa.timestamp("ms", tz="UTC"),
    }
    types = {**{name: "string" for name in CALL}, TIME: "timestamp", **types}
    tables = [
        csv.read_csv(
            path,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                column_types={name: kinds[kind] for name, kind in types.items()},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
        for path in sorted(glob(pattern))
    ]
    return cells.of_arrow(pa.concat_tables(tables))


def arrow_parquet(pattern):
    import pyarrow as pa
    from pyarrow import parquet

    return cells.of_arrow(pa.concat_tables([parquet.read_table(path, partitioning=None) for path in sorted(glob(pattern, recursive=True))]))


def polars_csv(pattern, types):
    import polars as pl

    kinds = {"double": pl.Float64, "bigint": pl.Int64, "boolean": pl.Boolean, "string": pl.String, "timestamp": pl.String}
    types = {**{name: "string" for name in CALL}, TIME: "timestamp", **types}
    data = pl.read_csv(pattern, schema_overrides={name: kinds[kind] for name, kind in types.items()}, glob=True)
    times = [name for name, kind in types.items() if kind == "timestamp"]
    return cells.of_polars(data.with_columns(pl.col(times).str.to_datetime(time_unit="ms", time_zone="UTC")))


def polars_parquet(pattern):
    import polars as pl

    return cells.of_polars(pl.read_parquet(pattern, hive_partitioning=False))


def duckdb_csv(pattern, types):
    import duckdb

    kinds = {"double": "DOUBLE", "bigint": "BIGINT", "boolean": "BOOLEAN", "string": "VARCHAR", "timestamp": "TIMESTAMP"}
    types = {**{name: "string" for name in CALL}, TIME: "timestamp", **types}
    return cells.of_duckdb(
        duckdb.read_csv(
            pattern,
            header=True,
            delimiter=",",
            quotechar='"',
            escapechar='"',
            sample_size=-1,
            union_by_name=True,
            hive_partitioning=False,
            dtype={name: kinds[kind] for name, kind in types.items()},
        )
    )


def duckdb_parquet(pattern):
    import duckdb

    return cells.of_duckdb(duckdb.read_parquet(pattern, hive_partitioning=False))


def duckdb_sql(script, query):
    import duckdb

    connection = duckdb.connect()
    connection.execute(script).fetchall()
    return cells.of_duckdb(connection.sql(query))


def main():
    order = json.load(sys.stdin)
    engine = order["engine"]
    tables = []
    for job in order["jobs"]:
        work = globals()[f"{engine}_{job['kind']}"]
        try:
            tables.append(work(**{name: value for name, value in job.items() if name != "kind"}))
        except Exception as error:  # Every failure is one of its check, not of the run.
            tables.append({"error": f"{type(error).__name__}: {error}"})
    cells.print_tables(tables)


main()
