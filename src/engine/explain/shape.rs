//! An explanation: everything about an obligation, for machines and for people.

use super::stage::Reckoning;
use crate::engine::view::{BearerView, CountView, DueView, ObligationView, WaivedView};
use crate::policy::finding::Text;
use serde::{Serialize, Serializer};

/// Everything about an obligation, at an instant. Texts are in both languages; the words of the documents are as they
/// stand there.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The obligation's id.
    pub id: String,
    /// The case.
    pub case: String,
    /// What is to be done.
    pub title: String,
    /// The instant asked about.
    pub as_of: String,
    /// What is owed, by whom, by when, how that stands, and why, in a sentence or two.
    #[serde(serialize_with = "both")]
    pub verdict: Text,
    /// What it is then.
    pub standing: &'static str,
    /// What is to be known beside that.
    pub flags: Vec<&'static str>,
    /// The rule.
    pub rule: String,
    /// The clauses that the rule carries out, in the words of its edition.
    pub clauses: Vec<ClauseSaid>,
    /// The procedure and the edition under which the obligation was born.
    pub procedure: ProcedureSaid,
    /// What was decided where the document is silent.
    pub assume: Option<String>,
    /// What brought it into being.
    pub trigger: TriggerSaid,
    /// The steps to the day on which it opens, where it does not open at once.
    pub opening: Vec<Counted>,
    /// The steps to the due date; the last one is the due date.
    pub counting: Vec<Counted>,
    /// When it opens.
    pub opens_at: String,
    /// By when it is owed. While its term stands still, as it would be if the pause ended now.
    pub due: DueView,
    /// The due date before it was extended.
    pub original_due: Option<DueView>,
    /// What the opening and the due time are reckoned from, in figures.
    pub reckoning: Reckoning,
    /// When the case was paused for it.
    pub pauses: Vec<PauseSaid>,
    /// What the case's wishes limit.
    pub limits: Vec<LimitSaid>,
    /// Who owes it, and how they were found.
    pub bearers: Vec<BearerSaid>,
    /// Whether all of them must take part.
    pub joint: bool,
    /// Why these, where the rule has a choice.
    #[serde(serialize_with = "maybe")]
    pub chosen_because: Option<Text>,
    /// What has been done, and what is missing.
    pub performance: Performance,
    /// Who is told when it is not done in time.
    pub escalation: Vec<StepSaid>,
    /// What comes next if nothing happens.
    pub next: Option<NextSaid>,
    /// That it was not met in time.
    pub breach: Option<BreachSaid>,
    /// The obligation as it is shown everywhere.
    pub obligation: ObligationView,
}

/// A clause.
#[derive(Clone, Debug, Serialize)]
pub struct ClauseSaid {
    /// Where it stands in the document.
    pub id: String,
    /// What it says.
    pub text: String,
}

/// A procedure in an edition.
#[derive(Clone, Debug, Serialize)]
pub struct ProcedureSaid {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The document.
    pub document: Option<String>,
    /// SHA-256 of the file's text.
    pub edition: String,
    /// From which date on it is in force.
    pub effective: String,
    /// Where the rule is written: file and line.
    pub place: Option<String>,
    /// The procedure of the base that it adopts.
    pub adopts: Option<String>,
    /// What of the rule is the company's own, where the rest is the base's.
    pub overrides: Vec<OverrideSaid>,
    /// The values by date that the rule takes.
    pub values: Vec<ValueSaid>,
}

/// A value by date.
#[derive(Clone, Debug, Serialize)]
pub struct ValueSaid {
    /// The key of the rule that takes it.
    pub key: String,
    /// The name of the value.
    pub param: String,
    /// What holds, as written.
    pub value: String,
    /// The local date from which on it is so.
    pub from: String,
    /// The clauses that say so.
    pub clauses: Vec<String>,
    /// The next value, as written.
    pub next: Option<String>,
    /// The local date from which on that is so.
    pub next_from: Option<String>,
}

/// What performs an obligation.
#[derive(Clone, Debug, Serialize)]
pub struct PerformedBy {
    /// The event type.
    pub event: String,
    /// Its name for people.
    pub title: String,
    /// The form that it must fill, by its name for people.
    pub record: Option<String>,
    /// What the form must have.
    pub asks: Vec<AskedFor>,
}

/// What a form must have.
#[derive(Clone, Debug, Serialize)]
pub struct AskedFor {
    /// The fields.
    pub fields: Vec<String>,
    /// In which case; none: always.
    #[serde(serialize_with = "maybe")]
    pub when: Option<Text>,
    /// The clause that asks for them.
    pub clause: Option<String>,
}

/// A value in the place of the base's.
#[derive(Clone, Debug, Serialize)]
pub struct OverrideSaid {
    /// The key.
    pub key: String,
    /// What holds, as written.
    pub value: String,
    /// What the base says, as written.
    pub base: Option<String>,
    /// Why.
    pub reason: String,
    /// Where that is written: file and line.
    pub place: String,
}

/// What brought an obligation into being.
#[derive(Clone, Debug, Serialize)]
pub struct TriggerSaid {
    /// The event.
    pub event: String,
    /// When it occurred, or when the obligation that this one follows on came to be owed.
    pub at: String,
    /// The local date of that, as people write it.
    #[serde(serialize_with = "both")]
    pub day: Text,
    /// In words.
    #[serde(serialize_with = "both")]
    pub what: Text,
}

/// A step of a counting.
#[derive(Clone, Debug, Serialize)]
pub struct Counted {
    /// The local date.
    pub on: String,
    /// It, as people write it.
    #[serde(serialize_with = "both")]
    pub day: Text,
    /// What the step does.
    pub step: Step,
    /// The number of the day, where days are counted one by one.
    pub nth: Option<u32>,
    /// Whether it rests on what is published, not on an assumption of the calendar.
    pub certain: bool,
    /// Why, in words.
    #[serde(serialize_with = "both")]
    pub why: Text,
}

/// What a step of a counting does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// It is counted from here.
    Start,
    /// It counts.
    Counted,
    /// It does not count.
    Passed,
    /// The result.
    End,
    /// It cannot be counted.
    Fault,
}

/// What the case's wishes limit of a duty.
#[derive(Clone, Debug, Serialize)]
pub struct LimitSaid {
    /// The rule that says so.
    pub consent: String,
    /// Its name for people.
    pub title: String,
    /// Its clause.
    pub clause: ClauseSaid,
    /// How, and why.
    #[serde(serialize_with = "both")]
    pub what: Text,
}

/// A pause.
#[derive(Clone, Debug, Serialize)]
pub struct PauseSaid {
    /// Why.
    pub reason: String,
    /// Since when.
    pub from: String,
    /// Until when; none: still.
    pub to: Option<String>,
    /// In words.
    #[serde(serialize_with = "both")]
    pub what: Text,
}

/// Somebody who owes an obligation.
#[derive(Clone, Debug, Serialize)]
pub struct BearerSaid {
    /// Who.
    #[serde(flatten)]
    pub bearer: BearerView,
    /// How they were found.
    #[serde(serialize_with = "both")]
    pub how: Text,
}

/// What has been done.
#[derive(Clone, Debug, Serialize)]
pub struct Performance {
    /// The events that perform it, of this kind of case.
    pub done_by: Vec<String>,
    /// These events, with what each must carry.
    pub ways: Vec<PerformedBy>,
    /// The event that fulfilled it.
    pub fulfilled_by: Option<String>,
    /// When it ended, in whatever way.
    pub ended_at: Option<String>,
    /// It, as people write it.
    #[serde(serialize_with = "maybe")]
    pub ended: Option<Text>,
    /// The roles that have taken part so far.
    pub took_part: Vec<String>,
    /// What the attempts so far have left out.
    pub missing: Vec<MissingSaid>,
    /// How often it must be performed, and was.
    pub count: Option<CountView>,
    /// A performance that was reported too late to count by itself, until somebody vouches for it.
    pub pending: Option<String>,
    /// Attempts before it opened, which do not count.
    pub early_attempts: Vec<String>,
    /// What waives it, or excuses that it was missed.
    pub waived: Option<WaivedView>,
    /// Why it was waived or extended.
    pub reason: Option<String>,
}

/// Something missing.
#[derive(Clone, Debug, Serialize)]
pub struct MissingSaid {
    /// The field of the record, or the role that has not taken part.
    pub field: String,
    /// Whether it is a role.
    pub role: bool,
    /// The clause that asks for it.
    pub clause: Option<String>,
}

/// A step of an escalation.
#[derive(Clone, Debug, Serialize)]
pub struct StepSaid {
    /// The level.
    pub level: u8,
    /// Who is told.
    pub to: BearerView,
    /// When, by the rule.
    pub at: String,
    /// What has become of it.
    pub state: StepState,
    /// When it came to be known, if it was told.
    pub told_at: Option<String>,
    /// When it was taken back.
    pub withdrawn_at: Option<String>,
    /// Its time in words.
    #[serde(serialize_with = "both")]
    pub when: Text,
}

/// What has become of a step of an escalation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// They were told.
    Told,
    /// They were told, and later told that it was not so.
    Withdrawn,
    /// They will be told, if nothing happens.
    Planned,
    /// They were not told: the case was paused then, or its history was taken in bulk later.
    Skipped,
    /// They need not be told any more.
    NotNeeded,
}

/// What comes next if nothing happens.
#[derive(Clone, Debug, Serialize)]
pub struct NextSaid {
    /// When; none where nothing has a time.
    pub at: Option<String>,
    /// Who is told then.
    pub to: Option<BearerView>,
    /// In words.
    #[serde(serialize_with = "both")]
    pub what: Text,
}

/// That an obligation was not met in time.
#[derive(Clone, Debug, Serialize)]
pub struct BreachSaid {
    /// When.
    pub at: String,
    /// `standing`, `excused`, `retracted`.
    pub status: &'static str,
    /// In words.
    #[serde(serialize_with = "both")]
    pub what: Text,
}

pub(in crate::engine) fn both<S: Serializer>(text: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    use serde::ser::SerializeMap;
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry("zh", &text.zh)?;
    map.serialize_entry("en", &text.en)?;
    map.end()
}

fn maybe<S: Serializer>(text: &Option<Text>, serializer: S) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => both(text, serializer),
        None => serializer.serialize_none(),
    }
}
