//! `guicheng verify`.

use crate::cli::at_hand::there_is_data;
use crate::cli::{Context, GOOD};
use crate::service::verify::{self, DecisionSaid, Verified};
use crate::store::Store;
use std::path::PathBuf;

/// What is recorded was decided otherwise than it is now.
const DIFFERENT: u8 = 5;

/// Checks the record of a data folder.
pub fn run(ctx: &mut Context<'_>, record: Option<u64>, data: Option<PathBuf>) -> u8 {
    match verified(record, data) {
        Ok(verified) => {
            let shown = match ctx.json {
                true => serde_json::to_string_pretty(&verified).unwrap_or_default(),
                false => text(ctx, &verified),
            };
            ctx.line(&shown);
            if verified.different == 0 { GOOD } else { DIFFERENT }
        }
        Err(error) => ctx.fail(error.as_ref()),
    }
}

fn verified(record: Option<u64>, data: Option<PathBuf>) -> Result<Verified, Box<dyn std::error::Error>> {
    let data = data.unwrap_or_else(|| PathBuf::from("guicheng-data"));
    there_is_data(&data)?;
    let reader = Store::open(&data)?.reader()?;
    let verified = verify::verify(&reader, record)?;
    if let (Some(no), None) = (record, &verified.record) {
        return Err(format!("the record has no event {no}; its last is {}", verified.events).into());
    }
    Ok(verified)
}

fn text(ctx: &Context<'_>, verified: &Verified) -> String {
    let Verified {
        events,
        editions,
        head,
        decided,
        different,
        ..
    } = verified;
    let mut lines = vec![
        ctx.say(
            &format!("记录完整：{events} 个事件、{editions} 个版本，逐个相扣；末尾 {head}"),
            &format!("the record is whole: {events} events and {editions} editions, each chained to the one before; head {head}"),
        )
        .to_owned(),
        ctx.say(
            &format!("重新判断 {decided} 个事件，{different} 个与记录不同"),
            &format!("{decided} events decided again, {different} otherwise than recorded"),
        )
        .to_owned(),
    ];
    for d in &verified.differences {
        lines.push(format!("  {}: {} -> {}", d.seq, d.recorded, d.derived));
    }
    if let Some(record) = &verified.record {
        let (seq, company, at) = (record.seq, &record.company, &record.recorded_at);
        let (zh, en) = (
            format!("第 {seq} 个：{company}，{at} 记录"),
            format!("event {seq}: {company}, recorded at {at}"),
        );
        lines.push(ctx.say(&zh, &en).to_owned());
        lines.push(format!("  {}", record.event));
        lines.push(format!("  {}", record.hash));
        lines.extend(record.decisions.iter().map(|d| decision(ctx, d)));
    }
    lines.join("\n")
}

fn decision(ctx: &Context<'_>, said: &DecisionSaid) -> String {
    let what = match said.what {
        "opened" => ctx.say("产生", "opened"),
        "ended" => ctx.say("了结", "ended"),
        "changed" => ctx.say("改变", "changed"),
        "gone" => ctx.say("消失", "gone"),
        _ => ctx.say("告知", "told"),
    };
    let (id, clause, procedure) = (&said.id, &said.clause, &said.procedure);
    let edition = said.edition.get(..12).unwrap_or(&said.edition);
    let (zh, en) = (
        format!("  {what} {id}（{procedure} 第{clause}条，版本 {edition}）"),
        format!("  {what} {id} ({procedure}, clause {clause}, edition {edition})"),
    );
    ctx.say(&zh, &en).to_owned()
}
