//! A part of a whole, in thousandths.

use serde::{Serialize, Serializer};
use std::fmt;

/// From this share on an operator should look.
const LOUD: Share = Share(250);

/// A share in thousandths, 0 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Share(u16);

impl Share {
    /// So many thousandths, at most all.
    #[must_use]
    pub const fn thousandths(n: u16) -> Self {
        Self(if n > 1000 { 1000 } else { n })
    }

    /// `part` of `whole`; of nothing it is none.
    #[must_use]
    pub fn of(part: u64, whole: u64) -> Self {
        let thousandths = (u128::from(part) * 1000).checked_div(u128::from(whole));
        let thousandths = thousandths.unwrap_or_default().min(1000);
        Self(u16::try_from(thousandths).unwrap_or(1000))
    }

    /// From 0 to 1.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// True from a quarter on.
    #[must_use]
    pub fn is_loud(self) -> bool {
        self >= LOUD
    }
}

/// For sentences: `34 %`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.0} %", self.as_f64() * 100.0))
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}
