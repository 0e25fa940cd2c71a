//! Builtins that are written in jq; each is compiled only if an expression uses it.

/// A builtin in jq.
pub(super) struct Definition {
    pub(super) name: &'static str,
    /// Parameters; those with `$` are variables too.
    pub(super) parameters: &'static [&'static str],
    pub(super) body: &'static str,
}

const fn define(name: &'static str, parameters: &'static [&'static str], body: &'static str) -> Definition {
    Definition { name, parameters, body }
}

pub(super) fn find(name: &str, arity: usize) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name && definition.parameters.len() == arity)
}

static DEFINITIONS: &[Definition] = &[
    // -- recursion and loops
    define("recurse", &[], "recurse(.[]?)"),
    define("recurse", &["f"], "def down: ., (f | down); down"),
    define("recurse", &["f", "condition"], "def down: ., (f | select(condition) | down); down"),
    define("recurse_down", &[], "recurse"),
    define("repeat", &["f"], "def again: f, again; again"),
    define("while", &["condition", "f"], "def again: if condition then ., (f | again) else empty end; again"),
    define("until", &["condition", "f"], "def again: if condition then . else f | again end; again"),
    define("skip", &["$count", "f"], SKIP),
    define("nth", &["$index", "f"], NTH),
    define("add", &["f"], "reduce f as $item (null; . + $item)"),
    define("combinations", &[], COMBINATIONS),
    define("combinations", &["n"], ". as $items | [range(n) | $items] | combinations"),
    define("walk", &["f"], WALK),
    // -- kinds
    define("nulls", &[], "select(type == \"null\")"),
    define("values", &[], "select(. != null)"),
    define("booleans", &[], "select(type == \"boolean\")"),
    define("numbers", &[], "select(type == \"number\")"),
    define("strings", &[], "select(type == \"string\")"),
    define("arrays", &[], "select(type == \"array\")"),
    define("objects", &[], "select(type == \"object\")"),
    define("iterables", &[], "select(type == \"array\" or type == \"object\")"),
    define("scalars", &[], "select(type != \"array\" and type != \"object\")"),
    define("finites", &[], "select(isinfinite or isnan | not)"),
    define("normals", &[], "select(isnormal)"),
    // -- paths
    define("paths", &[], "path(..) | select(. != [])"),
    define("paths", &["condition"], "path(.. | select(condition)) | select(. != [])"),
    define("leaf_paths", &[], "paths(scalars)"),
    define("pick", &["f"], ". as $all | reduce path(f) as $path (null; setpath($path; $all | getpath($path)))"),
    define("tostream", &[], TOSTREAM),
    define("fromstream", &["f"], FROMSTREAM),
    define("truncate_stream", &["f"], TRUNCATE_STREAM),
    // -- objects
    define("with_entries", &["f"], "to_entries | map(f) | from_entries"),
    define("in", &["container"], ". as $key | container | has($key)"),
    define("inside", &["container"], ". as $part | container | contains($part)"),
    // -- tables
    define("INDEX", &["f"], "INDEX(.[]; f)"),
    define("INDEX", &["rows", "f"], "reduce rows as $row ({}; .[$row | f | tostring] |= $row)"),
    define("IN", &["rows"], ". as $sought | any(rows; . == $sought)"),
    define("IN", &["sought", "rows"], "any(sought | IN(rows); .)"),
    define("JOIN", &["$index", "f"], "[.[] | [., $index[f]]]"),
    define("JOIN", &["$index", "rows", "f"], "rows | [., $index[f]]"),
    define("JOIN", &["$index", "rows", "f", "join"], "rows | [., $index[f]] | join"),
    define("ascii", &[], "[.] | implode"),
    // -- regular expressions
    define("capture", &["regex"], "match(regex) | _captured"),
    define("capture", &["regex", "flags"], "match(regex; flags) | _captured"),
    define("scan", &["regex"], "scan(regex; null)"),
    define("scan", &["$regex", "$flags"], SCAN),
    define("splits", &["regex"], "splits(regex; null)"),
    define("splits", &["$regex", "$flags"], "split($regex; $flags)[]"),
    define("split", &["$regex", "$flags"], "_split_at(_match($regex; \"g\" + $flags))"),
    define("sub", &["regex", "new"], "sub(regex; new; null)"),
    define("sub", &["$regex", "new", "$flags"], SUB),
    define("gsub", &["regex", "new"], "sub(regex; new; \"g\")"),
    define("gsub", &["regex", "new", "$flags"], "sub(regex; new; \"g\" + $flags)"),
    // -- times
    define("todate", &[], "strftime(\"%Y-%m-%dT%H:%M:%SZ\")"),
    define("todateiso8601", &[], "todate"),
    define("fromdate", &[], "strptime(\"%Y-%m-%dT%H:%M:%SZ\") | mktime"),
    define("fromdateiso8601", &[], "fromdate"),
    define("date", &[], "todate"),
    define("dateadd", &["unit", "seconds"], ". + seconds"),
    define("datesub", &["unit", "seconds"], ". - seconds"),
];

const SKIP: &str = r#"
    if $count < 0 then error("skip doesn't support negative count")
    elif $count == 0 then f
    else foreach f as $item ($count; . - 1; if . < 0 then $item else empty end) end"#;

const NTH: &str = r#"
    if $index < 0 then error("nth doesn't support negative indices") else first(skip($index; f)) end"#;

const COMBINATIONS: &str = r"
    def from($at): if $at == length then [] else .[$at][] as $item | [$item] + from($at + 1) end;
    from(0)";

const WALK: &str = r#"
    def down: if type == "array" then map(down) elif type == "object" then map_values(down) else . end | f;
    down"#;

const TOSTREAM: &str = r#"
    def inner($path):
      if (type == "array" or type == "object") and length > 0 then
        keys_unsorted as $keys
        | ($keys[] as $key | .[$key] | inner($path + [$key])), [$path + [$keys[-1]]]
      else [$path, .] end;
    inner([])"#;

const FROMSTREAM: &str = r"
    foreach f as $event (
      {};
      if .done then {} else . end
      | if $event | length == 2 then .value |= setpath($event[0]; $event[1]) | .done = ($event[0] == [])
        else .done = ($event[0] | length == 1) end;
      if .done then .value else empty end)";

const TRUNCATE_STREAM: &str = r"
    . as $depth | null | f | select(.[0] | length > $depth) | .[0] |= .[$depth:]";

const SCAN: &str = r#"
    match($regex; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end"#;

const SUB: &str = r"
    . as $text
    | _match($regex; $flags) as $found
    | if $found == [] then .
      else [$found[] | [_captured | new]] as $inserts
      | ([$inserts[] | length] | max) as $count
      | if $count == 0 then $text
        else range($count) as $at | $text | _replace($found; [$inserts[] | .[$at]]) end
      end";
