//! What happens once and is due for many.

use super::Id;

/// For which cases something is due when it happens to another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audience {
    /// The kind of the cases that it is due for.
    pub kind: Id,
    /// What must agree.
    pub pairs: Vec<(Id, Same)>,
}

/// What a field of the case that something is due for is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Same {
    /// The id of the case that it happened to.
    Case,
    /// A field of that case, or of the event.
    Field(Id),
}
