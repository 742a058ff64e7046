//! The security fields that every container gets, and the audit of any container against them.

use crate::domain::Safe;

/// One way in which a container falls short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is missing, in a few words.
    pub what: Safe,
    /// Why it matters.
    pub why: Safe,
    /// What to do about it.
    pub mend: Safe,
}
