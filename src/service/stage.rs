//! The stages through which a company's policies go before they serve. What happens at one of them is seen by nobody
//! before the last.

use crate::engine::timeline;
use crate::policy::finding::{Severity, Text};
use crate::policy::model::Company;
use crate::policy::{Compiled, Folder, Source, compile};
use crate::service::status::{Failed, Refused};
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The most failures of timelines that are kept to be shown.
const MAX_FAILURES: usize = 200;

/// A stage, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// The files are read.
    Read,
    /// They are TOML.
    Compile,
    /// They say something that can be carried out.
    Check,
    /// The company's own timelines come out as they say.
    Test,
    /// What would change of what is owed is worked out.
    Difference,
    /// What is new is kept in the record, and serves.
    Swap,
}

impl Stage {
    /// All of them, in order.
    pub const ALL: [Stage; 6] = [
        Stage::Read,
        Stage::Compile,
        Stage::Check,
        Stage::Test,
        Stage::Difference,
        Stage::Swap,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Compile => "compile",
            Stage::Check => "check",
            Stage::Test => "test",
            Stage::Difference => "difference",
            Stage::Swap => "swap",
        }
    }

    /// Its name for people, in Chinese.
    pub fn title(self) -> &'static str {
        match self {
            Stage::Read => "读取文件",
            Stage::Compile => "读懂写法",
            Stage::Check => "检查内容",
            Stage::Test => "运行时间线",
            Stage::Difference => "比较在办义务",
            Stage::Swap => "换用",
        }
    }

    /// The code of the problem that a refusal at it is.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Read => "folder-unreadable",
            Stage::Compile | Stage::Check => "policies-refused",
            Stage::Test => "tests-failed",
            Stage::Difference => "difference-failed",
            Stage::Swap => "swap-failed",
        }
    }
}

/// What a company's timelines said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// How many passed.
    pub passed: usize,
    /// Whether somebody had them passed over.
    pub skipped: bool,
}

/// Policies that may serve.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Their text.
    pub folder: Folder,
    /// What was compiled from it.
    pub company: Arc<Company>,
    /// What the timelines said; none: nobody asked them.
    pub tests: Option<Tested>,
}

/// A company, or at which of the two stages it was refused.
pub(super) fn checked(compiled: Compiled) -> Result<Company, Refused> {
    let errors = compiled
        .findings
        .iter()
        .filter(|f| f.severity == Severity::Error)
        .count();
    let stage = if compiled.broken { Stage::Compile } else { Stage::Check };
    match compiled.company.filter(|_| errors == 0) {
        Some(company) => Ok(company),
        None => Err(Refused {
            findings: compiled.findings,
            ..Refused::new(
                stage,
                Text::new(
                    format!("规程文件有 {errors} 处错误"),
                    format!("the policy files have errors: {errors}"),
                ),
            )
        }),
    }
}

/// Compiles a folder. A fault of the compiler itself is a refusal like any other.
pub(super) fn compiled(folder: &Folder) -> Result<Compiled, Refused> {
    guarded(Stage::Compile, || compile(folder))
}

/// Runs a company's timelines, and its tests of scripts, on the evaluator that serves.
pub(super) fn tested(company: &Arc<Company>, timelines: &[Source]) -> Result<Tested, Refused> {
    let run = || {
        let (mut passed, mut failed, mut failures) = (0, 0, Vec::new());
        for source in timelines {
            let suite = match timeline::parse(&source.name, &source.text) {
                Ok(suite) => suite,
                Err(faults) => {
                    failed += 1;
                    failures.extend(faults.into_iter().map(|fault| Failed {
                        file: source.name.clone(),
                        line: fault.line,
                        timeline: None,
                        message: fault.message,
                    }));
                    continue;
                }
            };
            let scripts = suite.scripts.iter().map(|test| (&test.title, test.run(company)));
            let timelines = suite
                .timelines
                .iter()
                .map(|one| (&one.title, timeline::run(company, one)));
            for (title, wrong) in scripts.chain(timelines) {
                passed += usize::from(wrong.is_empty());
                failed += usize::from(!wrong.is_empty());
                failures.extend(wrong.into_iter().map(|failure| Failed {
                    file: source.name.clone(),
                    line: failure.line,
                    timeline: Some(title.clone()),
                    message: failure.message,
                }));
            }
        }
        (passed, failed, failures)
    };
    let (passed, failed, mut failures) = guarded(Stage::Test, run)?;
    if failed == 0 {
        return Ok(Tested { passed, skipped: false });
    }
    failures.truncate(MAX_FAILURES);
    let zh = format!("公司自己的测试失败 {failed} 条，通过 {passed} 条");
    let en = format!("of the company's own tests {failed} failed, {passed} passed");
    Err(Refused {
        failures,
        ..Refused::new(Stage::Test, Text::new(zh, en))
    })
}

/// Does the work of a stage. What breaks off in it is a refusal of this company's policies, not the server's end.
pub(super) fn guarded<T>(stage: Stage, work: impl FnOnce() -> T) -> Result<T, Refused> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let zh = "程序自身出错，这一步没有做完";
        let en = "the program itself failed and did not finish this stage";
        Refused::new(stage, Text::new(zh, en))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;
    use std::path::Path;

    #[test]
    fn tests_of_scripts_hold_a_reload_back_as_timelines_do() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folders = files::read_policies(&root.join("policies"), &root.join("scripts")).unwrap();
        let vanke = folders.iter().find(|folder| folder.id == "vanke").unwrap();
        let company = Arc::new(compile(vanke).company.unwrap());
        let test = |answer: &str| {
            Source {
            name: "vanke/tests/t.toml".into(),
            text: format!(
                "[[script]]\ntitle = \"起火\"\nfunction = \"urgency\"\ndata = {{ matter = \"起火了\" }}\nis = \"{answer}\"\n"
            )
            .into(),
        }
        };
        assert_eq!(tested(&company, &[test("urgent")]).unwrap().passed, 1);
        let refused = tested(&company, &[test("urgent"), test("normal")]).unwrap_err();
        assert_eq!(refused.stage, Stage::Test);
        let failures: Vec<_> = refused
            .failures
            .iter()
            .map(|f| (f.line, f.timeline.as_deref()))
            .collect();
        assert_eq!(failures, [(1, Some("起火"))]);
    }
}
