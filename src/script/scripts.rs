//! The functions of a company, compiled, and their calls.

use super::check::{self, Problem, What};
use super::facts::Facts;
use super::room::with_room;
use super::sandbox::{MAX_ERROR, MAX_FILES, MAX_SOURCE};
use super::{convert, meter, sandbox};
use crate::domain::value::Value;
use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Position, Scope};
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// A file's name and its text.
pub type Text = (Arc<str>, Arc<str>);

/// All functions of a company.
pub struct Scripts {
    engine: Engine,
    files: Vec<(Arc<str>, AST)>,
    functions: BTreeMap<Arc<str>, Declared>,
}

struct Declared {
    file: usize,
    parameters: usize,
}

/// A function that a rule names: it is given a map of data and answers a value.
#[derive(Clone)]
pub struct Function {
    scripts: Arc<Scripts>,
    name: Arc<str>,
    file: usize,
}

/// Why a call did not answer what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

impl Scripts {
    /// Compiles the files of a company, and says all that is wrong with them. A file with a problem is left out.
    pub fn compile(files: &[Text], facts: Facts) -> (Scripts, Vec<Problem>) {
        if files.is_empty() {
            let scripts = Scripts {
                engine: Engine::new_raw(),
                files: Vec::new(),
                functions: BTreeMap::new(),
            };
            return (scripts, Vec::new());
        }
        with_room(|| {
            let mut scripts = Scripts {
                engine: sandbox::engine(&Arc::new(facts)),
                files: Vec::new(),
                functions: BTreeMap::new(),
            };
            let mut problems = Vec::new();
            for (ix, (name, text)) in files.iter().enumerate() {
                let problem = |what| Problem {
                    file: ix,
                    at: (1, 1),
                    what,
                };
                if ix >= MAX_FILES {
                    problems.push(problem(What::TooManyFiles(files.len())));
                    break;
                }
                if text.len() > MAX_SOURCE {
                    problems.push(problem(What::TooLarge(text.len())));
                    continue;
                }
                match catch_unwind(AssertUnwindSafe(|| scripts.engine.compile(&**text))) {
                    Ok(Ok(ast)) => scripts.take(ix, name, text, ast, &mut problems),
                    Ok(Err(error)) => problems.push(Problem {
                        file: ix,
                        at: place(error.1),
                        what: What::Syntax(bounded(&error.0.to_string())),
                    }),
                    Err(_) => problems.push(problem(What::Syntax("the parser gave up".to_owned()))),
                }
            }
            (scripts, problems)
        })
    }

    fn take(&mut self, ix: usize, name: &Arc<str>, text: &str, ast: AST, problems: &mut Vec<Problem>) {
        let before = problems.len();
        problems.extend(check::check(ix, &ast));
        for function in ast.iter_functions() {
            if function.name.starts_with("anon$") {
                continue;
            }
            let place = check::declaration(text, function.name);
            let mut problem = |what| {
                problems.push(Problem {
                    file: ix,
                    at: place,
                    what,
                });
            };
            if let Some(first) = self.functions.get(function.name) {
                let there = self.files.get(first.file).map(|(name, _)| name.to_string());
                problem(What::Twice(function.name.to_owned(), there.unwrap_or_default()));
                continue;
            }
            if check::is_own(function.name) {
                problem(What::Taken(function.name.to_owned()));
                continue;
            }
            let declared = Declared {
                file: self.files.len(),
                parameters: function.params.len(),
            };
            self.functions.insert(function.name.into(), declared);
        }
        if problems.len() == before {
            self.files.push((Arc::clone(name), ast));
        } else {
            let at = self.files.len();
            self.functions.retain(|_, declared| declared.file != at);
        }
    }

    /// The function `f` of a text that nobody has looked through: what the sandbox alone makes of it.
    #[cfg(test)]
    pub(super) fn unchecked(text: &str, facts: Facts) -> Result<Function, String> {
        let engine = sandbox::engine(&Arc::new(facts));
        let ast = with_room(|| engine.compile(text)).map_err(|error| error.to_string())?;
        let scripts = Scripts {
            engine,
            files: vec![("attack.rhai".into(), ast)],
            functions: BTreeMap::new(),
        };
        Ok(Function {
            scripts: Arc::new(scripts),
            name: "f".into(),
            file: 0,
        })
    }

    /// The names of all functions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(|name| &**name)
    }

    /// How many parameters a function takes; none: there is no such function.
    pub fn parameters(&self, name: &str) -> Option<usize> {
        self.functions.get(name).map(|declared| declared.parameters)
    }

    /// The function of that name.
    pub fn function(self: &Arc<Scripts>, name: &str) -> Option<Function> {
        let (name, declared) = self.functions.get_key_value(name)?;
        Some(Function {
            scripts: Arc::clone(self),
            name: Arc::clone(name),
            file: declared.file,
        })
    }
}

impl Function {
    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Calls it with a map of data. Pure: the same data lead to the same answer.
    pub fn call(&self, data: &[(&str, Option<&Value>)]) -> Result<Value, Fault> {
        let (file, ast) = match self.scripts.files.get(self.file) {
            Some((file, ast)) => (file, ast),
            None => return Err(Fault(format!("there is no script `{}`", self.name))),
        };
        with_room(|| self.run(ast, data)).map_err(|(at, text)| {
            let (name, place) = (&self.name, shown(at));
            Fault(bounded(&format!("script `{name}` ({file}{place}): {text}")))
        })
    }

    fn run(&self, ast: &AST, data: &[(&str, Option<&Value>)]) -> Result<Value, (Position, String)> {
        let here = |text| (Position::NONE, text);
        let map = convert::input(data).map_err(here)?;
        let options = CallFnOptions::new().eval_ast(false);
        let engine = &self.scripts.engine;
        meter::start();
        let called = catch_unwind(AssertUnwindSafe(|| {
            let mut scope = Scope::new();
            engine.call_fn_with_options::<Dynamic>(options, &mut scope, ast, &*self.name, (map,))
        }));
        // Even where the script seems to have succeeded: an error that it swallowed stopped it.
        if let Some(why) = meter::stopped() {
            return Err(here(why.to_owned()));
        }
        match called {
            Ok(Ok(value)) => convert::answer(&value).map_err(here),
            Ok(Err(error)) => Err(told(&error)),
            Err(_) => Err(here("it broke the interpreter".to_owned())),
        }
    }
}

/// Where an error arose, and what it says.
fn told(error: &EvalAltResult) -> (Position, String) {
    let mut inner = error;
    while let EvalAltResult::ErrorInFunctionCall(_, _, next, _) = inner {
        inner = next;
    }
    let mut text = inner.to_string();
    let at = inner.position();
    // The place stands before the text already.
    if let Some(found) = text.rfind(" (line ") {
        text.truncate(found);
    }
    (at, text)
}

fn place(at: Position) -> (u32, u32) {
    let number = |n: Option<usize>| n.and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
    (number(at.line()), number(at.position()))
}

fn shown(at: Position) -> String {
    match (at.line(), at.position()) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        (Some(line), None) => format!(":{line}"),
        (None, _) => String::new(),
    }
}

/// A text of bounded length without control characters.
pub(super) fn bounded(text: &str) -> String {
    let mut cut = String::new();
    for c in text.chars() {
        let c = if c.is_control() { ' ' } else { c };
        if cut.len() + c.len_utf8() > MAX_ERROR - '…'.len_utf8() {
            cut.push('…');
            break;
        }
        cut.push(c);
    }
    cut
}

impl fmt::Debug for Scripts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.functions.keys()).finish()
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
