//! A target that is left to somebody is a duty of that somebody: what `decided_by` lowers to beside the rate.

use super::model::{
    Bearers, Bearing, Condition, Course, Done, Duty, EventType, FieldType, Id, Kind, Rate, Target, Test, Texts, Timing,
    Trigger,
};
use crate::domain::calendar::Calendar;
use crate::domain::event::{RATE_KIND, RATE_OPENED, TARGET_DECIDED};
use crate::domain::term::{End, Shift, Term};
use crate::domain::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The duty to decide a rate's target within a term from the day on which the rate begins to count.
pub(super) fn duty(rate: &Rate, within: Term, calendar: Arc<Calendar>) -> Option<Duty> {
    let Target::DecidedBy(role) = &rate.target else {
        return None;
    };
    let this_rate = Condition(vec![("rate".into(), Test::OneOf(vec![Value::Text(rate.id.clone())]))]);
    Some(Duty {
        id: format!("{}-target", rate.id).into(),
        title: format!("决定“{}”的指标", rate.title).into(),
        clauses: rate.clauses.clone(),
        head: Arc::clone(&rate.head),
        line: rate.line,
        assume: rate.assume.clone(),
        on: Trigger::Events(vec![RATE_OPENED.into()]),
        audience: None,
        when: this_rate.clone(),
        from: None,
        timing: Timing::Within(within),
        end: End::Midnight,
        shift: Shift::None,
        calendar,
        done: vec![Done {
            event: TARGET_DECIDED.into(),
            record: None,
        }],
        done_when: this_rate,
        count: None,
        bearers: Bearers::Choice(vec![Bearing {
            person: None,
            during: None,
            when: Condition::default(),
            roles: Arc::from([role.clone()]),
            joint: false,
        }]),
        escalate: Vec::new(),
        draw: None,
        early_accepted: false,
        pauses_for: Vec::new(),
        max_backdate: None,
        prefer: None,
        consents: Vec::new(),
        exceptions: Vec::new(),
        texts: Texts::default(),
        penalties: Vec::new(),
    })
}

/// The kind of the cases on which targets are decided: one for each rate that is left to somebody, `rate:<id>`.
pub(super) fn kind() -> (Id, Arc<Kind>) {
    let fields: BTreeMap<Id, FieldType> = BTreeMap::from([("rate".into(), FieldType::Text)]);
    let opened = EventType {
        id: RATE_OPENED.into(),
        title: "开始计算".into(),
        needs: vec!["rate".into()],
        data: BTreeMap::new(),
        record: None,
        course: Course::None,
        rank: 0,
    };
    let kind = Kind {
        id: RATE_KIND.into(),
        title: "比率".into(),
        standing: None,
        fields,
        computed: Vec::new(),
        events: BTreeMap::from([("opened".into(), Arc::new(opened))]),
    };
    (kind.id.clone(), Arc::new(kind))
}
