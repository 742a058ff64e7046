//! What was measured: rows of a table, and the same as JSON.

use serde::Serialize;
use std::fmt;

/// In what a value is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Lines a second.
    #[serde(rename = "lines/s")]
    Lines,
    /// Bytes a second.
    #[serde(rename = "bytes/s")]
    BytesPerSecond,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Share of one core, in percent.
    #[serde(rename = "%")]
    Percent,
    /// A second.
    #[serde(rename = "/s")]
    PerSecond,
    /// A part of 1.
    Ratio,
}

/// What is wanted of a value.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Not more.
    AtMost(f64),
    /// Not less.
    AtLeast(f64),
}

/// One row.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The measure that it belongs to.
    pub measure: &'static str,
    /// What was measured.
    pub name: &'static str,
    /// How much.
    pub value: f64,
    /// Of what.
    pub unit: Unit,
    /// What is wanted of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Whether it is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
}

/// The rows of one measure.
#[derive(Debug)]
pub struct Table {
    measure: &'static str,
    rows: Vec<Row>,
}

impl Table {
    /// Without a row yet.
    pub const fn new(measure: &'static str) -> Self {
        Self {
            measure,
            rows: Vec::new(),
        }
    }

    /// A value that is only told.
    pub fn tell(&mut self, name: &'static str, unit: Unit, value: f64) {
        self.rows.push(Row {
            measure: self.measure,
            name,
            value,
            unit,
            target: None,
            met: None,
        });
    }

    /// A value of which something is wanted.
    pub fn want(&mut self, name: &'static str, unit: Unit, value: f64, target: Target) {
        self.tell(name, unit, value);
        let met = match target {
            Target::AtMost(most) => value <= most,
            Target::AtLeast(least) => value >= least,
        };
        if let Some(row) = self.rows.last_mut() {
            (row.target, row.met) = (Some(target), Some(met));
        }
    }

    /// All of them.
    pub fn into_rows(self) -> Vec<Row> {
        self.rows
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            measure,
            name,
            unit,
            ..
        } = self;
        let value = unit.text(self.value);
        write!(f, "{measure:<7} {name:<40} {value:>14}")?;
        let (sign, bound) = match self.target {
            None => return Ok(()),
            Some(Target::AtMost(most)) => ("≤", most),
            Some(Target::AtLeast(least)) => ("≥", least),
        };
        let mark = if self.met == Some(true) {
            "met"
        } else {
            "NOT MET"
        };
        write!(f, "   {sign} {:<12} {mark}", unit.text(bound))
    }
}

impl Unit {
    /// A value in the unit that suits people.
    fn text(self, value: f64) -> String {
        const MB: f64 = 1024.0 * 1024.0;
        match self {
            Self::Lines => format!("{value:.0} lines/s"),
            Self::BytesPerSecond => format!("{:.1} KB/s", value / 1000.0),
            Self::Bytes => format!("{:.1} MB", value / MB),
            Self::Milliseconds => format!("{value:.1} ms"),
            Self::Percent => format!("{value:.1} %"),
            Self::PerSecond => format!("{value:.1} /s"),
            Self::Ratio => format!("{value:.2}"),
        }
    }
}
