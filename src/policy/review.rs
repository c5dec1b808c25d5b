//! What the administrator owes when a script cannot be carried out: to look at it, on the same day.

use super::model::{Bearers, Bearing, Condition, Duty, Head, Id, Texts, Timing, Trigger};
use crate::domain::calendar::Calendar;
use crate::domain::term::{End, Shift, Term};
use std::collections::HashMap;
use std::sync::Arc;

/// The role that looks after what cannot be carried out.
const ADMINISTRATOR: &str = "administrator";

/// What reviews are made from.
pub(super) struct Reviews {
    /// The heads of the procedures, by the number of their file.
    pub heads: HashMap<usize, Arc<Head>>,
    /// The calendar of the company.
    pub calendar: Option<Arc<Calendar>>,
}

impl Reviews {
    /// The duty to look at something of a file that cannot be carried out. No event brings it into being.
    pub fn duty(&self, file: usize, id: &str, what: &str, clauses: Vec<Id>, line: u32) -> Option<Arc<Duty>> {
        Some(Arc::new(Duty {
            id: id.into(),
            title: format!("查看出错的脚本：{what}").into(),
            clauses,
            head: Arc::clone(self.heads.get(&file)?),
            line,
            assume: None,
            on: Trigger::Events(Vec::new()),
            audience: None,
            when: Condition::default(),
            from: None,
            timing: Timing::Within(Term::Days(0)),
            end: End::Midnight,
            shift: Shift::None,
            calendar: self.calendar.clone()?,
            done: Vec::new(),
            done_when: Condition::default(),
            count: None,
            bearers: Bearers::Choice(vec![Bearing {
                person: None,
                during: None,
                when: Condition::default(),
                roles: Arc::from([Id::from(ADMINISTRATOR)]),
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
            penalties: Vec::new(),
            texts: Texts::default(),
        }))
    }
}
