//! The sound on the timeline: peaks and mean levels, as a row of its own or on the foot of the
//! filmstrip. Measures nothing.

use egui::{Mesh, Rect, Role, Sense, Ui, WidgetInfo, pos2};

use super::map::TimeMap;
use super::{GUTTER, Head, paint};
use crate::domain::SoundLevels;
use crate::domain::levels::amplitude_from_level;
use crate::session::Session;
use crate::state::command::Command;
use crate::ui::shapes::add_mesh;
use crate::ui::theme::{self, Palette};

/// Least and greatest height of the row, points.
pub(super) const HEIGHTS: (f32, f32) = (26.0, 46.0);
/// With less room than this for filmstrip and curve the sound lies on the filmstrip, points.
pub(super) const LEAST_ROOM: f32 = 100.0;
/// Sound whose loudest peak is below this amplitude is not drawn larger: it would be noise.
const QUIETEST: f32 = 0.03;

/// The sound in one point of the screen: left edge, and the shares of the height that peak and mean
/// reach.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Column {
    left: f32,
    peak: f32,
    mean: f32,
}

/// Where the sound lies on a filmstrip.
pub(super) fn on_film(film: Rect) -> Rect {
    film.with_min_y(film.bottom() - (film.height() * 0.5).clamp(10.0, 18.0))
}

/// Columns for each point between the ends of the map that is known. Heights are roots of
/// amplitudes, so that speech is seen beside louder sound; the loudest peak reaches the top.
fn columns(levels: &SoundLevels, map: &TimeMap) -> Vec<Column> {
    let (envelope, bins_per_sec) = levels.envelope_for(map.secs_per_point());
    let loudest = levels.loudest().max(QUIETEST);
    let height = |level: u8| (amplitude_from_level(level) / loudest).min(1.0).sqrt();
    let points = map.width.ceil().max(0.0) as usize;
    let bin_at = |point: usize| {
        let secs = map.start_secs + point as f64 * map.secs_per_point();
        (secs * bins_per_sec).floor()
    };
    let mut columns = Vec::with_capacity(points);
    for point in 0..points {
        let (from, to) = (bin_at(point), bin_at(point + 1));
        if to < 0.0 {
            continue;
        }
        let from = from.max(0.0) as usize;
        let to = (to as usize).clamp(from + 1, envelope.len().max(from + 1));
        let (Some(peaks), Some(means)) = (envelope.peaks.get(from..to), envelope.rms.get(from..to))
        else {
            break;
        };
        let mean: f32 = means.iter().map(|&level| height(level)).sum::<f32>() / means.len() as f32;
        columns.push(Column {
            left: map.left as f32 + point as f32,
            peak: height(peaks.iter().copied().max().unwrap_or(0)),
            mean,
        });
    }
    columns
}

/// The row, with its name in the gutter where it has one of its own.
pub(super) fn sound_ui(ui: &Ui, row: Rect, head: &Head, map: &TimeMap, levels: &SoundLevels) {
    let palette = Palette::of(ui);
    let is_own_row = row.top() >= head.film.bottom();
    let ground = if is_own_row {
        palette.well
    } else {
        palette.panel.gamma_multiply(0.7)
    };
    ui.painter().rect_filled(row, 2, ground);
    // Of no alternative's colour; on pictures the fainter grey would be lost.
    let mean = match is_own_row {
        true => palette.secondary,
        false => palette.text.gamma_multiply(0.8),
    };
    let peak = mean.gamma_multiply(0.4);
    let mut mesh = Mesh::default();
    let columns = columns(levels, map);
    // A row of its own has it on both sides of its middle; on the little room of a filmstrip it
    // stands on the ground.
    let reach = if is_own_row {
        row.height() / 2.0
    } else {
        row.height()
    } - 1.0;
    for (height, color) in [
        ((|column: &Column| column.peak) as fn(&Column) -> f32, peak),
        (|column| column.mean, mean),
    ] {
        for column in &columns {
            // A line where it is silent: known, and nothing to hear.
            let reach = (height(column) * reach).max(0.5);
            let (top, bottom) = match is_own_row {
                true => (row.center().y - reach, row.center().y + reach),
                false => (row.bottom() - reach, row.bottom()),
            };
            let place = Rect::from_min_max(
                pos2(column.left, top),
                pos2((column.left + 1.0).min(row.right()), bottom),
            );
            mesh.add_colored_rect(place, color);
        }
    }
    add_mesh(ui.painter(), mesh);
    let gutter = Rect::from_min_max(
        pos2(row.left() - GUTTER + 2.0, row.top()),
        pos2(row.left() - 8.0, row.bottom()),
    );
    let response = ui
        .interact(gutter, ui.scope_id().with("sound"), Sense::hover())
        .on_hover_text(format!(
            "How loud the sound is: peaks, and the mean within them. {}",
            Command::ToggleSound.tooltip()
        ));
    let known = levels.known_secs();
    response.widget_info(|| {
        let name = match levels.is_whole {
            true => "Sound levels".to_owned(),
            false => format!("Sound levels up to {}", crate::ui::text::clock(known)),
        };
        WidgetInfo::labeled(Role::Label, true, name)
    });
    paint::paint_gutter_text(
        ui,
        gutter,
        "Sound",
        theme::regular(if is_own_row {
            theme::SIZE_BODY
        } else {
            theme::SIZE_SMALL
        }),
        palette.secondary,
    );
}

/// What the sound is at a time.
pub(super) fn hover_line(secs: f64, session: &Session) -> Option<String> {
    let level = session.sound.as_ref()?.decibels_at(secs)?;
    let after = session.pauses_secs.partition_point(|pause| pause.1 <= secs);
    let pause = session
        .pauses_secs
        .get(after)
        .filter(|pause| pause.0 <= secs);
    let level = match level <= -70.0 {
        true => "silence".to_owned(),
        false => format!("sound {level:.0} dB"),
    };
    Some(match pause {
        Some((from, to)) => format!("{level} · a pause of {:.1} s", to - from),
        None => level,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::levels::{BINS_PER_SEC, Envelope, level_from_amplitude};
    use std::sync::Arc;

    fn levels(amplitudes: &[(f64, f32)]) -> SoundLevels {
        let mut envelope = Envelope::default();
        for &(secs, amplitude) in amplitudes {
            let bins = (secs * BINS_PER_SEC) as usize;
            let level = level_from_amplitude(amplitude);
            envelope.peaks.extend(std::iter::repeat_n(level, bins));
            let mean = level_from_amplitude(amplitude / 2.0);
            envelope.rms.extend(std::iter::repeat_n(mean, bins));
        }
        SoundLevels::new(envelope, true)
    }

    #[test]
    fn every_point_that_is_known_has_its_peak_and_mean() {
        let levels = levels(&[(50.0, 0.4), (25.0, 0.1)]);
        // A hundred seconds on 200 points, of which 75 are known.
        let map = TimeMap::new(10.0, 200.0, 0.0, 100.0);
        let shown = columns(&levels, &map);
        assert_eq!(shown.len(), 150);
        assert_eq!(shown[0].left, 10.0);
        assert!((shown[0].peak - 1.0).abs() < 0.01);
        assert!((shown[0].mean - 0.5f32.sqrt()).abs() < 0.01);
        assert!((shown[149].peak - 0.5).abs() < 0.01);
        // Wider than coarse bins and narrower than fine ones.
        assert_eq!(
            columns(&levels, &TimeMap::new(0.0, 20.0, 0.0, 100.0)).len(),
            15
        );
        assert_eq!(
            columns(&levels, &TimeMap::new(0.0, 800.0, 10.0, 2.0)).len(),
            800
        );
        assert!(columns(&levels, &TimeMap::new(0.0, 100.0, 80.0, 20.0)).is_empty());
        assert!(columns(&SoundLevels::default(), &map).is_empty());
    }

    #[test]
    fn noise_of_a_silent_room_is_not_blown_up() {
        let shown = columns(
            &levels(&[(10.0, 0.001)]),
            &TimeMap::new(0.0, 50.0, 0.0, 10.0),
        );
        assert!(shown.iter().all(|column| column.peak < 0.2));
    }

    #[test]
    fn the_pointer_learns_how_loud_it_is_and_of_pauses() {
        let mut state = crate::testing::fixture::state();
        let session = state.session.as_mut().unwrap();
        assert_eq!(hover_line(1.0, session), None);
        session.hear(Arc::new(levels(&[(2.0, 0.2), (0.5, 0.0), (2.0, 0.2)])));
        assert_eq!(hover_line(1.0, session).unwrap(), "sound -20 dB");
        assert_eq!(
            hover_line(2.2, session).unwrap(),
            "silence · a pause of 0.5 s"
        );
        assert_eq!(hover_line(9.0, session), None);
    }
}
