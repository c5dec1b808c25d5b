//! What an obligation is at an instant.

use std::fmt;

/// What an obligation is at an instant: derived, never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Its window has not opened.
    Scheduled,
    /// Owed and in time.
    Open,
    /// Its term stands still.
    Paused,
    /// Still owed, and late.
    Overdue,
    /// Done in time.
    Fulfilled,
    /// Done, late.
    FulfilledLate,
    /// Let off by somebody entitled to.
    Waived,
    /// No longer owed: its case was withdrawn or began a new cycle.
    Cancelled,
    /// Never came to be owed, or its occasion is gone.
    Expired,
}

impl Standing {
    /// All of them, in the order of a life.
    pub const ALL: [Standing; 9] = [
        Standing::Scheduled,
        Standing::Open,
        Standing::Paused,
        Standing::Overdue,
        Standing::Fulfilled,
        Standing::FulfilledLate,
        Standing::Waived,
        Standing::Cancelled,
        Standing::Expired,
    ];

    /// The word for it in files and answers.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Scheduled => "scheduled",
            Standing::Open => "open",
            Standing::Paused => "paused",
            Standing::Overdue => "overdue",
            Standing::Fulfilled => "fulfilled",
            Standing::FulfilledLate => "fulfilled_late",
            Standing::Waived => "waived",
            Standing::Cancelled => "cancelled",
            Standing::Expired => "expired",
        }
    }

    /// The Chinese word for it.
    pub fn zh(self) -> &'static str {
        match self {
            Standing::Scheduled => "未到时候",
            Standing::Open => "待办",
            Standing::Paused => "暂停",
            Standing::Overdue => "逾期未办",
            Standing::Fulfilled => "按期办结",
            Standing::FulfilledLate => "逾期办结",
            Standing::Waived => "已免除",
            Standing::Cancelled => "已取消",
            Standing::Expired => "未发生",
        }
    }

    /// The standing of that word.
    pub fn parse(word: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Whether something is still owed, now or later.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Standing::Scheduled | Standing::Open | Standing::Paused | Standing::Overdue
        )
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
