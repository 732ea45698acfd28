//! Projects that take long enough to write for a kill to fall into it.

use summdiff_explorer::domain::project::{PROJECT_VERSION, Project};

/// A large project that its seed tells from others.
pub fn numbered(number: u64) -> Project {
    let mut project = Project {
        version: PROJECT_VERSION,
        markers_secs: (0..20_000)
            .map(|i| i as f64 + number as f64 / 1e6)
            .collect(),
        ..Project::default()
    };
    project.settings.seed = number;
    project
}
