//! Whatever a rule says stands in its sentence: each number, unit, role, condition and level of every shipped policy is
//! made another, and the text must change there, in Chinese and in English, and hardly anywhere else.

use crate::size;
use guicheng::files;
use guicheng::policy::mutate::{Mutant, around, mutants};
use guicheng::policy::words::{Document, document};
use guicheng::policy::{Folder, compile};
use std::collections::BTreeMap;
use std::path::Path;

/// The sentences by family and id, in both languages.
fn sentences(document: &Document) -> BTreeMap<(&'static str, String), (String, String)> {
    let said = document.all().map(|(_, said)| {
        let text = said.text();
        ((said.family, said.id.to_string()), (text.zh, text.en))
    });
    said.collect()
}

fn folders() -> Vec<Folder> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    files::read_policies(&root.join("policies"), &root.join("scripts")).unwrap()
}

/// What a change does to the text.
struct Seen {
    here: [bool; 2],
    elsewhere: Vec<String>,
}

fn seen(folder: &Folder, mutant: &Mutant, before: &Document) -> Option<Seen> {
    let compiled = mutant
        .to
        .iter()
        .find_map(|to| compile(&mutant.apply(folder, to)).company)?;
    let (old, after) = (sentences(before), document(&compiled, None));
    let new = sentences(&after);
    let mut seen = Seen {
        here: [false; 2],
        elsewhere: Vec::new(),
    };
    for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
        let texts = |all: &BTreeMap<_, (String, String)>| all.get(key).cloned().unwrap_or_default();
        let ((old_zh, old_en), (new_zh, new_en)) = (texts(&old), texts(&new));
        // An override is named by the family and the rule.
        if key.1 == mutant.rule || mutant.rule.ends_with(&format!(".{}", key.1)) {
            seen.here[0] |= old_zh != new_zh;
            seen.here[1] |= old_en != new_en;
        } else if old_zh != new_zh || old_en != new_en {
            seen.elsewhere.push(format!("{}.{}", key.0, key.1));
        }
    }
    Some(seen)
}

#[test]
fn every_change_of_a_policy_changes_its_sentence() {
    let step = size(25, 1);
    let (mut tried, mut silent, mut spilt) = (0, Vec::new(), Vec::new());
    for folder in folders() {
        let before = document(&compile(&folder).company.unwrap(), None);
        let all = mutants(&folder).into_iter().chain(around(&folder));
        for mutant in all.step_by(step) {
            let Some(seen) = seen(&folder, &mutant, &before) else {
                continue;
            };
            tried += 1;
            let what = format!(
                "{}:{} {} {} {} → {}",
                mutant.file, mutant.line, mutant.rule, mutant.key, mutant.from, mutant.to[0]
            );
            if seen.here != [true; 2] {
                silent.push(format!("{what} (zh {}, en {})", seen.here[0], seen.here[1]));
            }
            if !seen.elsewhere.is_empty() {
                spilt.push(format!("{what}: also {}", seen.elsewhere.join(", ")));
            }
        }
    }
    println!(
        "changes {tried}, not in their sentence {}, also elsewhere {}",
        silent.len(),
        spilt.len()
    );
    println!("{}", spilt.join("\n"));
    assert!(tried > 30, "{tried}");
    assert!(
        silent.is_empty(),
        "{} of {tried} are not in the text:\n{}",
        silent.len(),
        silent.join("\n")
    );
    // What a script answers or a role is called may stand in more than one sentence.
    assert!(
        spilt.len() * 20 <= tried,
        "{} of {tried} change other sentences:\n{}",
        spilt.len(),
        spilt.join("\n")
    );
}
