//! OpenTimelineIO JSON: one timeline with a video track and, where there is sound, an audio track.

use serde_json::{Value, json};

use super::{Cut, EditEvent, EditTimeline, Piece, clip_name, file_url, names};

/// A timeline as a document.
pub fn render(cut: &Cut, timeline: &EditTimeline) -> String {
    pretty(&timeline_value(cut, timeline))
}

/// Many cuts (one for each sample) as one `SerializableCollection.1`.
pub fn collection(name: &str, cuts: &[Cut]) -> String {
    let children: Vec<Value> = cuts
        .iter()
        .map(|cut| timeline_value(cut, &EditTimeline::new(cut)))
        .collect();
    pretty(&json!({
        "OTIO_SCHEMA": "SerializableCollection.1",
        "name": name,
        "metadata": {},
        "children": children,
    }))
}

fn pretty(value: &Value) -> String {
    // `{:#}` of a JSON value is indented JSON and cannot fail.
    format!("{value:#}\n")
}

fn timeline_value(cut: &Cut, timeline: &EditTimeline) -> Value {
    let mut tracks = vec![track("Video", cut, timeline)];
    if cut.video.has_audio {
        tracks.push(track("Audio", cut, timeline));
    }
    let fps = timeline.base.rate.as_f64();
    json!({
        "OTIO_SCHEMA": "Timeline.1",
        "name": names::one_line(cut.title),
        "metadata": { "summdiff": {
            "summary": cut.named.map(|named| &named.summary),
            "note": cut.named.map(|named| &named.note),
            "origin": cut.origin(),
            "provenance": cut.provenance,
            "video_sha256": cut.video.sha256,
            "frame_rate": cut.video.frame_rate,
            "notes": timeline.notes,
        } },
        "global_start_time": time(0, fps),
        "tracks": {
            "OTIO_SCHEMA": "Stack.1",
            "name": "tracks",
            "metadata": {},
            "source_range": null,
            "effects": [],
            "markers": [],
            "enabled": true,
            "children": tracks,
        },
    })
}

fn track(kind: &str, cut: &Cut, timeline: &EditTimeline) -> Value {
    let fps = timeline.base.rate.as_f64();
    let pieces = cut.pieces();
    let clips: Vec<Value> = timeline
        .events
        .iter()
        .zip(&pieces)
        .enumerate()
        .map(|(number, (event, piece))| {
            json!({
                "OTIO_SCHEMA": "Clip.2",
                "name": format!("{} {:03}", clip_name(cut.video), number + 1),
                "metadata": { "summdiff": {
                    "start_frame": piece.frames.start,
                    "end_frame": piece.frames.end,
                    "start_secs": piece.start_secs,
                    "end_secs": piece.end_secs,
                } },
                "source_range": range(
                    cut.source_start_frame + event.source_start,
                    event.source_end - event.source_start,
                    fps,
                ),
                "effects": [],
                "markers": markers(cut, timeline, event, piece),
                "enabled": true,
                "media_references": { "DEFAULT_MEDIA": {
                    "OTIO_SCHEMA": "ExternalReference.1",
                    "name": clip_name(cut.video),
                    "metadata": {},
                    "target_url": file_url(&cut.video.path),
                    "available_range": range(cut.source_start_frame, timeline.source_frames, fps),
                    "available_image_bounds": null,
                } },
                "active_media_reference_key": "DEFAULT_MEDIA",
            })
        })
        .collect();
    json!({
        "OTIO_SCHEMA": "Track.1",
        "name": kind,
        "kind": kind,
        "metadata": {},
        "source_range": null,
        "effects": [],
        "markers": [],
        "enabled": true,
        "children": clips,
    })
}

/// The markers within a clip, in the time of its source.
fn markers(cut: &Cut, timeline: &EditTimeline, event: &EditEvent, piece: &Piece) -> Vec<Value> {
    let fps = timeline.base.rate.as_f64();
    let marker = |(frame, words): (u64, String)| {
        let at = event.source_start + timeline.within(event, piece, frame);
        json!({
            "OTIO_SCHEMA": "Marker.2",
            "name": words,
            "color": "YELLOW",
            "metadata": {},
            "marked_range": range(cut.source_start_frame + at, 1, fps),
        })
    };
    cut.markers_in(piece).into_iter().map(marker).collect()
}

fn range(start: u64, frames: u64, fps: f64) -> Value {
    json!({
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, fps),
        "duration": time(frames, fps),
    })
}

fn time(frames: u64, fps: f64) -> Value {
    json!({ "OTIO_SCHEMA": "RationalTime.1", "value": frames as f64, "rate": fps })
}
