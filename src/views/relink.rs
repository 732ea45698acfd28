//! The video of a project is not where it was, or another one is there: what a person is asked
//! before anything goes on.

use egui::{Grid, Rect, RichText, Ui, vec2};

use crate::domain::VideoInfo;
use crate::domain::project::VideoRef;
use crate::state::command::Command;
use crate::ui::theme::{self, Palette};
use crate::ui::{parts, text, widgets};

/// Characters of a hash that tell two files apart.
const HASH_SHOWN: usize = 12;

/// The video of a project is not where it was.
pub fn relink_ui(ui: &mut Ui, path: &std::path::Path, commands: &mut Vec<Command>) {
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap();
    let width = 520.0f32.min(area.width() - 32.0);
    let card = Rect::from_center_size(area.center(), vec2(width, 180.0));
    let mut child = parts::column(ui, card, "relink");
    widgets::panel_frame(palette).show(&mut child, |ui| {
        ui.set_width(width - 28.0);
        ui.label(
            RichText::new("The video of this project is not where it was")
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.text),
        );
        ui.label(
            RichText::new(path.display().to_string())
                .font(theme::mono(theme::SIZE_BODY))
                .color(palette.secondary),
        );
        widgets::note(ui, "Settings, pins and annotations are safe. Show where the video is now; it is recognised by its content.");
        ui.add_space(8.0);
        if ui
            .add(widgets::primary_button("Find the video…", palette))
            .on_hover_text("Chooses the file that this project belongs to.")
            .clicked()
        {
            commands.push(Command::Relink);
        }
    });
}

/// Another video than the project was made with: both side by side, and nothing is taken over
/// before an answer.
pub fn other_video_ui(
    ui: &mut Ui,
    stated: &VideoRef,
    opened: &VideoInfo,
    commands: &mut Vec<Command>,
) {
    let palette = Palette::of(ui);
    let area = ui.available_rect_before_wrap();
    let width = 620.0f32.min(area.width() - 32.0);
    let card = Rect::from_center_size(area.center(), vec2(width, 260.0));
    let mut child = parts::column(ui, card, "other video");
    widgets::panel_frame(palette).show(&mut child, |ui| {
        ui.set_width(width - 28.0);
        ui.label(
            RichText::new("This is another video than the project was made with")
                .font(theme::semibold(theme::SIZE_TITLE))
                .color(palette.text),
        );
        widgets::note(ui, "Pins, markers and annotations would be laid on other frames. The project stays as it is until you choose.");
        ui.add_space(6.0);
        let rows = rows(stated, opened);
        Grid::new("two videos").num_columns(3).spacing(vec2(18.0, 6.0)).show(ui, |ui| {
            for [what, project, found] in &rows {
                let font = match what.is_empty() {
                    true => theme::medium(theme::SIZE_BODY),
                    false => theme::regular(theme::SIZE_BODY),
                };
                ui.label(RichText::new(what).font(font.clone()).color(palette.secondary));
                let column = (width - 130.0) / 2.0;
                for cell in [project, found] {
                    let label = egui::Label::new(RichText::new(cell).font(font.clone()).color(palette.text)).truncate();
                    ui.add_sized(vec2(column, 18.0), label).on_hover_text(cell);
                }
                ui.end_row();
            }
        });
        ui.add_space(10.0);
        ui.horizontal_wrapped(|ui| {
            if ui
                .add(widgets::primary_button("Find the right video…", palette))
                .on_hover_text("Chooses the file that this project belongs to; all that was chosen is kept for it.")
                .clicked()
            {
                commands.push(Command::Relink);
            }
            if ui
                .button("Use this video")
                .on_hover_text("The project is about this video from now on.")
                .clicked()
            {
                commands.push(Command::AcceptVideo);
            }
        });
    });
}

/// Name, length and content of the project's video and of the one that is open; the first row is
/// the header.
fn rows(stated: &VideoRef, opened: &VideoInfo) -> [[String; 3]; 4] {
    let name = |path: &std::path::Path| {
        path.file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let length = |secs: f64, frames: u64| match (secs > 0.0, frames) {
        (_, 0) => "unknown".to_owned(),
        (false, frames) => format!("{frames} frames"),
        (true, frames) => format!("{}, {frames} frames", text::clock(secs)),
    };
    let hash = |sha256: &str| match sha256.get(..HASH_SHOWN) {
        Some(start) => format!("{start}…"),
        None => "unknown".to_owned(),
    };
    let of = |what: &str, project: String, found: String| [what.to_owned(), project, found];
    [
        of(
            "",
            "The project's video".to_owned(),
            "This video".to_owned(),
        ),
        of("Name", name(&stated.path), name(&opened.path)),
        of(
            "Length",
            length(stated.duration_secs, stated.frame_count),
            length(opened.duration_secs, opened.frame_count),
        ),
        of(
            "Content (SHA-256)",
            hash(&stated.sha256),
            hash(&opened.sha256),
        ),
    ]
}
