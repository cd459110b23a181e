import type { GenerateOptions } from './generate-options.ts';
import type { GenerateSource } from './generate-source.ts';
import { pythonDays, pythonSettings } from './python-settings.ts';
import { SPARK_FUNCTIONS } from './spark-functions.ts';
import { sparkRoot } from './spark-root.ts';

/** A script for Spark that reads a stream, joins it and writes Parquet. */
export function pysparkScript(source: GenerateSource, options: GenerateOptions): string {
  const { from, to } = pythonDays(source);
  return `"""Reads collected rows with Spark: typed, all files of the range, and joined on demand.

Written by azureml-ts for PySpark 3.5 or newer. It is yours: change what you like.

    spark-submit this_file.py [--from 2026-03-01] [--to 2026-03-31] [--join] [--parquet FOLDER]

--from and --to are UTC days, both included. --join puts the rows of JOIN_WITH beside them.
--parquet writes a new folder instead of printing rows.
${source.place.kind === 'account' ? ACCESS : ''}"""

import argparse
import csv
import re
import sys
from datetime import date
from functools import reduce
from urllib.parse import unquote

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

${pythonSettings(source, options, sparkRoot(source, 'file:'))}
# First and last UTC day; None leaves that end open.
FROM = ${from}
TO = ${to}

${SPARK_FUNCTIONS}


def main():
    options = argparse.ArgumentParser(description="Reads collected rows with Spark.")
    options.add_argument("--from", dest="first", default=FROM)
    options.add_argument("--to", dest="last", default=TO)
    options.add_argument("--join", action="store_true")
    options.add_argument("--parquet")
    options = options.parse_args()
    if options.join and JOIN_WITH is None:
        sys.exit("JOIN_WITH names nothing to join with.")
    spark = SparkSession.builder.appName("collected rows").getOrCreate()
    if options.join:
        rows = read_joined(spark, DESIGNATION, JOIN_WITH, options.first, options.last)
    else:
        rows = read(spark, DESIGNATION, options.first, options.last)
    if options.parquet:
        rows.write.parquet(options.parquet)
        print(f"{spark.read.parquet(options.parquet).count()} rows written to {options.parquet}")
    else:
        rows.printSchema()
        rows.show(truncate=40)
        print(f"{rows.count()} rows")
    spark.stop()


if __name__ == "__main__":
    main()
`;
}

const ACCESS = `
Access to the storage account is no matter of this file. Give the identity that runs Spark the role
"Storage Blob Data Reader" on the container, and Spark its sign-in by configuration (spark-defaults.conf or --conf),
with the package org.apache.hadoop:hadoop-azure of your version of Hadoop:

    spark.hadoop.fs.azure.account.auth.type            OAuth
    spark.hadoop.fs.azure.account.oauth.provider.type  org.apache.hadoop.fs.azurebfs.oauth2.MsiTokenProvider

Never write a key or a secret into this file. The old wasbs driver cannot read append blobs, which is what the
collector writes: stay with abfss.
`;
