//! The search: a time, words of the subtitles, or frames that look alike. What is found is decided
//! in `state`.

use egui::{
    Align2, Color32, Id, Key, Margin, Modifiers, Rect, Role, ScrollArea, Sense, TextureHandle,
    TextureId, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

use super::title_ui;
use crate::session::Session;
use crate::session::finding::{Found, FoundBy};
use crate::session::folder::{Elsewhere, NO_WORDS, NOT_ANALYSED};
use crate::state::AppState;
use crate::state::command::Command;
use crate::ui::picture::color_image;
use crate::ui::theme::{self, Palette};
use crate::ui::{text, widgets};

/// Height of a result, points.
const ROW: f32 = 52.0;

pub(super) fn find_ui(
    ui: &mut Ui,
    state: &AppState,
    most_height: f32,
    commands: &mut Vec<Command>,
) {
    title_ui(ui, "Find", commands);
    let Some(session) = &state.session else {
        return;
    };
    let finding = &state.finding;
    let mut typed = finding.typed.clone();
    let field = ui
        .add(
            egui::TextEdit::singleline(&mut typed)
                .hint_text("A time, or words of the subtitles")
                .desired_width(f32::INFINITY)
                .margin(Margin::symmetric(10, 8)),
        )
        .accessible_name("What to find");
    field.request_focus();
    if field.changed() {
        commands.push(Command::FindText(typed));
    }
    ui.add_space(4.0);
    let compared = session.features.is_some() && !session.segments.is_empty();
    let here = state.time_text(state.playback.position_secs);
    let like = Command::MoreLikeFrame(None);
    let button = ui
        .add_enabled(
            compared,
            egui::Button::new(format!("More like the frame at {here}")),
        )
        .on_hover_text(like.tooltip())
        .on_disabled_hover_text("Frames can be compared once the video is analysed.");
    if button.clicked() {
        commands.push(like);
    }
    ui.add_space(4.0);
    let top = ui.cursor().top();
    if finding.like_secs.is_some() || !finding.typed.trim().is_empty() {
        folder_ui(ui, state, commands);
    }
    // What stands above takes its room from the results.
    let left = most_height - (ui.cursor().top() - top);
    widgets::note(ui, about(state, session));
    results_ui(ui, state, session, left, commands);
}

/// Whether the folder's other videos are looked through, and which of them could not be.
fn folder_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let mut wanted = state.finding.in_folder;
    let label = "Also in the other videos of this folder";
    let is_alike = state.finding.like_secs.is_some();
    let (tip, looking, why) = match is_alike {
        true => (
            "Compares with the videos beside this one that were analysed with the same networks before. Nothing is analysed anew.",
            "Looking through the folder…",
            NOT_ANALYSED,
        ),
        false => (
            "Reads the text subtitles of the videos beside this one, each once.",
            "Reading the subtitles of this folder…",
            NO_WORDS,
        ),
    };
    if ui.checkbox(&mut wanted, label).on_hover_text(tip).changed() {
        commands.push(Command::FindInFolder(wanted));
    }
    if state.finding.in_folder {
        let said = match state.found_in_folder() {
            None => Some(looking.to_owned()),
            Some(Err(why)) => Some(why.clone()),
            Some(Ok(found)) if found.to_come > 0 => {
                let left = text::count(found.to_come, "video");
                Some(format!("{looking} {left} left"))
            }
            Some(Ok(found)) if found.compared.is_empty() && found.without.is_empty() => {
                Some("There are no other videos in this folder.".to_owned())
            }
            Some(Ok(found)) => found.gap(why),
        };
        if let Some(said) = said {
            widgets::note(ui, said);
        }
    }
    ui.add_space(4.0);
}

/// A row of the results: of the open video, or of another one of its folder.
#[derive(Clone, Copy)]
enum Hit<'a> {
    Here(&'a Found),
    There(&'a Elsewhere),
}

impl Hit<'_> {
    fn likeness(&self) -> f32 {
        match self {
            Self::Here(found) => found.by.likeness(),
            Self::There(elsewhere) => elsewhere.by.likeness(),
        }
    }
}

/// All results; frames of other videos stand among those of this one by how much they are alike,
/// words of them after its own.
fn results(state: &AppState) -> Vec<Hit<'_>> {
    let finding = &state.finding;
    let mut all: Vec<Hit> = finding.found.iter().map(Hit::Here).collect();
    all.extend(finding.elsewhere.iter().map(Hit::There));
    all.sort_by(|a, b| b.likeness().total_cmp(&a.likeness()));
    all
}

/// What the results are, or why there are none.
fn about(state: &AppState, session: &Session) -> String {
    let finding = &state.finding;
    let found = finding.found.len();
    if let Some(secs) = finding.like_secs {
        let at = state.time_text(secs);
        return match found {
            0 => format!("No other segment has a frame to compare with the one at {at}."),
            _ => format!("Like the frame at {at}, most alike first, one of each segment:"),
        };
    }
    let has_words = !session.cues.is_empty();
    if !finding.elsewhere.is_empty() {
        let (all, others) = (found + finding.elsewhere.len(), finding.elsewhere.len());
        return format!("{}, {others} in other videos", text::count(all, "place"));
    }
    match (finding.typed.trim().is_empty(), found, has_words) {
        (true, _, true) => {
            "Type a time such as 1:23 or f2004, or words of the subtitles.".to_owned()
        }
        (true, _, false) => {
            "Type a time such as 1:23 or f2004. This video has no text subtitles to search."
                .to_owned()
        }
        (false, 0, true) => {
            "No subtitle has these words, and they are no time of this video.".to_owned()
        }
        (false, 0, false) => {
            "That is no time of this video, and it has no text subtitles to search.".to_owned()
        }
        (false, _, _) => text::count(found, "place"),
    }
}

fn results_ui(
    ui: &mut Ui,
    state: &AppState,
    session: &Session,
    most_height: f32,
    commands: &mut Vec<Command>,
) {
    let finding = &state.finding;
    // Another search begins at its first result.
    let search = (finding.typed.clone(), finding.like_secs.map(f64::to_bits));
    let chosen_id = Id::unique("found choice").with(search);
    let before: usize = ui.data(|data| data.get_temp(chosen_id)).unwrap_or(0);
    let mut chosen = before;
    ui.input_mut(|input| {
        if input.consume_key(Modifiers::NONE, Key::ArrowDown) {
            chosen += 1;
        }
        if input.consume_key(Modifiers::NONE, Key::ArrowUp) {
            chosen = chosen.saturating_sub(1);
        }
    });
    let all = results(state);
    chosen = chosen.min(all.len().saturating_sub(1));
    ui.data_mut(|data| data.insert_temp(chosen_id, chosen));
    let entered = ui.input(|input| input.key_pressed(Key::Enter));
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut to = None;
    ScrollArea::vertical()
        .id_salt("found")
        .max_height(most_height.max(2.0 * ROW))
        .min_scrolled_height(most_height.max(2.0 * ROW))
        .show(ui, |ui| {
            for (place, hit) in all.iter().enumerate() {
                let size = vec2(ui.available_width(), ROW);
                let (rect, response) = ui.allocate_exact_size(size, Sense::click());
                if place == chosen && chosen != before {
                    response.scroll_to_me(None);
                }
                let (secs, words) = match hit {
                    Hit::Here(found) => (found.secs, words_of(found, session)),
                    Hit::There(found) => (found.secs, words_of_other(found)),
                };
                let when = state.time_text(secs);
                response.widget_info(|| {
                    let name = format!("{when} {words}");
                    WidgetInfo::selected(Role::ListBoxOption, true, place == chosen, name)
                });
                if ui.is_rect_visible(rect) {
                    let lit = place == chosen || response.hovered();
                    let picture = picture_of(ui, hit, session);
                    paint_found(ui, rect, (&when, &words), picture, session, lit);
                }
                if response.clicked() || (entered && place == chosen) {
                    to = Some(match hit {
                        Hit::Here(found) => Command::SeekTo(found.secs),
                        Hit::There(found) => Command::OpenAt(found.video.clone(), found.secs),
                    });
                }
            }
        });
    if let Some(to) = to {
        commands.push(Command::CloseOverlay);
        commands.push(to);
    }
}

/// What stands beside the time of a result.
fn words_of(found: &Found, session: &Session) -> String {
    match &found.by {
        FoundBy::Time => "go to this time".to_owned(),
        FoundBy::Words(words) => words.clone(),
        FoundBy::Likeness(cosine) => {
            let alike = format!("{:.0} % alike", cosine * 100.0);
            match session.segment_at(found.secs) {
                Some(segment) => format!("{alike} · segment {}", segment + 1),
                None => alike,
            }
        }
    }
}

/// The same of another video: its name first, as that is where a click leads.
fn words_of_other(found: &Elsewhere) -> String {
    let name = found.video.file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    match &found.by {
        FoundBy::Words(words) => format!("{name} · {words}"),
        by => format!("{name} · {:.0} % alike", by.likeness() * 100.0),
    }
}

/// A result's small picture: its texture, the part of it, and width to height.
fn picture_of(ui: &Ui, hit: &Hit, session: &Session) -> Option<(TextureId, Rect, f32)> {
    let aspect = session.thumbs.aspect().clamp(0.4, 2.0);
    match hit {
        Hit::Here(found) => {
            let thumb = session.thumbs.nearest(found.secs)?;
            Some((thumb.texture, thumb.uv, aspect))
        }
        Hit::There(found) => {
            let picture = found.picture.as_ref()?;
            // The texture lives as long as the window's memory of it: until another search makes
            // others.
            let id = Id::unique("found elsewhere").with((&found.video, found.secs.to_bits()));
            let known: Option<TextureHandle> = ui.data(|data| data.get_temp(id));
            let texture = known.unwrap_or_else(|| {
                let image = color_image(ui.ctx(), picture);
                let made = ui
                    .ctx()
                    .load_texture("found elsewhere", image, TextureOptions::LINEAR);
                ui.data_mut(|data| data.insert_temp(id, made.clone()));
                made
            });
            let own = picture.width as f32 / picture.height.max(1) as f32;
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            Some((texture.id(), whole, own.clamp(0.4, 2.0)))
        }
    }
}

fn paint_found(
    ui: &Ui,
    rect: Rect,
    (when, words): (&str, &str),
    shown: Option<(TextureId, Rect, f32)>,
    session: &Session,
    lit: bool,
) {
    let palette = Palette::of(ui);
    if lit {
        ui.painter()
            .rect_filled(rect, theme::RADIUS_CONTROL, palette.control);
    }
    let height = ROW - 8.0;
    let aspect = session.thumbs.aspect().clamp(0.4, 2.0);
    let aspect = shown.map_or(aspect, |(_, _, own)| own);
    let picture = Rect::from_min_size(rect.min + vec2(4.0, 4.0), vec2(height * aspect, height));
    match shown {
        Some((texture, uv, _)) => {
            ui.painter().image(texture, picture, uv, Color32::WHITE);
        }
        None => {
            ui.painter().rect_filled(picture, 3, palette.well);
        }
    }
    let left = picture.right() + 10.0;
    let used = ui.painter().text(
        pos2(left, rect.center().y),
        Align2::LEFT_CENTER,
        when,
        theme::mono(theme::SIZE_BODY),
        palette.text,
    );
    widgets::paint_text_clipped(
        ui,
        pos2(used.right() + 12.0, rect.center().y),
        Align2::LEFT_CENTER,
        words,
        theme::regular(theme::SIZE_STRONG),
        palette.secondary,
        rect.right() - used.right() - 22.0,
    );
}
