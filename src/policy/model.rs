//! A company's policies in the form the engine runs: everything resolved, nothing left to look up by guess.
//!
//! Rules carry the ids of roles and events as texts shared between all of them, so that an obligation can keep the
//! rule of the edition it was born under after the company has moved on to another.

mod adoption;
mod by_case;
mod edition;
mod metric;
mod penalty;
mod rules;
mod sample;

pub use adoption::{Adoption, Override};
pub use by_case::{CaseShare, CaseTerm, Many, term_of};
pub use edition::{InForce, Transition};
pub use metric::{Amount, Measure, Metric, Score, Share};
pub use penalty::{Against, Joint, Offence, Penalty, Sum};
pub use rules::RuleRef;
pub use sample::{Frame, Sample, Size, Strata};

use crate::domain::calendar::Calendar;
use crate::domain::deadline::OpenEdge;
use crate::domain::fraction::Fraction;
use crate::domain::term::{End, Shift, Term};
use crate::domain::value::{Fields, Value};
use crate::domain::zone::Zone;
use crate::script::Scripts;
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

mod access;
mod computed;
mod consent;
mod gate;
mod guidance;
mod hours;
mod occasion;
mod rhythm;

pub use access::Access;
pub use computed::{Accept, Compute, Computed};
pub use consent::{Consent, Limit};
pub use gate::{Gate, GateSide, Need, NeedTest, Operand};
pub use guidance::{Advice, Guidance, Texts};
pub use hours::Hours;
pub use notice::{Body, Listing, Notice};
pub use occasion::{Audience, Same};
pub use rhythm::{Beat, Pace, Rhythm};

mod notice;
mod number;

pub use number::{NumberPiece, Numbering};

mod tell;

pub use tell::Mark;

/// A text shared by everything that names the same thing.
pub type Id = Arc<str>;

/// All that a company's folder says.
#[derive(Debug)]
pub struct Company {
    /// The slug; the name of its folder.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The zone of its local dates.
    pub zone: Zone,
    /// The calendar of its working days and hours.
    pub calendar: Arc<Calendar>,
    /// What it says of itself in texts that go out, by name: `phone`, and what `[company.text]` has.
    pub texts: BTreeMap<Id, Id>,
    /// Its areas, in the order of the file.
    pub areas: Vec<Area>,
    /// Its people, in the order of the file.
    pub people: Vec<Person>,
    /// Its roles by id.
    pub roles: BTreeMap<Id, Role>,
    /// Its kinds of case by id.
    pub kinds: BTreeMap<Id, Arc<Kind>>,
    /// Its procedures, the newest edition of each, in the order of the files. What is in force on a date says
    /// [`Company::on`].
    pub procedures: Vec<Arc<Procedure>>,
    /// What is in force from which date on; the first from the beginning.
    pub in_force: Vec<InForce>,
    /// The functions of its scripts.
    pub scripts: Arc<Scripts>,
    /// SHA-256 in hex over everything that was read for it.
    pub hash: Id,
}

/// An area: some buildings that one holder of a role looks after.
#[derive(Debug, Clone)]
pub struct Area {
    /// Its id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The buildings in it, as cases name them.
    pub buildings: Vec<Id>,
}

/// Somebody who holds roles.
#[derive(Debug, Clone)]
pub struct Person {
    /// The id.
    pub id: Id,
    /// The name.
    pub name: Id,
    /// The roles held.
    pub holds: Vec<Hold>,
}

/// A role held, for some values of its scope.
#[derive(Debug, Clone)]
pub struct Hold {
    /// The role.
    pub role: Id,
    /// For which areas, departments, … ; empty: for all.
    pub of: Vec<Id>,
}

/// A role.
#[derive(Debug, Clone)]
pub struct Role {
    /// The id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The role above it: who steps in while it is vacant.
    pub reports_to: Option<Id>,
    /// What tells its holders apart: `area` (looked up from the case's building), or a field of the case.
    pub scope: Option<Id>,
    /// How high it stands; higher is higher.
    pub rank: Option<i64>,
    /// The events whose turns its holders take, one after the other; none: it goes by no turns.
    pub in_turn: Vec<Id>,
}

/// A kind of case: what it carries and what can happen to it.
#[derive(Debug)]
pub struct Kind {
    /// The id: the part of an event type before the dot.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// Cases that exist without anybody reporting them: one for the company, or one for each area.
    pub standing: Option<StandingCase>,
    /// The data a case carries, what is computed among it.
    pub fields: BTreeMap<Id, FieldType>,
    /// What of it is worked out, in the order in which that is done.
    pub computed: Vec<Arc<Computed>>,
    /// What can happen, by the part of the event type after the dot.
    pub events: BTreeMap<Id, Arc<EventType>>,
}

/// Which cases of a kind stand by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StandingCase {
    /// One, named like its kind.
    Company,
    /// One for each area, named `kind:area`.
    Area,
}

/// What can happen to a case.
#[derive(Debug)]
pub struct EventType {
    /// The whole type, `kind.event`.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// Data without which the event is refused.
    pub needs: Vec<Id>,
    /// Data of the event itself, beside the case's and the record's.
    pub data: BTreeMap<Id, FieldType>,
    /// The record that the event carries.
    pub record: Option<Arc<Record>>,
    /// What it does to the case beyond what rules say.
    pub course: Course,
    /// Its place among events of the same instant: trigger 0, pause 1, resume 2, perform 3, close 4.
    pub rank: u8,
}

/// What an event does to its case as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Course {
    /// Nothing.
    None,
    /// Starts a new cycle: what was still owed in the old one is cancelled.
    Reopen,
    /// Cancels what is still owed.
    Cancel,
    /// It was another case all along: cancels what is still owed, and nothing of it counts any more.
    Merge,
    /// Pauses the case for this reason.
    Pause(Id),
    /// Ends the pause for this reason.
    Resume(Id),
}

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// One of these texts.
    Choice(Vec<Id>),
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Bool,
    /// A local date.
    Date,
    /// An instant.
    Time,
    /// Somebody: a person of the company, by id, or a name from outside.
    Person,
    /// Several texts.
    List,
    /// A text, a number, yes or no.
    Any,
    /// Roles of the company.
    Roles,
    /// How many, or who: a whole number or a list of texts.
    Members,
}

/// A form: what a performing event must carry to count.
#[derive(Debug)]
pub struct Record {
    /// The id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it comes from.
    pub clauses: Vec<Id>,
    /// Its fields.
    pub fields: BTreeMap<Id, FieldType>,
    /// What must be filled in, or signed, and when.
    pub required: Vec<Requirement>,
    /// How long it is kept, from the day of the event.
    pub retain: Option<Term>,
    /// How its events are numbered.
    pub number: Option<Numbering>,
    /// The script that says what it lacks.
    pub accept: Option<Accept>,
}

/// Fields that a record must have.
#[derive(Debug)]
pub struct Requirement {
    /// The fields.
    pub fields: Vec<Id>,
    /// In which case they are asked for.
    pub when: Condition,
    /// The clause that asks for them.
    pub clause: Option<Id>,
    /// Whether each must be `true` (a signature), not only filled in.
    pub signed: bool,
}

/// Tests over declared data, all of which must hold; without any it always holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Condition(pub Vec<(Id, Test)>);

/// A test of one field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Is one of these values; a list: has one of them in it.
    OneOf(Vec<Value>),
    /// Is filled in, or is not.
    Exists(bool),
    /// A number of at least this (以上), included.
    AtLeast(i64),
    /// A number above this (超过), not included.
    MoreThan(i64),
    /// A number of at most this (以下), included.
    AtMost(i64),
    /// A number below this (不满), not included.
    LessThan(i64),
}

impl Condition {
    /// Whether it holds, given how to look a field up.
    pub fn holds<'a>(&self, get: impl Fn(&str) -> Option<&'a Value>) -> bool {
        self.0.iter().all(|(field, test)| test.holds(get(field)))
    }

    /// Whether it holds over these values.
    pub fn holds_for(&self, data: &Fields) -> bool {
        self.holds(|field| data.get(field))
    }
}

impl Test {
    /// Whether the value passes. A missing one passes only `Exists(false)`.
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let number = match value {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        };
        match self {
            Test::OneOf(values) => match value {
                Some(Value::List(list)) => list.iter().any(|one| values.iter().any(|v| v.as_text() == Some(one))),
                value => value.is_some_and(|v| values.contains(v)),
            },
            Test::Exists(wanted) => value.is_some_and(Value::is_filled) == *wanted,
            Test::AtLeast(n) => number.is_some_and(|v| v >= *n),
            Test::MoreThan(n) => number.is_some_and(|v| v > *n),
            Test::AtMost(n) => number.is_some_and(|v| v <= *n),
            Test::LessThan(n) => number.is_some_and(|v| v < *n),
        }
    }
}

/// Where a rule comes from.
#[derive(Debug)]
pub struct Head {
    /// The procedure's id, `company/name`.
    pub id: Id,
    /// Its title.
    pub title: Id,
    /// The document it carries out.
    pub document: Option<Id>,
    /// The local date from which this edition is in force.
    pub effective: NaiveDate,
    /// SHA-256 in hex over the file's text: the edition.
    pub edition: Id,
    /// Who may waive an obligation.
    pub waive_by: Vec<Id>,
    /// Who may extend one.
    pub extend_by: Vec<Id>,
    /// The rules whose breach other rules of the procedure follow on.
    pub breaches: Vec<Id>,
    /// What it does to what is owed under the edition before it.
    pub transition: Transition,
}

/// One edition of one procedure.
#[derive(Debug)]
pub struct Procedure {
    /// Its head.
    pub head: Arc<Head>,
    /// The file it was read from, as named in findings.
    pub file: Id,
    /// Its text as written.
    pub text: Id,
    /// What of it is the base's, where it is adopted.
    pub adoption: Option<Adoption>,
    /// Its clauses, in the order of the file.
    pub clauses: Vec<Clause>,
    /// What is owed: deadlines and recurring duties, in the order of the file.
    pub duties: Vec<Arc<Duty>>,
    /// What is counted and answered at once.
    pub thresholds: Vec<Arc<Threshold>>,
    /// What must be so before events are taken.
    pub gates: Vec<Arc<Gate>>,
    /// What share must be reached.
    pub rates: Vec<Arc<Rate>>,
    /// Its forms.
    pub records: Vec<Arc<Record>>,
    /// What breaches and violations cost.
    pub penalties: Vec<Arc<Penalty>>,
    /// What is reported by person, role and area.
    pub metrics: Vec<Arc<Metric>>,
    /// How things are done: checklists and hints.
    pub guidance: Vec<Arc<Guidance>>,
    /// Its named hours.
    pub hours: Vec<Arc<Hours>>,
    /// What wishes limit.
    pub consents: Vec<Arc<Consent>>,
    /// The texts that go out.
    pub notices: Vec<Arc<Notice>>,
    /// Who may see which cases.
    pub access: Vec<Arc<Access>>,
    /// Duties by the event that triggers them, in the order of the file.
    pub by_event: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the rule whose obligation, once owed, triggers them.
    pub by_opened: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the rule whose obligation, once fulfilled, triggers them.
    pub by_fulfilled: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the rule whose obligation, once overdue, triggers them.
    pub by_breached: HashMap<Id, Vec<Arc<Duty>>>,
    /// Duties by the event that is an occasion for them, on another case.
    pub by_occasion: HashMap<Id, Vec<Arc<Duty>>>,
    /// What is drawn, so that the draw can be repeated.
    pub samples: Vec<Arc<Sample>>,
    /// Samples by the event that puts a case into a frame, or after which members are drawn.
    pub by_sampled: HashMap<Id, Vec<Arc<Sample>>>,
    /// Thresholds by the event that they count.
    pub by_counted: HashMap<Id, Vec<Arc<Threshold>>>,
    /// Gates by the event that they stand before.
    pub by_gated: HashMap<Id, Vec<Arc<Gate>>>,
}

/// A numbered statement of a procedure.
#[derive(Debug, Clone)]
pub struct Clause {
    /// Where it stands in the document.
    pub id: Id,
    /// What it says, in our words.
    pub text: Id,
    /// Why no rule can carry it, where people alone must see to it.
    pub manual: Option<Id>,
}

/// Something owed after something else: the template of obligations.
#[derive(Debug, Clone)]
pub struct Duty {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out; the first is the one cited.
    pub clauses: Vec<Id>,
    /// The procedure.
    pub head: Arc<Head>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// What brings it into being.
    pub on: Trigger,
    /// For which cases it is due, where it is an occasion.
    pub audience: Option<Audience>,
    /// In which case.
    pub when: Condition,
    /// The event from which the term is counted, where that is not the trigger.
    pub from: Option<Id>,
    /// By when.
    pub timing: Timing,
    /// Where in its last day a day-kind term ends.
    pub end: End,
    /// What happens to a last day that is not a working day.
    pub shift: Shift,
    /// The calendar of its working days and hours.
    pub calendar: Arc<Calendar>,
    /// What performs it.
    pub done: Vec<Done>,
    /// What the performing event must say.
    pub done_when: Condition,
    /// How often it must be performed, where once is not enough.
    pub count: Option<Count>,
    /// Who owes it.
    pub bearers: Bearers,
    /// Who is told when it is not done.
    pub escalate: Vec<Step>,
    /// Only the drawn ones are owed: the rate that says which share.
    pub draw: Option<Draw>,
    /// Whether a performance before the opening counts.
    pub early_accepted: bool,
    /// The reasons of pause for which its term stands still; empty: none.
    pub pauses_for: Vec<Id>,
    /// How long after it happened a performance may be reported and still count by itself; none: for ever.
    pub max_backdate: Option<Term>,
    /// What is shown beside it.
    pub texts: Texts,
    /// The hours in which it is best done.
    pub prefer: Option<Arc<Hours>>,
    /// What wishes limit of it.
    pub consents: Vec<Arc<Consent>>,
    /// What a breach of it costs; of a duty to decide a penalty: that penalty.
    pub penalties: Vec<Arc<Penalty>>,
}

/// What brings a duty into being.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// One of these events.
    Events(Vec<Id>),
    /// One of these events, on another case: an occasion.
    Occasion(Vec<Id>),
    /// An obligation under one of these rules has come to be owed.
    Opened(Vec<Id>),
    /// An obligation under one of these rules has been fulfilled, late or not.
    Fulfilled(Vec<Id>),
    /// An obligation under one of these rules has fallen overdue.
    Breached(Vec<Id>),
    /// The case was drawn at the end of a period, into whose frame one of these events put it.
    Sampled(Vec<Id>),
}

/// By when a duty is owed.
#[derive(Debug, Clone)]
pub enum Timing {
    /// Within a term from the anchor.
    Within(Term),
    /// Within the first of these terms whose condition the case meets; the last has none.
    ByCase(Vec<CaseTerm>),
    /// On a date of the case, or up to an instant of it.
    By {
        /// The field with the date or the instant.
        field: Id,
        /// The field with the date or the instant from which on it may be done; none: at once.
        opens: Option<Id>,
    },
    /// Due when the obligation that triggered it is due.
    Same,
    /// Not before one term and not after another.
    Window {
        /// It opens after this term.
        after: Term,
        /// It is due within this term.
        within: Term,
        /// Whether the corresponding day itself is open.
        edge: OpenEdge,
    },
    /// Around the middle of two dates of the case.
    Midpoint {
        /// The field with the first date.
        start: Id,
        /// The field with the last date.
        end: Id,
        /// How far from the middle is still the middle.
        tolerance: Term,
    },
    /// No later than a term before a date or an instant of the case.
    Before {
        /// The field with the date or the instant.
        field: Id,
        /// How long before.
        term: Term,
    },
    /// On days before a date or an instant of the case, once for each distance and each value of it.
    Reminder {
        /// The field with the date or the instant.
        field: Id,
        /// How long before, each.
        before: Vec<Term>,
        /// The events that end it.
        until: Vec<Id>,
    },
    /// Again and again from the trigger on.
    Recurring {
        /// When.
        rhythm: Rhythm,
        /// The events that end it.
        until: Vec<Id>,
    },
}

/// An event that performs a duty, and the form it must fill.
#[derive(Debug, Clone)]
pub struct Done {
    /// The event type.
    pub event: Id,
    /// Its record.
    pub record: Option<Arc<Record>>,
}

/// How often a duty must be performed.
#[derive(Debug, Clone)]
pub struct Count {
    /// How many that are.
    pub many: Many,
    /// The field of the performing event that tells them apart.
    pub distinct: Option<Id>,
    /// The clause with the share.
    pub clause: Option<Id>,
}

/// Who owes a duty.
#[derive(Debug, Clone)]
pub enum Bearers {
    /// The first whose condition holds; the last has none.
    Choice(Vec<Bearing>),
    /// Whoever owes the obligation that triggered it.
    Same,
}

/// Roles that owe a duty.
#[derive(Debug, Clone)]
pub struct Bearing {
    /// In which case.
    pub when: Condition,
    /// The roles.
    pub roles: Arc<[Id]>,
    /// The field that names the person who owes it; passed over while it is not filled in.
    pub person: Option<Id>,
    /// Only while the duty's calendar is open, or is not, at the trigger.
    pub during: Option<During>,
    /// Whether all must take part; else any one of them does.
    pub joint: bool,
}

/// A part of the day, by a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum During {
    /// In open time.
    Open,
    /// Outside of it.
    Closed,
}

/// A step of an escalation.
#[derive(Debug, Clone)]
pub struct Step {
    /// When.
    pub at: StepAt,
    /// The role that is told.
    pub to: Id,
    /// In which case.
    pub when: Condition,
}

/// When a step of an escalation is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAt {
    /// When it comes to be owed.
    Once,
    /// This long before it is due: at risk.
    BeforeDue(Term),
    /// The moment it is overdue.
    Due,
    /// When this has fully elapsed after that.
    AfterDue(Term),
}

/// Only a drawn share of a rate's members is owed.
#[derive(Debug, Clone)]
pub struct Draw {
    /// The rate.
    pub rate: Id,
    /// The share.
    pub share: Fraction,
    /// How long those have that are drawn at the period's end.
    pub top_up: Term,
    /// The period.
    pub per: Period,
}

/// A span of the calendar over which something is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Period {
    /// A local day.
    Day,
    /// A month.
    Month,
    /// A quarter.
    Quarter,
    /// A year.
    Year,
}

/// A share to be reached.
#[derive(Debug)]
pub struct Rate {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// The procedure.
    pub head: Arc<Head>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// The rules whose obligations are its members.
    pub of: Vec<Id>,
    /// Over what; a member belongs to the period of its trigger's local date.
    pub per: Period,
    /// What must be reached.
    pub target: Target,
    /// Below this, but not below the target, is a warning.
    pub warn_below: Option<Fraction>,
    /// How long those have that are drawn at the period's end; none: all members are owed.
    pub top_up: Option<Term>,
    /// How long whoever decides the target has, from the day on which the rate begins to count.
    pub decide_within: Option<Term>,
}

/// The target of a rate.
#[derive(Debug, Clone)]
pub enum Target {
    /// At least this share.
    AtLeast(Fraction),
    /// What this role decides; until it has, there is no verdict.
    DecidedBy(Id),
}

/// Something counted, and what follows when the count is reached.
#[derive(Debug)]
pub struct Threshold {
    /// The rule's id.
    pub id: Id,
    /// Its name for people.
    pub title: Id,
    /// The clauses it carries out.
    pub clauses: Vec<Id>,
    /// The procedure.
    pub head: Arc<Head>,
    /// Its line in the file, counted from 1.
    pub line: u32,
    /// What the author decided where the document is silent.
    pub assume: Option<Id>,
    /// The events that count.
    pub on: Vec<Id>,
    /// In which case.
    pub when: Condition,
    /// The fields that must agree; empty: each event counts for itself.
    pub key: Vec<Id>,
    /// Only unbroken runs of the same value of this field count.
    pub consecutive: Option<Id>,
    /// Different values of this field are counted, not events.
    pub count_distinct: Option<Id>,
    /// How long ago an event still counts, the day itself included.
    pub span: Option<Term>,
    /// How many, this number included.
    pub at_least: u32,
    /// The roles that are told at once: one, or the line up which it goes from one event of a case to the next.
    pub to: Vec<Id>,
    /// The case that is opened.
    pub open: Option<Open>,
    /// What is written back to the first case when the opened one gets there.
    pub back: Option<Back>,
    /// What is written into the case that reaches it.
    pub mark: Option<Mark>,
}

/// A case that a threshold opens.
#[derive(Debug)]
pub struct Open {
    /// The event that opens it.
    pub event: Id,
    /// Its data.
    pub data: Vec<(Id, Template)>,
}

/// What an opened case writes back to the one it came from.
#[derive(Debug)]
pub struct Back {
    /// When this happens to the opened case.
    pub on: Id,
    /// This event is put on the first; `*` stands for its kind.
    pub event: Id,
    /// With this data; looked up in the opened case.
    pub data: Vec<(Id, Template)>,
}

/// A text with gaps that a case's data fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(pub Vec<Piece>);

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Literal(Id),
    /// `{field}` or `{field|otherwise}`; `{case}` is the case's id.
    Field(Id, Option<Id>),
}

impl Record {
    /// The clause that a field comes from: that of its requirement, else the record's first.
    pub fn clause_of(&self, field: &str) -> Option<Id> {
        let asks = self
            .required
            .iter()
            .find(|r| r.fields.iter().any(|f| f.as_ref() == field));
        asks.and_then(|r| r.clause.clone())
            .or_else(|| self.clauses.first().cloned())
    }
}
