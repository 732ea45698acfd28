//! The evaluation table of the open dataset: what was measured, and over which parts it is
//! averaged. Measures nothing itself.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::DevicePreference;
use crate::jobs::Progress;
use crate::pipeline::evaluation::{
    EvaluationPlan, EvaluationTable, Protocol, TableProvenance, parts_of,
};

/// What the dataset page shows beside its list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DatasetTab {
    /// Who agrees with which method.
    #[default]
    Matches,
    /// The measures of all methods.
    Table,
}

/// Everything the table depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRequest {
    pub path: PathBuf,
    /// Ratings that were joined.
    pub annotations: Option<PathBuf>,
    /// Whether the dataset has features.
    pub has_features: bool,
    pub bundle: String,
    pub device: DevicePreference,
    pub samples: usize,
    pub seed: u64,
    pub budget: f64,
    pub threshold: f64,
    pub generation: u64,
}

/// What was measured: all videos, to be averaged over any parts.
#[derive(Debug)]
pub struct MeasuredTable {
    pub table: EvaluationTable,
    pub provenance: TableProvenance,
    pub plan: EvaluationPlan,
    pub keys: Vec<String>,
    /// Why networks have no rows.
    pub note: Option<String>,
}

impl MeasuredTable {
    /// The table averaged over the parts of a protocol, and the plan that says so.
    pub fn under(&self, protocol: Protocol) -> (EvaluationTable, EvaluationPlan) {
        let parts = parts_of(protocol, &self.keys, self.plan.seed);
        let word = match protocol {
            Protocol::All => "",
            Protocol::Tvt => "tvt",
            Protocol::FiveFold => "5fcv",
        };
        let table = match protocol {
            // Bundles that go by their own split stay.
            Protocol::All => self.table.averaged_over_all(self.plan.seed),
            _ => self.table.averaged_over(word, &parts, self.plan.seed),
        };
        let plan = EvaluationPlan {
            parts,
            ..self.plan.clone()
        };
        (table, plan)
    }
}

/// The table and how far it has come.
#[derive(Clone, Debug, Default)]
pub struct TableState {
    pub protocol: Protocol,
    /// Ratings that a person joined.
    pub annotations: Option<PathBuf>,
    pub progress: Option<Progress>,
    /// Why there is no table, in a sentence.
    pub fault: Option<String>,
    pub measured: Option<Arc<MeasuredTable>>,
    /// Averaged as the protocol says.
    pub shown: Option<Arc<EvaluationTable>>,
}

impl TableState {
    /// Averages anew.
    pub fn update(&mut self) {
        let measured = self.measured.as_ref();
        self.shown = measured.map(|measured| Arc::new(measured.under(self.protocol).0));
    }
}
