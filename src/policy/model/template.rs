//! Texts with gaps that data fill.

use super::Id;

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
