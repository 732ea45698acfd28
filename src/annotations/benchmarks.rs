//! The videos of TVSum and SumMe as the field numbers them: `video_1` of an eccv16 file is the
//! first entry of its table.
//!
//! Facts alone: ids or names with the number of frames that the ground truth has. Reads nothing.

use crate::domain::EvaluationKind;

/// TVSum's YouTube ids in the order of `ydata-tvsum50.mat`, with their frames.
pub const TVSUM: [(&str, u64); 50] = [
    ("AwmHb44_ouw", 10597),
    ("98MoyGZKHXc", 4688),
    ("J0nA4VgnoCo", 14019),
    ("gzDbaEs1Rlg", 7210),
    ("XzYM3PfTM4w", 3327),
    ("HT5vyqe0Xaw", 9671),
    ("sTEELN-vY30", 4468),
    ("vdmoEJ5YbrQ", 9870),
    ("xwqBXPGE9pQ", 7010),
    ("akI8YFjEmUw", 3995),
    ("i3wAGJaaktw", 4700),
    ("Bhxk-O1Y7Ho", 13511),
    ("0tmA_C6XwfM", 3532),
    ("3eYKfiOEJNs", 4853),
    ("xxdtq8mxegs", 4324),
    ("WG0MBPpPC6I", 9534),
    ("Hl-__g2gn_A", 5846),
    ("Yi4Ij2NM7U4", 9731),
    ("37rzWOQsNIw", 5742),
    ("LRw_obCPUt0", 6241),
    ("cjibtmSLxQ4", 19406),
    ("b626MiF1ew4", 5661),
    ("XkqCExn6_Us", 5631),
    ("GsAD1KT1xo8", 4356),
    ("PJrm840pAUI", 6580),
    ("91IHQYk1IQM", 3312),
    ("RBCABdttQmI", 10917),
    ("z_6gVvQb2d0", 8281),
    ("fWutDQy1nnY", 17527),
    ("4wU_LUjG5Ic", 4005),
    ("VuWGsYPqAX8", 5412),
    ("JKpqYvAdIsw", 3802),
    ("xmEERLqJ2kU", 13365),
    ("byxOvuiIJV0", 3705),
    ("_xMr-HKMfVA", 4463),
    ("WxtbjNsCQ8A", 7959),
    ("uGu_10sucQo", 4009),
    ("EE-bNr36nyA", 2941),
    ("Se3oxnaPsz0", 4165),
    ("oDXZc0tZe04", 11414),
    ("qqR6AEXwxoQ", 8073),
    ("EYqVtI9YWJA", 5939),
    ("eQu1rNs0an0", 4931),
    ("JgHubY5Vw3Y", 4304),
    ("iVt07TCkFM0", 2500),
    ("E11zDS9XGzg", 15307),
    ("NyBmCxDoHJU", 4740),
    ("kLxoNp-UchI", 3896),
    ("jcoYJXDG9sw", 5971),
    ("-esJrBWj2d8", 6912),
];

/// SumMe's video names in the order of `eccv16_dataset_summe_google_pool5.h5`, with their frames.
pub const SUMME: [(&str, u64); 25] = [
    ("Air_Force_One", 4494),
    ("Base jumping", 4729),
    ("Bearpark_climbing", 3341),
    ("Bike Polo", 3064),
    ("Bus_in_Rock_Tunnel", 5131),
    ("Car_railcrossing", 5075),
    ("Cockpit_Landing", 9046),
    ("Cooking", 1286),
    ("Eiffel Tower", 4971),
    ("Excavators river crossing", 9721),
    ("Fire Domino", 1612),
    ("Jumps", 950),
    ("Kids_playing_in_leaves", 3187),
    ("Notre_Dame", 4608),
    ("Paintball", 6096),
    ("Playing_on_water_slide", 3065),
    ("Saving dolphines", 6683),
    ("Scuba", 2221),
    ("St Maarten Landing", 1751),
    ("Statue of Liberty", 3863),
    ("Uncut_Evening_Flight", 9672),
    ("Valparaiso_Downhill", 5178),
    ("car_over_camera", 4382),
    ("paluma_jump", 2574),
    ("playing_ball", 3120),
];

/// The videos of a data set in the field's numbering; none for Mr. HiSum, whose videos go by number
/// alone.
pub fn videos(kind: EvaluationKind) -> &'static [(&'static str, u64)] {
    match kind {
        EvaluationKind::Tvsum => &TVSUM,
        EvaluationKind::Summe => &SUMME,
        EvaluationKind::Mrhisum => &[],
    }
}

/// The id or name of the video that an eccv16 file calls `video_N`.
pub fn name_of_key(kind: EvaluationKind, key: &str) -> Option<&'static str> {
    let number: usize = key.strip_prefix("video_")?.parse().ok()?;
    videos(kind)
        .get(number.checked_sub(1)?)
        .map(|&(name, _)| name)
}

/// Names without what copies of a data set change in them: case, blanks and underscores.
pub fn plain_name(name: &str) -> String {
    name.chars()
        .filter(|c| !matches!(c, ' ' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}
