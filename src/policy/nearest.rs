//! "Did you mean": the nearest known name to a misspelt one.

use super::finding::Text;
use super::node::Word;
use super::source::say;

/// The known name nearest to this one, if any is near.
pub(super) fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = name.to_lowercase().replace('_', "-");
    let length = wanted.chars().count();
    known
        .filter(|candidate| *candidate != name)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase().replace('_', "-")),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            // One slip in three letters; of a name of one or two, any other is as near.
            *distance <= length.max(candidate.chars().count()) / 3
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// What to write instead of an unknown name: the nearest one, or what there is.
pub(super) fn suggest<'n>(name: &str, known: impl Iterator<Item = &'n str>, zh: &str, en: &str) -> Text {
    let mut known: Vec<&str> = known.collect();
    known.sort_unstable();
    known.dedup();
    if let Some(near) = nearest(name, known.iter().copied()) {
        return say!("是不是“{near}”？", "did you mean `{near}`?");
    }
    let more = if known.len() > 12 { "…" } else { "" };
    known.truncate(12);
    if known.is_empty() {
        return Text::new(
            format!("{zh}：一个也没有，先写上"),
            format!("{en}: none yet, declare it first"),
        );
    }
    Text::new(
        format!("{zh}：{}{more}", known.join("、")),
        format!("{en}: {}{more}", known.join(", ")),
    )
}

/// Reports a name that is not declared.
pub(super) fn unknown<'n>(
    code: &'static str,
    word: &Word<'_>,
    (zh, en): (&str, &str),
    known: impl Iterator<Item = &'n str>,
) {
    let name = word.text;
    word.at.find(
        code,
        say!("没有叫“{name}”的{zh}", "there is no {en} `{name}`"),
        suggest(name, known, &format!("已有的{zh}"), &format!("known {en}s")),
    );
}
