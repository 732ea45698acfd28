//! By whose rule a data set is evaluated. Names and their meaning; measures nothing and reads
//! nothing.

use serde::{Deserialize, Serialize};

/// The rule of one of the field's data sets (paper, section 4.1; the authors' code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EvaluationKind {
    /// τ and ρ of the scores against each annotator's ratings; F1 is the mean over user summaries.
    Tvsum,
    /// τ and ρ of the binary summary against the mean user summary; F1 is the best over user
    /// summaries.
    Summe,
    /// Everything against one true score a second.
    Mrhisum,
}

impl EvaluationKind {
    /// The name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tvsum => "tvsum",
            Self::Summe => "summe",
            Self::Mrhisum => "mrhisum",
        }
    }

    /// The data set's own name.
    pub fn title(self) -> &'static str {
        match self {
            Self::Tvsum => "TVSum",
            Self::Summe => "SumMe",
            Self::Mrhisum => "Mr. HiSum",
        }
    }
}
