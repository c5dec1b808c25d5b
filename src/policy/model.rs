//! A company's policies in the form the engine runs: everything resolved, nothing left to look up by guess.
//!
//! Rules carry the ids of roles and events as texts shared between all of them, so that an obligation can keep the
//! rule of the edition it was born under after the company has moved on to another.

use std::sync::Arc;

mod access;
mod adoption;
mod by_case;
mod company;
mod computed;
mod condition;
mod consent;
mod dated;
mod duty;
mod edition;
mod gate;
mod guidance;
mod hours;
mod kind;
mod metric;
mod notice;
mod number;
mod occasion;
mod penalty;
mod procedure;
mod rate;
mod record;
mod rhythm;
mod rules;
mod sample;
mod tell;
mod template;
mod threshold;

pub use access::Access;
pub use adoption::{Adoption, Override};
pub use by_case::{CaseShare, CaseTerm, Many, term_of};
pub use company::{Area, Company, Hold, Person, Role};
pub use computed::{Accept, Compute, Computed};
pub use condition::{Condition, Test};
pub use consent::{Consent, Limit};
pub use dated::Dated;
pub use duty::{Bearers, Bearing, Count, Done, Draw, During, Duty, Step, StepAt, Timing, Trigger};
pub use edition::{InForce, Transition};
pub use gate::{Gate, GateSide, Need, NeedTest, Operand};
pub use guidance::{Advice, Guidance, Texts};
pub use hours::Hours;
pub use kind::{Course, EventType, FieldType, Kind, StandingCase};
pub use metric::{Amount, Measure, Metric, Score, Share};
pub use notice::{Body, Listing, Notice};
pub use number::{NumberPiece, Numbering};
pub use occasion::{Audience, Same};
pub use penalty::{Against, Joint, Offence, Penalty, Sum};
pub use procedure::{Clause, Head, Procedure};
pub use rate::{Period, Rate, Target};
pub use record::{Record, Requirement};
pub use rhythm::{Beat, Pace, Rhythm};
pub use rules::RuleRef;
pub use sample::{Frame, Sample, Size, Strata};
pub use tell::Mark;
pub use template::{Piece, Template};
pub use threshold::{Back, Open, Threshold};

/// A text shared by everything that names the same thing.
pub type Id = Arc<str>;
