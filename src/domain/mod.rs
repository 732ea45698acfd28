//! The nouns of video summarisation that all rooms share.
//!
//! Pure data and small pure functions: nothing here decodes, infers, paints or touches a file,
//! except through serde.

pub mod analysis;
pub mod annotator;
pub mod annotator_work;
pub mod budget;
pub mod conditions;
pub mod cue;
pub mod draw;
pub mod edited;
pub mod features;
pub mod figure;
pub mod image;
pub mod kinds;
pub mod levels;
pub mod limits;
pub mod mark;
pub mod naming;
pub mod project;
pub mod protocol;
pub mod ranges;
pub mod record;
pub mod repairs;
pub mod segment;
pub mod settings;
pub mod shot_order;
pub mod shots;
pub mod steering;
pub mod study;
pub mod study_results;
pub mod summary_budget;
pub mod summary_ref;
pub mod time;
pub mod timecode;
pub mod video;

pub use analysis::{Alternative, Analysis, BundleRef, Sample, Segmentation, Timings};
pub use annotator::{AnnotationSet, Annotator};
pub use annotator_work::AnnotatorWork;
pub use conditions::Conditions;
pub use draw::Draw;
pub use edited::{EditedSummary, SummaryEdit};
pub use features::Features;
pub use figure::FigureKind;
pub use image::RgbImage;
pub use kinds::{Kind, Kinds, KnownKind, Letter};
pub use levels::SoundLevels;
pub use mark::{Mark, Selection};
pub use naming::{Named, Names, Naming};
pub use protocol::EvaluationKind;
pub use record::VideoRecord;
pub use segment::Segment;
pub use settings::{
    BundleDefaults, ChangePointPrice, DevicePreference, DrawSettings, OwnSettings, SamplingMethod,
    SegmentSettings, Variant,
};
pub use shots::{Dull, Shots};
pub use steering::{RatedRange, SteeredSegments, Steering, Verdict};
pub use study::Study;
pub use study_results::{StudyResults, VideoResult};
pub use summary_budget::SummaryBudget;
pub use summary_ref::SummaryRef;
pub use time::{FrameRange, Rational};
pub use timecode::{TimeFormat, TimePoint, Timebase};
pub use video::{FrameIndex, VideoInfo};
