//! The command line.

mod check;
mod clauses;
mod explain;
mod fmt;
mod sarif;
mod schema;
mod scripts;
mod serve;
mod show;
mod test;

use crate::policy::finding::Lang;
use clap::{Parser, Subcommand, ValueEnum};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Exit codes: what was asked for was done.
pub const GOOD: u8 = 0;
/// It failed.
pub const FAILED: u8 = 1;
/// It was not asked for rightly; the same as clap's.
const USAGE: u8 = 2;
/// The policies have errors.
pub const POLICY_INVALID: u8 = 3;
/// A timeline failed.
pub const TEST_FAILED: u8 = 4;
/// There are differences.
pub const DIFFERENT: u8 = 5;

/// guicheng (规程): what is due next, for whom, by when, because of which clause.
#[derive(Parser, Debug)]
#[command(name = "guicheng", version, about, long_about = None)]
#[command(
    after_help = "Exit codes: 0 good, 1 failed, 2 usage, 3 policy invalid, 4 test failed, 5 differences found.
Examples:
  guicheng serve --demo
  guicheng check --lang zh
  guicheng check --format sarif > findings.sarif
  guicheng test fuheng
  guicheng test fuheng --mutate
  guicheng clauses --lang zh
  guicheng explain unknown-role
  guicheng fmt --check
  guicheng schema --of procedure"
)]
struct Arguments {
    /// The policy folder.
    #[arg(long, global = true, default_value = "policies", env = "GUICHENG_POLICIES")]
    policies: PathBuf,
    /// The folder of the companies' scripts.
    #[arg(long, global = true, default_value = "scripts", env = "GUICHENG_SCRIPTS")]
    scripts: PathBuf,
    /// The language of messages; without it, that of the environment.
    #[arg(long, global = true, env = "GUICHENG_LANG")]
    lang: Option<Language>,
    /// What is printed: text for people, json for programs, sarif (of `check`) for editors and code hosts.
    #[arg(long, global = true, default_value = "text")]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    Zh,
    En,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Take events and answer what is due, over HTTP.
    Serve {
        /// Where to listen. Only addresses of this machine: there are no tokens yet.
        #[arg(long, default_value = "127.0.0.1:7878", env = "GUICHENG_LISTEN")]
        listen: SocketAddr,
        /// The data folder.
        #[arg(long, env = "GUICHENG_DATA")]
        data: Option<PathBuf>,
        /// Begin with a month of example events that ends now, in a data folder of its own.
        #[arg(long)]
        demo: bool,
    },
    /// Check the policy files: every finding of all of them in one run.
    Check {
        /// Only these companies.
        companies: Vec<String>,
    },
    /// Run the companies' timelines.
    Test {
        /// Only these companies.
        companies: Vec<String>,
        /// Change each number, unit, role, condition and level of the rules in turn, and report the changes that no
        /// timeline notices. Fails where they are more than 5 in 100.
        #[arg(long)]
        mutate: bool,
    },
    /// List every clause of every procedure: what carries it, and what tests that.
    Clauses {
        /// Only these companies.
        companies: Vec<String>,
    },
    /// List the companies' script functions.
    Scripts {
        /// Only these companies.
        companies: Vec<String>,
        /// Instead, print the page of the functions and data that scripts see.
        #[arg(long)]
        reference: bool,
    },
    /// Set spaces, indentation and blank lines of policy files right; comments and meaning stay.
    Fmt {
        /// Files or folders; without any, the policy folder.
        paths: Vec<PathBuf>,
        /// Write nothing, only say which files differ, with exit code 5.
        #[arg(long)]
        check: bool,
    },
    /// Print the JSON Schema of the policy files, by which editors complete and check.
    Schema {
        /// Of which kind of file; without it, all.
        #[arg(long)]
        of: Option<schema::Kind>,
        /// Write KIND.schema.json into this folder instead.
        #[arg(long)]
        to: Option<PathBuf>,
    },
    /// Explain a finding's code, or an obligation of a data folder or an event file.
    Explain {
        /// A code of `check`, or an obligation's id.
        what: String,
        /// The obligation's company.
        #[arg(long)]
        company: Option<String>,
        /// The data folder; no server may be using it.
        #[arg(long, env = "GUICHENG_DATA")]
        data: Option<PathBuf>,
        /// A file of events, one a line, instead of a data folder.
        #[arg(long)]
        events: Option<PathBuf>,
        /// As things stand at this instant.
        #[arg(long)]
        as_of: Option<String>,
        /// Who asks: a person of the company. What is confidential is there for its handlers alone.
        #[arg(long)]
        viewer: Option<String>,
    },
}

/// What every command has at hand.
struct Context<'a> {
    policies: PathBuf,
    scripts: PathBuf,
    lang: Lang,
    json: bool,
    sarif: bool,
    out: &'a mut dyn Write,
    err: &'a mut dyn Write,
}

impl Context<'_> {
    /// Prints a line; a reader who has gone away is no error.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
    }

    /// Prints a line where errors go.
    fn complain(&mut self, text: &str) {
        let _ = writeln!(self.err, "{text}");
    }

    /// The sentence in the language of the user.
    fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// Prints an error and its causes.
    fn fail(&mut self, error: &dyn std::error::Error) -> u8 {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !text.contains(&more) {
                text.push_str(": ");
                text.push_str(&more);
            }
            cause = error.source();
        }
        let label = self.say("出错", "error");
        let line = format!("{label}: {text}");
        self.complain(&line);
        FAILED
    }
}

/// Runs the command that the process was started with; returns its exit code.
pub fn run() -> u8 {
    let arguments = Arguments::parse();
    let lang = match arguments.lang {
        Some(Language::Zh) => Lang::Zh,
        Some(Language::En) => Lang::En,
        None => environment_lang(),
    };
    let (mut out, mut err) = (std::io::stdout(), std::io::stderr());
    let json = arguments.format == Format::Json;
    let mut ctx = Context {
        policies: arguments.policies,
        scripts: arguments.scripts,
        lang,
        json,
        sarif: arguments.format == Format::Sarif,
        out: &mut out,
        err: &mut err,
    };
    if ctx.sarif && !matches!(arguments.command, Command::Check { .. }) {
        let line = ctx
            .say("sarif 只有 check 有", "only `check` has the format sarif")
            .to_owned();
        ctx.complain(&line);
        return USAGE;
    }
    match arguments.command {
        Command::Serve { listen, data, demo } => serve::run(&mut ctx, listen, data, demo),
        Command::Check { companies } => check::run(&mut ctx, &companies),
        Command::Test {
            companies,
            mutate: false,
        } => test::run(&mut ctx, &companies),
        Command::Test {
            companies,
            mutate: true,
        } => test::mutate(&mut ctx, &companies),
        Command::Clauses { companies } => clauses::run(&mut ctx, &companies),
        Command::Scripts { companies, reference } => scripts::run(&mut ctx, &companies, reference),
        Command::Fmt { paths, check } => fmt::run(&mut ctx, &paths, check),
        Command::Schema { of, to } => schema::run(&mut ctx, of, to.as_deref()),
        Command::Explain {
            what,
            company,
            data,
            events,
            as_of,
            viewer,
        } => explain::run(
            &mut ctx,
            &explain::Asked {
                what,
                company,
                data,
                events,
                as_of,
                viewer,
            },
        ),
    }
}

fn environment_lang() -> Lang {
    let names = ["LC_ALL", "LC_MESSAGES", "LANG"];
    let set = names
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    match set {
        Some(value) if value.starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}
