//! The sandbox: an engine with chosen packages, small limits, and without what harms.
//!
//! What rhai's limits leave open, and what closes it here:
//! - operations in callbacks are not counted, native calls cost their size: a counter of our own ([`super::meter`]),
//!   sizes so small that the worst call times the most operations is bearable, a backstop in time;
//! - `pad` wraps and aborts, `replace` checks its result too late: overridden, `swap_text` looks before;
//! - `eval`, `Fn`, `curry`, `call`, `print`, `debug`, `import`, `export`: disabled symbols; closures, modules, time and
//!   custom syntax: left out when rhai is built; `sleep`, `exit`, `parse_json`: their package is not there, and they are
//!   overridden;
//! - constants are folded at compile time without limit: the optimiser is off;
//! - deep values overflow the stack when they are dropped or shown: few elements, a thread with room ([`super::room`]);
//! - the bytes of map keys are not counted, and without unsafe code memory cannot be measured: few variables, few call
//!   levels, few keys, short texts.

use super::facts::{self, Facts};
use super::meter;
use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, OptimizationLevel};
use std::sync::Arc;
use std::time::Duration;

/// The most operations of one call.
pub const MAX_OPERATIONS: u64 = 20_000;
/// The longest a call may take.
pub const BACKSTOP: Duration = Duration::from_secs(if cfg!(debug_assertions) { 8 } else { 2 });
/// The longest text that a script may make, in bytes.
pub const MAX_TEXT: usize = 8 * 1024;
/// The most elements of a list, those of lists in it counted too.
pub const MAX_LIST: usize = 500;
/// The most entries of a map, those of maps in it counted too.
pub const MAX_MAP: usize = 64;
/// The most variables of a function.
pub const MAX_VARIABLES: usize = 32;
/// How deep functions may call functions.
pub const MAX_CALLS: usize = 8;
/// The most functions of a file.
pub const MAX_FUNCTIONS: usize = 64;
/// The longest file, in bytes.
pub const MAX_SOURCE: usize = 64 * 1024;
/// The most files of a company.
pub const MAX_FILES: usize = 32;
/// The longest text of an error, in bytes: it may carry what the script was given.
pub const MAX_ERROR: usize = 512;

/// What a script may not say at all.
const DISABLED: [&str; 10] = [
    "eval",
    "import",
    "export",
    "curry",
    "print",
    "debug",
    "Fn",
    "call",
    "is_def_fn",
    "is_shared",
];

type Outcome<T> = Result<T, Box<EvalAltResult>>;

/// An engine for the scripts of one company.
pub(super) fn engine(facts: &Arc<Facts>) -> Engine {
    let mut engine = Engine::new_raw();
    ArithmeticPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    engine
        .set_optimization_level(OptimizationLevel::None)
        .set_strict_variables(true)
        .set_fail_on_invalid_map_property(true)
        .set_max_operations(MAX_OPERATIONS * 2)
        .set_max_string_size(MAX_TEXT)
        .set_max_array_size(MAX_LIST)
        .set_max_map_size(MAX_MAP)
        .set_max_variables(MAX_VARIABLES)
        .set_max_call_levels(MAX_CALLS)
        .set_max_functions(MAX_FUNCTIONS)
        .set_max_expr_depths(64, 32)
        .set_max_strings_interned(64);
    for symbol in DISABLED {
        engine.disable_symbol(symbol);
    }
    engine.on_print(|_| {}).on_debug(|_, _, _| {});
    engine.on_progress(|_| (!meter::goes_on()).then_some(Dynamic::UNIT));
    forbid(&mut engine);
    facts::register(&mut engine, facts);
    engine
}

/// Puts a refusal in the place of what harms.
fn forbid(engine: &mut Engine) {
    fn no<T>(name: &str) -> Outcome<T> {
        Err(format!("`{name}` is not to be had here").into())
    }
    engine
        .register_fn("sleep", |_: i64| no::<()>("sleep"))
        .register_fn("sleep", |_: rust_decimal::Decimal| no::<()>("sleep"))
        .register_fn("exit", || no::<()>("exit"))
        .register_fn("exit", |_: Dynamic| no::<()>("exit"))
        .register_fn("parse_json", |_: &str| no::<Dynamic>("parse_json"))
        .register_fn("pad", |_: &mut Array, _: i64, _: Dynamic| no::<()>("pad"))
        .register_fn("pad", |_: &mut ImmutableString, _: i64, _: char| no::<()>("pad"))
        .register_fn("pad", |_: &mut ImmutableString, _: i64, _: &str| no::<()>("pad"))
        .register_fn("replace", |_: &mut ImmutableString, _: &str, _: &str| {
            no::<()>("replace")
        })
        .register_fn("replace", |_: &mut ImmutableString, _: &str, _: char| {
            no::<()>("replace")
        })
        .register_fn("replace", |_: &mut ImmutableString, _: char, _: &str| {
            no::<()>("replace")
        })
        .register_fn("replace", |_: &mut ImmutableString, _: char, _: char| {
            no::<()>("replace")
        });
}
