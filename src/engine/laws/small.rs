//! Small companies, for what the real procedure does not ask for.

use super::history::Live;
use super::read;
use crate::policy::model::Company;
use crate::policy::{Folder, Source, compile};
use std::sync::Arc;

const HEAD: &str = r#"
    [company]
    id = "small"
    title = "小公司"
    zone = "Asia/Shanghai"
    calendar = "cn"
    [role.clerk]
    title = "职员"
    [person.wang]
    name = "王"
    holds = [{ role = "clerk" }, { role = "boss" }]
    [person.liu]
    name = "刘"
    holds = [{ role = "clerk" }]
"#;

/// A company with these procedures; they may use the roles `clerk` and `boss`, and must declare the second.
pub(crate) fn company(procedures: &[&str]) -> Arc<Company> {
    scripted(procedures, "")
}

/// The same with a script.
pub(crate) fn scripted(procedures: &[&str], script: &str) -> Arc<Company> {
    let source = |name: String, text: &str| Source {
        name: name.into(),
        text: text.into(),
    };
    let files = procedures.iter().enumerate();
    let compiled = compile(&Folder {
        id: "small".into(),
        files: std::iter::once(source("company.toml".into(), HEAD))
            .chain(files.map(|(n, text)| source(format!("p{n}.toml"), text)))
            .collect(),
        calendars: vec![read("policies/calendars/cn.toml")],
        scripts: vec![source("a.rhai".into(), script)],
    });
    Arc::new(compiled.company.unwrap_or_else(|| panic!("{:#?}", compiled.findings)))
}

/// A world of such a company.
pub(crate) fn live(company: &Arc<Company>) -> Live {
    Live::new(company)
}
