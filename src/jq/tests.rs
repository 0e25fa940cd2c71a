//! The language against jq itself, and against expressions that would end the process.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;
use serde_json::value::RawValue;

use super::items::Plan;
use super::{Fault, ItemsFault, Program, Value, memory};

/// Expressions with the outputs of jq itself.
const EXPRESSIONS: &str = include_str!("../../tests/jq/expressions.txt");

/// Outputs as JSON; an error is the last, after `! `.
fn outputs(expression: &str, document: &str) -> Vec<String> {
    let program = match Program::compile(expression, &[]) {
        Ok(program) => program,
        Err(error) => return vec![format!("! {}", error.message)],
    };
    let mut outputs = Vec::new();
    let run = program.run(Value::from_json(document).unwrap(), &mut |output| {
        outputs.push(output.to_json().unwrap());
        true
    });
    match run {
        Ok(()) => {}
        Err(Fault::Error(error)) => {
            let words = error.as_str().map_or_else(|| error.to_json().unwrap(), str::to_owned);
            outputs.push(format!("! {words}"));
        }
        Err(Fault::Limit(words)) => outputs.push(format!("! {words}")),
    }
    outputs
}

#[test]
fn expressions_give_what_jq_gives() {
    let mut document = "null";
    let mut rows: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
    for line in EXPRESSIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(text) = line.strip_prefix(": ") {
            document = text;
        } else if let Some(output) = line.strip_prefix("=> ") {
            rows.last_mut().unwrap().1.extend((output != "(none)").then_some(output));
        } else if let Some(output) = line.strip_prefix("~> ") {
            rows.last_mut().unwrap().2.push(output);
        } else {
            rows.push((line, Vec::new(), Vec::new()));
        }
    }
    assert!(rows.len() > 400, "{}", rows.len());
    let mut wrong = Vec::new();
    for (expression, expected, jq) in rows {
        let outputs = outputs(expression, document);
        if outputs != expected {
            wrong.push(format!("{expression}\n  expected {expected:?}\n  but got  {outputs:?}"));
        }
        if !jq.is_empty() && expected == jq {
            wrong.push(format!("{expression}\n  does not differ from jq"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs an expression with little memory; up to a hundred outputs, each of which is JSON.
fn run_bounded(expression: &str) -> Result<usize, Fault> {
    let Ok(program) = Program::compile(expression, &[]) else { return Ok(0) };
    let input = Value::from_json(r#"{"a": [1, "x", null, {"b": [2.5]}], "c": true}"#).unwrap();
    let mut count = 0;
    program.run_within(8 << 20, program.root, input, &mut |output| {
        count += 1;
        if let Ok(text) = output.to_json() {
            let parsed: Result<&RawValue, _> = serde_json::from_str(&text);
            assert!(parsed.is_ok(), "{expression}: {text}");
        }
        count < 100
    })?;
    Ok(count)
}

#[test]
fn what_takes_too_much_is_an_error() {
    for expression in [
        "def f: [f]; f",
        "def f: 1 + f; f",
        "def f: f | f; f",
        "def f: f, f; [limit(3; f)]",
        "def f: try f catch f; f",
        "def f(g): f(g | g); f(.)",
        "def f: .a | f; null | path(f)",
        "def f($x; g): if $x == 0 then g else f($x - 1; [g]) end; f(5000; 1)",
        "def f: (\"x\" * 1000000) as $x | f + ($x | length); f",
        "reduce range(200000) as $i (null; [.])",
        "reduce range(200000) as $i (null; {a: .})",
        "reduce range(100) as $i (\"x\"; . + .)",
        "reduce range(100) as $i (\"x\"; [., .] | join(\"\"))",
        "reduce range(100) as $i ([1]; . + .)",
        "reduce range(100) as $i (1; [., .]) | tojson",
        "reduce range(100) as $i (1; [., .]) | flatten",
        "reduce range(30) as $i (\"\\\"\"; tojson)",
        "\"x\" * 10000000000",
        "1e300 * \"x\"",
        "reduce range(100) as $i (\"xxxxxxxx\"; @base64)",
        "reduce range(100) as $i (\"xxxxxxxx\"; @base32)",
        "reduce range(100) as $i (\"''''\"; @sh)",
        "[range(1000000000)]",
        "[limit(1000000000; repeat(\"abc\"))]",
        "[range(1000) as $x | [range(1000)]]",
        "[range(1000)] as $a | [range(1000) | $a] | add",
        "[range(1000) | \"a\"] | join(\"x\" * 100000)",
        "[[range(1000)], [range(1000)]] | [combinations]",
        "null | .[536870911] = 1",
        "null | .[1e300] = 1",
        "null | setpath([range(100000)]; 1)",
        "null | delpaths([[range(100000)]])",
        "\"[\" * 100000 | fromjson",
        "\"x\" | test(\"a{1000}{1000}{1000}\")",
        "[recurse(1)]",
        "[while(true; .)]",
        "try error(reduce range(2000) as $i (null; [.])) catch error",
    ] {
        let run = run_bounded(expression);
        assert!(run.is_err(), "{expression}: {run:?}");
    }
}

#[test]
fn deep_values_are_read_compared_and_dropped() {
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let deep = nested(500);
    let value = Value::from_json(&deep).unwrap();
    assert_eq!(value.to_json().unwrap(), deep);
    assert!(Value::from_json(&nested(512)).is_ok() && Value::from_json(&nested(513)).is_err());
    for (expression, expected) in [
        (". == . and (tojson | fromjson) == .", "true"),
        ("[..] | length", "501"),
        ("[paths] | length", "500"),
        ("[tostream] | length", "501"),
        ("fromstream(tostream) == .", "true"),
        ("flatten", "[1]"),
        ("walk(.) == .", "true"),
        ("[., .] | unique | length", "1"),
        ("contains(.)", "true"),
        ("(.. | numbers) |= . + 1 | [.. | numbers]", "[2]"),
    ] {
        assert_eq!(outputs(expression, &deep), [expected], "{expression}");
    }
}

#[test]
fn a_loop_that_is_a_tail_call_takes_no_memory() {
    for (expression, expected) in [
        ("last(range(100000))", 1),
        ("reduce range(100000) as $i (0; . + $i)", 1),
        ("def f: if . > 100000 then . else . + 1 | f end; 0 | f", 1),
        ("0 | until(. > 100000; . + 1)", 1),
        ("last(limit(100000; 0 | recurse(. + 1)))", 1),
        ("first(0 | repeat(1) | select(false)), 1 | limit(1; .)", 0),
    ] {
        match run_bounded(expression) {
            Ok(count) => assert_eq!(count, expected, "{expression}"),
            // The endless one.
            Err(fault) => {
                assert!(matches!(fault, Fault::Limit(ref words) if words.contains("steps")), "{expression}: {fault:?}");
            }
        }
    }
}

#[test]
fn all_memory_is_given_back() {
    let before = memory::live();
    for expression in ["[range(1000) | {a: .}]", "def f: 1 + f; f", "[..] | tojson", "path(..)", "error({a: [1]})"] {
        _ = run_bounded(expression);
    }
    assert_eq!(memory::live(), before);
}

#[test]
fn an_unshared_array_is_changed_in_place() {
    // Copied each time, this would take minutes.
    for expression in [
        "reduce range(50000) as $i ([]; . + [$i]) | length",
        "reduce range(50000) as $i ([]; .[$i] = $i) | length",
        "reduce range(50000) as $i ({}; .[\"k\\($i)\"] += 1) | length",
        "reduce range(50000) as $i ({a: []}; .a |= . + [$i]) | .a | length",
    ] {
        assert_eq!(outputs(expression, "null"), ["50000"], "{expression}");
    }
}

/// Expressions without operands, two spaces apart.
const LEAVES: &str = r#".  ..  .a  .a[0]  .[]  .[]?  .a[1:]  null  true  1  -2.5  "x"  1e1000  nan  infinite  []  {}  empty  error  
error(null)  $x  keys  length  add  tojson  fromjson  tostring  tonumber  type  sort  unique  reverse  flatten  
to_entries  from_entries  paths  tostream  transpose  explode  implode  ascii_downcase  @csv  @tsv  @html  @uri  
@urid  @sh  @base64  @base64d  @base32  @base32d  @json  @text  min  max  any  all  not  floor  sqrt  abs  frexp  
logb  todate  fromdate  gmtime  mktime  trim  f  first  last  combinations  now  recurse  break $out  {a: 1}  
{(.a[1]): 2}  [1, [2, {b: 3}]]  "2020-01-01T00:00:00Z"  [range(40)]  9223372036854775807  [nan, 1, nan]  
input_filename"#;

/// Expressions with `_` in the place of an operand.
const UNARY: &str = r#"[_]  (_)  -(_)  {a: _}  {(_): 1}  _?  try _  path(_)  del(_)  map(_)  map_values(_)  select(_)  first(_)  
last(_)  limit(3; _)  skip(1; _)  nth(1; _)  isempty(_)  any(_)  all(_)  sort_by(_)  group_by(_)  unique_by(_)  
min_by(_)  max_by(_)  with_entries(_)  recurse(_)  recurse(_; . != null)  walk(_)  paths(_)  pick(_)  range(_)  
has(_)  in(_)  contains(_)  inside(_)  index(_)  indices(_)  join(_)  split(_)  test(_)  [match(_)]  [scan(_)]  
sub(_; "y")  gsub(""; _)  ltrimstr(_)  startswith(_)  getpath([_])  setpath([_]; 1)  delpaths([_])  
fromstream(_)  truncate_stream(_)  flatten(_)  nth(_)  bsearch(_)  while(_; .)  until(_; .)  repeat(_)  
strftime(_)  strptime(_)  error(_)  label $out | _  def f: _; f  def f(g): g | g; f(_)  def f: _; [f]  
[limit(5; repeat(_))]  reduce range(3000) as $x (.; _)  reduce .[]? as $x (0; _)  [foreach .[]? as $x (0; _)]  
_ as $x | $x  _ as [$x] | $x  . as {a: $x} ?// [$x] | _  "a\(_)b"  @csv "\(_)"  . as $x | _  INDEX(_)  IN(_)  
ascii(_)  splits(_)  combinations(_)  ldexp(_; 3)  pow(_; 2)  add(_)  tojson | _  .a = _  .[_] = 1  _ = 1  
_ |= .  _ |= empty  _ += 1  _ //= 2  .[_]  .[_:]  .[:_]"#;

/// Expressions with `_` and `^` in the place of operands.
const BINARY: &str = r"_ | ^  _, ^  _ + ^  _ - ^  _ * ^  _ / ^  _ % ^  _ == ^  _ < ^  _ >= ^  _ and ^  _ or ^  _ // ^  try _ catch ^  
if _ then ^ end  {a: _, b: ^}  _ |= ^  _ = ^  _ += ^  .[_:^]  setpath([_]; ^)  limit(_; ^)  range(_; ^)  
gsub(_; ^)  reduce _ as $x (.; ^)  foreach _ as $x (0; ^)  _ as $x | ^  INDEX(_; ^)  def f: _; ^  any(_; ^)  
[_, ^] | sort  [_, ^] | add  [_, ^] | transpose?  recurse(_; ^)  while(_; ^)  until(_; ^)  [_] - [^]";

#[test]
fn a_list_that_is_read_item_by_item_gives_the_same() {
    let items = [r#"{"n": 1, "a": [1, 2]}"#, r#"{"n": 2, "a": []}"#, r#"{"n": "x", "a": null}"#, "5"];
    let document = format!("[{}]", items.join(","));
    for (expression, reads_whole) in [
        ("length", false),
        (".[]", false),
        (".[].n?", false),
        (".[].n", false),
        (".[] | .n?", false),
        (".[]?.a?[]?", false),
        (".[] | select(.n? == 2) | .a", false),
        (".[] as $x | $x", true),
        ("map(.n?)", false),
        ("[.[] | .n?] | length", false),
        ("map(select(.n? == 1)) | .[0].a | add", false),
        ("map(.a) | length", false),
        ("[.[:2][] | .n] | add", true),
        (".[.[0].n]", true),
        ("(.[] | .n)?", true),
        ("first(.[])", true),
        (".[], length", true),
        ("[limit(2; .[])] | length", true),
        ("length > 3", true),
        (".", true),
        ("[.[] | .n?, .m?] | unique", false),
        ("label $out | .[] | if . == 5 then break $out else .n end", true),
    ] {
        let program = Program::compile(expression, &[]).unwrap();
        assert_eq!(matches!(program.plan, Plan::Whole), reads_whole, "{expression}");
        let mut found = Vec::new();
        let run = program.run_items(&items, &mut |output| {
            found.push(output.to_json().unwrap());
            true
        });
        if let Err(ItemsFault::Run(Fault::Error(words)) | ItemsFault::Item(Fault::Error(words))) = run {
            found.push(format!("! {}", words.as_str().unwrap()));
        }
        assert_eq!(found, outputs(expression, &document), "{expression}");
    }
    let mut count = 0;
    let program = Program::compile(".[] | 1, 2", &[]).unwrap();
    let run = program.run_items(&items, &mut |_| {
        count += 1;
        count < 3
    });
    assert!(run.is_ok() && count == 3, "it ends with the reader");
    let program = Program::compile(".[]", &[]).unwrap();
    assert!(matches!(program.run_items(&["1", "{"], &mut |_| true), Err(ItemsFault::Item(_))));
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(LEAVES.split("  ").map(str::trim).collect::<Vec<_>>()).prop_map(str::to_owned);
    leaf.prop_recursive(5, 40, 3, |inner| {
        let unary = prop::sample::select(UNARY.split("  ").map(str::trim).collect::<Vec<_>>());
        let binary = prop::sample::select(BINARY.split("  ").map(str::trim).collect::<Vec<_>>());
        prop_oneof![
            (unary, inner.clone()).prop_map(|(form, one)| form.replace('_', &format!("({one})"))),
            (binary, inner.clone(), inner).prop_map(|(form, one, other)| {
                // Not one after the other: an operand may have the other's sign.
                let (before, after) = form.split_once('^').unwrap();
                let fill = |part: &str| part.replace('_', &format!("({one})"));
                format!("{}({other}){}", fill(before), fill(after))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_expression_ends_the_process(expression in expression()) {
        _ = run_bounded(&format!("null as $x | def f: .; label $out | {expression}"));
    }

    #[test]
    fn no_text_ends_the_parser(text in "[\\[\\](){}.,:;|\"\\\\$@a-z0-9?/=+*% -]{0,60}") {
        _ = run_bounded(&text);
    }
}

#[test]
fn long_chains_need_no_depth() {
    for (first, link) in
        [(".", "|."), ("1", "+1"), ("1", ",1"), (".x", ".a"), (".", "?"), ("1", " as $x|1"), (".", "[0]?")]
    {
        let expression = format!("{first}{}", link.repeat(10_000));
        assert!(Program::compile(&expression, &[]).is_ok(), "{link}");
        _ = run_bounded(&format!("null|{expression}"));
    }
    for nest in ["(", "[", "{a:", "-", "if ", "try ", "1//", "\"\\(", "def f:", "reduce ", ". as [", "f(", ".["] {
        assert!(Program::compile(&nest.repeat(10_000), &[]).is_err(), "{nest}");
    }
}
