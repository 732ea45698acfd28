//! FCPXML 1.9: resources, then library > event > project > sequence > spine > asset-clips.
//!
//! Every time is a whole multiple of the frame duration; offsets are contiguous from 0; `start` is
//! the place in the source plus the source timecode.

use std::fmt::Write;

use quick_xml::escape::escape;

use super::{Cut, EditTimeline, clip_name, file_url, names};

/// The document.
pub fn render(cut: &Cut, timeline: &EditTimeline) -> String {
    let rate = timeline.base.rate;
    let secs = |frames: u64| rational_secs(frames, rate.num as u64, rate.den as u64);
    let frame_duration = format!("{}/{}s", rate.den, rate.num);
    let tc_format = if timeline.base.drop_frame {
        "DF"
    } else {
        "NDF"
    };
    let title = escape(names::one_line(cut.title));
    let name = clip_name(cut.video);
    let name = escape(&name);
    let url = file_url(&cut.video.path);
    let source_start = secs(cut.source_start_frame);
    let source_frames = secs(timeline.source_frames);
    // Which of a source's sound channels there are is not known here; importers read them from the
    // file.
    let audio = if cut.video.has_audio {
        r#" hasAudio="1" audioSources="1""#
    } else {
        ""
    };

    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE fcpxml>\n");
    let _ = write!(
        text,
        r#"<fcpxml version="1.9">
  <resources>
    <format id="r1" name="FFVideoFormatRateUndefined" frameDuration="{frame_duration}" width="{width}" height="{height}"/>
    <asset id="r2" name="{name}" start="{source_start}" duration="{source_frames}" hasVideo="1" format="r1"{audio}>
      <media-rep kind="original-media" src="{url}"/>
    </asset>
  </resources>
  <library>
    <event name="{title}">
      <project name="{title}">
        <sequence format="r1" duration="{total}" tcStart="0s" tcFormat="{tc_format}">
          <spine>
"#,
        width = cut.video.width,
        height = cut.video.height,
        total = secs(timeline.record_frames()),
    );
    let comment = cut.whole_comment();
    let pieces = cut.pieces();
    for (number, event) in timeline.events.iter().enumerate() {
        let _ = write!(
            text,
            r#"            <asset-clip ref="r2" name="{name}" offset="{}" start="{}" duration="{}" format="r1" tcFormat="{tc_format}""#,
            secs(event.record_start),
            secs(cut.source_start_frame + event.source_start),
            secs(event.source_end - event.source_start),
        );
        let piece = pieces.get(number);
        let markers = piece.map_or_else(Vec::new, |piece| cut.markers_in(piece));
        if comment.is_empty() && markers.is_empty() {
            text.push_str("/>\n");
            continue;
        }
        text.push_str(">\n");
        if !comment.is_empty() {
            let note = escape(names::one_line(&comment));
            let _ = writeln!(text, "              <note>{note}</note>");
        }
        for (frame, words) in markers {
            let into = piece.map_or(0, |piece| timeline.within(event, piece, frame));
            let _ = writeln!(
                text,
                r#"              <marker start="{}" duration="{frame_duration}" value="{}"/>"#,
                secs(cut.source_start_frame + event.source_start + into),
                escape(names::one_line(&words)),
            );
        }
        text.push_str("            </asset-clip>\n");
    }
    text.push_str(
        "          </spine>\n        </sequence>\n      </project>\n    </event>\n  </library>\n</fcpxml>\n",
    );
    text
}

/// `frames` of `num/den` frames a second as rational seconds, reduced only to whole seconds so that
/// the frame grid shows.
fn rational_secs(frames: u64, num: u64, den: u64) -> String {
    let ticks = frames * den;
    if ticks.is_multiple_of(num) {
        format!("{}s", ticks / num)
    } else {
        format!("{ticks}/{num}s")
    }
}
