//! The timeline: ruler, filmstrip, sound, importance curve, selection frequency, one lane for each
//! alternative and the annotators.
//!
//! `map` turns seconds into points, `model` decides what to paint, `paint` paints it; this file
//! lays out and listens.

mod answers;
mod clicks;
mod edges;
mod edited;
pub mod map;
pub mod model;
pub mod paint;
mod pair;
mod pointer;
mod rows;
mod sound;

use egui::{Rect, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use self::map::TimeMap;
use self::model::Row;
use self::pointer::listen;
use self::rows::rows_ui;
use super::distribution::controls::save_button_ui;
use super::menus;
use crate::domain::cue::words_at;
use crate::domain::{FigureKind, Named};
use crate::session::Session;
use crate::state::command::Command;
use crate::state::{AppState, Overlay};
use crate::ui::theme::{self, Palette};
use crate::ui::widgets;

const GUTTER: f32 = 104.0;
const RULER: f32 = 22.0;
/// Least and greatest height of a strip, points.
const STRIP: (f32, f32) = (13.0, 20.0);
const GAP: f32 = 4.0;

/// Where the fixed rows lie.
struct Head {
    ruler: Rect,
    film: Rect,
    /// How loud the sound is; on the foot of the filmstrip where room is short, and no row where
    /// there is no sound.
    sound: Option<Rect>,
    scores: Rect,
    frequency: Rect,
    /// A viewer's answers; no row where there are none.
    answers: Option<Rect>,
    /// How far the rows below grow into the room that is left, 0 to 1.
    stretch: f32,
}

impl Head {
    /// Filmstrip and curve take what the rows leave at their least heights, down to less than their
    /// own and up to that. Of more room all get their part, up to their greatest heights.
    fn lay_out(area: Rect, rows: &[Row], steered: bool, heard: bool) -> Self {
        const FILM: (f32, f32) = (44.0, 88.0);
        const SCORES: (f32, f32) = (66.0, 132.0);
        const LEAST: f32 = 0.45;
        let left = area.left() + GUTTER;
        let row = |top: f32, height: f32| {
            Rect::from_min_max(pos2(left, top), pos2(area.right(), top + height))
        };
        let strips = if steered { 2.0 } else { 1.0 };
        let fixed = RULER + strips * (STRIP.0 + GAP) + 2.0 * GAP;
        let room = area.height() - fixed - model::height_of(rows, 0.0);
        let sound_apart = heard && room >= sound::LEAST_ROOM;
        let sounds = if sound_apart { 1.0 } else { 0.0 };
        let room = room - sounds * (sound::HEIGHTS.0 + GAP);
        let own = FILM.0 + SCORES.0;
        let squeeze = (room / own).clamp(LEAST, 1.0);
        let grows = |(least, most): (f32, f32)| most - least;
        let growth = grows(FILM)
            + grows(SCORES)
            + strips * grows(STRIP)
            + sounds * grows(sound::HEIGHTS)
            + (model::height_of(rows, 1.0) - model::height_of(rows, 0.0));
        let stretch = ((room - own) / growth).clamp(0.0, 1.0);
        // Whole points where it grows; where room is short every part of one counts.
        let tall = |heights: (f32, f32)| match squeeze < 1.0 {
            true => heights.0 * squeeze,
            false => model::stretched(heights, stretch),
        };
        let strip = model::stretched(STRIP, stretch);
        let ruler = row(area.top(), RULER);
        let film = row(ruler.bottom(), tall(FILM));
        let below_film = row(
            film.bottom() + GAP,
            model::stretched(sound::HEIGHTS, stretch),
        );
        let sound = heard.then(|| match sound_apart {
            true => below_film,
            false => sound::on_film(film),
        });
        let above_scores = if sound_apart { below_film } else { film };
        let scores = row(above_scores.bottom() + GAP, tall(SCORES));
        let frequency = row(scores.bottom() + GAP, strip);
        let answers = steered.then(|| row(frequency.bottom() + GAP, strip));
        Self {
            ruler,
            film,
            sound,
            scores,
            frequency,
            answers,
            stretch,
        }
    }

    /// Where the rows below begin.
    fn bottom(&self) -> f32 {
        self.answers.unwrap_or(self.frequency).bottom()
    }
}

/// Shows the timeline in all the space there is.
pub fn timeline_ui(ui: &mut Ui, state: &AppState, commands: &mut Vec<Command>) {
    let area = ui.available_rect_before_wrap();
    let Some(session) = &state.session else {
        widgets::paint_empty(ui, area, "No video", "Open a video to see its timeline.");
        return;
    };
    let palette = Palette::of(ui);
    let rows = model::rows(state);
    let steered = !state.choices.settings.steering.is_empty();
    let heard = state.prefs.shows_sound && session.sound.is_some();
    let head = Head::lay_out(area, &rows, steered, heard);
    let rows = model::in_room(rows, area.bottom() - head.bottom() - GAP);
    let (start_secs, span_secs) = state.timeline_window_secs();
    let map = TimeMap::new(head.ruler.left(), head.ruler.width(), start_secs, span_secs);

    let content = Rect::from_min_max(head.ruler.min, area.max);
    let surface = ui.interact(
        content,
        ui.scope_id().with("surface"),
        Sense::click_and_drag(),
    );
    surface.widget_info(|| {
        WidgetInfo::slider(
            true,
            state.playback.position_secs,
            "Timeline position, seconds",
        )
    });
    let ruler = ui
        .interact(
            head.ruler,
            ui.scope_id().with("ruler"),
            Sense::click_and_drag(),
        )
        .on_hover_cursor(egui::CursorIcon::Text);
    ruler.widget_info(|| WidgetInfo::labeled(Role::Pane, true, "Ruler: drag to choose a range"));

    paint_head(ui, &head, &map, state, session, palette);
    if let (Some(row), Some(levels)) = (head.sound, &session.sound) {
        sound::sound_ui(ui, row, &head, &map, levels);
    }
    if let Some(row) = head.answers {
        let gutter = answers::gutter_of(row, GUTTER);
        answers::answers_ui(ui, row, gutter, &map, state, commands);
    }
    if session.draw.is_some() {
        let corner = Rect::from_min_max(
            pos2(area.left() + 2.0, area.top()),
            pos2(head.ruler.left() - 8.0, head.ruler.bottom()),
        );
        let side = egui::Layout::left_to_right(egui::Align::Center);
        save_button_ui(ui, corner, side, FigureKind::Timeline, commands);
    }
    rows_ui(ui, area, &head, &rows, &map, state, session, commands);
    for response in [&surface, &ruler] {
        let secs = response
            .interact_pointer_pos()
            .map(|pos| map.secs_from_x(pos.x).clamp(0.0, session.duration_secs()));
        menus::subject_menu(response, secs, |ui, secs| {
            menus::segment_menu_ui(ui, state, secs, commands);
        });
    }
    listen(ui, &surface, &ruler, &head, map, state, session, commands);
    paint_over(ui, area, &head, &map, state, palette);
    if let Some(pos) = surface.hover_pos().or(ruler.hover_pos())
        && pos.x >= head.ruler.left()
        && pos.y <= head.bottom()
        && may_hover(ui.ctx(), state)
    {
        let secs = map.secs_from_x(pos.x).clamp(0.0, session.duration_secs());
        let when = match marker_name(state, &map, pos.x) {
            Some(name) => format!("{} · {name}", state.time_text(secs)),
            None => state.time_text(secs),
        };
        let mut lines = paint::lines_about(secs, session, state.chosen());
        lines.extend(answers::hover_lines(&map, pos.x, state, session));
        lines.extend(head.sound.and(sound::hover_line(secs, session)));
        let words = words_at(&session.cues, secs).filter(|_| state.prefs.shows_subtitles);
        lines.extend(words.map(|words| quoted(&words)));
        paint::paint_hover_card(ui, head.ruler, pos.x, secs, (when, lines), session);
    }
}

/// Whether there may be a card at the pointer: not while it drags, nor over a menu or a dialog.
fn may_hover(ctx: &egui::Context, state: &AppState) -> bool {
    state.overlay == Overlay::None
        && !egui::Popup::is_any_open(ctx)
        && !ctx.input(|input| input.pointer.any_down())
}

/// Words of the subtitles on one line, the first of them where there are many.
fn quoted(words: &str) -> String {
    const MOST: usize = 60;
    let line = words.replace('\n', " ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("“{}…”", &line[..end]),
        None => format!("“{line}”"),
    }
}

/// The name of the marker at a place, where it has one.
fn marker_name(state: &AppState, map: &TimeMap, x: f32) -> Option<String> {
    const REACH: f32 = 6.0;
    let mut markers = state.choices.markers_secs.iter();
    let near = markers.find(|&&secs| (map.x_from_secs(secs) - x).abs() <= REACH)?;
    let name = state.choices.names.of(Named::Marker(*near)).name;
    Some(name).filter(|name| !name.is_empty())
}

fn paint_head(
    ui: &Ui,
    head: &Head,
    map: &TimeMap,
    state: &AppState,
    session: &Session,
    palette: &Palette,
) {
    let painter = ui.painter();
    paint::paint_ruler(painter, head.ruler, map, palette);
    answers::paint_cuts(painter, head.ruler, map, session, palette);
    let complete = !state.is_busy() || !session.segments.is_empty();
    paint::paint_filmstrip(painter, head.film, map, session, palette, complete);
    let edges = Rect::from_min_max(head.scores.min, head.scores.max);
    paint::paint_segment_edges(painter, edges, map, session, palette);
    let chosen = state.chosen_summary();
    let color = (state.chosen_letter()).map_or(palette.curve, |letter| palette.alternative(letter));
    let chosen = chosen.as_ref().map(|summary| (&*summary.scores, color));
    paint::paint_scores(painter, head.scores, map, session, chosen, palette);
    if let Some(draw) = &session.draw {
        let spans: Vec<(f64, f64)> = session
            .segments
            .iter()
            .map(|segment| (segment.start_secs, segment.end_secs))
            .collect();
        painter.rect_filled(head.frequency, 2, palette.well);
        let strip = model::heat_boxes(&spans, &draw.selection_frequency, map);
        paint::paint_heat(painter, head.frequency, &strip, palette);
    } else {
        painter.rect_filled(head.frequency, 2, palette.well);
    }
    let gutter = |row: Rect| {
        Rect::from_min_max(
            pos2(row.left() - GUTTER + 2.0, row.top()),
            pos2(row.left() - 8.0, row.bottom()),
        )
    };
    let scores = gutter(head.scores);
    let middle = scores.center().y;
    let line =
        |top: f32| Rect::from_min_max(pos2(scores.left(), top), pos2(scores.right(), top + 16.0));
    paint::paint_gutter_text(
        ui,
        line(middle - 17.0),
        "Importance",
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
    paint::paint_gutter_text(
        ui,
        line(middle - 1.0),
        "10–90 %",
        theme::regular(theme::SIZE_SMALL),
        palette.secondary,
    );
    paint::paint_gutter_text(
        ui,
        gutter(head.frequency),
        "Frequency",
        theme::regular(theme::SIZE_BODY),
        palette.secondary,
    );
}

/// Range, markers, hovered time and playhead, over all rows.
fn paint_over(
    ui: &Ui,
    area: Rect,
    head: &Head,
    map: &TimeMap,
    state: &AppState,
    palette: &Palette,
) {
    let whole = Rect::from_min_max(head.ruler.min, area.max);
    let painter = ui
        .painter()
        .with_clip_rect(whole.expand2(vec2(7.0, 0.0)).intersect(ui.clip_rect()));
    if let Some((start, end)) = state.choices.range_secs
        && map.overlaps(start, end)
    {
        let range = Rect::from_x_y_ranges(
            map.x_from_secs(start).max(whole.left())..=map.x_from_secs(end).min(whole.right()),
            whole.y_range(),
        );
        painter.rect_filled(range, 0, palette.accent.gamma_multiply(0.12));
        for x in [range.left(), range.right()] {
            painter.vline(x, range.y_range(), Stroke::new(1.0, palette.accent));
        }
    }
    for &marker in &state.choices.markers_secs {
        let x = map.x_from_secs(marker);
        if whole.x_range().contains(x) {
            painter.add(egui::Shape::convex_polygon(
                vec![
                    pos2(x - 4.0, head.ruler.bottom() - 9.0),
                    pos2(x + 4.0, head.ruler.bottom() - 9.0),
                    pos2(x, head.ruler.bottom() - 1.0),
                ],
                palette.warning,
                Stroke::NONE,
            ));
        }
    }
    if let Some(secs) = state.hover.secs {
        let x = map.x_from_secs(secs);
        if whole.x_range().contains(x) {
            painter.vline(
                x,
                whole.y_range(),
                Stroke::new(1.0, palette.secondary.gamma_multiply(0.6)),
            );
        }
    }
    // A seek of this frame already moves the playhead.
    paint::paint_playhead(
        &painter,
        whole,
        map.x_from_secs(state.playback.position_secs),
        palette,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixture;

    #[test]
    fn no_card_lies_over_a_dialog_or_a_menu() {
        let mut state = fixture::state();
        let ctx = egui::Context::default();
        assert!(may_hover(&ctx, &state));
        state.run(Command::OpenExport(None));
        assert!(!may_hover(&ctx, &state));
        state.run(Command::CloseOverlay);
        egui::Popup::open_id(&ctx, egui::Id::unique("a menu"));
        assert!(!may_hover(&ctx, &state));
    }

    fn lanes(count: usize) -> Vec<Row> {
        let lane = |alternative| Row::Lane {
            alternative,
            open: false,
        };
        (0..count).map(lane).collect()
    }

    #[test]
    fn rows_grow_into_a_large_window_and_never_out_of_it() {
        let rows = lanes(6);
        let head = |height: f32| {
            let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, height));
            Head::lay_out(area, &rows, true, true)
        };
        let mut before = head(150.0);
        for height in 151..1000 {
            let height = height as f32;
            let head = head(height);
            let used = head.bottom() + GAP + model::height_of(&rows, head.stretch);
            if head.film.height() > 44.0 * 0.46 {
                assert!(used <= height + GAP + 0.01, "{used} of {height}");
            }
            assert!(
                head.stretch >= before.stretch
                    && head.scores.height() + 0.01 >= before.scores.height() - sound::HEIGHTS.0
            );
            before = head;
        }
        // At its greatest everything is, and no row was stretched while the curve was still
        // squeezed.
        assert_eq!(
            (before.film.height(), before.scores.height()),
            (88.0, 132.0)
        );
        assert_eq!(rows[0].height(before.stretch), 30.0);
        let tight = head(260.0);
        assert!(tight.scores.height() < 66.0 && tight.stretch == 0.0);
        assert_eq!(rows[0].height(tight.stretch), 17.0);
    }

    #[test]
    fn the_sound_has_a_row_where_there_is_room_and_lies_on_the_film_elsewhere() {
        let head = |height: f32, heard: bool| {
            let area = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, height));
            Head::lay_out(area, &lanes(7), false, heard)
        };
        let roomy = head(400.0, true);
        let row = roomy.sound.unwrap();
        assert!(row.top() > roomy.film.bottom() && row.bottom() < roomy.scores.top());
        let tight = head(200.0, true);
        assert!(tight.film.contains_rect(tight.sound.unwrap()));
        // Without sound everything is where it was.
        let mute = head(200.0, false);
        assert_eq!((mute.sound, mute.scores), (None, tight.scores));
    }

    #[test]
    fn long_words_are_cut_at_a_character() {
        assert_eq!(quoted("one\ntwo"), "“one two”");
        let long = "ß".repeat(80);
        assert_eq!(quoted(&long).chars().count(), 63);
    }
}
