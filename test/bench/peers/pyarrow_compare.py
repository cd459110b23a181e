"""Fails unless two Parquet files hold the same rows: ours, and what pyarrow made of the same CSV file."""
import sys

import pyarrow
import pyarrow.parquet as parquet

ours, peer = (parquet.read_table(name) for name in sys.argv[1:])
assert ours.schema.names == peer.schema.names, (ours.schema, peer.schema)
for name in ours.schema.names:
    wanted = ours.column(name).type
    other = peer.column(name)
    if pyarrow.types.is_null(other.type) or other.type != wanted:
        other = other.cast(wanted)
    assert ours.column(name).equals(other), name
