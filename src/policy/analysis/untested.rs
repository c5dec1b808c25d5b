//! Rules that no timeline is about: which they are, somebody who has run the timelines says.

use super::place::table;
use crate::policy::adopt;
use crate::policy::codes;
use crate::policy::compile::Folder;
use crate::policy::finding::Finding;
use crate::policy::model::Id;
use crate::policy::procedure::RULES;
use crate::policy::source::{File, say};

/// Reports these rules of a folder where they stand. Where there are no timelines at all, that is said once.
pub fn untested(folder: &Folder, rules: &[Id], any_timeline: bool) -> Vec<Finding> {
    let (bases, files) = adopt::own_and_base(folder);
    let layouts = adopt::lay_out(&files, &bases);
    let own: Vec<File<'_>> = layouts.iter().map(|layout| adopt::read(layout, &bases)).collect();
    let count = rules.len();
    for file in &own {
        if !any_timeline {
            file.start().find(
                codes::UNTESTED_RULE,
                say!(
                    "公司没有一条时间线，{count} 条规则都没有测试",
                    "the company has no timeline; none of its {count} rules is tested"
                ),
                say!(
                    "在 tests 文件夹里写时间线，见 docs/timelines.md",
                    "write timelines into the folder `tests`, see docs/timelines.md"
                ),
            );
            break;
        }
        for id in rules {
            let families = RULES.iter().chain(["record"].iter());
            let spot = families.filter_map(|family| table(file, family, id)).next();
            if let Some(spot) = spot {
                spot.at.find(
                    codes::UNTESTED_RULE,
                    say!("没有时间线测到“{id}”", "no timeline is about `{id}`"),
                    say!(
                        "写一条时间线，在 expect 里写 rule = \"{id}\" 应有的结果，见 docs/timelines.md",
                        "write a timeline that expects something of `{id}`, see docs/timelines.md"
                    ),
                );
            }
        }
    }
    let mut found: Vec<Finding> = own.into_iter().flat_map(File::into_findings).collect();
    found.retain(|finding| finding.code == codes::UNTESTED_RULE);
    found.dedup_by(|a, b| (&a.file, &a.span) == (&b.file, &b.span));
    found
}
