/**
 * The part of the Spark script and of the notebook that is the same for everybody. It uses only what Spark Connect has
 * too: no SparkContext, no JVM.
 */
export const SPARK_FUNCTIONS = String.raw`CALL_COLUMNS = [
    "$aml_dc_correlation_id",
    "$aml_dc_user_correlation_id",
    "$aml_dc_scoring_timestamp",
    "$aml_request_id",
]
# What a feature becomes that TYPES does not name, when all its values look like this: the first that fits, else string.
# A number with leading zeros is a name, and stays text; so does an integer of more than 18 digits.
LOOKS = {
    "boolean": r"^([Tt]rue|[Ff]alse)$",
    "bigint": r"^-?(0|[1-9]\d{0,17})$",
    "double": r"^-?(0|[1-9]\d{0,14})$|^-?(0|[1-9]\d*)(\.\d+([eE][+-]?\d+)?|[eE][+-]?\d+)$|^(NaN|nan|-?(Infinity|inf))$",
    "timestamp": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$",
}


def column(name):
    """A column by its name as it is: dots and the like mean nothing here."""
    return F.col("\x60" + name.replace("\x60", "\x60\x60") + "\x60")


def escaped(text):
    """A folder's name in a path with wildcards."""
    return "".join("\\" + character if character in "{}[]*?\\" else character for character in text)


def months(first, last):
    """Wildcards for the months of a range, with and without the zero in front of a month."""
    if first is None or last is None:
        return "*/*"
    first, last = (date.fromisoformat(day) for day in (first, last))
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    spellings = {f"{n // 12:04d}/{month}" for n in numbers for month in (f"{n % 12 + 1:02d}", f"{n % 12 + 1}")}
    return "{" + ",".join(sorted(spellings)) + "}"


def pattern(designation, first=None, last=None):
    """The path of all files of a stream, with wildcards: <names>/<version>/<designation>/<yyyy>/<mm>/<dd>/<files>."""
    versions = "*"
    if VERSIONS is not None:
        versions = ",".join(escaped(version).replace(",", "\\,") for version in VERSIONS)
        versions = versions if len(VERSIONS) == 1 else "{" + versions + "}"
    names = [escaped(ROOT), *(escaped(name) for name in NAMES), versions, escaped(designation)]
    days = months(first, last) + "/*"
    # An hour below the day exists only where the Python package was set to it.
    tails = [days, days + "/*"] if FILES == "*.csv" else [days]
    return ["/".join([*names, tail, FILES]) for tail in tails]


def day_of(path):
    """The UTC day in the path of a file of rows, None for any other file."""
    found = re.search(r"/(\d{4})/(\d\d?)/(\d\d?)(?:/\d\d)?/([^/]+\.csv)$", path)
    if found is None or found[4] == "aml_telemetry.csv":
        return None
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"


def first_record(spark, path, line):
    """The cells of a file's first record, of which a first line is known."""
    if line.count('"') % 2 == 0:
        return next(csv.reader([line.rstrip("\r")]))
    # The record goes on in the next line.
    record = spark.read.csv(escaped(path), multiLine=True, escape='"', encoding="UTF-8").first()
    return ["" if cell is None else cell for cell in record]


def columns_of(cells):
    """The names of a file's columns, and whether they stand in the file, by its first record."""
    if CALL_COLUMNS[0] in cells or (FILES == "*.csv" and FEATURE_NAMES is None):
        return tuple(cells), True
    calls = [] if FILES == "*.csv" else CALL_COLUMNS
    names = FEATURE_NAMES or [f"column_{number + 1}" for number in range(len(cells) - len(calls))]
    return (*names, *calls), False


def files_by_columns(spark, designation, first=None, last=None):
    """The files of a stream, by their columns: files of one stream may have other columns than the others."""
    lines = []
    for path in pattern(designation, first, last):
        try:
            text = spark.read.text(path, lineSep="\n").select(
                F.col("_metadata.file_path").alias("path"),
                F.col("_metadata.file_block_start").alias("start"),
                F.monotonically_increasing_id().alias("at"),
                "value",
            )
            text = text.where((F.col("start") == 0) & F.col("value").rlike(r"\S"))
            lines += text.groupBy("path").agg(F.min_by("value", "at").alias("line")).collect()
        except AnalysisException as error:
            if "PATH_NOT_FOUND" not in str(error):
                raise
    groups = {}
    for line in sorted(lines, key=lambda line: line.path):
        path = unquote(line.path)
        day = day_of(path)
        if day is None or (first is not None and day < first) or (last is not None and day > last):
            continue
        groups.setdefault(columns_of(first_record(spark, path, line.line)), []).append(path)
    if not groups:
        raise FileNotFoundError(f"There are no files of rows at {pattern(designation, first, last)[0]}.")
    return groups


def read_texts(spark, designation, first=None, last=None):
    """The rows of a stream, every cell as text, and where each row stands ($aml_file, $aml_row)."""
    frames = []
    groups = files_by_columns(spark, designation, first, last)
    names = {name for names, _ in groups for name in names}
    if len({name.lower() for name in names}) < len(names):
        # Two features differ only in case. Not every platform lets this be set, so it is only when needed.
        spark.conf.set("spark.sql.caseSensitive", "true")
    for (names, has_header), paths in groups.items():
        schema = StructType([StructField(name, StringType()) for name in names])
        # A quote within a quoted cell is doubled, and a cell may have several lines. A row with too few or too many cells
        # ends the run; mode="PERMISSIVE" would let it pass.
        frame = spark.read.csv(
            [escaped(path) for path in paths],
            schema=schema,
            header=has_header,
            multiLine=True,
            escape='"',
            lineSep="\n",
            encoding="UTF-8",
            mode="FAILFAST",
            enforceSchema=True,
        )
        path = F.col("_metadata.file_path")
        added = {"$aml_file": path, "$aml_row": F.monotonically_increasing_id()}
        if VERSIONS is None or len(VERSIONS) > 1:
            depth = F.when(path.rlike(r"/\d{4}/\d\d?/\d\d?/\d\d/[^/]+$"), -7).otherwise(-6)
            version = F.element_at(F.split(path, "/"), depth)
            added["$aml_model_version"] = F.url_decode(F.regexp_replace(version, r"\+", "%2B"))
        cells = {name: column(name) for name in names}
        if FILES == "*.csv":
            # The Python package ends some lines with CR and LF.
            cells[names[-1]] = F.nullif(F.regexp_replace(column(names[-1]), r"\r$", ""), F.lit(""))
        frames.append(frame.select(*(value.alias(name) for name, value in {**cells, **added}.items())))
    return reduce(lambda left, right: left.unionByName(right, allowMissingColumns=True), frames)


def types_of(frame, declared):
    """The type of each column: as declared, else what all values look like. One pass over the rows, when it is needed."""
    types = {name: "string" for name in frame.columns}
    if "$aml_dc_scoring_timestamp" in types:
        types["$aml_dc_scoring_timestamp"] = "timestamp"
    types["$aml_row"] = "bigint"
    open_names = [name for name in frame.columns if not name.startswith("$aml_") and name not in declared]
    if open_names:
        checks = [F.min(column(name).rlike(look)) for name in open_names for look in LOOKS.values()]
        fits = list(frame.agg(*(check.alias(str(at)) for at, check in enumerate(checks))).first())
        for name in open_names:
            own, fits = fits[: len(LOOKS)], fits[len(LOOKS) :]
            types[name] = next((kind for kind, fit in zip(LOOKS, own) if fit), "string")
    unknown = [name for name in declared if name not in types]
    if unknown:
        print(f"TYPES names columns that are not there: {', '.join(unknown)}", file=sys.stderr)
    return {**types, **{name: kind for name, kind in declared.items() if name in types}}


def read_placed(spark, designation, first=None, last=None):
    """The rows of a stream, typed, with $aml_file and $aml_row."""
    # A text that is not of its type is an error, and times are UTC wherever this runs.
    spark.conf.set("spark.sql.ansi.enabled", "true")
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    frame = read_texts(spark, designation, first, last)
    types = types_of(frame, TYPES.get(designation, {}))
    return frame.select(*(column(name).cast(types[name]).alias(name) for name in frame.columns))


def read(spark, designation, first=None, last=None):
    """The rows of a stream: a column for each feature, then those of the call."""
    return read_placed(spark, designation, first, last).drop("$aml_file", "$aml_row")


def read_joined(spark, left, right, first=None, last=None):
    """Rows of two streams side by side: those of one call, by their place in it. Features of the right side whose names
    the left side has too get the designation in front."""
    place = Window.partitionBy(column(CALL_COLUMNS[0])).orderBy(column("$aml_file"), column("$aml_row"))
    sides = [
        read_placed(spark, name, first, last).withColumn("$aml_place", F.row_number().over(place)).drop("$aml_file", "$aml_row")
        for name in (left, right)
    ]
    taken = set(sides[0].columns)
    keys = {CALL_COLUMNS[0]: "$aml_right_call", "$aml_place": "$aml_right_place"}
    names = []
    for name in sides[1].columns:
        if name in keys or not name.startswith("$aml_"):
            new = keys.get(name, name)
            while new in taken:
                new = f"{right}_{new}"
            taken.add(new)
            names.append((name, new))
    other = sides[1].select(*(column(name).alias(new) for name, new in names))
    same = (column(CALL_COLUMNS[0]) == column("$aml_right_call")) & (column("$aml_place") == column("$aml_right_place"))
    return sides[0].join(other, same).drop("$aml_right_call", "$aml_right_place", "$aml_place")`;
