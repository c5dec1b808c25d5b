//! What is wrong with a script before it is ever run: functions that there are not, calls with too many or too few
//! arguments, statements outside functions. rhai itself would find these only when a case comes to them.

use super::reference::ENTRIES;
use rhai::{AST, ASTNode, Expr, FnCallExpr, Position, Stmt};
use std::collections::BTreeMap;

/// Something wrong in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The number of the file, in the order given.
    pub file: usize,
    /// Line and column, counted from 1, columns in characters.
    pub at: (u32, u32),
    /// What.
    pub what: What,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is not rhai; in the parser's words.
    Syntax(String),
    /// A function that there is not.
    Unknown(String),
    /// A function called with so many arguments, and how many it takes.
    Arguments(String, usize, Vec<usize>),
    /// A statement outside a function.
    Statement,
    /// A function that another file, named here, declares too.
    Twice(String, String),
    /// A function with the name of one that all scripts have.
    Taken(String),
    /// The file is larger than a script may be.
    TooLarge(usize),
    /// The company has more files than it may.
    TooManyFiles(usize),
}

/// Whether all scripts have a function of that name.
pub(super) fn is_own(name: &str) -> bool {
    ENTRIES.iter().any(|entry| entry.name == name)
}

/// Where a function is declared.
pub(super) fn declaration(text: &str, name: &str) -> (u32, u32) {
    for (ix, line) in text.lines().enumerate() {
        let declared = line.find("fn ").and_then(|at| {
            let rest = line.get(at + 3..)?.trim_start();
            let after = rest.strip_prefix(name)?;
            after.trim_start().starts_with('(').then_some(line.len() - rest.len())
        });
        if let Some(at) = declared {
            let column = line.get(..at).map_or(0, |before| before.chars().count());
            return (number(ix + 1), number(column + 1));
        }
    }
    (1, 1)
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn place(at: Position) -> (u32, u32) {
    (number(at.line().unwrap_or(1)), number(at.position().unwrap_or(1)))
}

/// All that is wrong with a script as far as its text shows it.
pub(super) fn check(file: usize, ast: &AST) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut problem = |at: Position, what| {
        problems.push(Problem {
            file,
            at: place(at),
            what,
        });
    };
    if let Some(first) = ast.statements().iter().find(|s| !matches!(s, Stmt::Noop(_))) {
        problem(first.position(), What::Statement);
    }
    let mut declared: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for function in ast.iter_functions() {
        declared.entry(function.name).or_default().push(function.params.len());
    }
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        let (call, at, method) = match path.last() {
            Some(ASTNode::Expr(Expr::FnCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at))) => (call, *at, false),
            Some(ASTNode::Expr(Expr::MethodCall(call, at))) => (call, *at, true),
            _ => return true,
        };
        if let Some(what) = wrong(call, method, &declared) {
            problem(at, what);
        }
        true
    });
    problems
}

fn wrong(call: &FnCallExpr, method: bool, declared: &BTreeMap<&str, Vec<usize>>) -> Option<What> {
    let name = call.name.as_str();
    // Operators are called by their signs.
    if call.op_token.is_some() || !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        return None;
    }
    let given = call.args.len();
    // A method has what stands before the dot as its first argument; a function of the script has it as `this`.
    let counted = given + usize::from(method);
    let own: Vec<usize> = ENTRIES
        .iter()
        .filter(|entry| entry.name == name)
        .map(|entry| entry.parameters.len())
        .collect();
    let theirs = declared.get(name).cloned().unwrap_or_default();
    if own.is_empty() && theirs.is_empty() {
        return Some(What::Unknown(name.to_owned()));
    }
    let fits = own.contains(&counted) || theirs.contains(&given);
    (!fits).then(|| {
        let takes = if theirs.is_empty() { own } else { theirs };
        What::Arguments(name.to_owned(), if method { counted } else { given }, takes)
    })
}
