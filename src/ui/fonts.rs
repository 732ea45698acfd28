//! The bundled typeface, Inter, in three weights, with fallbacks for symbols and, from the system,
//! for the scripts of the world.
//!
//! Which of the system's typefaces has a script is looked up by its letters, not by where systems
//! keep their files; a script that no typeface has stays boxes.

use std::sync::{Arc, OnceLock};

use egui::{Context, FontData, FontDefinitions, FontFamily};
use fontdb::{Database, FaceInfo, Style};
use skrifa::{FontRef, MetadataProvider};

/// Family names of the heavier weights.
pub const MEDIUM: &str = "Inter Medium";
pub const SEMIBOLD: &str = "Inter SemiBold";

/// Letters by which a script is known: Chinese, Japanese, Korean; Arabic, Hebrew; Devanagari and
/// its neighbours in India; Thai, Lao, Khmer, Burmese, Tibetan; Georgian, Armenian, Ethiopic.
const SCRIPTS: &str = "中國한あアعپשहবਗગதతಕമසกລខမཀგԱአ";

/// Installs the typefaces. With `system_fallback` those of the system are added where Inter lacks a
/// script; pictures that must look the same everywhere leave them out.
pub fn install(ctx: &Context, system_fallback: bool) {
    ctx.set_fonts(definitions(system_fallback));
}

/// Whether a text has letters that the program's own typefaces lack.
pub fn needs_system(text: &str) -> bool {
    // Latin with its accents, Greek and Cyrillic are Inter's.
    let plain = |c: char| u32::from(c) < 0x0500 || c.is_whitespace() || c.is_control();
    let mut foreign = text.chars().filter(|&c| !plain(c)).peekable();
    if foreign.peek().is_none() {
        return false;
    }
    static OWN: OnceLock<FontDefinitions> = OnceLock::new();
    let own = OWN.get_or_init(|| definitions(false));
    // Those of one family: what only the typewriter has leaves names in boxes.
    let names = own.families.get(&FontFamily::Proportional);
    let faces: Vec<FontRef<'_>> = (names.into_iter().flatten())
        .filter_map(|name| own.font_data.get(name))
        .filter_map(|data| FontRef::from_index((*data.font).as_ref(), data.index).ok())
        .collect();
    foreign.any(|c| !faces.iter().any(|face| face.charmap().map(c).is_some()))
}

/// A typeface of the system.
struct SystemFace {
    name: String,
    bytes: Vec<u8>,
    index: u32,
}

/// The typefaces of the system that have the scripts which Inter lacks, each script once. Looked up
/// once.
fn system_faces() -> &'static [SystemFace] {
    static FACES: OnceLock<Vec<SystemFace>> = OnceLock::new();
    FACES.get_or_init(|| {
        let mut database = Database::new();
        database.load_system_fonts();
        chosen(&database, SCRIPTS)
    })
}

/// The fewest typefaces that have as many of the letters as any: the one with the most first.
fn chosen(database: &Database, letters: &str) -> Vec<SystemFace> {
    let mut missing: Vec<char> = letters.chars().collect();
    let mut faces: Vec<(&FaceInfo, Vec<char>)> = database
        .faces()
        .filter(|face| face.style == Style::Normal && (300..=500).contains(&face.weight.0))
        .filter_map(|face| {
            let known = database.with_face_data(face.id, |bytes, index| {
                let font = FontRef::from_index(bytes, index).ok()?;
                let map = font.charmap();
                // Pictures of letters in colour are no outlines.
                font.outline_glyphs().format()?;
                Some(
                    missing
                        .iter()
                        .copied()
                        .filter(|&c| map.map(c).is_some())
                        .collect(),
                )
            });
            let known: Vec<char> = known.flatten()?;
            (!known.is_empty()).then_some((face, known))
        })
        .collect();
    let mut chosen = Vec::new();
    while !missing.is_empty() {
        let rank = |(face, known): &(&FaceInfo, Vec<char>)| {
            let count = known.iter().filter(|c| missing.contains(c)).count();
            // Plain ones before those that imitate print or typewriters; by name, so that every
            // start chooses the same.
            let name = face.families.first().map_or("", |(name, _)| name.as_str());
            let plain = !face.monospaced && !name.contains("Serif");
            (count, plain, std::cmp::Reverse(name.to_owned()))
        };
        let best = (0..faces.len()).max_by_key(|&at| rank(&faces[at]));
        let Some((face, known)) = best.map(|at| faces.swap_remove(at)) else {
            break;
        };
        let before = missing.len();
        missing.retain(|c| !known.contains(c));
        if missing.len() == before {
            break;
        }
        let bytes = database.with_face_data(face.id, |bytes, index| (bytes.to_vec(), index));
        if let Some((bytes, index)) = bytes {
            let name = format!("System {} {}", chosen.len() + 1, face.post_script_name);
            chosen.push(SystemFace { name, bytes, index });
        }
    }
    chosen
}

/// The typefaces by family, first choice first.
pub(crate) fn definitions(system_fallback: bool) -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let weights: [(&str, &'static [u8]); 3] = [
        (
            "Inter",
            include_bytes!("../../assets/fonts/Inter-Regular.otf"),
        ),
        (
            MEDIUM,
            include_bytes!("../../assets/fonts/Inter-Medium.otf"),
        ),
        (
            SEMIBOLD,
            include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
        ),
    ];
    for (name, bytes) in weights {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    }
    let mut fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    if system_fallback {
        for face in system_faces() {
            let data = FontData {
                index: face.index,
                ..FontData::from_owned(face.bytes.clone())
            };
            fonts.font_data.insert(face.name.clone(), Arc::new(data));
            fallback.push(face.name.clone());
            if let Some(mono) = fonts.families.get_mut(&FontFamily::Monospace) {
                mono.push(face.name.clone());
            }
        }
    }
    for (family, name) in [
        (FontFamily::Proportional, "Inter"),
        (FontFamily::Name(MEDIUM.into()), MEDIUM),
        (FontFamily::Name(SEMIBOLD.into()), SEMIBOLD),
    ] {
        let mut faces = vec![name.to_owned()];
        faces.extend(fallback.iter().cloned());
        fonts.families.insert(family, faces);
    }
    fonts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_weight_leads_its_family_and_falls_back() {
        let fonts = definitions(false);
        for family in [
            FontFamily::Proportional,
            FontFamily::Name(MEDIUM.into()),
            FontFamily::Name(SEMIBOLD.into()),
        ] {
            let faces = &fonts.families[&family];
            assert!(faces[0].starts_with("Inter"));
            assert!(faces.len() > 1, "{family:?} has no fallback");
            assert!(faces.iter().all(|face| fonts.font_data.contains_key(face)));
        }
    }

    #[test]
    fn only_scripts_that_inter_lacks_ask_for_the_system() {
        for own in [
            "",
            "Harbour day · 38 %",
            "Привет",
            "Ελλάδα",
            "Zoë–Łukasz",
            "→ ≥ τ",
        ] {
            assert!(!needs_system(own), "{own}");
        }
        for foreign in ["日本語の動画", "العربية", "हिन्दी", "a 한 b", "კაცი", "Հայ"]
        {
            assert!(needs_system(foreign), "{foreign}");
        }
    }

    /// What a system has is found by its letters, whatever its files are called; what it lacks
    /// leaves the rest as it is.
    #[test]
    fn a_typeface_with_the_letters_is_found() {
        let mut database = Database::new();
        assert!(chosen(&database, SCRIPTS).is_empty());
        let inter = include_bytes!("../../assets/fonts/Inter-Regular.otf");
        database.load_font_data(inter.to_vec());
        let found = chosen(&database, "aж中");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].bytes, inter);
        let all = definitions(true);
        let own = definitions(false);
        assert!(all.font_data.len() >= own.font_data.len());
        let (all, own) = (
            &all.families[&FontFamily::Proportional],
            &own.families[&FontFamily::Proportional],
        );
        assert_eq!(all[..own.len()], own[..], "the system's come last");
    }
}
