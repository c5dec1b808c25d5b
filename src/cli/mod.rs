//! The command line.

mod at_hand;
mod check;
mod clauses;
mod covered;
mod diff;
mod differences;
mod explain;
mod fmt;
mod progress;
mod reload;
mod render;
mod sarif;
mod schema;
mod scripts;
mod serve;
mod show;
mod simulate;
mod test;
mod verify;
mod watch;
mod whynot;
mod witness;

use crate::policy::finding::Lang;
use chrono::NaiveDate;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Exit codes: what was asked for was done.
pub const GOOD: u8 = 0;
/// It failed.
pub const FAILED: u8 = 1;
/// It was not asked for rightly.
pub const USAGE: u8 = 2;
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
  guicheng reload --dry-run
  guicheng clauses --lang zh
  guicheng explain unknown-role
  guicheng fmt --check
  guicheng schema --of procedure
  guicheng render fuheng --lang zh
  guicheng diff old/policies policies
  guicheng simulate --draft draft --from 2026-03-01 --to 2026-03-31 --company fuheng --events examples/fuheng-2026-03.ndjson"
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
    /// Only of `check`.
    Sarif,
    /// Only of `render`.
    Html,
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
        /// Take up what lies in the policy folder whenever a file in it changes.
        #[arg(long)]
        watch: bool,
        /// Answer no question about a company whose newer policies have been refused for longer than this: `24h`, `90m`,
        /// `3d`. Without it, what served last goes on answering.
        #[arg(long, value_parser = serve::span)]
        max_stale: Option<chrono::TimeDelta>,
    },
    /// Have the server of this machine take up what lies in its policy folder: read, checked, tested, and then whole or
    /// not at all, each company on its own. Prints what changes of what is owed.
    Reload {
        /// Only these companies.
        companies: Vec<String>,
        /// The server.
        #[arg(long, default_value = "http://127.0.0.1:7878", env = "GUICHENG_URL")]
        url: String,
        /// Only say what would come of it.
        #[arg(long)]
        dry_run: bool,
        /// Do not run the companies' timelines, in an emergency; the record and the status say so.
        #[arg(long)]
        skip_tests: bool,
        /// Instead of a server, a data folder that no server is using; with --dry-run.
        #[arg(long)]
        data: Option<PathBuf>,
    },
    /// Check the policy files: every finding of all of them in one run.
    Check {
        /// Only these companies.
        companies: Vec<String>,
        /// Write an event that shows what a finding says, as a timeline that can be run, into files of this folder:
        /// `CODE-RULE-N.toml`, for several companies each in a folder of its own.
        #[arg(long, value_name = "DIR")]
        witness: Option<PathBuf>,
    },
    /// Run the companies' timelines.
    Test {
        /// Only these companies.
        companies: Vec<String>,
        /// Change each number, unit, role, condition and level of the rules in turn, and report the changes that no
        /// timeline notices. Fails where they are more than 5 in 100.
        #[arg(long)]
        mutate: bool,
        #[command(flatten)]
        at_least: covered::AtLeast,
    },
    /// List every clause of every procedure: what carries it, and what tests that.
    Clauses {
        /// Only these companies.
        companies: Vec<String>,
    },
    /// Write the policies in sentences, clause by clause: Markdown (`text`), `html` that prints, or `json`.
    Render {
        /// Only these companies.
        companies: Vec<String>,
        /// Write a file for each company into this folder, and print their names.
        #[arg(long)]
        out: Option<PathBuf>,
        /// The editions in force on this date; without it the newest.
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// Say in sentences where two editions differ. Fails with 5 where they do.
    Diff {
        /// The old side: a policy folder or a company's folder; `FOLDER@2026-03-01` for the editions in force then.
        a: String,
        /// The new side.
        b: String,
        /// Only this company.
        #[arg(long)]
        company: Option<String>,
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
    /// Try a draft on the past: what would have been different had it been in force.
    #[command(after_help = "Exit codes: 0 no difference, 5 differences, 3 the draft has errors.
Example:
  guicheng simulate --draft draft --from 2026-03-01 --to 2026-03-31 --company fuheng --events examples/fuheng-2026-03.ndjson")]
    Simulate {
        /// The folder with the draft's files: each replaces the company's file of its name, or joins them. With a
        /// `company.toml` among them it is the whole of the company's folder.
        #[arg(long)]
        draft: PathBuf,
        /// The first local date on which the draft is in force.
        #[arg(long)]
        from: chrono::NaiveDate,
        /// The last local date that is looked at, included.
        #[arg(long)]
        to: chrono::NaiveDate,
        /// The company.
        #[arg(long)]
        company: Option<String>,
        /// The data folder; no server may be using it.
        #[arg(long, env = "GUICHENG_DATA")]
        data: Option<PathBuf>,
        /// A file of events, one a line, instead of a data folder.
        #[arg(long)]
        events: Option<PathBuf>,
        /// A file to which every difference is written, one a line.
        #[arg(long)]
        cases: Option<PathBuf>,
    },
    /// Check that the record of a data folder is whole, and decide what it says was decided once more.
    Verify {
        /// Only up to this place in the record, and show what was decided there.
        #[arg(long)]
        record: Option<u64>,
        /// The data folder; no server may be using it.
        #[arg(long, env = "GUICHENG_DATA")]
        data: Option<PathBuf>,
    },
    /// Say why a case has no obligation of a rule: which of its conditions are not met.
    WhyNot {
        /// The case.
        case: String,
        /// The rule that was expected to ask for something.
        #[arg(long)]
        rule: String,
        /// The case's company.
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
    let sheet = match arguments.format {
        Format::Text | Format::Sarif => render::Sheet::Text,
        Format::Html => render::Sheet::Html,
        Format::Json => render::Sheet::Json,
    };
    if sheet == render::Sheet::Html && !matches!(arguments.command, Command::Render { .. }) {
        Arguments::command()
            .error(clap::error::ErrorKind::InvalidValue, "only `render` writes html")
            .exit();
    }
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
        Command::Serve {
            listen,
            data,
            demo,
            watch,
            max_stale,
        } => serve::run(
            &mut ctx,
            serve::Asked {
                listen,
                data,
                demo,
                watch,
                max_stale,
            },
        ),
        Command::Reload {
            companies,
            url,
            dry_run,
            skip_tests,
            data,
        } => reload::run(
            &mut ctx,
            &reload::Asked {
                url,
                companies,
                dry_run,
                skip_tests,
                data,
            },
        ),
        Command::Check { companies, witness } => check::run(&mut ctx, &companies, witness.as_deref()),
        Command::Test {
            companies,
            mutate: false,
            at_least,
        } => test::run(&mut ctx, &companies, at_least),
        Command::Test {
            companies,
            mutate: true,
            ..
        } => test::mutate(&mut ctx, &companies),
        Command::Clauses { companies } => clauses::run(&mut ctx, &companies),
        Command::Render { companies, out, on } => render::run(&mut ctx, &companies, sheet, out.as_deref(), on),
        Command::Diff { a, b, company } => diff::run(&mut ctx, &a, &b, company.as_deref()),
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
                place: at_hand::Place { company, data, events },
                as_of,
                viewer,
            },
        ),
        Command::Verify { record, data } => verify::run(&mut ctx, record, data),
        Command::WhyNot {
            case,
            rule,
            company,
            data,
            events,
            as_of,
            viewer,
        } => whynot::run(
            &mut ctx,
            &whynot::Asked {
                case,
                rule,
                place: at_hand::Place { company, data, events },
                as_of,
                viewer,
            },
        ),
        Command::Simulate {
            draft,
            from,
            to,
            company,
            data,
            events,
            cases,
        } => simulate::run(
            &mut ctx,
            &simulate::Asked {
                draft,
                from,
                to,
                company,
                data,
                events,
                cases,
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
