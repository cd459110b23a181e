import type { GenerateOptions } from './generate-options.ts';
import type { GenerateSource } from './generate-source.ts';
import { pythonText } from './literals.ts';
import { pythonSettings } from './python-settings.ts';
import { SPARK_FUNCTIONS } from './spark-functions.ts';
import { sparkRoot } from './spark-root.ts';

/** A notebook of Databricks, as a source file that its import takes. */
export function databricksNotebook(source: GenerateSource, options: GenerateOptions): string {
  const { range, place, joinWith } = source;
  const root = sparkRoot(source, '');
  const cells = [
    `# MAGIC %md
# MAGIC # Collected rows
# MAGIC Reads what a model was asked and answered: typed, all files of the days above, and joined on demand.
# MAGIC Written by azureml-ts, for Databricks Runtime 15 or newer. It is yours: change what you like.`,
    `dbutils.widgets.text("from", ${pythonText(range.from ?? '')}, "First UTC day (empty: all)")
dbutils.widgets.text("to", ${pythonText(range.to ?? '')}, "Last UTC day (empty: all)")
FROM = dbutils.widgets.get("from").strip() or None
TO = dbutils.widgets.get("to").strip() or None`,
    ...(place.kind === 'account' ? [access(place.dfsHost ?? '', options.secretScope)] : []),
    `import csv
import re
import sys
from datetime import date
from functools import reduce
from urllib.parse import unquote

from pyspark.errors import AnalysisException
from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql.types import StringType, StructField, StructType

${pythonSettings(source, options, root)}`,
    SPARK_FUNCTIONS,
    `rows = read(spark, DESIGNATION, FROM, TO)
rows.printSchema()
display(rows)`,
    ...(joinWith === undefined
      ? []
      : [
          `# Rows of both streams, side by side. Take this cell out when only one of them is collected.
joined = read_joined(spark, DESIGNATION, JOIN_WITH, FROM, TO)
display(joined)`,
        ]),
    `# To keep them as a table, name one:
# rows.write.mode("overwrite").saveAsTable("catalog.schema.collected_rows")`,
  ];
  return `# Databricks notebook source\n${cells.join('\n\n# COMMAND ----------\n\n')}\n`;
}

/** How the notebook gets at the account. */
function access(host: string, secretScope: string | undefined): string {
  if (secretScope === undefined) {
    return `# MAGIC %md
# MAGIC ## Access
# MAGIC An external location of Unity Catalog gives it; nothing is set here. Whoever administers the catalog makes one for the
# MAGIC container, with a storage credential whose identity has the role *Storage Blob Data Reader*, and grants
# MAGIC \`READ FILES\` on it. Without Unity Catalog, write the notebook again with a secret scope.`;
  }
  const scope = pythonText(secretScope);
  return `# Access by a service principal with the role Storage Blob Data Reader. Its three values are in the secret scope; none
# belongs into this notebook.
SCOPE = ${scope}
HOST = ${pythonText(host)}
tenant_id = dbutils.secrets.get(SCOPE, "tenant-id")
for name, value in {
    "auth.type": "OAuth",
    "oauth.provider.type": "org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider",
    "oauth2.client.id": dbutils.secrets.get(SCOPE, "client-id"),
    "oauth2.client.secret": dbutils.secrets.get(SCOPE, "client-secret"),
    "oauth2.client.endpoint": f"https://${authority(host)}/{tenant_id}/oauth2/token",
}.items():
    spark.conf.set(f"fs.azure.account.{name}.{HOST}", value)`;
}

/** Where accounts of each cloud sign in. */
function authority(host: string): string {
  return host.endsWith('.chinacloudapi.cn')
    ? 'login.chinacloudapi.cn'
    : host.endsWith('.usgovcloudapi.net')
      ? 'login.microsoftonline.us'
      : 'login.microsoftonline.com';
}
