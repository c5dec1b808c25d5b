//! Values by date that are in force on no day: replaced before their procedure begins, or dated after it ends.

use crate::policy::codes;
use crate::policy::edition;
use crate::policy::source::{File, say};
use chrono::NaiveDate;

/// Reports values of parameters that are never in force.
pub(super) fn find(own: &[File<'_>]) {
    for file in own {
        let Some((id, effective)) = head(file) else { continue };
        let next = own.iter().filter_map(head);
        let next = next
            .filter(|(other, from)| *other == id && *from > effective)
            .map(|(_, from)| from);
        params(file, effective, next.min());
    }
}

fn head<'a>(file: &'a File<'_>) -> Option<(&'a str, NaiveDate)> {
    let procedure = file.root.get("procedure")?.get_ref().as_table()?;
    let id = procedure.get("id")?.get_ref().as_str()?;
    let from = match file.dated {
        Some(from) => from,
        None => edition::date(procedure.get("effective")?)?,
    };
    Some((id, from))
}

fn params(file: &File<'_>, effective: NaiveDate, until: Option<NaiveDate>) {
    let params = file.root.get("param").and_then(|params| params.get_ref().as_table());
    for (name, param) in params.into_iter().flatten() {
        let values = param
            .get_ref()
            .get("values")
            .and_then(|values| values.get_ref().as_array());
        let mut dated = Vec::new();
        for value in values.into_iter().flat_map(|values| values.iter()) {
            let from = value.get_ref().get("from");
            dated.extend(from.and_then(|from| Some((edition::date(from)?, from.span()))));
        }
        let follow = dated.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
        for ((from, span), next) in dated.iter().zip(follow) {
            let (name, place) = (name.get_ref(), file.place(span.start, span.end));
            if let Some(next) = next.filter(|next| *next <= effective) {
                place.find(
                    codes::NEVER_IN_FORCE,
                    say!(
                        "“{name}”从 {from} 起的值从不生效：规程从 {effective} 起执行，那时已是从 {next} 起的值",
                        "the value of `{name}` from {from} is never in force: the procedure begins on {effective}, \
                         when that from {next} already holds"
                    ),
                    say!("删去这个值", "remove the value"),
                );
            } else if let Some(until) = until.filter(|until| from >= until) {
                place.find(
                    codes::NEVER_IN_FORCE,
                    say!(
                        "“{name}”从 {from} 起的值从不生效：从 {until} 起执行的是下一版",
                        "the value of `{name}` from {from} is never in force: from {until} on the next edition is"
                    ),
                    say!(
                        "把它写到下一版的文件里，或删去",
                        "write it into the next edition's file, or remove it"
                    ),
                );
            }
        }
    }
}
