"""Makes a CSV file of collected rows a Parquet file with pyarrow, and prints what it took.

Arguments: `stream` (open_csv and ParquetWriter, batch by batch) or `whole` (read_csv and write_table), the small file to
warm up with, the large file, and the file to write.
"""
import json
import os
import resource
import sys
import time

import pyarrow
import pyarrow.csv as csv
import pyarrow.parquet as parquet

mode, small, large, target = sys.argv[1:]
PARSE = csv.ParseOptions(newlines_in_values=True)
CONVERT = csv.ConvertOptions(strings_can_be_null=True)


def export(source):
    if mode == "whole":
        table = csv.read_csv(source, parse_options=PARSE, convert_options=CONVERT)
        parquet.write_table(table, target, compression="zstd")
        return table.num_rows
    reader = csv.open_csv(source, parse_options=PARSE, convert_options=CONVERT)
    rows = 0
    with parquet.ParquetWriter(target, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
            rows += batch.num_rows
    return rows


with open("/proc/self/statm", encoding="ascii") as statm:
    idle = int(statm.read().split()[1]) * resource.getpagesize()
export(small)
start = time.perf_counter()
rows = export(large)
elapsed = time.perf_counter() - start
print(
    json.dumps(
        {
            "rows": rows,
            "milliseconds": elapsed * 1000,
            "bytes": os.path.getsize(target),
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "idle": idle,
        }
    )
)
