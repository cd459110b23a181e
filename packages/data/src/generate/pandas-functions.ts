/** The part of the script for pandas that is the same for everybody. */
export const PANDAS_FUNCTIONS = String.raw`CALL_COLUMNS = [
    "$aml_dc_correlation_id",
    "$aml_dc_user_correlation_id",
    "$aml_dc_scoring_timestamp",
    "$aml_request_id",
]
# What a feature becomes that TYPES does not name, when all its values look like this: the first that fits, else string.
# A number with leading zeros is a name, and stays text; so does an integer of more than 18 digits.
LOOKS = {
    "boolean": r"[Tt]rue|[Ff]alse",
    "bigint": r"-?(0|[1-9]\d{0,17})",
    "double": r"-?(0|[1-9]\d{0,14})|-?(0|[1-9]\d*)(\.\d+([eE][+-]?\d+)?|[eE][+-]?\d+)|NaN|nan|-?(Infinity|inf)",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z",
}


def day_of(path):
    """The UTC day in the path of a file of rows, None for any other file."""
    found = re.search(r"/(\d{4})/(\d\d?)/(\d\d?)(?:/\d\d)?/([^/]+\.csv)$", path)
    if found is None or found[4] == "aml_telemetry.csv" or not fnmatchcase(found[4], FILES):
        return None
    return f"{found[1]}-{found[2]:0>2}-{found[3]:0>2}"


def files(designation, first=None, last=None):
    """The files of a stream as (version, path), by version, day and name."""
    model = "/".join([ROOT, *NAMES])
    found = []
    for path in all_files(model):
        version, stream, *rest = path[len(model) + 1 :].split("/")
        day = day_of(path)
        if stream != designation or day is None or len(rest) not in (4, 5):
            continue
        if VERSIONS is not None and version not in VERSIONS:
            continue
        if (first is None or day >= first) and (last is None or day <= last):
            found.append((version, day, path))
    if not found:
        raise FileNotFoundError(f"There are no files of {designation!r} below {model}.")
    return [(version, path) for version, _, path in sorted(found)]


def read_file(path):
    """The rows of one file, every cell as text. Texts such as NA and null stay what they are; empty cells are None."""
    with open_file(path) as file:
        options = {"dtype": str, "keep_default_na": False, "na_values": [""], "encoding": "utf-8"}
        data = pd.read_csv(file, header=None, lineterminator="\n", **options)
    if FILES == "*.csv":
        # The Python package ends some lines with CR and LF.
        end = data.columns[-1]
        data[end] = data[end].str.removesuffix("\r").replace("", None)
    first = [str(cell) for cell in data.iloc[0].fillna("")]
    if CALL_COLUMNS[0] in first or (FILES == "*.csv" and FEATURE_NAMES is None):
        return data.iloc[1:].set_axis(first, axis="columns")
    calls = [] if FILES == "*.csv" else CALL_COLUMNS
    names = FEATURE_NAMES or [f"column_{number + 1}" for number in range(len(first) - len(calls))]
    return data.set_axis([*names, *calls], axis="columns")


def typed(texts, kind):
    """A column of texts as its type: declared, or what all its values look like."""
    values = texts.dropna()
    if kind is None:
        kind = next((kind for kind, look in LOOKS.items() if len(values) and values.str.fullmatch(look).all()), "string")
    if kind == "double":
        return pd.Series([float("nan") if cell is None else float(cell) for cell in cells(texts)], texts.index)
    if kind == "bigint":
        return pd.Series([None if cell is None else int(cell) for cell in cells(texts)], texts.index, dtype="Int64")
    if kind == "boolean":
        known = {"true": True, "false": False}
        return pd.Series([None if cell is None else known[cell.lower()] for cell in cells(texts)], texts.index, dtype="boolean")
    if kind == "timestamp":
        return pd.to_datetime(texts, utc=True, format="ISO8601")
    return texts


def cells(texts):
    """Texts as plain Python values, None where there is nothing."""
    return (None if pd.isna(cell) else cell for cell in texts)


def read(designation, first=None, last=None):
    """The rows of a stream: a column for each feature, then those of the call. Files may have different columns."""
    frames = []
    for version, path in files(designation, first, last):
        frame = read_file(path)
        if VERSIONS is None or len(VERSIONS) > 1:
            frame = frame.assign(**{"$aml_model_version": version})
        frames.append(frame)
    data = pd.concat(frames, ignore_index=True)
    types = TYPES.get(designation, {})
    for name in data.columns:
        kind = types.get(name)
        if name == "$aml_dc_scoring_timestamp":
            kind = "timestamp"
        elif kind is None and name.startswith("$aml_"):
            kind = "string"
        data[name] = typed(data[name], kind)
    unknown = [name for name in types if name not in data.columns]
    if unknown:
        print(f"TYPES names columns that are not there: {', '.join(unknown)}", file=sys.stderr)
    return data


def read_joined(left, right, first=None, last=None):
    """Rows of two streams side by side: those of one call, by their place in it. Features of the right side whose names
    the left side has too get the designation in front."""
    key = CALL_COLUMNS[0]
    sides = [read(name, first, last) for name in (left, right)]
    sides = [side.dropna(subset=[key]) for side in sides]
    places = [side.groupby(key).cumcount().rename("$aml_place") for side in sides]
    taken = set(sides[0].columns)
    renamed = {}
    for name in sides[1].columns:
        if not name.startswith("$aml_"):
            new = name
            while new in taken:
                new = f"{right}_{new}"
            taken.add(new)
            renamed[name] = new
    other = sides[1][[key, *renamed]].rename(columns=renamed)
    joined = sides[0].assign(**{"$aml_place": places[0]}).merge(other.assign(**{"$aml_place": places[1]}), on=[key, "$aml_place"])
    return joined.drop(columns="$aml_place")`;
