//! Why an obligation is not there: the set of conditions that is told is enough, and none of it may be left out.

use crate::office::{self, Office};
use crate::size;
use guicheng::engine::whynot::{self, Before, WhyNot};
use guicheng::service::ask::{Asked, Question};
use std::collections::BTreeMap;

/// A number that looks like chance and is the same each time.
fn chance(seed: &mut u64) -> u64 {
    *seed = seed
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

/// Asks the evaluator about every set of fewer conditions than an answer tells of, where they are few; else about every
/// set that lacks one. Returns how many there are.
fn hold_against(before: &Before<'_>, rule: &str, answer: &WhyNot, place: &str) -> usize {
    let unmet: Vec<_> = answer.conditions.iter().filter(|c| !c.met).collect();
    assert_eq!(answer.met + unmet.len(), answer.of, "{place}");
    assert!(unmet.iter().all(|c| c.clause.is_some()), "{place}");
    let all = unmet.len();
    let sets = if all <= 6 { 1_usize << all } else { 0 };
    for set in 0..sets {
        let places: Vec<usize> = (0..all).filter(|n| set >> n & 1 == 1).collect();
        let arises = whynot::arises_with(before, rule, &places).unwrap();
        assert_eq!(arises, places.len() == all, "{place} with {places:?}");
    }
    for without in (0..all).filter(|_| sets == 0) {
        let places: Vec<usize> = (0..all).filter(|n| *n != without).collect();
        assert!(!whynot::arises_with(before, rule, &places).unwrap(), "{place}");
    }
    all
}

#[test]
fn the_conditions_told_are_enough_and_none_of_them_is_too_many() {
    let (mut seed, mut told, mut unconfirmed, mut there) = (7, 0, Vec::new(), 0);
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    for (company, events) in office::examples() {
        let office = Office::with_examples(&company, &events);
        let question = Question::new(&office.shared, &office.live, Asked::default());
        let mut cases: Vec<(String, String)> = Vec::new();
        question
            .each_case(&mut |_, id, case| cases.push((id.to_owned(), case.kind.to_string())))
            .unwrap();
        let rules: Vec<String> = {
            let world = office.live.world.read();
            whynot::rules(&world.context())
                .iter()
                .map(ToString::to_string)
                .collect()
        };
        for _ in 0..size(12, 400) {
            let (case, _) = &cases[chance(&mut seed) as usize % cases.len()];
            let rule = &rules[chance(&mut seed) as usize % rules.len()];
            question
                .with_past(case, &mut |before| {
                    let answer = whynot::why_not(before, rule).unwrap();
                    let place = format!("{company} {case} {rule}: {}", answer.verdict.en);
                    if answer.exists {
                        assert!(!answer.obligations.is_empty(), "{place}");
                        there += 1;
                        return Ok(());
                    }
                    for condition in answer.conditions.iter().filter(|c| !c.met) {
                        *kinds.entry(condition.what).or_default() += 1;
                    }
                    if !answer.checked {
                        unconfirmed.push(place);
                        return Ok(());
                    }
                    told += 1;
                    let all = hold_against(before, rule, &answer, &place);
                    *sizes.entry(all).or_default() += 1;
                    Ok(())
                })
                .unwrap();
        }
    }
    println!(
        "{told} answers confirmed, by how many conditions are unmet {sizes:?}, {kinds:?}; {there} there after all; {} not confirmed",
        unconfirmed.len()
    );
    assert!(told > size(80, 3_000), "only {told}");
    assert!(unconfirmed.is_empty(), "{unconfirmed:#?}");
}

/// What happens on a case and is due for cases of one kind, asked of cases of every other kind.
#[test]
fn a_case_of_another_kind_than_a_rule_is_for_is_told_so() {
    let mut asked = 0;
    for (company, events) in office::examples() {
        let office = Office::with_examples(&company, &events);
        let occasions: Vec<(String, String)> = {
            let world = office.live.world.read();
            let editions = world.history.sets().flat_map(|c| c.editions());
            let duties = editions.flat_map(|p| &p.duties);
            let due_for = duties.filter_map(|d| Some((d.id.to_string(), d.audience.as_ref()?.kind.to_string())));
            due_for.collect()
        };
        if occasions.is_empty() {
            continue;
        }
        let question = Question::new(&office.shared, &office.live, Asked::default());
        let mut one_of_each: BTreeMap<String, String> = BTreeMap::new();
        question
            .each_case(&mut |_, id, case| drop(one_of_each.insert(case.kind.to_string(), id.to_owned())))
            .unwrap();
        for (rule, due_for) in &occasions {
            for (_, case) in one_of_each.iter().filter(|(kind, _)| *kind != due_for) {
                question
                    .with_past(case, &mut |before| {
                        let answer = whynot::why_not(before, rule).unwrap();
                        let place = format!("{company} {case} {rule}: {}", answer.verdict.en);
                        assert!(answer.checked && !answer.exists, "{place}");
                        let is_kind = |c: &whynot::ConditionSaid| c.what == "kind" && !c.met;
                        assert_eq!(answer.conditions.iter().filter(|c| is_kind(c)).count(), 1, "{place}");
                        hold_against(before, rule, &answer, &place);
                        asked += 1;
                        Ok(())
                    })
                    .unwrap();
            }
        }
    }
    println!("{asked} cases of another kind told so");
    assert!(asked > 4, "only {asked}");
}
