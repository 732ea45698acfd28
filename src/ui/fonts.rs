//! The bundled typeface, Inter, in three weights, with fallbacks for symbols and, from the system, for Chinese,
//! Japanese and Korean.

use std::path::Path;
use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily};

/// Family names of the heavier weights.
pub const MEDIUM: &str = "Inter Medium";
pub const SEMIBOLD: &str = "Inter SemiBold";

/// Where common systems keep a typeface with Chinese, Japanese and Korean.
const CJK_PATHS: [&str; 8] = [
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "C:\\Windows\\Fonts\\msyh.ttc",
    "C:\\Windows\\Fonts\\YuGothM.ttc",
];

/// Installs the typefaces. With `system_fallback` a CJK typeface of the system is added, where there is one; pictures
/// that must look the same everywhere leave it out.
pub fn install(ctx: &Context, system_fallback: bool) {
    ctx.set_fonts(definitions(system_fallback));
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
    if system_fallback
        && let Some(bytes) = CJK_PATHS
            .iter()
            .find_map(|path| std::fs::read(Path::new(path)).ok())
    {
        fonts
            .font_data
            .insert("CJK".to_owned(), Arc::new(FontData::from_owned(bytes)));
        fallback.push("CJK".to_owned());
        if let Some(mono) = fonts.families.get_mut(&FontFamily::Monospace) {
            mono.push("CJK".to_owned());
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
}
