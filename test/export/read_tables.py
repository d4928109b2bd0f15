"""Reads the tables in the current folder with several libraries; prints what each found as JSON.

usage: read_tables.py PARQUET ARROW CSV JSONL
"""
import json
import sys

import duckdb
import pandas
import pyarrow
import pyarrow.ipc
import pyarrow.parquet

parquet_file, arrow_file, csv_file, jsonl_file = sys.argv[1:]


def sums(frame):
    awaits = frame[frame["kind"] == "await"]
    return {
        "rows": len(frame),
        "count": int(frame["count"].sum()),
        "raised": int(frame["raised"].sum()),
        "operationNs": float(frame["self_ns"].sum() - awaits["self_ns"].sum()),
        "awaitNs": float(awaits["self_ns"].sum()),
        "gcNs": float(frame["gc_ns"].sum()),
        "names": sorted(str(name) for name in frame["name"].dropna().unique()),
        "nulls": int(frame["line"].isna().sum()),
    }


def sums_by_duckdb():
    row = duckdb.execute(
        """SELECT count(*), sum("count"), sum(raised), sum(self_ns) FILTER (kind <> 'await'),
        sum(self_ns) FILTER (kind = 'await'), sum(gc_ns), list_sort(list(DISTINCT name) FILTER (name IS NOT NULL)),
        count(*) FILTER (line IS NULL), sum(list_sum(hist_count)), bool_and(len(hist_ns) = len(hist_count))
        FROM '%s'"""
        % parquet_file
    ).fetchone()
    keys = ["rows", "count", "raised", "operationNs", "awaitNs", "gcNs", "names", "nulls"]
    assert row[-1], "histograms with values and counts of different lengths"
    return dict(zip(keys, [float(x) if i in (3, 4, 5) else x for i, x in enumerate(row)])), int(row[8])


arrow = pyarrow.ipc.open_file(arrow_file).read_all()
arrow.validate(full=True)
parquet = pyarrow.parquet.read_table(parquet_file)
pandas.testing.assert_frame_equal(arrow.to_pandas(), parquet.to_pandas())
assert arrow.schema.names == parquet.schema.names
for field in arrow.schema:
    assert field.metadata[b"doc"], field
    assert field.nullable == parquet.schema.field(field.name).nullable, field
by_duckdb, histogram = sums_by_duckdb()
print(
    json.dumps(
        {
            "pandas, Parquet": sums(pandas.read_parquet(parquet_file)),
            "pandas, Arrow": sums(arrow.to_pandas()),
            "pandas, CSV": sums(pandas.read_csv(csv_file)),
            "pandas, JSONL": sums(pandas.read_json(jsonl_file, lines=True)),
            "DuckDB, Parquet": by_duckdb,
            "histogram": histogram,
            "types": {field.name: str(field.type) for field in arrow.schema},
        }
    )
)
