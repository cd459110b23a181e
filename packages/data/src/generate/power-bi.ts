import { ENGINE_TYPES } from './engine-types.ts';
import type { GenerateOptions } from './generate-options.ts';
import type { GenerateSource } from './generate-source.ts';
import { mList, mText } from './literals.ts';

/**
 * A query of Power Query (M), for the advanced editor of Power BI.
 *
 * Source: the steps of the article "Collect data from models in production", section Power BI: connect to the account, open
 * the container, filter by path and name, combine the files.
 */
export function powerBiQuery(source: GenerateSource, options: GenerateOptions): string {
  const { place, names, versions, designation, range, layout } = source;
  const types = Object.entries(options.types ?? {}).map(([name, type]) => `{${mText(name)}, ${ENGINE_TYPES[type].m}}`);
  const { featureNames } = options;
  return `// Reads collected rows with Power BI. Written by azureml-ts; it is yours: change what you like.
// Power BI Desktop: Get data, Blank query, Advanced editor; paste all of this. ${
    place.kind === 'account' ? 'It then asks how to sign in: organizational' : 'It reads a folder of this'
  }
// ${place.kind === 'account' ? 'account, with the role Storage Blob Data Reader. No key belongs into this text.' : 'computer.'}
let
    // What to read. Names are as they stand in the path; null reads all versions, all days.
    Place = ${mText(place.kind === 'account' ? place.blobUrl : windowsPath(place.directory))},
${place.kind === 'account' ? `    Container = ${mText(place.container)},\n` : ''}    Model = ${mText(`${names.join('/')}/`)},
    Versions = ${versions === undefined ? 'null' : mList(versions)},
    Designation = ${mText(designation)},
    FirstDay = ${mDay(range.from)},
    LastDay = ${mDay(range.to)},
    // Types of features. What is not named here becomes a number when its first 1,000 values are.
    Types = {${types.join(', ')}},
    // Names of the features, where the files have no header; null calls them column_1 and so on.
    FeatureNames = ${featureNames === undefined ? 'null' : mList(featureNames)},
    CallColumns = {"$aml_dc_correlation_id", "$aml_dc_user_correlation_id", "$aml_dc_scoring_timestamp", "$aml_request_id"},

    // All files of the container, each with its path in it.
${place.kind === 'account' ? ACCOUNT_FILES : FOLDER_FILES}

    // Only files of rows, of this stream, in these days. Months and days count with and without a zero in front.
    Parsed = Table.AddColumn(Files, "Parts", each Text.Split(Text.Middle([Path], Text.Length(Model)), "/")),
    OfModel = Table.SelectRows(Parsed, each Text.StartsWith([Path], Model) and ${
      layout === 'documented' ? 'List.Count([Parts]) = 6' : 'List.Contains({6, 7}, List.Count([Parts]))'
    } and [Parts]{1} = Designation),
    OfVersions = Table.SelectRows(OfModel, each Versions = null or List.Contains(Versions, [Parts]{0})),
    OfRows = Table.SelectRows(OfVersions, each ${
      layout === 'documented'
        ? 'Text.StartsWith(List.Last([Parts]), "data") and Text.EndsWith(List.Last([Parts]), ".csv")'
        : 'Text.EndsWith(List.Last([Parts]), ".csv") and List.Last([Parts]) <> "aml_telemetry.csv"'
    }),
    WithDay = Table.AddColumn(OfRows, "Day", each try #date(Number.FromText([Parts]{2}), Number.FromText([Parts]{3}), Number.FromText([Parts]{4})) otherwise null),
    InRange = Table.SelectRows(WithDay, each [Day] <> null and (FirstDay = null or [Day] >= FirstDay) and (LastDay = null or [Day] <= LastDay)),
    Sorted = Table.Sort(InRange, {{"Day", Order.Ascending}, {"Path", Order.Ascending}}),

    // One file as a table of texts. A quoted cell may have commas, quotes and several lines.
    ReadFile = (content as binary) as table =>
        let
            Cells = Csv.Document(content, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),
            First = if Table.IsEmpty(Cells) then {} else Record.FieldValues(Cells{0}),
            HasHeader = List.Contains(First, CallColumns{0})${layout === 'documented' ? '' : ' or FeatureNames = null'},
            Calls = ${layout === 'documented' ? 'CallColumns' : '{}'},
            Numbered = List.Transform({1 .. List.Count(First) - List.Count(Calls)}, each "column_" & Text.From(_)),
            Names = (if FeatureNames = null then Numbered else FeatureNames) & Calls
        in
            if Table.IsEmpty(Cells) then
                Cells
            else if HasHeader then
                Table.PromoteHeaders(Cells, [PromoteAllScalars = true])
            else
                Table.RenameColumns(Cells, List.Zip({Table.ColumnNames(Cells), Names})),
    Tables = Table.AddColumn(Sorted, "Rows", each ${
      versions?.length === 1
        ? 'ReadFile([Content])'
        : 'let Version = [Parts]{0} in Table.AddColumn(ReadFile([Content]), "$aml_model_version", each Version, type text)'
    }),

    // Files of other columns are put together by name. An empty cell is null.
    Combined = Table.Combine(Tables[Rows]),
    Nulls = Table.ReplaceValue(Combined, "", null, Replacer.ReplaceValue, Table.ColumnNames(Combined)),

    // Types, read the same on every computer. A number with a zero in front is a name, and stays text.
    IsNumber = (cell as any) as logical =>
        cell = null or (not (try Number.FromText(cell, "en-US"))[HasError] and (Text.Length(cell) < 2 or Text.Start(cell, 1) <> "0" or Text.At(cell, 1) = ".")),
    Declared = List.Select(Types, each Table.HasColumns(Nulls, _{0})),
    Times = List.Select({{"$aml_dc_scoring_timestamp", ${
      layout === 'documented' ? 'type datetimezone' : 'type datetime'
    }}}, each Table.HasColumns(Nulls, _{0})),
    Undeclared = List.Select(
        List.RemoveItems(Table.ColumnNames(Nulls), List.Transform(Types, each _{0})),
        each not Text.StartsWith(_, "$aml_")
    ),
    Sample = Table.FirstN(Nulls, 1000),
    Found = List.Transform(Undeclared, (name) =>
        let
            Values = List.RemoveNulls(Table.Column(Sample, name))
        in
            {name, if not List.IsEmpty(Values) and List.AllTrue(List.Transform(Values, IsNumber)) then type number else type text}
    ),
    Texts = List.Transform(
        List.Select(Table.ColumnNames(Nulls), each Text.StartsWith(_, "$aml_") and _ <> "$aml_dc_scoring_timestamp"),
        each {_, type text}
    ),
    Typed = Table.TransformColumnTypes(Nulls, Declared & Found & Times & Texts, "en-US")
in
    Typed
`;
}

const ACCOUNT_FILES = `    Account = AzureStorage.Blobs(Place),
    Blobs = Account{[Name = Container]}[Data],
    Files = Table.AddColumn(Blobs, "Path", each [Name], type text),`;

const FOLDER_FILES = `    Listed = Folder.Files(Place),
    Files = Table.AddColumn(
        Listed,
        "Path",
        each Text.TrimStart(Text.Replace(Text.Middle([Folder Path] & [Name], Text.Length(Place)), "\\", "/"), "/"),
        type text
    ),`;

function mDay(day: string | undefined): string {
  return day === undefined ? 'null' : `#date(${day.split('-').map(Number).join(', ')})`;
}

/** Power Query runs on Windows: a path with a drive has its own slashes there. */
function windowsPath(path: string): string {
  return /^[A-Za-z]:/.test(path) ? path.replaceAll('/', '\\') : path;
}
