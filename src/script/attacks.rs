//! Attacks on the sandbox. Each is run twice: as a company's script, which is looked through first, and as it stands.
//! None may end the process, hang or answer late; those that must not succeed end with a fault.
//!
//! They cover every row of what rhai's own limits hold and do not hold: loops, callbacks, growth, numbers and places,
//! nesting for the parser, functions that harm, constants, large sources, deep values, memory that nobody counts.

use super::sandbox::BACKSTOP;
use super::tests::facts;
use super::*;
use crate::domain::value::Value;
use std::time::Instant;

/// What must become of an attack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Must {
    /// It ends with a fault, when it is read or when it is run.
    Fail,
    /// It ends, somehow.
    End,
}
use Must::{End, Fail};

/// Bodies of `fn f(m)`.
const BODIES: &[(Must, &str, &str)] = &[
    // Loops and recursion.
    (Fail, "loop", "loop { }"),
    (Fail, "while", "while true { } 1"),
    (Fail, "do", "do { } while true; 1"),
    (
        Fail,
        "range over all numbers",
        "for i in range(0, 9223372036854775807) { } 1",
    ),
    (
        End,
        "inclusive range to the last number",
        "for i in 0..=9223372036854775807 { } 1",
    ),
    (Fail, "recursion of itself", "f(m)"),
    (Fail, "loop in a callback", "[1].map(|x| { loop { } }); 1"),
    (Fail, "catching the end", "loop { try { loop { } } catch { } }"),
    (Fail, "throwing for ever", "loop { try { throw 1; } catch { } }"),
    // Operations in callbacks.
    (
        Fail,
        "map of map",
        "let a = []; for i in range(0, 400) { a.push(i); } a.map(|x| [1,2,3,4,5,6,7,8,9,10].map(|y| { let n = 0; for i in range(0, 100) { n += i; } n })); 1",
    ),
    (
        Fail,
        "for_each",
        "let a = []; for i in range(0, 400) { a.push(i); } loop { a.for_each(|| { let x = 1; x += 1; }); }",
    ),
    (
        Fail,
        "reduce",
        "let a = []; for i in range(0, 400) { a.push(i); } loop { a.reduce(|s, x| { s + x }, 0); }",
    ),
    (
        Fail,
        "filter",
        "let a = []; for i in range(0, 400) { a.push(i); } loop { a.filter(|x| { x > 3 && x < 5 || x > 7 }); }",
    ),
    (
        Fail,
        "comparator",
        "let a = []; for i in range(0, 400) { a.push(i); } loop { a.sort(|x, y| { let z = x; if z > y { -1 } else { 1 } }); }",
    ),
    (
        Fail,
        "comparator that never ends",
        "let a = [2, 1, 3]; a.sort(|x, y| { loop { } }); 1",
    ),
    (
        Fail,
        "comparator that swallows its end",
        "let a = []; for i in range(0, 400) { a.push(400 - i); } a.sort(|x, y| { let n = 0; for i in range(0, 50) { n += i; } x - y }); \"sorted\"",
    ),
    (
        Fail,
        "retain and drain",
        "let a = []; for i in range(0, 400) { a.push(i); } loop { a.retain(|x| true); a.drain(|x| false); }",
    ),
    (
        Fail,
        "find_map and index_of",
        "let a = []; for i in range(0, 400) { a.push(i); } loop { a.find_map(|x| ()); a.index_of(|x| false); }",
    ),
    (
        Fail,
        "some and all",
        "let a = []; for i in range(0, 400) { a.push(i); } loop { a.some(|x| false); a.all(|x| true); }",
    ),
    (
        Fail,
        "filter of a map",
        "let a = #{}; for i in range(0, 60) { a.set(\"\" + i, i); } loop { a.filter(|k, v| true); }",
    ),
    // Growth.
    (Fail, "doubling a text", "let s = \"a\"; loop { s += s; }"),
    (Fail, "doubling a list", "let a = [1]; loop { a += a; }"),
    (Fail, "a list in itself", "let a = [1, 2]; loop { a = [a, a]; }"),
    (Fail, "pushing itself", "let a = [1]; loop { a.push(a); }"),
    (Fail, "appending", "let a = [1]; loop { a.append(a); }"),
    (Fail, "a map in itself", "let a = #{x: 1}; loop { a = #{x: a, y: a}; }"),
    (
        Fail,
        "many keys",
        "let a = #{}; let i = 0; loop { a.set(\"k\" + i, i); i += 1; }",
    ),
    (
        Fail,
        "catching the limit",
        "let s = \"ab\"; for i in range(0, 100) { try { s += s; } catch { } } loop { let t = s + s; }",
    ),
    (Fail, "interpolation", "let s = \"ab\"; loop { s = `${s}${s}`; }"),
    (
        Fail,
        "throwing large texts",
        "let s = \"ab\"; for i in range(0, 11) { s += s; } throw s + s + s;",
    ),
    (Fail, "texts of numbers", "let s = \"\"; loop { s += 123456789; }"),
    (Fail, "insert", "let a = [1]; loop { a.insert(0, a.len()); }"),
    (Fail, "splice", "let a = [1, 2, 3]; loop { a.splice(0, 0, a); }"),
    (
        Fail,
        "zip",
        "let a = [1, 2, 3, 4]; loop { a = a.zip(a, |x, y| [x, y, x, y]); a += a; }",
    ),
    (
        Fail,
        "mixin",
        "let a = #{a: \"x\"}; let i = 0; loop { a.mixin(#{b: a, c: a}); i += 1; }",
    ),
    // What wraps, and what is looked at too late.
    (
        Fail,
        "pad that wraps",
        "let a = []; let b = []; for i in range(0, 63) { b.push(i); } a.pad(288230376151711744, b); 1",
    ),
    (Fail, "pad of a list", "let a = []; a.pad(9223372036854775807, 1); 1"),
    (
        Fail,
        "pad of a text",
        "let s = \"\"; s.pad(9223372036854775807, \"ab\"); 1",
    ),
    (
        Fail,
        "pad of a text with a character",
        "let s = \"\"; s.pad(1000000000, 'x'); 1",
    ),
    (
        Fail,
        "replace",
        "let s = \"a\"; for i in range(0, 12) { s += s; } s.replace(\"a\", s); 1",
    ),
    (
        Fail,
        "replace a character",
        "let s = \"a\"; for i in range(0, 12) { s += s; } s.replace('a', s); 1",
    ),
    (
        Fail,
        "swap_text",
        "let s = \"a\"; for i in range(0, 12) { s += s; } swap_text(s, \"a\", s)",
    ),
    (End, "swap_text of nothing", "swap_text(\"abc\", \"\", \"xxxxxxxx\")"),
    (
        Fail,
        "join",
        "let s = \"a\"; for i in range(0, 12) { s += s; } join([s, s, s], s)",
    ),
    // What harms.
    (Fail, "eval", "eval(\"1\")"),
    (Fail, "nested eval", "let s = \"eval(s)\"; eval(s)"),
    (Fail, "eval by pointer", "Fn(\"eval\").call(\"1\")"),
    (Fail, "pointer to sleep", "let p = Fn(\"sleep\"); p.call(9); 1"),
    (Fail, "sleep", "sleep(9); 1"),
    (Fail, "sleep as a method", "9.sleep(); 1"),
    (Fail, "sleep of a decimal", "sleep(9.5); 1"),
    (Fail, "sleep for ever", "sleep(9223372036854775807); 1"),
    (Fail, "sleep in a callback", "[9].map(|s| sleep(s)); 1"),
    (Fail, "exit", "exit(); 1"),
    (Fail, "exit with a value", "exit(1)"),
    (Fail, "parse_json", "parse_json(\"[[[[]]]]\")"),
    (Fail, "import", "import \"a\" as a; 1"),
    (Fail, "export", "export let a = 1; 1"),
    (Fail, "timestamp", "timestamp()"),
    (Fail, "print", "print(\"\\n\\u001b[2J\")"),
    (Fail, "debug", "debug(m); 1"),
    (Fail, "curry", "let g = |x| x; loop { g = g.curry(1); }"),
    (Fail, "closure that catches itself", "let a = #{}; a.g = || a; 1"),
    (
        Fail,
        "closures in closures",
        "let g = |x| x; for i in range(0, 10000) { let h = g; g = |x| h.call(x); } 1",
    ),
    (Fail, "custom syntax", "define x as 1"),
    (Fail, "unknown variable", "secret"),
    // Deep values.
    (
        End,
        "deep lists shown",
        "let a = []; for i in range(0, 400) { a = [a]; } to_string(a)",
    ),
    (
        End,
        "deep lists dropped",
        "let a = []; for i in range(0, 3000) { a = [a]; } 1",
    ),
    (
        End,
        "deep lists compared",
        "let a = []; let b = []; for i in range(0, 400) { a = [a]; b = [b]; } a == b",
    ),
    (
        End,
        "deep maps shown",
        "let a = #{}; for i in range(0, 60) { a = #{x: a}; } to_string(a)",
    ),
    (
        End,
        "deep lists as JSON",
        "let a = []; for i in range(0, 300) { a = [a]; } #{x: a}.to_json()",
    ),
    (
        Fail,
        "deep lists answered",
        "let a = []; for i in range(0, 300) { a = [a]; } a",
    ),
    // One operation that costs its size.
    (
        Fail,
        "comparing large texts",
        "let s = \"a\"; for i in range(0, 12) { s += s; } let t = s + \"b\"; let u = s + \"c\"; loop { t == u; }",
    ),
    (
        Fail,
        "comparing large lists",
        "let a = []; for i in range(0, 490) { a.push(i); } let b = a; loop { a == b; }",
    ),
    (
        Fail,
        "copying large lists",
        "let a = []; for i in range(0, 490) { a.push(\"\" + i); } loop { let b = a; }",
    ),
    (
        Fail,
        "splitting",
        "let s = \"\"; for i in range(0, 490) { s += \"a,\"; } loop { s.split(\",\"); }",
    ),
    (
        Fail,
        "searching",
        "let s = \"\"; for i in range(0, 4000) { s += \"a\"; } loop { s.index_of(\"aaaaaaaaaaaaaaaab\"); s.contains(\"ab\"); }",
    ),
    (
        Fail,
        "showing",
        "let a = []; for i in range(0, 490) { a.push(i); } loop { a.to_string(); }",
    ),
    (
        Fail,
        "sorting",
        "let a = []; for i in range(0, 490) { a.push((i * 7919) % 491); } loop { let b = a; b.sort(); }",
    ),
    (
        Fail,
        "keys",
        "let a = #{}; for i in range(0, 60) { a.set(\"\" + i, i); } loop { a.keys(); a.values(); }",
    ),
    (
        Fail,
        "characters",
        "let s = \"\"; for i in range(0, 4000) { s += \"漏\"; if s.len() > 2000 { s = \"漏\"; } } loop { s.sub_string(1); s.len(); }",
    ),
    (
        Fail,
        "capitals",
        "let s = \"a\"; for i in range(0, 12) { s += s; } loop { s.to_upper(); }",
    ),
    (Fail, "powers", "loop { 3.0 ** 70.0; }"),
    (Fail, "roots", "loop { sqrt(2.0); exp(3.0); }"),
    (
        Fail,
        "deduplicating",
        "let a = []; for i in range(0, 490) { a.push(i); } loop { a.dedup(); a.reverse(); }",
    ),
    // Memory that nobody counts.
    (
        End,
        "long keys",
        "let s = \"a\"; for i in range(0, 12) { s += s; } let a = #{}; for i in range(0, 60) { a.set(s + i, i); } a.len()",
    ),
    (
        End,
        "many maps with long keys",
        "let s = \"a\"; for i in range(0, 12) { s += s; } let a = #{}; for i in range(0, 60) { a.set(s + i, i); } let b = a; let c = a; let d = a; let e = a; let g = a; let h = a; let i = a; let j = a; let k = a; let l = a; let n = a; let o = a; let p = a; let q = a; let r = a; let t = a; let u = a; let v = a; let w = a; let x = a; let y = a; let z = a; 1",
    ),
    (
        Fail,
        "long keys in a list",
        "let s = \"a\"; for i in range(0, 12) { s += s; } let l = []; for j in range(0, 60) { let a = #{}; for i in range(0, 60) { a.set(s + (i + j * 60), i); } l.push(a); } 1",
    ),
    (
        Fail,
        "too many variables",
        "let a = 0; let b = 0; { let c = 1; let d = 1; let e = 1; let g = 1; let h = 1; let i = 1; let j = 1; let k = 1; let l = 1; let n = 1; let o = 1; let p = 1; let q = 1; let r = 1; let s = 1; let t = 1; let u = 1; let v = 1; let w = 1; let x = 1; let y = 1; let z = 1; let aa = 1; let ab = 1; let ac = 1; let ad = 1; let ae = 1; let af = 1; let ag = 1; let ah = 1; let ai = 1; let aj = 1; let ak = 1; }  1",
    ),
    (
        Fail,
        "many texts",
        "let l = []; let i = 0; loop { l.push(\"text \" + i); i += 1; }",
    ),
    // Numbers and places.
    (Fail, "least number by -1", "(-9223372036854775807 - 1) / -1"),
    (Fail, "least number modulo -1", "(-9223372036854775807 - 1) % -1"),
    (Fail, "by nought", "1 / 0"),
    (Fail, "modulo nought", "1 % 0"),
    (Fail, "decimal by nought", "1.0 / 0.0"),
    (Fail, "overflow", "9223372036854775807 + 1"),
    (Fail, "overflow of a product", "9223372036854775807 * 2"),
    (Fail, "large power", "10 ** 1000"),
    (Fail, "negative power", "10 ** -1"),
    (
        Fail,
        "least number without its sign",
        "(-9223372036854775807 - 1).abs()",
    ),
    (
        End,
        "shifted far",
        "let x = 1 << 1000; let y = 1 >> -9223372036854775807; x",
    ),
    (Fail, "large decimals", "let x = 99999999999999.0; loop { x = x * x; }"),
    (End, "a literal out of range", "99999999999999999999"),
    (
        End,
        "parts of texts",
        "let s = \"漏水\"; s.sub_string(-9223372036854775807, 9223372036854775807) + s.sub_string(9223372036854775807)",
    ),
    (
        End,
        "cropped",
        "let s = \"漏水\"; s.crop(-9, 9223372036854775807); s.truncate(-1); s",
    ),
    (
        End,
        "places of lists",
        "let a = [1]; a.insert(-9223372036854775807, 2); a.insert(9223372036854775807, 3); a.remove(-99); a.truncate(-9223372036854775807); a.len()",
    ),
    (
        End,
        "spliced at the ends",
        "let a = [1, 2]; a.splice(-9223372036854775807, 9223372036854775807, [3]); a.extract(-9, 9223372036854775807).len()",
    ),
    (
        End,
        "chopped",
        "let a = [1, 2]; a.chop(9223372036854775807); a.chop(-1); a.len()",
    ),
    (Fail, "a place that there is not", "let a = [1]; a[9223372036854775807]"),
    (Fail, "a character that there is not", "let s = \"a\"; s[-5]"),
    (Fail, "bits", "let x = 1; x[64]"),
    (Fail, "a step of nought", "for i in range(0, 10, 0) { } 1"),
    (
        End,
        "a step backwards",
        "let n = 0; for i in range(0, 10, -1) { n += 1; } n",
    ),
    (Fail, "a date that there is not", "weekday(\"2026-13-45\")"),
    (Fail, "a date with signs", "weekday(\"漏水漏水漏水\")"),
    (
        Fail,
        "a date out of range",
        "add_days(\"2026-01-01\", 9223372036854775807)",
    ),
    (
        Fail,
        "a date before all dates",
        "add_days(\"2026-01-01\", -9223372036854775807)",
    ),
    (Fail, "rounding to impossible places", "round_half_up(2.5, -1)"),
    (
        End,
        "rounding to too many places",
        "round_half_up(2.5, 9223372036854775807)",
    ),
    (Fail, "nothing answered", "()"),
    (Fail, "a function answered", "|x| x"),
];

/// Sources that are made, and what must become of them.
fn sources() -> Vec<(Must, String, String)> {
    let body = |text: &str| format!("fn f(m) {{ {text} }}");
    let nested = |open: &str, middle: &str, close: &str, n: usize| {
        body(&format!("{}{middle}{}", open.repeat(n), close.repeat(n)))
    };
    let mut made: Vec<(Must, String, String)> = Vec::new();
    let mut add = |must, name: &str, text: String| made.push((must, name.to_owned(), text));
    for n in [60, 5_000] {
        let must = if n < 100 { End } else { Fail };
        add(must, "parentheses", nested("(", "1", ")", n));
        add(must, "minus", nested("-", "1", "", n));
        add(must, "not", nested("!", "true", "", n));
        add(must, "lists", nested("[", "1", "]", n));
        add(must, "maps", nested("#{a:", "1", "}", n));
        add(must, "blocks", nested("{", "1", "}", n));
        add(must, "if", nested("if true {", "1", "}", n));
        add(must, "else if", nested("if false { 1 } else ", "{ 1 }", "", n));
        add(must, "anonymous functions", nested("|x|", "1", "", n));
        add(must, "texts in texts", nested("`${", "1", "}`", n));
        add(must, "switch", nested("switch 1 { 1 => ", "1", "}", n));
        add(must, "try", nested("try {", "1", "} catch { 1 }", n));
        add(must, "dots", body(&format!("m{}", ".b".repeat(n))));
        add(must, "indexes", body(&format!("m{}", "[0]".repeat(n))));
        add(must, "calls", nested("abs(", "1", ")", n));
        add(must, "while", nested("while true {", "break;", "}", n));
        add(End, "sums", body(&format!("1{}", "+1".repeat(n))));
        add(End, "and", body(&format!("true{}", "&&true".repeat(n))));
    }
    add(Fail, "open parentheses", format!("fn f(m) {{ {}", "(".repeat(30_000)));
    add(End, "open comment", format!("fn f(m) {{ 1 }} {}", "/*".repeat(20_000)));
    add(Fail, "open text", "fn f(m) { \"漏".to_owned());
    add(Fail, "stray signs", "}}}]]]|||&&&==>=>..<".to_owned());
    add(Fail, "no text at all", "\u{0}\u{1}\u{feff}".to_owned());
    // Constants that would be folded without end.
    let mut lists = "const A0 = [1];\n".to_owned();
    let mut maps = "const A0 = #{x: 1};\n".to_owned();
    for n in 1..40 {
        lists += &format!("const A{n} = [A{0}, A{0}];\n", n - 1);
        maps += &format!("const A{n} = #{{x: A{0}, y: A{0}}};\n", n - 1);
    }
    add(Fail, "constants of lists", body(&format!("{lists} 1")));
    add(Fail, "constants of maps", body(&format!("{maps} 1")));
    add(End, "constants outside", format!("{lists} fn f(m) {{ 1 }}"));
    // Large sources.
    add(End, "many statements", body(&"1;".repeat(30_000)));
    add(End, "many cases", {
        let cases: String = (0..4_000).map(|n| format!("{n}=>1,")).collect();
        body(&format!("switch 5 {{ {cases} _ => 0 }}"))
    });
    add(
        Fail,
        "many functions",
        (0..2_000).map(|n| format!("fn g{n}(x) {{ x }}\n")).collect::<String>() + "fn f(m) { 1 }",
    );
    add(Fail, "many parameters", {
        let names: Vec<String> = (0..300).map(|n| format!("p{n}")).collect();
        let ones = vec!["1"; 300].join(",");
        format!("fn g({}) {{ 1 }}\nfn f(m) {{ g({ones}) }}", names.join(","))
    });
    add(
        Fail,
        "mutual recursion",
        "fn g(x) { h(x) }\nfn h(x) { g(x) }\nfn f(m) { g(1) }".to_owned(),
    );
    add(
        Fail,
        "calls within calls",
        "fn g(x) { if x > 0 { g(x - 1) + g(x - 1) } else { 1 } }\nfn f(m) { loop { g(5); } }".to_owned(),
    );
    add(Fail, "memory at every level", {
        let keys =
            "let s = \"a\"; for i in range(0, 12) { s += s; } let a = #{}; for i in range(0, 60) { a.set(s + i, i); }";
        let copies: String = [
            "b", "c", "d", "e", "g", "h", "k", "l", "o", "p", "q", "r", "t", "u", "v", "w", "y", "z",
        ]
        .iter()
        .map(|name| format!("let {name} = a; "))
        .collect();
        format!("fn g(a, n) {{ {copies} if n > 0 {{ g(b, n - 1) }} else {{ 1 }} }}\nfn f(m) {{ {keys} g(a, 100) }}")
    });
    made
}

#[expect(clippy::disallowed_methods, reason = "how long an attack takes is what is measured")]
fn now() -> Instant {
    Instant::now()
}

fn attack(text: &str) -> [Result<Value, String>; 2] {
    let list = Value::List(["漏水".into()].into());
    let note = Value::Text("漏水".into());
    let data = [("x", Some(&list)), ("note", Some(&note)), ("none", None)];
    let run = |function: Function| function.call(&data).map_err(|fault| fault.0);
    let (scripts, problems) = Scripts::compile(&[("attack.rhai".into(), text.into())], facts());
    let checked = match std::sync::Arc::new(scripts).function("f") {
        Some(function) if problems.is_empty() => run(function),
        _ => Err(format!("{:?}", problems.first())),
    };
    [checked, Scripts::unchecked(text, facts()).and_then(run)]
}

fn all() -> Vec<(Must, String, String)> {
    let bodies = BODIES.iter();
    let mut all: Vec<(Must, String, String)> = bodies
        .map(|(must, name, body)| (*must, (*name).to_owned(), format!("fn f(m) {{ {body} }}")))
        .collect();
    all.extend(sources());
    assert!(all.len() >= 60, "{}", all.len());
    all
}

/// What was not contained.
fn escaped() -> Vec<String> {
    let mut wrong = Vec::new();
    for (must, name, text) in &all() {
        let began = now();
        let outcomes = attack(text);
        let time = now().duration_since(began);
        for outcome in &outcomes {
            match outcome {
                Ok(value) if *must == Fail => wrong.push(format!("{name}: answered {value}")),
                Err(fault) if fault.len() > 2 * sandbox::MAX_ERROR => wrong.push(format!("{name}: a long fault")),
                _ => {}
            }
        }
        // Both runs and both readings; a script that the count of operations holds stays far below.
        if time > BACKSTOP * 2 {
            wrong.push(format!("{name}: took {time:?}"));
        }
    }
    wrong
}

#[test]
fn no_attack_ends_the_process_or_hangs() {
    assert_eq!(escaped(), Vec::<String>::new());
}

/// Runs something below frames that take so much of the stack, in KiB.
fn below(kib: usize, run: &mut dyn FnMut()) {
    let frame = std::hint::black_box([0_u8; 1024]);
    if kib == 0 {
        run();
    } else {
        below(kib - 1, run);
    }
    std::hint::black_box(&frame);
}

/// The writer's thread has room from its start, and decides below frames of its own: many times what they take is laid
/// on the stack here. What one attack leaves behind on the thread does not help the next.
#[test]
fn no_attack_escapes_on_a_thread_that_has_room_from_its_start() {
    let (told, heard) = std::sync::mpsc::channel();
    let thread = room::spawn("attacked", move || {
        assert!(room::has_room());
        below(512, &mut || told.send(escaped()).unwrap());
    });
    thread.unwrap().join().unwrap();
    assert_eq!(heard.recv().unwrap(), Vec::<String>::new());
}
