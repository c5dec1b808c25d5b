//! A company stays where it is: all local dates that were decided are dates of its zone.

use crate::policy::finding::Text;
use crate::policy::model::Company;

/// What is wrong with policies that are to follow on those that serve and count local dates in another zone, and what to do;
/// none where they count them alike.
pub fn other_zone(serving: &Company, next: &Company) -> Option<Text> {
    let (id, was, is) = (&serving.id, serving.zone.name(), next.zone.name());
    (serving.zone != next.zone).then(|| {
        Text::new(
            format!(
                "company.toml 里 zone = \"{is}\"，而 {id} 正在执行的是 zone = \"{was}\"：记录里的日期都是按它定的，不能中途换。\
                 改回 zone = \"{was}\"；真要换到另一个时区，另建一个文件夹、用另一个 id，作为另一家公司从头记"
            ),
            format!(
                "company.toml has zone = \"{is}\", and {id} serves with zone = \"{was}\": the dates on record were decided by it, so it \
                 cannot be changed on the way. Write zone = \"{was}\" again; for another zone, make another folder with an `id` of its \
                 own, which is a company with a record of its own"
            ),
        )
    })
}
