import type { GenerateOptions } from './generate-options.ts';
import type { GenerateSource } from './generate-source.ts';
import { pythonText } from './literals.ts';
import { PANDAS_FUNCTIONS } from './pandas-functions.ts';
import { pythonDays, pythonSettings } from './python-settings.ts';

/** A script for pandas that reads a stream, joins it and writes Parquet. */
export function pandasScript(source: GenerateSource, options: GenerateOptions): string {
  const { place } = source;
  const { from, to } = pythonDays(source);
  const isAccount = place.kind === 'account';
  return `"""Reads collected rows with pandas: typed, all files of the range, and joined on demand.

Written by azureml-ts for pandas 2 or newer. It is yours: change what you like. It holds all rows in memory.

    python this_file.py [--from 2026-03-01] [--to 2026-03-31] [--join] [--parquet FILE]

--from and --to are UTC days, both included. --join puts the rows of JOIN_WITH beside them.
--parquet writes a file (with pyarrow) instead of printing rows. Without pandas: polars.from_pandas(read(DESIGNATION)).
${isAccount ? ACCESS : ''}"""

import argparse
${isAccount ? '' : 'import os\n'}import re
import sys
from fnmatch import fnmatchcase

import pandas as pd
${isAccount ? 'from adlfs import AzureBlobFileSystem\n' : ''}
${pythonSettings(source, options, isAccount ? place.container : place.directory)}
# First and last UTC day; None leaves that end open.
FROM = ${from}
TO = ${to}

${isAccount ? accountFiles(place.account, place.blobUrl) : FOLDER_FILES}


${PANDAS_FUNCTIONS}


def main():
    options = argparse.ArgumentParser(description="Reads collected rows with pandas.")
    options.add_argument("--from", dest="first", default=FROM)
    options.add_argument("--to", dest="last", default=TO)
    options.add_argument("--join", action="store_true")
    options.add_argument("--parquet")
    options = options.parse_args()
    if options.join and JOIN_WITH is None:
        sys.exit("JOIN_WITH names nothing to join with.")
    if options.join:
        rows = read_joined(DESIGNATION, JOIN_WITH, options.first, options.last)
    else:
        rows = read(DESIGNATION, options.first, options.last)
    if options.parquet:
        rows.to_parquet(options.parquet, index=False)
        print(f"{len(rows)} rows written to {options.parquet}")
    else:
        print(rows.dtypes.to_string())
        print(rows)


if __name__ == "__main__":
    main()
`;
}

const ACCESS = `
It signs in with DefaultAzureCredential (az login, a managed identity, ...): the role "Storage Blob Data Reader" on the
container is needed, and pip install adlfs azure-identity. Never write a key into this file.
`;

const FOLDER_FILES = `def all_files(folder):
    """The paths of all files below a folder, with slashes."""
    for place, _, names in os.walk(folder):
        for name in names:
            yield os.path.join(place, name).replace(os.sep, "/")


def open_file(path):
    return open(path, "rb")`;

function accountFiles(account: string, blobUrl: string): string {
  return `STORE = AzureBlobFileSystem(account_name=${pythonText(account)}, account_host=${pythonText(new URL(blobUrl).host)}, anon=False)


def all_files(folder):
    """The paths of all blobs below a folder."""
    return STORE.find(folder)


def open_file(path):
    return STORE.open(path, "rb")`;
}
